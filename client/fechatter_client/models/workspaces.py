"""Workspaces and who is in them."""

from datetime import datetime
from typing import Literal

from fechatter_client.models import Model
from fechatter_client.models.users import CustomStatus

Role = Literal["owner", "admin", "member"]


class Workspace(Model):
    """`role` is the caller's."""

    id: int
    name: str
    description: str
    retention_days: int | None
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
