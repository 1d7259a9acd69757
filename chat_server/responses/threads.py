"""Threads that somebody follows."""

import msgspec

from chat_server.http.fields import Id, Seq
from chat_server.responses.messages import Message, Thread


class FollowedThread(msgspec.Struct):
    """`thread_id` is the message that it began with; `thread` is null as long as nobody has replied to that."""

    chat_id: Id
    thread_id: Id
    last_read_seq: Seq
    unread: Seq
    thread: Thread | None


class ThreadWithMessage(msgspec.Struct):
    chat_id: Id
    thread_id: Id
    last_read_seq: Seq
    unread: Seq
    message: Message
