"""Events of messages, their files, reactions, pins and threads."""

from typing import Literal

from .. import Model
from ..messages.messages import Message, Thread
from ..messages.pins import Pin
from ..messages.reactions import MessageReactions
from ..messages.threads import FollowedThread


class NewMessage(Message):
    pass


class MessageUpdated(Message):
    pass


class MessageFilesReady(Message):
    """One of its files is ready or refused now; nothing else has changed."""


class MessageLinksUpdated(Message):
    """What is shown of its links has changed; nothing else has."""


class FileReady(Model):
    """A file of one's own has been scanned and looked at."""

    file_id: int
    workspace_id: int
    state: Literal["ready"]


class FileRefused(Model):
    """A file of one's own is refused, and its bytes are gone; `refusal` says why."""

    file_id: int
    workspace_id: int
    state: Literal["refused"]
    refusal: str | None


class MessageDeleted(Message, kw_only=True):
    """Its tombstone; `removed` if the chat does not even keep that."""

    removed: bool


class ReactionAdded(MessageReactions):
    """`reactions` are all current ones."""

    user_id: int
    emoji: str


class ReactionRemoved(ReactionAdded):
    pass


class MessagePinned(Pin):
    pass


class MessageUnpinned(Model):
    chat_id: int
    message_id: int


class ThreadUpdated(Model):
    chat_id: int
    thread_id: int
    thread: Thread


class ThreadFollowed(FollowedThread):
    pass


class ThreadUnfollowed(Model):
    chat_id: int
    thread_id: int
    user_id: int


class ThreadReadMarkerMoved(Model):
    chat_id: int
    thread_id: int
    user_id: int
    last_read_seq: int


KINDS: tuple[type[Model], ...] = (
    NewMessage,
    MessageUpdated,
    MessageFilesReady,
    MessageLinksUpdated,
    FileReady,
    FileRefused,
    MessageDeleted,
    ReactionAdded,
    ReactionRemoved,
    MessagePinned,
    MessageUnpinned,
    ThreadUpdated,
    ThreadFollowed,
    ThreadUnfollowed,
    ThreadReadMarkerMoved,
)
