"""Invites to chats and documents."""

import msgspec

from chat_server.http.fields import ChatType, DocumentRole, Id, Role, Time


class Invite(msgspec.Struct):
    """A null `max_uses` means any number."""

    id: Id
    created_by: Id
    created_at: Time
    expires_at: Time
    max_uses: int | None
    uses: int


class ChatInvite(Invite):
    """A null `max_uses` means any number."""

    chat_id: Id
    role: Role


class BoardInvite(Invite):
    """A null `max_uses` means any number."""

    board_id: Id
    role: DocumentRole


class PageInvite(Invite):
    """A null `max_uses` means any number."""

    page_id: Id
    role: DocumentRole


class NewChatInvite(ChatInvite):
    """`token` is shown only here and in a retry of the same call."""

    token: str


class NewBoardInvite(BoardInvite):
    """`token` is shown only here and in a retry of the same call."""

    token: str


class NewPageInvite(PageInvite):
    """`token` is shown only here and in a retry of the same call."""

    token: str


class InviteTarget(msgspec.Struct):
    """What an invite leads to, with which role, and from whom. `joined`: the caller is already a member. The target
    is a chat, which has a type and a description, a board or a page; the other ids are null."""

    chat_id: Id | None
    board_id: Id | None
    page_id: Id | None
    type: ChatType | None
    name: str
    description: str | None
    member_count: int
    workspace_id: Id
    workspace_name: str
    role: Role | DocumentRole
    invited_by: Id
    invited_by_name: str
    expires_at: Time
    joined: bool


class InvitePreview(msgspec.Struct):
    """What an invite leads to, with which role, and from whom, as shown to anyone with the link. Chats have a type."""

    type: ChatType | None
    name: str
    workspace_name: str
    role: Role | DocumentRole
    invited_by_name: str
    expires_at: Time
