"""What a client begins with."""

from datetime import datetime

from . import Model
from .boards import BoardMember, BoardRole, BoardThumbnail, BoardVersion
from .chats import ChatBanState, ChatMember, ChatType
from .invites import BoardInvite, ChatInvite
from .messages import Message
from .moderation import ReportState
from .reading import Draft, NotificationLevel
from .threads import FollowedThread
from .users import PresenceMode, User
from .workspaces import Role, Workspace, WorkspaceInvitation


class ChatSnapshot(Model):
    """`members` is None where there are more than a hundred; `messages` are the newest, oldest first, up to
    twenty and 32 KiB: there are older ones where `first_seq` is below their first `seq`;
    `pinned_message_ids` begin with the newest pin. `bans` and `invites` are for its admins, else None: the newest
    hundred that are not over, the newest first."""

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
    """`members` is None where there are more than a hundred. `invites` are for its owners, else None: the newest
    hundred that are not over, the newest first. `versions` are all that it has, the newest first."""

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
    versions: list[BoardVersion]


class Snapshot(Model):
    """All that the caller may see. The events after `cursor` carry every later change. `threads` are the hundred that
    were active last among those that the caller follows; `reports` the newest hundred open ones of each workspace of
    which the caller is an admin, the newest first."""

    cursor: str
    user: User
    presence_mode: PresenceMode
    workspaces: list[Workspace]
    invitations: list[WorkspaceInvitation]
    reports: list[ReportState]
    chats: list[ChatSnapshot]
    threads: list[FollowedThread]
    boards: list[BoardSnapshot]
