"""Messages, with their reactions and thread summary."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chat_server.http.fields import Id, MessageType, Metadata, Seq, Time
from chat_server.responses.files import File
from chat_server.responses.links import MessageLink


class ForwardedFrom(msgspec.Struct):
    """The message that was copied: its author and chat."""

    message_id: Id
    chat_id: Id
    sender_id: Id


class ReactionCount(msgspec.Struct):
    """`user_ids` are the first ten."""

    emoji: str
    count: Annotated[int, Meta(ge=1)]
    user_ids: list[Id]


class Thread(msgspec.Struct):
    """The replies to a message: `reply_count` counts the existing ones, `last_seq` all that ever existed. If none is
    left, the last reply is null. `participants` are the first ten."""

    reply_count: Seq
    participant_count: Seq
    participants: list[Id]
    last_seq: Seq
    last_reply_id: Id | None
    last_reply_at: Time | None


class Message(msgspec.Struct):
    """`seq` counts 1, 2, 3 … within its chat. `thread_id` is the first message of the thread that `reply_to` belongs
    to. `updated_at` is the time of the last edit. A deleted message has a `deleted_at` and no content.
    `links` is what is shown of its links; it comes after the message, with MessageLinksUpdated.
    `delegate_id` is who has last written or deleted it in its sender's name; it is absent if the sender has."""

    id: Id
    chat_id: Id
    seq: Seq
    sender_id: Id
    type: MessageType
    content: str
    metadata: Metadata | None
    reply_to: Id | None
    thread_id: Id | None
    thread_seq: Seq | None
    thread: Thread | None
    mentions: list[Id]
    mentions_everyone: Literal["all", "here"] | None
    forwarded_from: ForwardedFrom | None
    files: list[File]
    links: list[MessageLink]
    reactions: list[ReactionCount]
    created_at: Time
    updated_at: Time | None
    deleted_at: Time | None
    deleted_by: Id | None
    delegate_id: Id | msgspec.UnsetType = msgspec.UNSET


class MessageEdit(msgspec.Struct):
    """The content of a message from `written_at` until it was edited; `version` counts 1, 2, 3 …"""

    version: Annotated[int, Meta(ge=1)]
    type: MessageType
    content: str
    metadata: Metadata | None
    files: list[File]
    written_at: Time
