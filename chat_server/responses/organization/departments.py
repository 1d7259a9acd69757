"""The directory of an organisation."""

import msgspec

from chat_server.http.fields import Id, PersonKind, Time
from chat_server.responses.organization.organizations import Appointment
from chat_server.responses.users import CustomStatus


class Department(msgspec.Struct):
    """`place` orders the departments below one parent, whose id is null for the uppermost ones."""

    id: Id
    organization_id: Id
    parent_id: Id | None
    name: str
    place: int
    hidden: bool
    source: str
    external_id: str | None
    created_at: Time
    updated_at: Time


class DepartmentChat(msgspec.Struct):
    """A chat whose members follow a department's people, with `with_below` those of departments below it, too."""

    chat_id: Id
    department_id: Id
    with_below: bool
    created_at: Time


class Position(msgspec.Struct):
    id: Id
    organization_id: Id
    name: str


class Group(msgspec.Struct):
    id: Id
    organization_id: Id
    name: str
    description: str
    source: str
    external_id: str | None
    member_count: int
    created_at: Time
    updated_at: Time


class GroupMember(msgspec.Struct):
    group_id: Id
    user_id: Id
    username: str
    fullname: str


class DirectoryPerson(msgspec.Struct):
    """With those of their appointments that the caller may see, the primary one first."""

    id: Id
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    kind: PersonKind
    manager_id: Id | None
    appointments: list[Appointment]


class VisibilityRule(msgspec.Struct):
    """What those in a department and below it, or all members, see less of in the directory."""

    id: Id
    organization_id: Id
    department_id: Id | None
    confined: bool
    hidden_fields: list[str]
    created_at: Time
