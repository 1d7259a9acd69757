"""The read positions of a chat's members."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import LARGEST_ID, PathId, Seq
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.verbatim import verbatim
from chat_server.responses.reading import Reader, ReadMarker

CHAT_READERS = query("chat_readers", "chat", "after", "limit")


class Read(msgspec.Struct, forbid_unknown_fields=True):
    """Everything up to the message with this `seq` has been read."""

    seq: Seq


class Unread(msgspec.Struct, forbid_unknown_fields=True):
    """The message with this `seq` and all later ones become unread."""

    seq: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]


@post("/chats/{chat_id:int}/read", status_code=200)
async def move_read_marker(request: ApiRequest, chat_id: PathId, data: JSONBody[Read]) -> Response[ReadMarker]:
    """Move the caller's read position forward, at most to the newest message."""
    return verbatim(places.found(await request.act("move_read_marker", chat_id, seq=data.seq)))


@post("/chats/{chat_id:int}/unread", status_code=200)
async def mark_unread(request: ApiRequest, chat_id: PathId, data: JSONBody[Unread]) -> Response[ReadMarker]:
    """Move the caller's read position back to just before a message. Unread messages stay unread."""
    return verbatim(places.found(await request.act("move_read_marker_back", chat_id, seq=data.seq)))


@get("/chats/{chat_id:int}/readers", opt=delegable("chat.see_readers"))
async def list_readers(
    request: ApiRequest, chat_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Reader]]:
    """Each member's read position, by user id; `after_id` is one."""
    await places.chat(request.pool, request.caller, chat_id, "see how far others have read")
    row = await CHAT_READERS.one(request.pool, chat=chat_id, after=after_id, limit=limit)
    return page(request, row)


SCOPES = scopes.MESSAGES
HANDLERS = [move_read_marker, mark_unread, list_readers]
