"""Messages, with their reactions and thread summary."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from .. import Model
from ..files import File
from ..links import MessageLink

MessageType = Literal["text", "image", "file"]


class ForwardedFrom(Model):
    """The message that was copied: its author and chat."""

    message_id: int
    chat_id: int
    sender_id: int


class ReactionCount(Model):
    """`user_ids` are the first ten."""

    emoji: str
    count: int
    user_ids: list[int]


class Thread(Model):
    """The replies to a message: `reply_count` counts the existing ones, `last_seq` all that ever existed. If none is
    left, the last reply is null. `participants` are the first ten."""

    reply_count: int
    participant_count: int
    participants: list[int]
    last_seq: int
    last_reply_id: int | None
    last_reply_at: datetime | None


class Message(Model):
    """`seq` counts 1, 2, 3 … within its chat. `thread_id` is the first message of the thread that `reply_to` belongs
    to. `updated_at` is the time of the last edit. A deleted message has a `deleted_at` and no content."""

    id: int
    chat_id: int
    seq: int
    sender_id: int
    type: MessageType
    content: str
    metadata: dict[str, Any] | None
    reply_to: int | None
    thread_id: int | None
    thread_seq: int | None
    thread: Thread | None
    mentions: list[int]
    mentions_everyone: Literal["all", "here"] | None
    forwarded_from: ForwardedFrom | None
    reactions: list[ReactionCount]
    created_at: datetime
    updated_at: datetime | None
    deleted_at: datetime | None
    deleted_by: int | None
    # Events of before there were files, which a log keeps for days, have none.
    files: list[File] = msgspec.field(default_factory=list)
    # Nor links.
    links: list[MessageLink] = msgspec.field(default_factory=list)
    # Who has last written or deleted it in its sender's name; absent: the sender.
    delegate_id: int | msgspec.UnsetType = msgspec.UNSET


class MessageEdit(Model):
    """The content of a message from `written_at` until it was edited; `version` counts 1, 2, 3 …"""

    version: int
    type: MessageType
    content: str
    metadata: dict[str, Any] | None
    files: list[File]
    written_at: datetime
