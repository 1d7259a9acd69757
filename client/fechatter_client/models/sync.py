"""The snapshot with which a client starts."""

from datetime import datetime

from . import Model
from .boards import BoardMember, BoardRole, BoardThumbnail, BoardVersion
from .chats import ChatBanState, ChatMember, ChatType
from .invites import BoardInvite, ChatInvite, PageInvite
from .messages.messages import Message
from .messages.threads import FollowedThread
from .moderation import ReportState
from .organizations import Delegation, OpenAnnouncement, Organization
from .pages import PageMember, PageSchema, PageVersion
from .reading import Draft, NotificationLevel
from .users import PresenceMode, User
from .workspaces import Emoji, Role, Workspace, WorkspaceInvitation


class ChatSnapshot(Model):
    """`members` is None if there are more than a hundred, and in a lean snapshot, unless the chat is Single. `messages`
    are the newest, oldest first, up to twenty and 32 KiB (lean: one and 4 KiB); older ones exist if `first_seq` is
    below the first one's `seq`. `pinned_message_ids` starts with the newest pin. `bans` and `invites` are None except
    for the chat's admins: the newest hundred that have not expired, newest first (lean: None)."""

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
    bans: list[ChatBanState] | None
    invites: list[ChatInvite] | None


class BoardSnapshot(Model):
    """`members` is None if there are more than a hundred. `invites` is None except for the board's owners: the
    newest hundred that have not expired, newest first. `versions` has all of them, newest first. All three are
    None in a lean snapshot."""

    id: int
    workspace_id: int
    name: str
    role: BoardRole
    member_count: int
    thumbnail: BoardThumbnail | None
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    members: list[BoardMember] | None
    invites: list[BoardInvite] | None
    versions: list[BoardVersion] | None


class PageSnapshot(Model):
    """As a board's, without its content."""

    id: int
    workspace_id: int
    name: str
    role: BoardRole
    member_count: int
    thumbnail: BoardThumbnail | None
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    members: list[PageMember] | None
    invites: list[PageInvite] | None
    versions: list[PageVersion] | None
    schema: PageSchema
    is_template: bool
    version: int


class Snapshot(Model):
    """Everything that the caller may see. The events after `cursor` carry every later change. `threads` are the
    hundred most recently active threads that the caller follows, and `reports` the newest hundred open ones of each
    workspace of which the caller is an admin, newest first."""

    cursor: str
    user: User
    presence_mode: PresenceMode
    workspaces: list[Workspace]
    emoji: list[Emoji]
    organizations: list[Organization]
    announcements: list[OpenAnnouncement]
    invitations: list[WorkspaceInvitation]
    reports: list[ReportState]
    delegations: list[Delegation]
    thread_drafts: list[Draft]
    chats: list[ChatSnapshot]
    threads: list[FollowedThread]
    boards: list[BoardSnapshot]
    pages: list[PageSnapshot]
