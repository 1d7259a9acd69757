"""The shapes of answers, for the OpenAPI page. The JSON itself is made in SQL (`sql/functions/shapes.sql`), once for
REST, events and snapshots, and goes through here untouched; a test holds real answers against these shapes.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response
from msgspec import Meta

from chat_server.fields import (
    ChatType,
    Id,
    MessageType,
    Metadata,
    NotificationLevel,
    PresenceMode,
    ReportReason,
    ReportStatus,
    RetentionDays,
    Role,
    Seq,
    Time,
)


class CustomStatus(msgspec.Struct):
    """What somebody says of themselves, until a time if there is one."""

    text: str | None
    emoji: str | None
    until: Time | None


class User(msgspec.Struct):
    id: Id
    username: str
    email: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    created_at: Time
    updated_at: Time


class SignedIn(msgspec.Struct):
    """`token` goes into the Authorization header until `expires_at`; `refresh_token` gets the next one, once."""

    token: str
    expires_at: Time
    refresh_token: str
    user: User


class Ticket(msgspec.Struct):
    """Opens one stream, once, until `expires_at`: GET /api/notifications/events?ticket=…"""

    ticket: str
    expires_at: Time


class Workspace(msgspec.Struct):
    """`role` is the caller's."""

    id: Id
    name: str
    description: str
    retention_days: RetentionDays | None
    role: Role
    created_at: Time
    updated_at: Time


class WorkspaceMember(msgspec.Struct):
    workspace_id: Id
    user_id: Id
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: Role
    joined_at: Time


class ForwardedFrom(msgspec.Struct):
    """The message that was copied, and who wrote it where."""

    message_id: Id
    chat_id: Id
    sender_id: Id


class AuditEntry(msgspec.Struct):
    """`actor_id` is null for who wrote in psql or for the server's own work; `before` and `after` have what differs."""

    id: Id
    at: Time
    workspace_id: Id | None
    chat_id: Id | None
    actor_id: Id | None
    database_role: str
    address: str | None
    action: str
    target_type: str | None
    target_id: Id | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ReactionCount(msgspec.Struct):
    """`user_ids` are the first ten."""

    emoji: str
    count: Annotated[int, Meta(ge=1)]
    user_ids: list[Id]


class OwnReport(msgspec.Struct):
    """A report as the one who made it sees it."""

    id: Id
    workspace_id: Id
    chat_id: Id
    message_id: Id
    reason: ReportReason
    comment: str
    status: ReportStatus
    created_at: Time


class Report(msgspec.Struct):
    """As the workspace's admins see it. `message` is what was reported, as it was then; null once retention took it."""

    id: Id
    workspace_id: Id
    chat_id: Id
    message_id: Id
    reporter_id: Id
    reason: ReportReason
    comment: str
    status: ReportStatus
    note: str
    handled_by: Id | None
    handled_at: Time | None
    created_at: Time
    updated_at: Time
    message: dict[str, Any] | None


class Thread(msgspec.Struct):
    """The replies to a message: `reply_count` of those that are there, `last_seq` of all there ever were. Without any
    left the last one is null. `participants` are the first ten."""

    reply_count: Seq
    participant_count: Seq
    participants: list[Id]
    last_seq: Seq
    last_reply_id: Id | None
    last_reply_at: Time | None


class Message(msgspec.Struct):
    """`seq` counts 1, 2, 3 … within its chat. `thread_id` is the message that the thread of `reply_to` began with.
    `updated_at` is its last edit. A deleted one has a `deleted_at` and no content."""

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
    reactions: list[ReactionCount]
    created_at: Time
    updated_at: Time | None
    deleted_at: Time | None
    deleted_by: Id | None


class MessageEdit(msgspec.Struct):
    """What a message said from `written_at` until it was edited; `version` counts 1, 2, 3 …"""

    version: Annotated[int, Meta(ge=1)]
    type: MessageType
    content: str
    metadata: Metadata | None
    written_at: Time


class MessageReactions(msgspec.Struct):
    """All reactions to a message, counted."""

    chat_id: Id
    message_id: Id
    reactions: list[ReactionCount]


class Reaction(msgspec.Struct):
    """Who reacted, how and when."""

    user_id: Id
    fullname: str
    avatar: str | None
    emoji: str
    created_at: Time


class Pin(msgspec.Struct):
    """Which message is pinned, by whom and since when."""

    chat_id: Id
    message_id: Id
    pinned_by: Id
    pinned_at: Time


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


class PinnedMessage(msgspec.Struct):
    message: Message
    pinned_by: Id
    pinned_at: Time


class Chat(msgspec.Struct):
    """`role`, what is read and the last message are null for a channel that the caller could join and has not.
    Until `silenced_until` the caller may not post."""

    id: Id
    workspace_id: Id
    type: ChatType
    name: str
    description: str
    has_password: bool
    archived_at: Time | None
    retention_days: RetentionDays | None
    role: Role | None
    silenced_until: Time | None
    member_count: int
    first_seq: Seq
    first_message_id: Id
    last_seq: Seq
    last_read_seq: Seq | None
    unread: Seq | None
    mention_count: Seq | None
    notification_level: NotificationLevel | None
    muted_until: Time | None
    last_message: Message | None
    created_at: Time
    updated_at: Time


class ChatMember(msgspec.Struct):
    chat_id: Id
    user_id: Id
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: Role
    silenced_until: Time | None
    joined_at: Time
    last_read_seq: Seq


class Presence(msgspec.Struct):
    """`invisible` is only ever one's own. `last_seen` is when somebody who is offline left, where that is known."""

    user_id: Id
    presence: Literal["online", "away", "dnd", "offline", "invisible"]
    last_seen: Time | None


class OwnPresence(msgspec.Struct):
    user_id: Id
    presence_mode: PresenceMode


class ChatBan(msgspec.Struct):
    """Without `expires_at` it holds until it is lifted."""

    chat_id: Id
    user_id: Id
    username: str
    fullname: str
    banned_by: Id | None
    reason: str
    created_at: Time
    expires_at: Time | None


class ChatInvite(msgspec.Struct):
    """A `max_uses` of null lets any number in."""

    id: Id
    chat_id: Id
    role: Role
    created_by: Id
    created_at: Time
    expires_at: Time
    max_uses: int | None
    uses: int


class NewChatInvite(ChatInvite):
    """`token` is shown here and never again."""

    token: str


class InviteTarget(msgspec.Struct):
    """What an invite leads to, as which role, and by whom. `joined`: the caller is in the chat already."""

    chat_id: Id
    type: ChatType
    name: str
    description: str
    member_count: int
    workspace_id: Id
    workspace_name: str
    role: Role
    invited_by: Id
    invited_by_name: str
    expires_at: Time
    joined: bool


class ReadMarker(msgspec.Struct):
    chat_id: Id
    last_read_seq: Seq
    unread: Seq


class Reader(msgspec.Struct):
    """`read_at` is when the marker was last moved, by a message of one's own too; null: not since joining."""

    user_id: Id
    last_read_seq: Seq
    read_at: Time | None


class ChatNotifications(msgspec.Struct):
    """Muted until then, unless it is over or null."""

    chat_id: Id
    user_id: Id
    notification_level: NotificationLevel
    muted_until: Time | None


class Draft(msgspec.Struct):
    chat_id: Id
    content: str
    updated_at: Time


class ChatSnapshot(msgspec.Struct):
    """`members` is null where there are more than a hundred; `messages` are the newest twenty, oldest first;
    `pinned_message_ids` begin with the newest pin."""

    id: Id
    workspace_id: Id
    type: ChatType
    name: str
    description: str
    has_password: bool
    archived_at: Time | None
    retention_days: RetentionDays | None
    role: Role
    silenced_until: Time | None
    member_count: int
    first_seq: Seq
    first_message_id: Id
    last_seq: Seq
    last_read_seq: Seq
    unread: Seq
    mention_count: Seq
    unread_mentions: list[Seq]
    notification_level: NotificationLevel
    muted_until: Time | None
    created_at: Time
    updated_at: Time
    draft: Draft | None
    members: list[ChatMember] | None
    messages: list[Message]
    pinned_message_ids: list[Id]


class Snapshot(msgspec.Struct):
    """All that the caller may see. A stream from `cursor` on carries every later change. `threads` are the hundred that
    were active last among those that the caller follows."""

    cursor: str
    user: User
    presence_mode: PresenceMode
    workspaces: list[Workspace]
    chats: list[ChatSnapshot]
    threads: list[FollowedThread]


class _WithId(msgspec.Struct):
    id: int


def verbatim(json: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[Any]:
    """Answers JSON that Postgres made."""
    return Response(json.encode(), status_code=status, media_type="application/json", headers=dict(headers or {}))


def created(json: str, collection: str) -> Response[Any]:
    """Answers 201 with a new resource and where it is: `collection`/id."""
    made = msgspec.json.decode(json, type=_WithId)
    return verbatim(json, 201, {"Location": f"{collection}/{made.id}"})
