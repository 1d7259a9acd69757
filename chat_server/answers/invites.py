"""Invites to chats."""

import msgspec

from chat_server.fields import ChatType, Id, Role, Time


class ChatInvite(msgspec.Struct):
    """A `max_uses` of null lets any number in."""

    id: Id
    chat_id: Id
    role: Role
    created_by: Id
    created_at: Time
    expires_at: Time
    max_uses: int | None
    uses: int


class NewChatInvite(ChatInvite):
    """`token` is shown here, and to a retry of the same call, and never again."""

    token: str


class InviteTarget(msgspec.Struct):
    """What an invite leads to, as which role, and by whom. `joined`: the caller is in the chat already."""

    chat_id: Id
    type: ChatType
    name: str
    description: str
    member_count: int
    workspace_id: Id
    workspace_name: str
    role: Role
    invited_by: Id
    invited_by_name: str
    expires_at: Time
    joined: bool
