"""Organisations, which are parents of workspaces."""

from datetime import datetime
from typing import Literal

from . import Model
from .users import CustomStatus
from .workspaces import Role

PersonKind = Literal["member", "guest", "bot"]


class FeatureFlags(Model):
    enable_organizations: bool
    enable_user_roles: bool
    enable_proxy_system: bool
    enable_bot_messages: bool
    enable_online_statistics: bool
    enable_advanced_admin: bool


class Features(Model):
    """`features` are those of the server. `organizations` has the caller's organisations that differ, by id, and what
    is on or off there alone."""

    features: FeatureFlags
    organizations: dict[str, dict[str, bool]]


class Delegation(Model):
    """What `delegate_id` may do for `principal_id`, in one place or, without any, wherever the principal may; a Single
    chat must be named itself. It is in force from `starts_at` until `ends_at`, once it is accepted."""

    id: int
    principal_id: int
    delegate_id: int
    permissions: list[str]
    workspace_id: int | None
    chat_id: int | None
    board_id: int | None
    page_id: int | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None


class Appointment(Model):
    """What somebody is in a department. `is_current`: it has begun and has not ended."""

    id: int
    organization_id: int
    department_id: int
    user_id: int
    position_id: int | None
    is_head: bool
    is_primary: bool
    starts_at: datetime | None
    ends_at: datetime | None
    is_current: bool


class OwnBinding(Model):
    """A role that is bound to somebody, by themselves, a group or a department: what it permits, where, until when.
    Without a place: in the whole organisation. It grants nothing while roles are off."""

    id: int
    role_id: int
    role_name: str
    permissions: list[str]
    workspace_id: int | None
    scope_department_id: int | None
    chat_id: int | None
    board_id: int | None
    page_id: int | None
    ends_at: datetime | None


class Organization(Model):
    """As the caller has it: their kind, role, manager, appointments, groups and bound roles there."""

    id: int
    name: str
    kind: PersonKind
    role: Role
    manager_id: int | None
    appointments: list[Appointment]
    group_ids: list[int]
    bindings: list[OwnBinding]
    created_at: datetime
    updated_at: datetime


class OrganizationMember(Model):
    """`source`: what has put them there; `external_id` is its name for them."""

    organization_id: int
    user_id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    kind: PersonKind
    role: Role
    source: str
    external_id: str | None
    manager_id: int | None
    joined_at: datetime


class ListedMember(OrganizationMember):
    """`is_suspended_here`: the organisation has suspended them, and so can take that back."""

    appointments: list[Appointment]
    manager_fullname: str | None
    is_suspended_here: bool


class DirectoryAct(Model):
    """Something that is done, such as `person added`, and about whom or what."""

    act: str
    about: str


class DirectoryDifference(Model):
    """What a list changes: the first acts, and how many there are. `stopped`: too many would go, so nothing is done."""

    acts: list[DirectoryAct]
    amount: int
    applied: bool
    stopped: bool


class OrganizationWorkspace(Model):
    workspace_id: int
    name: str
    member_count: int


class Department(Model):
    """`place` orders the departments below one parent; those without one are uppermost."""

    id: int
    organization_id: int
    parent_id: int | None
    name: str
    place: int
    hidden: bool
    source: str
    external_id: str | None
    created_at: datetime
    updated_at: datetime


class DepartmentChat(Model):
    """A chat whose members follow a department's people, with `with_below` those of departments below it, too."""

    chat_id: int
    department_id: int
    with_below: bool
    created_at: datetime


class Position(Model):
    id: int
    organization_id: int
    name: str


class Group(Model):
    id: int
    organization_id: int
    name: str
    description: str
    source: str
    external_id: str | None
    member_count: int
    created_at: datetime
    updated_at: datetime


class GroupMember(Model):
    group_id: int
    user_id: int
    username: str
    fullname: str


class DirectoryPerson(Model):
    """With those of their appointments that the caller may see, the primary one first."""

    id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    kind: PersonKind
    manager_id: int | None
    appointments: list[Appointment]


class OpenAnnouncement(Model):
    """One that the caller has not acknowledged."""

    id: int
    organization_id: int
    author_id: int | None
    title: str
    acknowledgement_required: bool
    created_at: datetime
    updated_at: datetime


class Announcement(OpenAnnouncement):
    """`acknowledged_at`: when the caller has acknowledged it."""

    content: str
    acknowledged_at: datetime | None


class PublishedAnnouncement(OpenAnnouncement):
    """As those who publish see it. Without departments and groups it is for the whole organisation."""

    content: str
    department_ids: list[int]
    group_ids: list[int]
    recipient_count: int
    acknowledged_count: int
    withdrawn_at: datetime | None


class AnnouncementRecipient(Model):
    """`acknowledged_at` is None for who has not acknowledged it."""

    announcement_id: int
    user_id: int
    username: str
    fullname: str
    acknowledged_at: datetime | None


class VisibilityRule(Model):
    """What those in a department and below it, or all members, see less of in the directory."""

    id: int
    organization_id: int
    department_id: int | None
    confined: bool
    hidden_fields: list[str]
    created_at: datetime
