"""Threads that a user follows."""

import msgspec

from chat_server.http.fields import Id, Seq
from chat_server.responses.messages.messages import Message, Thread


class FollowedThread(msgspec.Struct):
    """`thread_id` is the first message of the thread; `thread` is null until it has a reply."""

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
