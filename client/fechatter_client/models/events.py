"""The events of docs/events.md: each is a class named as its kind, made of the shapes of responses."""

from datetime import datetime
from typing import Literal

from . import Model
from .boards import BoardMember, BoardThumbnail, BoardVersion, QuarantinedUpdate
from .chats import ChatBanState, ChatMember, ChatType
from .files import File
from .invites import BoardInvite, ChatInvite, PageInvite
from .messages.messages import Message, Thread
from .messages.pins import Pin
from .messages.reactions import MessageReactions
from .messages.threads import FollowedThread
from .moderation import OwnReport, ReportState
from .organizations import Delegation, OpenAnnouncement, Organization
from .pages import PageCommentState, PageMember, PagePublication, PageVersion
from .reading import ChatNotifications, Draft
from .sync import BoardSnapshot, ChatSnapshot, PageSnapshot
from .users import OwnPresence, Presence, Profile
from .workspaces import Emoji, Workspace, WorkspaceInvitation, WorkspaceMember


class Ready(Model):
    """The stream is open; everything up to `cursor` has been sent or precedes its start."""

    cursor: str
    user_id: int
    heartbeat_seconds: float


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


class NewMessage(Message):
    pass


class MessageUpdated(Message):
    pass


class MessageFilesReady(Message):
    """One of its files is ready or refused now; nothing else has changed."""


class MessageLinksUpdated(Message):
    """What is shown of its links has changed; nothing else has."""


class FileReady(Model):
    """A file of one's own has been scanned and looked at."""

    file_id: int
    workspace_id: int
    state: Literal["ready"]


class FileRefused(Model):
    """A file of one's own is refused, and its bytes are gone; `refusal` says why."""

    file_id: int
    workspace_id: int
    state: Literal["refused"]
    refusal: str | None


class MessageDeleted(Message, kw_only=True):
    """Its tombstone; `removed` if the chat does not even keep that."""

    removed: bool


class ReactionAdded(MessageReactions):
    """`reactions` are all current ones."""

    user_id: int
    emoji: str


class ReactionRemoved(ReactionAdded):
    pass


class MessagePinned(Pin):
    pass


class MessageUnpinned(Model):
    chat_id: int
    message_id: int


class ThreadUpdated(Model):
    chat_id: int
    thread_id: int
    thread: Thread


class ThreadFollowed(FollowedThread):
    pass


class ThreadUnfollowed(Model):
    chat_id: int
    thread_id: int
    user_id: int


class ThreadReadMarkerMoved(Model):
    chat_id: int
    thread_id: int
    user_id: int
    last_read_seq: int


class NewBoard(BoardSnapshot):
    pass


class BoardUpdated(Model):
    id: int
    workspace_id: int
    name: str
    created_by: int | None
    created_at: datetime
    updated_at: datetime


class BoardDeleted(Model):
    """Its owners may restore it, unless it has been deleted for good."""

    id: int
    workspace_id: int


class BoardRestored(BoardSnapshot):
    pass


class UserJoinedBoard(BoardMember):
    member_count: int


class BoardMemberUpdated(BoardMember):
    pass


class UserLeftBoard(Model):
    board_id: int
    user_id: int
    member_count: int


class BoardInviteUpdated(BoardInvite):
    """Also a new one."""


class BoardInviteDeleted(Model):
    id: int
    board_id: int


class BoardOwnerAdded(Model):
    """A member has become an owner: what only owners of the board see."""

    board_id: int
    user_id: int
    invites: list[BoardInvite]


class BoardVersionUpdated(BoardVersion):
    """Also a new one."""


class BoardUpdateQuarantined(QuarantinedUpdate):
    """To the board's owners."""


class BoardVersionDeleted(Model):
    id: int
    board_id: int


class BoardThumbnailUpdated(Model):
    """`thumbnail` is None if it was removed."""

    board_id: int
    thumbnail: BoardThumbnail | None


class BoardFilesUpdated(Model):
    """A file was attached or is in another state; or it is not `attached` any more."""

    board_id: int
    file_id: int
    attached: bool


class NewPage(PageSnapshot):
    pass


class PageUpdated(Model):
    id: int
    workspace_id: int
    name: str
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    is_template: bool


class PageDeleted(Model):
    """Its owners may restore it, unless it has been deleted for good."""

    id: int
    workspace_id: int


class PageRestored(PageSnapshot):
    pass


class UserJoinedPage(PageMember):
    member_count: int


class PageMemberUpdated(PageMember):
    pass


class UserLeftPage(Model):
    page_id: int
    user_id: int
    member_count: int


class PageInviteUpdated(PageInvite):
    """Also a new one."""


class PageInviteDeleted(Model):
    id: int
    page_id: int


class PageOwnerAdded(Model):
    """A member has become an owner: what only owners of the page see."""

    page_id: int
    user_id: int
    invites: list[PageInvite]


class PageVersionUpdated(PageVersion):
    """Also a new one."""


class PageVersionDeleted(Model):
    id: int
    page_id: int


class PageThumbnailUpdated(Model):
    """`thumbnail` is None if it was removed."""

    page_id: int
    thumbnail: BoardThumbnail | None


class PageFilesUpdated(Model):
    """A file was attached or is in another state; or it is not `attached` any more."""

    page_id: int
    file_id: int
    attached: bool


class PageEdited(Model):
    """The content has changed: this is its newest version at least."""

    page_id: int
    workspace_id: int
    version: int


class PagePublicationUpdated(Model):
    """`publication` is None if it was taken back."""

    page_id: int
    publication: PagePublication | None


class PageCommentUpdated(PageCommentState):
    """Also a new one."""


class PageCommentDeleted(Model):
    id: int
    page_id: int


class WorkspaceUpdated(Model):
    id: int
    name: str
    description: str
    retention_days: int | None
    show_emails: bool
    created_at: datetime
    updated_at: datetime
    icon: File | None = None
    link_previews: bool = True
    public_publishing: bool = True


class WorkspaceMemberJoined(WorkspaceMember):
    """`workspace` is as the new member sees it."""

    workspace: Workspace


class WorkspaceMemberUpdated(WorkspaceMember):
    pass


class WorkspaceMemberLeft(Model):
    workspace_id: int
    user_id: int


class WorkspaceDeleted(Model):
    id: int


class EmojiAdded(Emoji):
    pass


class EmojiRemoved(Model):
    workspace_id: int
    name: str


class EmojiListed(Model):
    """The caller has joined a workspace that has made emoji itself: all of them."""

    workspace_id: int
    emoji: list[Emoji]


class FeaturesUpdated(Model):
    """What `client.organizations.features` says has changed: on the server, or in one organisation, where null is what
    the server says."""

    organization_id: int | None
    features: dict[str, bool | None]


class DelegationUpdated(Delegation):
    """Offered to the account or by it, or accepted."""


class DelegationRevoked(Delegation):
    """It has ended before its time."""


class OrganizationUpdated(Organization):
    """What the caller has in an organisation from now on."""


class OrganizationLeft(Model):
    """The caller is not in the organisation any more."""

    id: int


class AnnouncementUpdated(OpenAnnouncement):
    """It is open for the caller: published, changed, or asked for again."""


class AnnouncementClosed(Model):
    """It is not open for the caller any more: acknowledged, withdrawn, or not theirs."""

    id: int
    organization_id: int


class DirectoryUpdated(Model):
    """Something in the organisation's directory has changed: whoever shows it asks again."""

    organization_id: int


class ReportFiled(ReportState):
    pass


class ReportUpdated(ReportState):
    pass


class ReportDeleted(Model):
    id: int
    workspace_id: int


class WorkspaceAdminAdded(Model):
    """A member has become an admin: the open reports, which only admins of the workspace see."""

    workspace_id: int
    user_id: int
    reports: list[ReportState]


class ReportHandled(OwnReport):
    pass


class UserUpdated(Profile):
    pass


class PresenceModeChanged(OwnPresence):
    pass


class WorkspaceInvitationAdded(WorkspaceInvitation):
    """The user is invited into a workspace."""


class WorkspaceInvitationDeleted(Model):
    """It was accepted, declined or withdrawn, or its maker may no longer invite."""

    workspace_id: int
    user_id: int


class SessionStarted(Model):
    """The user has signed in on a device that they had not used before."""

    session_id: int
    provider: str
    device_name: str | None
    address: str | None
    created_at: datetime


class TokenCreated(Model):
    """The user has a new personal access token, whose session has this id; or has connected this app."""

    id: int
    name: str
    app_id: int | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime


class SecondFactorsChanged(Model):
    """`change` is added, removed, renewed or used; `factor` is totp, passkey or recovery_code."""

    change: str
    factor: str
    at: datetime


class SessionRevoked(Model):
    session_id: int
    reason: str


class PresenceChanged(Model):
    users: list[Presence]


class Typing(Model):
    """All other users who are typing in the chat. If no other one comes for ten seconds, nobody is."""

    chat_id: int
    user_ids: list[int]


# Ephemeral events: delivered live or not at all, without moving the cursor.
EPHEMERAL: dict[str, type[Model]] = {"PresenceChanged": PresenceChanged, "Typing": Typing}

# The events of the log, by kind.
KINDS: dict[str, type[Model]] = {
    model.__name__: model
    for model in (
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
        NewMessage,
        MessageUpdated,
        MessageFilesReady,
        MessageLinksUpdated,
        FileReady,
        FileRefused,
        MessageDeleted,
        ReactionAdded,
        ReactionRemoved,
        MessagePinned,
        MessageUnpinned,
        ThreadUpdated,
        ThreadFollowed,
        ThreadUnfollowed,
        ThreadReadMarkerMoved,
        NewBoard,
        BoardUpdated,
        BoardDeleted,
        BoardRestored,
        UserJoinedBoard,
        BoardMemberUpdated,
        UserLeftBoard,
        BoardInviteUpdated,
        BoardInviteDeleted,
        BoardOwnerAdded,
        BoardVersionUpdated,
        BoardVersionDeleted,
        BoardUpdateQuarantined,
        BoardThumbnailUpdated,
        BoardFilesUpdated,
        NewPage,
        PageUpdated,
        PageDeleted,
        PageRestored,
        UserJoinedPage,
        PageMemberUpdated,
        UserLeftPage,
        PageInviteUpdated,
        PageInviteDeleted,
        PageOwnerAdded,
        PageVersionUpdated,
        PageVersionDeleted,
        PageThumbnailUpdated,
        PageFilesUpdated,
        PageEdited,
        PagePublicationUpdated,
        PageCommentUpdated,
        PageCommentDeleted,
        WorkspaceUpdated,
        WorkspaceMemberJoined,
        WorkspaceMemberUpdated,
        WorkspaceMemberLeft,
        WorkspaceDeleted,
        EmojiAdded,
        EmojiRemoved,
        EmojiListed,
        FeaturesUpdated,
        DelegationUpdated,
        DelegationRevoked,
        OrganizationUpdated,
        OrganizationLeft,
        DirectoryUpdated,
        AnnouncementUpdated,
        AnnouncementClosed,
        ReportFiled,
        ReportUpdated,
        ReportDeleted,
        WorkspaceAdminAdded,
        ReportHandled,
        UserUpdated,
        PresenceModeChanged,
        WorkspaceInvitationAdded,
        WorkspaceInvitationDeleted,
        SessionStarted,
        TokenCreated,
        SecondFactorsChanged,
        SessionRevoked,
    )
}
