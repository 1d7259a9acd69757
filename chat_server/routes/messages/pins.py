"""Pinned messages of a chat."""

from litestar import Response, delete, get, put

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import OptionalQueryId, PathId
from chat_server.http.paging import page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.from_standby import from_standby
from chat_server.http.verbatim import verbatim
from chat_server.responses.messages.pins import Pin, PinnedMessage
from chat_server.routes.messages.messages import MessageLimit, found_message

PINS_OF_CHAT = query("pins_of_chat", "chat", "before", "limit")


@get("/chats/{chat_id:int}/pins", opt=delegable("chat.read_messages"))
@from_standby
async def list_pins(
    request: ApiRequest, chat_id: PathId, limit: MessageLimit = 50, before_id: OptionalQueryId = None
) -> Response[list[PinnedMessage]]:
    """The pinned messages of a chat, the newest pin first. For further pages follow the Link header."""
    await places.chat(request.source, request.caller, chat_id, "read its messages")
    row = await PINS_OF_CHAT.one(request.source, chat=chat_id, before=before_id, limit=limit)
    return page(request, row, "before_id")


@put("/chats/{chat_id:int}/messages/{message_id:int}/pin")
async def pin_message(request: ApiRequest, chat_id: PathId, message_id: PathId) -> Response[Pin]:
    """Pin a message; a chat has at most 100. Pinning it again changes nothing."""
    return verbatim(found_message(await request.act("pin_message", chat_id, message_id)))


@delete("/chats/{chat_id:int}/messages/{message_id:int}/pin")
async def unpin_message(request: ApiRequest, chat_id: PathId, message_id: PathId) -> None:
    """Unpin a message. Repeating this changes nothing."""
    await request.act("unpin_message", chat_id, message_id)


SCOPES = scopes.MESSAGES
HANDLERS = [list_pins, pin_message, unpin_message]
