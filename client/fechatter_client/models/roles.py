"""Roles, their bindings, and why somebody may do something."""

from datetime import datetime
from typing import Literal

from . import Model


class CustomRole(Model):
    """Permissions by their names. Those of a `built_in` role, which memberships give, are so in some chats at least."""

    id: int
    organization_id: int | None
    name: str
    description: str
    permissions: list[str]
    built_in: bool
    source: str
    created_at: datetime
    updated_at: datetime


class RoleBinding(Model):
    """Who has a role: a person, a group, or a department's people, with `with_below` those of departments below it.
    Where: in a workspace, a chat, a board or a page; in the chats that follow `scope_department_id` or a department
    below it; or, without any of these, in the whole organisation. Until `ends_at`."""

    id: int
    organization_id: int
    role_id: int
    role_name: str
    user_id: int | None
    group_id: int | None
    department_id: int | None
    with_below: bool
    workspace_id: int | None
    scope_department_id: int | None
    chat_id: int | None
    board_id: int | None
    page_id: int | None
    ends_at: datetime | None
    source: str
    created_at: datetime


class PermissionSource(Model):
    """What permits it: a membership with its role, or a binding of a role of this name."""

    source: Literal["membership", "binding"]
    role: str
    binding: RoleBinding | None


class PermissionRefusal(Model):
    """The problem that the user would get."""

    status: int
    code: str
    detail: str


class PermissionExplained(Model):
    """`allowed`: whether the user may do it now. `sources`: what permits it; if they may not in spite of these,
    `refusal` says why, such as that the chat is archived."""

    user_id: int
    permission: str
    allowed: bool
    sources: list[PermissionSource]
    refusal: PermissionRefusal | None


class Permission(Model):
    """`needed`: the least role of the place; of a chat for each type, in the order Single, Group, PrivateChannel,
    PublicChannel. `bindable`: an organisation's role can have it. `shows`: it makes members of one chat or document.
    `delegable`: it can be done for somebody else."""

    name: str
    kind: Literal["organization", "workspace", "chat", "document"]
    needed: list[str]
    bindable: bool
    shows: bool
    delegable: bool
