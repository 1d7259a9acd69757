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


class OwnBinding(msgspec.Struct):
    """A role that is bound to somebody, by themselves, a group or a department: what it permits, where, until when.
    Without a place: in the whole organisation. It grants nothing while roles are off."""

    id: Id
    role_id: Id
    role_name: str
    permissions: list[str]
    workspace_id: Id | None
    scope_department_id: Id | None
    chat_id: Id | None
    board_id: Id | None
    page_id: Id | None
    ends_at: Time | None


class Organization(msgspec.Struct):
    """As the caller has it: their kind, role, manager, appointments, groups and bound roles there."""

    id: Id
    name: str
    kind: PersonKind
    role: Role
    manager_id: Id | None
    appointments: list[Appointment]
    group_ids: list[Id]
    bindings: list[OwnBinding]
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


class ListedMember(OrganizationMember):
    """`is_suspended_here`: the organisation has suspended them, and so can take that back; `status` says whether
    anybody has."""

    appointments: list[Appointment]
    manager_fullname: str | None
    is_suspended_here: bool


class OrganizationWorkspace(msgspec.Struct):
    workspace_id: Id
    name: str
    member_count: int


class DirectoryAct(msgspec.Struct):
    """Something that is done, such as `person added`, and about whom or what."""

    act: str
    about: str


class DirectoryDifference(msgspec.Struct):
    """What a list changes: the first acts, and how many there are. `stopped`: too many would go, so nothing is done."""

    acts: list[DirectoryAct]
    amount: int
    applied: bool
    stopped: bool
