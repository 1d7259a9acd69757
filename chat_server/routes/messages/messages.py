"""Messages of a chat: reading, posting, editing and deleting them."""

from typing import Annotated

import asyncpg
import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem, from_constraint
from chat_server.access import places
from chat_server.access.acts import no_message
from chat_server.access.permissions import archived, forbidden
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid, metadata_json
from chat_server.http.fields import Content, FileIds, Id, MessageType, Metadata, OptionalQueryId, PathId
from chat_server.http.paging import page, page_around
from chat_server.http.steps import limits
from chat_server.http.steps.acting_for import delegable, not_delegated
from chat_server.http.steps.binding import BOUND, is_within
from chat_server.http.steps.from_standby import from_standby
from chat_server.http.steps.idempotency import IdempotencyKey, conflict, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.post import Post, Posted
from chat_server.responses.messages.messages import Message, MessageEdit

MESSAGE_OF_USER = query("message_of_user", "message", "user", "workspace")
MESSAGE_BY_ID = query("message_by_id", "message", "chat")
MESSAGE_EDITS = query("message_edits", "message", "chat", "before", "limit")
EDIT_BLOCKED_AUDIT = query("edit_blocked_audit", "message", "content", "metadata")
MESSAGE_HOLD_BLOCKED = query("message_hold_blocked", "chat", "user", "content", "extra")
MESSAGE_LOCK = query("message_lock", "message", "chat")
MESSAGES_AFTER = query("messages_after", "chat", "after", "limit")
MESSAGES_AROUND = query("messages_around", "chat", "around", "limit")
MESSAGES_NEWEST = query("messages_newest", "chat", "before", "limit")

MessageLimit = Annotated[int, QueryParameter(ge=1, le=100, description="Maximum number of messages in a page.")]


class NewMessage(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`content` or `files` or both; or else `forward_of`: a message that the caller may read, which is copied. `files`
    are ids of files of the chat's workspace that the caller sees. `reply_to` is a message of the same chat. `metadata`
    is an object of at most 4096 bytes and 64 levels, which the server stores without reading it, but for `no_preview`:
    if that is true, nothing is shown of the message's links."""

    content: Content | None = None
    type: MessageType = "text"
    metadata: Metadata | None = None
    reply_to: Id | None = None
    forward_of: Id | None = None
    files: FileIds | None = None


class MessageChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are; a null `metadata` removes it. `files` replaces the list."""

    content: Content | None = None
    files: FileIds | None = None
    metadata: Metadata | msgspec.UnsetType | None = msgspec.UNSET


# The constraint by which a rule about what may be said refuses a message.
BLOCKED = "said_is_blocked"
NO_SOURCE = "a message that you may read"
# They may be of a place in which nothing is delegated.
OF_ELSEWHERE = "forward messages and use files"
_PLAIN = NewMessage()


@get("/chats/{chat_id:int}/messages", opt=delegable("chat.read_messages"))
@from_standby
async def list_messages(
    request: ApiRequest,
    chat_id: PathId,
    limit: MessageLimit = 50,
    before_id: OptionalQueryId = None,
    after_id: OptionalQueryId = None,
    around_id: OptionalQueryId = None,
) -> Response[list[Message]]:
    """A page of messages, newest first: the newest ones, those just before a message, the oldest of those after one,
    or one in the middle of those around it; then the Link header leads to newer ones, too (`rel="prev"`)."""
    one_direction(before_id, after_id, around_id)
    await places.chat(request.source, request.caller, chat_id, "read its messages")
    if around_id is not None:
        return page_around(
            request, await MESSAGES_AROUND.one(request.source, chat=chat_id, around=around_id, limit=limit)
        )
    if after_id is not None:
        row = await MESSAGES_AFTER.one(request.source, chat=chat_id, after=after_id, limit=limit)
        return page(request, row, "after_id")
    row = await MESSAGES_NEWEST.one(request.source, chat=chat_id, before=before_id, limit=limit)
    return page(request, row, "before_id")


def one_direction(before_id: int | None, after_id: int | None, around_id: int | None = None) -> None:
    """Raises Problem 400 for a page in several directions."""
    given = {"before_id": before_id, "after_id": after_id, "around_id": around_id}
    if len(several := [name for name, value in given.items() if value is not None]) > 1:
        wrong = FieldError(
            f"query.{several[0]}", f"{' or '.join(several)}, not {'both' if len(several) == 2 else 'all'}"
        )
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])


@post(
    "/chats/{chat_id:int}/messages",
    responses=retried(Message, "The first message posted with this Idempotency-Key."),
    opt=limits.MESSAGES | delegable("chat.post_message"),
)
async def post_message(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewMessage], idempotency_key: IdempotencyKey = None
) -> Response[Message]:
    """Post a message."""
    if data.forward_of is not None and not await is_within(request, "message", data.forward_of):
        invalid(FieldError("forward_of", NO_SOURCE))
    caller = request.caller
    if caller.delegate_id is not None and (data.forward_of is not None or data.files):
        raise not_delegated(OF_ELSEWHERE)
    post = Post(caller.user_id, chat_id, data.content or "", _extra(data, caller.delegate_id), idempotency_key)
    posted = await post_or_hold(request, post)
    match posted.outcome:
        case "created":
            return verbatim(posted.message, 201)
        case "repeated":
            return verbatim(posted.message, 200)
        case "conflict":
            raise conflict()
        case "forbidden":
            raise forbidden("Only members can post in this channel; join it first.")
        case "no_reply_to":
            invalid(FieldError("reply_to", "a message of this chat"))
        case "no_source":
            invalid(FieldError("forward_of", NO_SOURCE))
        case "no_file":
            raise from_constraint("message_files_are_seen")
        case "archived":
            raise archived()
        case "not_delegated":
            raise not_delegated("post a message")
        case "silenced":
            raise await places.silenced(request.pool, request.caller, chat_id)
    raise Problem(404, "not_found", "There is no such chat, or you may not see it.")


async def post_or_hold(request: ApiRequest, post: Post) -> Posted:
    """What a rule refuses is held for review, and the refusal is raised: with it went the transaction that would have
    posted it."""
    try:
        return await request.parts.writer.post(post)
    except asyncpg.PostgresError as error:
        if is_blocked(error):
            async with request.transaction() as connection:
                await MESSAGE_HOLD_BLOCKED.value(
                    connection, chat=post.chat_id, user=post.sender_id, content=post.content, extra=post.extra
                )
        raise


def is_blocked(error: Exception) -> bool:
    return getattr(error, "constraint_name", None) == BLOCKED


def _extra(message: NewMessage, delegate_id: int | None) -> str | None:
    """What a plain text does not have, in its sender's own words: the other fields, and who has written it for them."""
    if (message.content is None and not message.files) == (message.forward_of is None):
        invalid(FieldError("content", "either content or files, or forward_of"))
    if message.forward_of is not None and (message.metadata is not None or message.files or message.type != "text"):
        invalid(FieldError("forward_of", "no type, metadata or files: a forwarded message has those of its source"))
    metadata_json(message.metadata)
    extra = msgspec.structs.replace(message, content=None, files=message.files or None)
    if delegate_id is not None:
        fields = msgspec.json.decode(msgspec.json.encode(extra), type=dict[str, msgspec.Raw])
        return msgspec.json.encode({**fields, "delegate_id": delegate_id}).decode()
    return None if extra == _PLAIN else msgspec.json.encode(extra).decode()


@get("/chats/{chat_id:int}/messages/{message_id:int}", opt=delegable("chat.read_messages"))
@from_standby
async def show_message(request: ApiRequest, chat_id: PathId, message_id: PathId) -> Response[Message]:
    """One message."""
    await places.chat(request.source, request.caller, chat_id, "read its messages")
    return verbatim(found_message(await MESSAGE_BY_ID.value(request.source, message=message_id, chat=chat_id)))


@get("/messages/{message_id:int}", opt=BOUND)
@from_standby
async def find_message(request: ApiRequest, message_id: PathId) -> Response[Message]:
    """A message of any of the caller's chats: for links that name nothing else. It says in which chat it is."""
    caller = request.caller
    message = await MESSAGE_OF_USER.value(
        request.source, message=message_id, user=caller.user_id, workspace=caller.within()
    )
    return verbatim(found_message(message))


@patch("/chats/{chat_id:int}/messages/{message_id:int}", opt=delegable("chat.edit_own_messages"))
async def edit_message(
    request: ApiRequest, chat_id: PathId, message_id: PathId, data: JSONBody[MessageChange]
) -> Response[Message]:
    """Edit one of the caller's messages. Its earlier content is kept."""
    metadata = None if data.metadata is msgspec.UNSET else metadata_json(data.metadata)
    if request.caller.delegate_id is not None and data.files:
        raise not_delegated(OF_ELSEWHERE)
    change: dict[str, object] = {"content": data.content}
    if data.metadata is not msgspec.UNSET:
        change["metadata"] = metadata
    if data.files is not None:
        change["files"] = data.files
    try:
        edited = await request.act("edit_message", chat_id, message_id, **change)
    except asyncpg.PostgresError as error:
        if is_blocked(error):
            async with request.transaction() as connection:
                await EDIT_BLOCKED_AUDIT.value(connection, message=message_id, content=data.content, metadata=metadata)
        raise
    return verbatim(found_message(edited))


@delete("/chats/{chat_id:int}/messages/{message_id:int}", opt=delegable("chat.read_messages"))
async def delete_message(request: ApiRequest, chat_id: PathId, message_id: PathId) -> None:
    """Delete a message. Only its place in the chat stays. Deleting it again changes nothing."""
    await request.act("delete_message", chat_id, message_id)


@get("/chats/{chat_id:int}/messages/{message_id:int}/edits", opt=delegable("chat.read_messages"))
@from_standby
async def list_edits(
    request: ApiRequest,
    chat_id: PathId,
    message_id: PathId,
    limit: MessageLimit = 50,
    before_version: OptionalQueryId = None,
) -> Response[list[MessageEdit]]:
    """The content of a message before each of its edits, newest first. Nothing is left of a deleted message."""
    await places.chat(request.source, request.caller, chat_id, "read its messages")
    found_message(await MESSAGE_BY_ID.value(request.source, message=message_id, chat=chat_id))
    row = await MESSAGE_EDITS.one(request.source, message=message_id, chat=chat_id, before=before_version, limit=limit)
    return page(request, row, "before_version")


async def locked_message(connection: Connection, chat_id: int, message_id: int) -> tuple[int, bool]:
    """The sender of the message, and whether it has been deleted."""
    row = await MESSAGE_LOCK.row(connection, message=message_id, chat=chat_id)
    if row is None:
        raise no_message()
    return row["sender_id"], row["deleted"]


def found_message(message: str | None) -> str:
    """Raises Problem 404 if there is none."""
    if message is None:
        raise no_message()
    return message


SCOPES = scopes.MESSAGES
HANDLERS = [
    list_messages,
    post_message,
    show_message,
    find_message,
    edit_message,
    delete_message,
    list_edits,
]
