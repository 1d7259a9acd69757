"""Invites to chats."""

from datetime import datetime

from fechatter_client.models import Model
from fechatter_client.models.chats import ChatType
from fechatter_client.models.workspaces import Role


class ChatInvite(Model):
    """A `max_uses` of None lets any number in."""

    id: int
    chat_id: int
    role: Role
    created_by: int
    created_at: datetime
    expires_at: datetime
    max_uses: int | None
    uses: int


class NewChatInvite(ChatInvite):
    """`token` is shown once and never again."""

    token: str


class InviteTarget(Model):
    """What an invite leads to, as which role, and by whom. `joined`: the caller is in the chat already."""

    chat_id: int
    type: ChatType
    name: str
    description: str
    member_count: int
    workspace_id: int
    workspace_name: str
    role: Role
    invited_by: int
    invited_by_name: str
    expires_at: datetime
    joined: bool
