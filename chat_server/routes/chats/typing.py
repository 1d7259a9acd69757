"""Typing: shown to the other members of a chat and not stored."""

import msgspec
from litestar import post
from litestar.params import JSONBody

from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.permissions import archived, forbidden
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId


class Typing(msgspec.Struct, forbid_unknown_fields=True):
    """Repeat true every three seconds while the user types; otherwise typing ends after six."""

    typing: bool


@post("/chats/{chat_id:int}/typing", status_code=204)
async def tell_typing(request: ApiRequest, chat_id: PathId, data: JSONBody[Typing]) -> None:
    """Report that the caller has started or stopped typing. Posting in the chat stops it too. In chats of more than
    a hundred members nobody is notified."""
    caller = request.caller
    with request.parts.metrics.ephemeral("typing"):
        outcome = await request.parts.typing.tell(caller.user_id, caller.session_id, chat_id, data.typing)
    match outcome:
        case "dropped":
            request.parts.metrics.ephemeral_dropped("typing")
        case "forbidden":
            raise forbidden("Only members can post in this channel; join it first.")
        case "not_found":
            raise Problem(404, "not_found", "There is no such chat, or you may not see it.")
        case "archived":
            raise archived()
        case "silenced":
            raise await places.silenced(request.pool, caller, chat_id)


SCOPES = scopes.MESSAGES
HANDLERS = [tell_typing]
