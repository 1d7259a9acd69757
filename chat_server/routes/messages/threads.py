"""Threads: the replies to a message, and their followers."""

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.acts import no_message
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import OptionalQueryId, PathId, Seq
from chat_server.http.paging import page, page_around
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.binding import BOUND
from chat_server.http.steps.from_standby import from_standby
from chat_server.http.verbatim import verbatim
from chat_server.responses.messages.messages import Message
from chat_server.responses.messages.threads import FollowedThread, ThreadWithMessage
from chat_server.routes.messages.messages import MessageLimit, found_message, one_direction

FOLLOWED_THREAD = query("followed_thread", "chat", "thread", "user")
THREAD_AFTER = query("thread_after", "chat", "thread", "after", "limit")
THREAD_FOLLOW = query("thread_follow", "chat", "thread", "user")
THREAD_KNOWN = query("thread_known", "chat", "thread")
THREAD_AROUND = query("thread_around", "chat", "thread", "around", "limit")
THREAD_NEWEST = query("thread_newest", "chat", "thread", "before", "limit")
THREAD_READ_MARKER_MOVE = query("thread_read_marker_move", "chat", "thread", "user", "seq")
THREAD_UNFOLLOW = query("thread_unfollow", "chat", "thread", "user")
THREADS_OF_USER = query("threads_of_user", "user", "workspace", "before", "limit")


class ThreadRead(msgspec.Struct, forbid_unknown_fields=True):
    """Everything up to the reply with this `thread_seq` has been read."""

    thread_seq: Seq


@get("/threads", opt=BOUND)
@from_standby
async def list_threads(
    request: ApiRequest, limit: MessageLimit = 50, before_id: OptionalQueryId = None
) -> Response[list[ThreadWithMessage]]:
    """The threads that the caller follows, newest reply first, each with its first message and unread count. For
    further pages follow the Link header."""
    row = await THREADS_OF_USER.one(
        request.source, user=request.caller.user_id, workspace=request.caller.within(), before=before_id, limit=limit
    )
    return page(request, row, "before_id")


@get("/chats/{chat_id:int}/messages/{message_id:int}/thread", opt=delegable("chat.read_messages"))
@from_standby
async def list_replies(
    request: ApiRequest,
    chat_id: PathId,
    message_id: PathId,
    limit: MessageLimit = 50,
    before_id: OptionalQueryId = None,
    after_id: OptionalQueryId = None,
    around_id: OptionalQueryId = None,
) -> Response[list[Message]]:
    """A page of the replies in a thread, as of a chat's messages and in their order. If retention has deleted the
    thread's first message, the remaining replies are still listed."""
    one_direction(before_id, after_id, around_id)
    await places.chat(request.source, request.caller, chat_id, "read its messages")
    if not await THREAD_KNOWN.value(request.source, chat=chat_id, thread=message_id):
        raise no_message()
    if around_id is not None:
        row = await THREAD_AROUND.one(request.source, chat=chat_id, thread=message_id, around=around_id, limit=limit)
        return page_around(request, row)
    if after_id is not None:
        row = await THREAD_AFTER.one(request.source, chat=chat_id, thread=message_id, after=after_id, limit=limit)
        return page(request, row, "after_id")
    row = await THREAD_NEWEST.one(request.source, chat=chat_id, thread=message_id, before=before_id, limit=limit)
    return page(request, row, "before_id")


@put("/chats/{chat_id:int}/messages/{message_id:int}/thread/follow")
async def follow_thread(request: ApiRequest, chat_id: PathId, message_id: PathId) -> Response[FollowedThread]:
    """Follow the thread of a message, even before its first reply; existing replies count as read. Repeating this
    changes nothing. The author and repliers follow automatically."""
    user = request.caller.user_id
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "follow a thread")
        await THREAD_FOLLOW.row(connection, chat=chat_id, thread=message_id, user=user)
        followed = await FOLLOWED_THREAD.value(connection, chat=chat_id, thread=message_id, user=user)
    return verbatim(found_message(followed))


@delete("/chats/{chat_id:int}/messages/{message_id:int}/thread/follow")
async def unfollow_thread(request: ApiRequest, chat_id: PathId, message_id: PathId) -> None:
    """Stop following a thread, until the caller's next reply. Repeating this changes nothing."""
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "follow a thread")
        await THREAD_UNFOLLOW.row(connection, chat=chat_id, thread=message_id, user=request.caller.user_id)


@post("/chats/{chat_id:int}/messages/{message_id:int}/thread/read", status_code=200)
async def read_thread(
    request: ApiRequest, chat_id: PathId, message_id: PathId, data: JSONBody[ThreadRead]
) -> Response[FollowedThread]:
    """Move the caller's read position in a followed thread forward, at most to its newest reply."""
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "follow a thread")
        moved = await THREAD_READ_MARKER_MOVE.value(
            connection, chat=chat_id, thread=message_id, user=request.caller.user_id, seq=data.thread_seq
        )
    if moved is None:
        raise Problem(404, "not_found", "You do not follow this thread.")
    return verbatim(moved)


SCOPES = scopes.MESSAGES
HANDLERS = [list_threads, list_replies, follow_thread, unfollow_thread, read_thread]
