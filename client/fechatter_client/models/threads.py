"""Threads that somebody follows."""

from . import Model
from .messages import Message, Thread


class FollowedThread(Model):
    """`thread_id` is the message that it began with; `thread` is null as long as nobody has replied to that."""

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
