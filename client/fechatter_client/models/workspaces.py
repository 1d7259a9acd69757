"""Workspaces and who is in them."""

from datetime import datetime
from typing import Literal

from . import Model
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
    """In bytes; `allowed` is null where any amount may be stored."""

    bytes: int
    allowed: int | None


class StorageKinds(Model):
    """In bytes. `boards`: what is on them, with the history that is kept."""

    boards: int
    versions: int
    thumbnails: int


class StorageUsage(StorageShare):
    """Of a workspace. `yours`: the caller's share of all workspaces together."""

    workspace_id: int
    kinds: StorageKinds
    yours: StorageShare


class WorkspaceInvitation(Model):
    """The names are as they were when the invitation was made."""

    workspace_id: int
    workspace_name: str
    user_id: int
    role: Role
    invited_by: int
    inviter_name: str
    created_at: datetime


class InvitationBlock(Model):
    """A workspace, or an inviter: the other's id is None."""

    id: int
    workspace_id: int | None
    inviter_id: int | None
    created_at: datetime
