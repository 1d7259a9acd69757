"""Organisations and their people."""

import msgspec

from chat_server.http.fields import Id, PersonKind, Role, Time
from chat_server.responses.users import CustomStatus


class Appointment(msgspec.Struct):
    """What somebody is in a department. `is_current`: it has begun and has not ended."""

    id: Id
    organization_id: Id
    department_id: Id
    user_id: Id
    position_id: Id | None
    is_head: bool
    is_primary: bool
    starts_at: Time | None
    ends_at: Time | None
    is_current: bool


class Organization(msgspec.Struct):
    """As the caller has it: their kind, role, manager, appointments and groups there."""

    id: Id
    name: str
    kind: PersonKind
    role: Role
    manager_id: Id | None
    appointments: list[Appointment]
    group_ids: list[Id]
    created_at: Time
    updated_at: Time


class OrganizationMember(msgspec.Struct):
    """`source`: what has put them there, such as `person` or `workspace`; `external_id` is its name for them."""

    organization_id: Id
    user_id: Id
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    kind: PersonKind
    role: Role
    source: str
    external_id: str | None
    manager_id: Id | None
    joined_at: Time


class OrganizationWorkspace(msgspec.Struct):
    workspace_id: Id
    name: str
    member_count: int
