"""The snapshot with which a client starts."""

import msgspec

from chat_server.http.fields import (
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
from chat_server.responses.documents import Document
from chat_server.responses.invites import BoardInvite, ChatInvite, PageInvite
from chat_server.responses.messages.messages import Message
from chat_server.responses.messages.threads import FollowedThread
from chat_server.responses.moderation import ReportState
from chat_server.responses.organization.announcements import OpenAnnouncement
from chat_server.responses.organization.delegations import Delegation
from chat_server.responses.organization.organizations import Organization
from chat_server.responses.pages import PageMember, PageSchema, PageThumbnail, PageVersion
from chat_server.responses.reading import Draft
from chat_server.responses.users import User
from chat_server.responses.workspaces import Emoji, Workspace, WorkspaceInvitation


class ChatSnapshot(msgspec.Struct):
    """`members` is null if there are more than a hundred, and in a lean snapshot, unless the chat is Single. `messages`
    are the newest, oldest first, up to twenty and 32 KiB (lean: one and 4 KiB); older ones exist if `first_seq` is
    below the first one's `seq`. `pinned_message_ids` starts with the newest pin. `bans` and `invites` are null except
    for the chat's admins: the newest hundred that have not expired, newest first (lean: null)."""

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


class BoardSnapshot(Document):
    """`members` is null if there are more than a hundred. `invites` is null except for the board's owners: the
    newest hundred that have not expired, newest first. `versions` has all of them, newest first. All three are
    null in a lean snapshot."""

    thumbnail: BoardThumbnail | None
    members: list[BoardMember] | None
    invites: list[BoardInvite] | None
    versions: list[BoardVersion] | None


class PageSnapshot(Document):
    """As a board's; its content is at `GET /api/pages/{page_id}/content`."""

    thumbnail: PageThumbnail | None
    members: list[PageMember] | None
    invites: list[PageInvite] | None
    versions: list[PageVersion] | None
    schema: PageSchema
    is_template: bool
    version: Seq


class Snapshot(msgspec.Struct):
    """Everything that the caller may see. A stream from `cursor` carries every later change. `threads` are the
    hundred most recently active threads that the caller follows, `invitations` the newest hundred into workspaces,
    newest first, and `reports` the newest hundred open ones of each workspace of which the caller is an admin,
    newest first. `delegations` are the open ones that the caller has given or received, and
    `announcements` those that they have not acknowledged. `thread_drafts` are their drafts of replies, of which they
    have at most a hundred."""

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
