"""Events of chats: their members, bans and invites, and what one of the members has of them."""

from datetime import datetime

from .. import Model
from ..chats import ChatBanState, ChatMember, ChatType
from ..invites import ChatInvite
from ..reading import ChatNotifications, Draft
from ..sync import ChatSnapshot


class NewChat(ChatSnapshot):
    pass


class ChatUpdated(Model):
    """Nothing is left below `first_seq` and `first_message_id`."""

    id: int
    workspace_id: int
    type: ChatType
    name: str
    description: str
    has_password: bool
    archived_at: datetime | None
    retention_days: int | None
    first_seq: int
    first_message_id: int
    created_at: datetime
    updated_at: datetime


class ChatDeleted(Model):
    id: int
    workspace_id: int


class UserJoinedChat(ChatMember):
    member_count: int


class ChatMemberUpdated(ChatMember):
    pass


class UserLeftChat(Model):
    chat_id: int
    user_id: int
    member_count: int


class UserBanned(Model):
    chat_id: int
    user_id: int
    created_at: datetime
    expires_at: datetime | None


class UserUnbanned(Model):
    chat_id: int
    user_id: int


class ChatBanUpdated(ChatBanState):
    """A ban as the chat's admins see it; also a new one."""


class ChatInviteUpdated(ChatInvite):
    """Also a new one."""


class ChatInviteDeleted(Model):
    id: int
    chat_id: int


class ChatAdminAdded(Model):
    """A member has become an admin: what only admins of the chat see."""

    chat_id: int
    user_id: int
    bans: list[ChatBanState]
    invites: list[ChatInvite]


class ReadMarkerMoved(Model):
    chat_id: int
    user_id: int
    last_read_seq: int
    unread_mentions: list[int]


class ChatNotificationsChanged(ChatNotifications):
    pass


class DraftChanged(Model):
    """`draft` is None if it was discarded."""

    chat_id: int
    user_id: int
    draft: Draft | None
    thread_id: int | None = None


KINDS: tuple[type[Model], ...] = (
    NewChat,
    ChatUpdated,
    ChatDeleted,
    UserJoinedChat,
    ChatMemberUpdated,
    UserLeftChat,
    UserBanned,
    UserUnbanned,
    ChatBanUpdated,
    ChatInviteUpdated,
    ChatInviteDeleted,
    ChatAdminAdded,
    ReadMarkerMoved,
    ChatNotificationsChanged,
    DraftChanged,
)
