"""Chats, their members and bans."""

from datetime import datetime
from typing import Literal

from . import Model
from .messages.messages import Message
from .reading import NotificationLevel
from .users import CustomStatus
from .workspaces import Role

ChatType = Literal["Single", "Group", "PrivateChannel", "PublicChannel"]


class Chat(Model):
    """`role`, the read position and the last message are None for a channel that the caller could join and has not.
    The caller may not post until `silenced_until`."""

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


class ChatBanState(Model):
    """A ban as snapshots have it. Without `expires_at` it holds until it is lifted."""

    chat_id: int
    user_id: int
    banned_by: int | None
    reason: str
    created_at: datetime
    expires_at: datetime | None


class ChatBan(ChatBanState):
    """With the name of the banned user."""

    username: str
    fullname: str
