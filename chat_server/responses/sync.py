"""What a client begins with."""

import msgspec

from chat_server.http.fields import (
    BoardRole,
    ChatType,
    Id,
    NotificationLevel,
    PresenceMode,
    RetentionDays,
    Role,
    Seq,
    Time,
)
from chat_server.responses.boards import BoardMember, BoardThumbnail, BoardVersion
from chat_server.responses.chats import ChatBanState, ChatMember
from chat_server.responses.invites import BoardInvite, ChatInvite
from chat_server.responses.messages import Message
from chat_server.responses.moderation import ReportState
from chat_server.responses.reading import Draft
from chat_server.responses.threads import FollowedThread
from chat_server.responses.users import User
from chat_server.responses.workspaces import Workspace, WorkspaceInvitation


class ChatSnapshot(msgspec.Struct):
    """`members` is null where there are more than a hundred; `messages` are the newest, oldest first, up to
    twenty and 32 KiB: there are older ones where `first_seq` is below their first `seq`;
    `pinned_message_ids` begin with the newest pin. `bans` and `invites` are for its admins, else null: the newest
    hundred that are not over, the newest first."""

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
    bans: list[ChatBanState] | None
    invites: list[ChatInvite] | None


class BoardSnapshot(msgspec.Struct):
    """`members` is null where there are more than a hundred. `invites` are for its owners, else null: the newest
    hundred that are not over, the newest first. `versions` are all that it has, the newest first."""

    id: Id
    workspace_id: Id
    name: str
    role: BoardRole
    member_count: int
    thumbnail: BoardThumbnail | None
    created_by: Id | None
    created_at: Time
    updated_at: Time
    members: list[BoardMember] | None
    invites: list[BoardInvite] | None
    versions: list[BoardVersion]


class Snapshot(msgspec.Struct):
    """All that the caller may see. A stream from `cursor` on carries every later change. `threads` are the hundred that
    were active last among those that the caller follows; `invitations` the newest hundred into workspaces, the newest
    first; `reports` the newest hundred open ones of each workspace of
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
