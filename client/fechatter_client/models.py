"""What the servers tell of: the shapes of answers (events are in event_models.py). Fields that a newer server
adds are ignored. Times have their zone, UTC.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

Role = Literal["owner", "admin", "member"]
PresenceMode = Literal["auto", "away", "dnd", "invisible"]
ReportReason = Literal["spam", "harassment", "hate", "violence", "sexual", "illegal", "other"]
ReportStatus = Literal["open", "resolved", "dismissed"]
ChatType = Literal["Single", "Group", "PrivateChannel", "PublicChannel"]
MessageType = Literal["text", "image", "file"]
NotificationLevel = Literal["all", "mentions", "none"]


class Model(msgspec.Struct):
    """Base of all shapes."""


# -- answers


class CustomStatus(Model):
    """What somebody says of themselves, until a time if there is one."""

    text: str | None
    emoji: str | None
    until: datetime | None


class User(Model):
    id: int
    username: str
    email: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    created_at: datetime
    updated_at: datetime


class SignedIn(Model):
    token: str
    expires_at: datetime
    refresh_token: str
    user: User


class Ticket(Model):
    """Opens one stream, once, until `expires_at`: GET /api/notifications/events?ticket=…"""

    ticket: str
    expires_at: datetime


class Workspace(Model):
    """`role` is the caller's."""

    id: int
    name: str
    description: str
    retention_days: int | None
    role: Role
    created_at: datetime
    updated_at: datetime


class WorkspaceMember(Model):
    workspace_id: int
    user_id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: Role
    joined_at: datetime


class ForwardedFrom(Model):
    """The message that was copied, and who wrote it where."""

    message_id: int
    chat_id: int
    sender_id: int


class AuditEntry(Model):
    """`actor_id` is None for who wrote in psql or for the server's own work; `before` and `after` have what differs."""

    id: int
    at: datetime
    workspace_id: int | None
    chat_id: int | None
    actor_id: int | None
    database_role: str
    address: str | None
    action: str
    target_type: str | None
    target_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ReactionCount(Model):
    """`user_ids` are the first ten."""

    emoji: str
    count: int
    user_ids: list[int]


class OwnReport(Model):
    """A report as the one who made it sees it."""

    id: int
    workspace_id: int
    chat_id: int
    message_id: int
    reason: ReportReason
    comment: str
    status: ReportStatus
    created_at: datetime


class ReportState(Model):
    """A report as the workspace's admins see it."""

    id: int
    workspace_id: int
    chat_id: int
    message_id: int
    reporter_id: int
    reason: ReportReason
    comment: str
    status: ReportStatus
    note: str
    handled_by: int | None
    handled_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Report(ReportState):
    """`message` is what was reported, as it was then; None once retention took it."""

    message: dict[str, Any] | None


class Thread(Model):
    """The replies to a message: `reply_count` of those that are there, `last_seq` of all there ever were. Without any
    left the last one is null. `participants` are the first ten."""

    reply_count: int
    participant_count: int
    participants: list[int]
    last_seq: int
    last_reply_id: int | None
    last_reply_at: datetime | None


class Message(Model):
    """`seq` counts 1, 2, 3 … within its chat. `thread_id` is the message that the thread of `reply_to` began with.
    `updated_at` is its last edit. A deleted one has a `deleted_at` and no content."""

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


class MessageEdit(Model):
    """What a message said from `written_at` until it was edited; `version` counts 1, 2, 3 …"""

    version: int
    type: MessageType
    content: str
    metadata: dict[str, Any] | None
    written_at: datetime


class MessageReactions(Model):
    """All reactions to a message, counted."""

    chat_id: int
    message_id: int
    reactions: list[ReactionCount]


class Reaction(Model):
    """Who reacted, how and when."""

    user_id: int
    fullname: str
    avatar: str | None
    emoji: str
    created_at: datetime


class Pin(Model):
    """Which message is pinned, by whom and since when."""

    chat_id: int
    message_id: int
    pinned_by: int
    pinned_at: datetime


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


class PinnedMessage(Model):
    message: Message
    pinned_by: int
    pinned_at: datetime


class Chat(Model):
    """`role`, what is read and the last message are None for a channel that the caller could join and has not. Until
    `silenced_until` the caller may not post."""

    id: int
    workspace_id: int
    type: ChatType
    name: str
    description: str
    has_password: bool
    archived_at: datetime | None
    retention_days: int | None
    role: Role | None
    silenced_until: datetime | None
    member_count: int
    first_seq: int
    first_message_id: int
    last_seq: int
    last_read_seq: int | None
    unread: int | None
    mention_count: int | None
    notification_level: NotificationLevel | None
    muted_until: datetime | None
    last_message: Message | None
    created_at: datetime
    updated_at: datetime


class ChatMember(Model):
    chat_id: int
    user_id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: Role
    silenced_until: datetime | None
    joined_at: datetime
    last_read_seq: int


class Presence(Model):
    """`invisible` is only ever one's own. `last_seen` is when somebody who is offline left, where that is known."""

    user_id: int
    presence: Literal["online", "away", "dnd", "offline", "invisible"]
    last_seen: datetime | None


class OwnPresence(Model):
    user_id: int
    presence_mode: PresenceMode


class ChatBan(Model):
    """Without `expires_at` it holds until it is lifted."""

    chat_id: int
    user_id: int
    username: str
    fullname: str
    banned_by: int | None
    reason: str
    created_at: datetime
    expires_at: datetime | None


class ChatInvite(Model):
    """A `max_uses` of None lets any number in."""

    id: int
    chat_id: int
    role: Role
    created_by: int
    created_at: datetime
    expires_at: datetime
    max_uses: int | None
    uses: int


class NewChatInvite(ChatInvite):
    """`token` is shown once and never again."""

    token: str


class InviteTarget(Model):
    """What an invite leads to, as which role, and by whom. `joined`: the caller is in the chat already."""

    chat_id: int
    type: ChatType
    name: str
    description: str
    member_count: int
    workspace_id: int
    workspace_name: str
    role: Role
    invited_by: int
    invited_by_name: str
    expires_at: datetime
    joined: bool


class ReadMarker(Model):
    chat_id: int
    last_read_seq: int
    unread: int


class Reader(Model):
    """`read_at` is when the marker was last moved, by a message of one's own too; None: not since joining."""

    user_id: int
    last_read_seq: int
    read_at: datetime | None


class ChatNotifications(Model):
    """Muted until then, unless it is over or None."""

    chat_id: int
    user_id: int
    notification_level: NotificationLevel
    muted_until: datetime | None


class Draft(Model):
    chat_id: int
    content: str
    updated_at: datetime


class ChatSnapshot(Model):
    """`members` is None where there are more than a hundred; `messages` are the newest twenty, oldest first;
    `pinned_message_ids` begin with the newest pin."""

    id: int
    workspace_id: int
    type: ChatType
    name: str
    description: str
    has_password: bool
    archived_at: datetime | None
    retention_days: int | None
    role: Role
    silenced_until: datetime | None
    member_count: int
    first_seq: int
    first_message_id: int
    last_seq: int
    last_read_seq: int
    unread: int
    mention_count: int
    unread_mentions: list[int]
    notification_level: NotificationLevel
    muted_until: datetime | None
    created_at: datetime
    updated_at: datetime
    draft: Draft | None
    members: list[ChatMember] | None
    messages: list[Message]
    pinned_message_ids: list[int]


class Snapshot(Model):
    """All that the caller may see. The events after `cursor` carry every later change. `threads` are the hundred that
    were active last among those that the caller follows."""

    cursor: str
    user: User
    presence_mode: PresenceMode
    workspaces: list[Workspace]
    chats: list[ChatSnapshot]
    threads: list[FollowedThread]
