"""Workspaces and their members."""

from datetime import datetime
from typing import Literal

from . import Model
from .files import File
from .users import CustomStatus

Role = Literal["owner", "admin", "member"]


class Workspace(Model):
    """`role` is the caller's."""

    id: int
    name: str
    description: str
    retention_days: int | None
    show_emails: bool
    role: Role
    created_at: datetime
    updated_at: datetime
    icon: File | None = None
    link_previews: bool = True
    public_publishing: bool = True


class Emoji(Model):
    """One that a workspace has made itself: `:name:` in reactions and messages. `Files.fetch` returns its picture."""

    workspace_id: int
    name: str
    file_id: int
    created_by: int | None
    created_at: datetime


class RequiredSecondFactor(Model):
    """Members must have a second factor."""

    workspace_id: int
    required_at: datetime


class RequiredProvider(Model):
    """`break_glass_owner_id` is the one owner who may sign in otherwise."""

    workspace_id: int
    provider: str
    break_glass_owner_id: int
    required_at: datetime


class WorkspaceMember(Model):
    workspace_id: int
    user_id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: Role
    joined_at: datetime


class StorageShare(Model):
    """In bytes; `allowed` is null if there is no limit."""

    bytes: int
    allowed: int | None


class StorageKinds(Model):
    """In bytes. `boards` and `pages`: their content with the history that is kept."""

    boards: int
    pages: int
    versions: int
    thumbnails: int
    files: int
    uploads: int


class StorageUsage(StorageShare):
    """Of a workspace. `yours`: the caller's share in all workspaces together."""

    workspace_id: int
    kinds: StorageKinds
    yours: StorageShare


class WorkspaceInvitation(Model):
    """The names are those at the time of the invitation."""

    workspace_id: int
    workspace_name: str
    user_id: int
    role: Role
    invited_by: int
    inviter_name: str
    created_at: datetime


class InvitationBlock(Model):
    """A workspace or an inviter; the other id is None."""

    id: int
    workspace_id: int | None
    inviter_id: int | None
    created_at: datetime
