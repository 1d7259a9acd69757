"""Invites to chats and documents, and what an invite leads to."""

from datetime import datetime

from . import Model
from .boards import BoardRole
from .chats import ChatType
from .workspaces import Role


class Invite(Model):
    """A `max_uses` of None means any number."""

    id: int
    created_by: int
    created_at: datetime
    expires_at: datetime
    max_uses: int | None
    uses: int


class ChatInvite(Invite):
    chat_id: int
    role: Role


class PageInvite(Invite):
    page_id: int
    role: BoardRole


class BoardInvite(Invite):
    board_id: int
    role: BoardRole


class NewChatInvite(ChatInvite):
    """`token` is shown only once."""

    token: str


class NewBoardInvite(BoardInvite):
    """`token` is shown only once."""

    token: str


class NewPageInvite(PageInvite):
    """`token` is shown only once."""

    token: str


class InviteTarget(Model):
    """What an invite leads to, with which role, and from whom. `joined`: the caller is already a member. The target
    is a chat, which has a type and a description, a board or a page; the other ids are None."""

    chat_id: int | None
    board_id: int | None
    page_id: int | None
    type: ChatType | None
    name: str
    description: str | None
    member_count: int
    workspace_id: int
    workspace_name: str
    role: Role | BoardRole
    invited_by: int
    invited_by_name: str
    expires_at: datetime
    joined: bool


class InvitePreview(Model):
    """What an invite leads to, with which role, and from whom, as shown to anyone with the link. Chats have a type."""

    type: ChatType | None
    name: str
    workspace_name: str
    role: Role | BoardRole
    invited_by_name: str
    expires_at: datetime
