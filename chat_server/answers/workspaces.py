"""Workspaces and who is in them."""

import msgspec

from chat_server.answers.users import CustomStatus
from chat_server.fields import Id, RetentionDays, Role, Time


class Workspace(msgspec.Struct):
    """`role` is the caller's."""

    id: Id
    name: str
    description: str
    retention_days: RetentionDays | None
    role: Role
    created_at: Time
    updated_at: Time


class WorkspaceMember(msgspec.Struct):
    workspace_id: Id
    user_id: Id
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: Role
    joined_at: Time


class StorageShare(msgspec.Struct):
    """In bytes; `allowed` is null where any amount may be stored."""

    bytes: int
    allowed: int | None


class StorageKinds(msgspec.Struct):
    """In bytes. `boards`: what is on them, with the history that is kept."""

    boards: int
    versions: int
    thumbnails: int


class StorageUsage(StorageShare):
    """Of a workspace. `yours`: the caller's share of all workspaces together."""

    workspace_id: Id
    kinds: StorageKinds
    yours: StorageShare
