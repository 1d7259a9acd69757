"""Roles, their bindings, and why somebody may do something."""

from typing import Literal

import msgspec

from chat_server.http.fields import Id, Time


class CustomRole(msgspec.Struct):
    """Permissions by their names. Those of a `built_in` role, which memberships give, are so in some chats at least."""

    id: Id
    organization_id: Id | None
    name: str
    description: str
    permissions: list[str]
    built_in: bool
    source: str
    created_at: Time
    updated_at: Time


class RoleBinding(msgspec.Struct):
    """Who has a role: a person, a group, or a department's people, with `with_below` those of departments below it.
    Where: in a workspace, a chat, a board or a page; in the chats that follow `scope_department_id` or a department
    below it; or, without any of these, in the whole organisation. Until `ends_at`."""

    id: Id
    organization_id: Id
    role_id: Id
    role_name: str
    user_id: Id | None
    group_id: Id | None
    department_id: Id | None
    with_below: bool
    workspace_id: Id | None
    scope_department_id: Id | None
    chat_id: Id | None
    board_id: Id | None
    page_id: Id | None
    ends_at: Time | None
    source: str
    created_at: Time


class PermissionSource(msgspec.Struct):
    """What permits it: a membership with its role, or a binding of a role of this name."""

    source: Literal["membership", "binding"]
    role: str
    binding: RoleBinding | None


class PermissionRefusal(msgspec.Struct):
    """The problem that the user would get."""

    status: int
    code: str
    detail: str


class PermissionExplained(msgspec.Struct):
    """`allowed`: whether the user may do it now. `sources`: what permits it; if they may not in spite of these,
    `refusal` says why, such as that the chat is archived."""

    user_id: Id
    permission: str
    allowed: bool
    sources: list[PermissionSource]
    refusal: PermissionRefusal | None


class Permission(msgspec.Struct):
    """`needed`: the least role of the place; of a chat for each type, in the order Single, Group, PrivateChannel,
    PublicChannel. `bindable`: an organisation's role can have it. `shows`: it makes members of one chat or document.
    `delegable`: it can be done for somebody else."""

    name: str
    kind: Literal["organization", "workspace", "chat", "document"]
    needed: list[str]
    bindable: bool
    shows: bool
    delegable: bool
