"""Invites to chats and boards."""

import msgspec

from chat_server.http.fields import BoardRole, ChatType, Id, Role, Time


class Invite(msgspec.Struct):
    """A `max_uses` of null lets any number in."""

    id: Id
    created_by: Id
    created_at: Time
    expires_at: Time
    max_uses: int | None
    uses: int


class ChatInvite(Invite):
    """A `max_uses` of null lets any number in."""

    chat_id: Id
    role: Role


class BoardInvite(Invite):
    """A `max_uses` of null lets any number in."""

    board_id: Id
    role: BoardRole


class NewChatInvite(ChatInvite):
    """`token` is shown here, and to a retry of the same call, and never again."""

    token: str


class NewBoardInvite(BoardInvite):
    """`token` is shown here, and to a retry of the same call, and never again."""

    token: str


class InviteTarget(msgspec.Struct):
    """What an invite leads to, as which role, and by whom. `joined`: the caller is there already. It is a chat,
    which has a type and a description, or a board: the other's id is null."""

    chat_id: Id | None
    board_id: Id | None
    type: ChatType | None
    name: str
    description: str | None
    member_count: int
    workspace_id: Id
    workspace_name: str
    role: Role | BoardRole
    invited_by: Id
    invited_by_name: str
    expires_at: Time
    joined: bool


class InvitePreview(msgspec.Struct):
    """What an invite leads to, as which role, and by whom, as its link alone shows it. Chats have a type."""

    type: ChatType | None
    name: str
    workspace_name: str
    role: Role | BoardRole
    invited_by_name: str
    expires_at: Time
