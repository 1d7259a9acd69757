"""Events of workspaces, their members and their emoji."""

from datetime import datetime

from .. import Model
from ..files import File
from ..workspaces import Emoji, Workspace, WorkspaceMember


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


class WorkspaceMoved(Model):
    """The workspace is in another installation now, whose address is `to`."""

    id: int
    to: str


class EmojiAdded(Emoji):
    pass


class EmojiRemoved(Model):
    workspace_id: int
    name: str


class EmojiListed(Model):
    """The caller has joined a workspace that has made emoji itself: all of them."""

    workspace_id: int
    emoji: list[Emoji]


KINDS: tuple[type[Model], ...] = (
    WorkspaceUpdated,
    WorkspaceMemberJoined,
    WorkspaceMemberUpdated,
    WorkspaceMemberLeft,
    WorkspaceDeleted,
    WorkspaceMoved,
    EmojiAdded,
    EmojiRemoved,
    EmojiListed,
)
