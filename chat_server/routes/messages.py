"""Messages of a chat, and how far somebody has read."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody, QueryParameter

from chat_core.problems import FieldError, Problem
from chat_core.queries import query
from chat_server import access
from chat_server.answers import Message, ReadMarker, verbatim
from chat_server.api_request import ApiRequest
from chat_server.fields import Content, OptionalQueryId, PathId, Seq
from chat_server.idempotency import IdempotencyKey, conflict, retried
from chat_server.paging import page
from chat_server.permissions import forbidden
from chat_server.writer import Post

MESSAGES_AFTER = query("messages_after", "chat", "after", "limit")
MESSAGES_NEWEST = query("messages_newest", "chat", "before", "limit")
READ_MARKER_MOVE = query("read_marker_move", "chat", "user", "seq")

MessageLimit = Annotated[int, QueryParameter(ge=1, le=100, description="Messages in a page, at most.")]


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    content: Content


class Read(msgspec.Struct, forbid_unknown_fields=True):
    """Everything up to the message of this `seq` has been read."""

    seq: Seq


@get("/chats/{chat_id:int}/messages")
async def list_messages(
    request: ApiRequest,
    chat_id: PathId,
    limit: MessageLimit = 50,
    before_id: OptionalQueryId = None,
    after_id: OptionalQueryId = None,
) -> Response[list[Message]]:
    """A page of messages, newest first: the newest, those just before a message, or the oldest of those after one."""
    if before_id is not None and after_id is not None:
        wrong = FieldError("query.before_id", "before_id or after_id, not both")
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])
    await access.chat(request.pool, request.caller, chat_id, "read its messages")
    if after_id is not None:
        row = await MESSAGES_AFTER.one(request.pool, chat=chat_id, after=after_id, limit=limit)
        return page(request, row, "after_id")
    row = await MESSAGES_NEWEST.one(request.pool, chat=chat_id, before=before_id, limit=limit)
    return page(request, row, "before_id")


@post(
    "/chats/{chat_id:int}/messages",
    responses=retried(Message, "The first message of this Idempotency-Key."),
)
async def post_message(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewMessage], idempotency_key: IdempotencyKey = None
) -> Response[Message]:
    """Post a message."""
    posted = await request.parts.writer.post(Post(request.caller.user_id, chat_id, data.content, idempotency_key))
    match posted.outcome:
        case "created":
            return verbatim(posted.message, 201)
        case "repeated":
            return verbatim(posted.message, 200)
        case "conflict":
            raise conflict()
        case "forbidden":
            raise forbidden("Only members post to this channel; join it first.")
    raise Problem(404, "not_found", "There is no such chat, or you may not see it.")


@post("/chats/{chat_id:int}/read", status_code=200)
async def move_read_marker(request: ApiRequest, chat_id: PathId, data: JSONBody[Read]) -> Response[ReadMarker]:
    """Say how far the caller has read: forward only, and no further than the newest message."""
    await access.chat(request.pool, request.caller, chat_id, "move one's read marker")
    moved = await READ_MARKER_MOVE.value(request.pool, chat=chat_id, user=request.caller.user_id, seq=data.seq)
    return verbatim(access.found(moved))


HANDLERS = [list_messages, post_message, move_read_marker]
