"""Bans: a banned user cannot join, be added or accept an invite."""

from typing import Annotated, Final

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody
from msgspec import Meta

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.permissions import forbidden, require_rank
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, PathId, Seconds
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.verbatim import verbatim
from chat_server.responses.chats import ChatBan

CHAT_BAN_ALLOWED = query("chat_ban_allowed", "chat", "target")
CHAT_BAN_LIFT = query("chat_ban_lift", "chat", "target")
CHAT_BAN_PUT = query("chat_ban_put", "chat", "target", "user", "reason", "seconds")
CHAT_BANS = query("chat_bans", "chat", "after", "limit")

ACTION: Final = "ban a user, or lift a ban"


class Ban(msgspec.Struct, forbid_unknown_fields=True):
    """For that many `seconds`; without them until the ban is lifted. `reason` is shown to those who may list bans."""

    reason: Annotated[str, Meta(max_length=500, pattern=ANY_TEXT)] = ""
    seconds: Seconds | None = None


@get("/chats/{chat_id:int}/bans")
async def list_bans(
    request: ApiRequest, chat_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[ChatBan]]:
    """The current bans, by user id; `after_id` is one."""
    await places.chat(request.pool, request.caller, chat_id, ACTION)
    return page(request, await CHAT_BANS.one(request.pool, chat=chat_id, after=after_id, limit=limit))


@put("/chats/{chat_id:int}/bans/{user_id:int}")
async def ban(request: ApiRequest, chat_id: PathId, user_id: PathId, data: JSONBody[Ban]) -> Response[ChatBan]:
    """Ban a user of the workspace, which removes them from the chat and keeps them out. Repeated, it replaces the
    ban."""
    caller = request.caller
    if user_id == caller.user_id:
        raise forbidden("You cannot ban yourself: leave the chat instead.")
    async with request.transaction() as connection:
        chat = await places.chat.locked(connection, caller, chat_id, ACTION, target=user_id)
        require_rank(chat)
        if not await CHAT_BAN_ALLOWED.value(connection, chat=chat_id, target=user_id):
            raise Problem(404, "not_found", "This user is not a member of the workspace.")
        made = await CHAT_BAN_PUT.value(
            connection, chat=chat_id, target=user_id, user=caller.user_id, reason=data.reason, seconds=data.seconds
        )
    return verbatim(places.found(made))


@delete("/chats/{chat_id:int}/bans/{user_id:int}")
async def lift_ban(request: ApiRequest, chat_id: PathId, user_id: PathId) -> None:
    """Lift a ban. The user may join again, but is not added."""
    async with request.transaction() as connection:
        await places.chat.locked(connection, request.caller, chat_id, ACTION)
        if not await CHAT_BAN_LIFT.value(connection, chat=chat_id, target=user_id):
            raise Problem(404, "not_found", "This user is not banned.")


SCOPES = scopes.MODERATION
HANDLERS = [list_bans, ban, lift_ban]
