"""Chats, their members and bans."""

import msgspec

from chat_server.http.fields import ChatType, Id, NotificationLevel, RetentionDays, Role, Seq, Time
from chat_server.responses.messages.messages import Message
from chat_server.responses.users import CustomStatus


class Chat(msgspec.Struct):
    """`role`, the read position and the last message are null for a channel that the caller could join and has not.
    The caller may not post until `silenced_until`."""

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


class ChatBanState(msgspec.Struct):
    """A ban as snapshots have it. Without `expires_at` it holds until it is lifted."""

    chat_id: Id
    user_id: Id
    banned_by: Id | None
    reason: str
    created_at: Time
    expires_at: Time | None


class ChatBan(ChatBanState):
    """With the name of the banned user."""

    username: str
    fullname: str
