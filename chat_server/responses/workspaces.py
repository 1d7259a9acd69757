"""Workspaces and their members."""

import msgspec

from chat_server.http.fields import Id, RetentionDays, Role, Time
from chat_server.responses.files import File
from chat_server.responses.users import CustomStatus


class Workspace(msgspec.Struct):
    """`role` is the caller's. `show_emails`: whether members see each other's e-mail addresses. `link_previews`:
    whether links in messages are fetched, to show what they lead to."""

    id: Id
    name: str
    description: str
    retention_days: RetentionDays | None
    show_emails: bool
    link_previews: bool
    public_publishing: bool
    icon: File | None
    role: Role
    created_at: Time
    updated_at: Time


class Emoji(msgspec.Struct):
    """One that a workspace has made itself, `:name:` in reactions and messages. Its picture is `/api/files/{file_id}`,
    which may be animated, or in small `/api/files/{file_id}/picture`."""

    workspace_id: Id
    name: str
    file_id: Id
    created_by: Id | None
    created_at: Time


class RequiredSecondFactor(msgspec.Struct):
    """Members must have a second factor."""

    workspace_id: Id
    required_at: Time


class RequiredProvider(msgspec.Struct):
    """`break_glass_owner_id` is the one owner who may sign in otherwise."""

    workspace_id: Id
    provider: str
    break_glass_owner_id: Id
    required_at: Time


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
    """In bytes; `allowed` is null if there is no limit."""

    bytes: int
    allowed: int | None


class StorageKinds(msgspec.Struct):
    """In bytes. `boards` and `pages`: their content with the history that is kept."""

    boards: int
    pages: int
    versions: int
    thumbnails: int
    files: int
    uploads: int


class StorageUsage(StorageShare):
    """Of a workspace. `yours`: the caller's share in all workspaces together."""

    workspace_id: Id
    kinds: StorageKinds
    yours: StorageShare


class WorkspaceInvitation(msgspec.Struct):
    """The names are those at the time of the invitation."""

    workspace_id: Id
    workspace_name: str
    user_id: Id
    role: Role
    invited_by: Id
    inviter_name: str
    created_at: Time


class InvitationBlock(msgspec.Struct):
    """A workspace or an inviter; the other id is null."""

    id: Id
    workspace_id: Id | None
    inviter_id: Id | None
    created_at: Time
