"""Threads that a user follows."""

from .. import Model
from .messages import Message, Thread


class FollowedThread(Model):
    """`thread_id` is the first message of the thread; `thread` is null until it has a reply."""

    chat_id: int
    thread_id: int
    last_read_seq: int
    unread: int
    thread: Thread | None


class ThreadWithMessage(Model):
    chat_id: int
    thread_id: int
    last_read_seq: int
    unread: int
    message: Message
