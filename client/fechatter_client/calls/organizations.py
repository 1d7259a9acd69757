"""Organisations, which are parents of workspaces: their people, and their directory."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from msgspec import UNSET, UnsetType

from ..api import Api, given
from ..models.organizations import (
    Appointment,
    Department,
    DepartmentChat,
    DirectoryDifference,
    DirectoryPerson,
    Features,
    Group,
    GroupMember,
    ListedMember,
    Organization,
    OrganizationMember,
    OrganizationWorkspace,
    PersonKind,
    Position,
    VisibilityRule,
)
from ..models.workspaces import Role


class Organizations:
    """Changes need a session: personal access tokens are refused."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def features(self) -> Features:
        """Which features are on: routes of one that is off answer 404 `feature_off`."""
        return await self._api.get(Features, "/features")

    async def switch_feature(self, organization_id: int, name: str, enabled: bool | None) -> None:
        """Do without a feature in this organisation; None: have it if the server has."""
        await self._api.do("PUT", f"{_path(organization_id)}/features/{name}", {"enabled": enabled})

    def list(self, *, page_size: int = 100) -> AsyncIterator[Organization]:
        """The caller's organisations, by id."""
        return self._api.items(Organization, "/organizations", {"limit": page_size})

    async def create(self, name: str, *, idempotency_key: str | None = None) -> Organization:
        """Found an organisation, owned by the caller, without workspaces."""
        return await self._api.create(Organization, "/organizations", {"name": name}, idempotency_key)

    async def get(self, organization_id: int) -> Organization:
        return await self._api.get(Organization, _path(organization_id))

    async def rename(self, organization_id: int, name: str) -> Organization:
        return await self._api.ask(Organization, "PUT", _path(organization_id), {"name": name})

    async def delete(self, organization_id: int) -> None:
        """One without workspaces."""
        await self._api.do("DELETE", _path(organization_id))

    def workspaces(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[OrganizationWorkspace]:
        return self._api.items(OrganizationWorkspace, f"{_path(organization_id)}/workspaces", {"limit": page_size})

    async def put_workspace(self, organization_id: int, workspace_id: int) -> None:
        """Put a workspace into the organisation; the caller owns both."""
        await self._api.do("PUT", f"{_path(organization_id)}/workspaces/{workspace_id}")

    async def take_workspace(self, organization_id: int, workspace_id: int) -> None:
        await self._api.do("DELETE", f"{_path(organization_id)}/workspaces/{workspace_id}")

    # -- people

    def members(
        self,
        organization_id: int,
        q: str = "",
        *,
        department_id: int | None = None,
        kind: PersonKind | None = None,
        ids: Iterable[int] | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[ListedMember]:
        """People of the organisation, the suspended too, for its admins; found as in the directory. `ids`: at most a
        hundred of them."""
        named = None if ids is None else ",".join(map(str, ids))
        params = given(q=q or None, department_id=department_id, kind=kind, ids=named, limit=page_size)
        return self._api.items(ListedMember, f"{_path(organization_id)}/members", params)

    async def add_member(
        self,
        organization_id: int,
        user_id: int,
        *,
        kind: PersonKind = "member",
        role: Role = "member",
        idempotency_key: str | None = None,
    ) -> OrganizationMember:
        """Somebody who shares a workspace with the caller."""
        body = {"user_id": user_id, "kind": kind, "role": role}
        return await self._api.create(OrganizationMember, f"{_path(organization_id)}/members", body, idempotency_key)

    async def change_member(
        self,
        organization_id: int,
        user_id: int,
        *,
        kind: PersonKind | None = None,
        role: Role | None = None,
        manager_id: int | UnsetType | None = UNSET,
    ) -> OrganizationMember:
        body = given(kind=kind, role=role)
        if manager_id is not UNSET:
            body["manager_id"] = manager_id
        return await self._api.ask(OrganizationMember, "PATCH", f"{_path(organization_id)}/members/{user_id}", body)

    async def remove_member(self, organization_id: int, user_id: int) -> None:
        """From its workspaces too; oneself: leave."""
        await self._api.do("DELETE", f"{_path(organization_id)}/members/{user_id}")

    # -- the directory

    async def import_list(
        self, organization_id: int, csv: str, *, apply: bool = False, forced: bool = False
    ) -> DirectoryDifference:
        """What a CSV list changes in the directory; nothing is changed without `apply`, which needs a fresh sign-in."""
        path = f"{_path(organization_id)}/directory-list"
        return await self._api.ask(DirectoryDifference, "POST", path, {"csv": csv, "apply": apply, "forced": forced})

    def people(
        self,
        organization_id: int,
        q: str = "",
        *,
        department_id: int | None = None,
        position_id: int | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[DirectoryPerson]:
        """By name, user name, department, position, pinyin and initials, by id."""
        params = given(q=q, department_id=department_id, position_id=position_id, limit=page_size)
        return self._api.items(DirectoryPerson, f"{_path(organization_id)}/people", params)

    def departments(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[Department]:
        """Those that the caller may see, by id."""
        return self._api.items(Department, f"{_path(organization_id)}/departments", {"limit": page_size})

    async def create_department(
        self,
        organization_id: int,
        name: str,
        *,
        parent_id: int | None = None,
        place: int = 0,
        hidden: bool = False,
        external_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Department:
        body = {"name": name, "parent_id": parent_id, "place": place, "hidden": hidden, "external_id": external_id}
        return await self._api.create(Department, f"{_path(organization_id)}/departments", body, idempotency_key)

    async def change_department(
        self,
        organization_id: int,
        department_id: int,
        *,
        name: str | None = None,
        parent_id: int | UnsetType | None = UNSET,
        place: int | None = None,
        hidden: bool | None = None,
    ) -> Department:
        """A `parent_id` moves it with all that is below it; None: to the top."""
        body = given(name=name, place=place, hidden=hidden)
        if parent_id is not UNSET:
            body["parent_id"] = parent_id
        return await self._api.ask(Department, "PATCH", f"{_path(organization_id)}/departments/{department_id}", body)

    async def delete_department(self, organization_id: int, department_id: int) -> None:
        """An empty one."""
        await self._api.do("DELETE", f"{_path(organization_id)}/departments/{department_id}")

    def appointments(
        self, organization_id: int, department_id: int, *, below: bool = False, page_size: int = 100
    ) -> AsyncIterator[Appointment]:
        """In a department, with `below` in those below it too."""
        path = f"{_path(organization_id)}/departments/{department_id}/appointments"
        return self._api.items(Appointment, path, {"below": below, "limit": page_size})

    async def appoint(
        self,
        organization_id: int,
        user_id: int,
        department_id: int,
        *,
        position_id: int | None = None,
        is_head: bool = False,
        is_primary: bool = False,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Appointment:
        body = {
            "user_id": user_id,
            "department_id": department_id,
            "position_id": position_id,
            "is_head": is_head,
            "is_primary": is_primary,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
        return await self._api.create(Appointment, f"{_path(organization_id)}/appointments", body, idempotency_key)

    async def change_appointment(
        self,
        organization_id: int,
        appointment_id: int,
        *,
        department_id: int | None = None,
        position_id: int | None = None,
        is_head: bool | None = None,
        is_primary: bool | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Appointment:
        """Position and times are as given; of the rest, what is None stays."""
        body = {
            **given(department_id=department_id, is_head=is_head, is_primary=is_primary),
            "position_id": position_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
        path = f"{_path(organization_id)}/appointments/{appointment_id}"
        return await self._api.ask(Appointment, "PUT", path, body)

    async def end_appointment(self, organization_id: int, appointment_id: int) -> None:
        await self._api.do("DELETE", f"{_path(organization_id)}/appointments/{appointment_id}")

    def department_chats(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[DepartmentChat]:
        """The chats that follow departments."""
        return self._api.items(DepartmentChat, f"{_path(organization_id)}/department-chats", {"limit": page_size})

    async def follow_department(
        self, organization_id: int, department_id: int, chat_id: int, *, with_below: bool = True
    ) -> DepartmentChat:
        """The chat's members follow the department's people from now on."""
        path = f"{_path(organization_id)}/departments/{department_id}/chats/{chat_id}"
        return await self._api.ask(DepartmentChat, "PUT", path, {"with_below": with_below})

    async def leave_department(self, organization_id: int, department_id: int, chat_id: int) -> None:
        """They do not any more: whoever came by it leaves."""
        await self._api.do("DELETE", f"{_path(organization_id)}/departments/{department_id}/chats/{chat_id}")

    def positions(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[Position]:
        return self._api.items(Position, f"{_path(organization_id)}/positions", {"limit": page_size})

    async def create_position(self, organization_id: int, name: str, *, idempotency_key: str | None = None) -> Position:
        path = f"{_path(organization_id)}/positions"
        return await self._api.create(Position, path, {"name": name}, idempotency_key)

    async def rename_position(self, organization_id: int, position_id: int, name: str) -> Position:
        path = f"{_path(organization_id)}/positions/{position_id}"
        return await self._api.ask(Position, "PUT", path, {"name": name})

    async def delete_position(self, organization_id: int, position_id: int) -> None:
        await self._api.do("DELETE", f"{_path(organization_id)}/positions/{position_id}")

    def visibility_rules(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[VisibilityRule]:
        """What members see less of in the directory."""
        return self._api.items(VisibilityRule, f"{_path(organization_id)}/visibility-rules", {"limit": page_size})

    async def narrow(
        self,
        organization_id: int,
        *,
        department_id: int | None = None,
        confined: bool = False,
        hidden_fields: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> VisibilityRule:
        """Those in a department and below it, or all members, see their own departments alone (`confined`), or none of
        these fields of others: position, manager, custom_status."""
        body = {"department_id": department_id, "confined": confined, "hidden_fields": [*hidden_fields]}
        return await self._api.create(
            VisibilityRule, f"{_path(organization_id)}/visibility-rules", body, idempotency_key
        )

    async def widen(self, organization_id: int, rule_id: int) -> None:
        """Remove a rule."""
        await self._api.do("DELETE", f"{_path(organization_id)}/visibility-rules/{rule_id}")

    def groups(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[Group]:
        return self._api.items(Group, f"{_path(organization_id)}/groups", {"limit": page_size})

    async def create_group(
        self,
        organization_id: int,
        name: str,
        description: str = "",
        *,
        external_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Group:
        body = {"name": name, "description": description, "external_id": external_id}
        return await self._api.create(Group, f"{_path(organization_id)}/groups", body, idempotency_key)

    async def change_group(
        self, organization_id: int, group_id: int, *, name: str | None = None, description: str | None = None
    ) -> Group:
        body = given(name=name, description=description)
        return await self._api.ask(Group, "PATCH", f"{_path(organization_id)}/groups/{group_id}", body)

    async def delete_group(self, organization_id: int, group_id: int) -> None:
        await self._api.do("DELETE", f"{_path(organization_id)}/groups/{group_id}")

    def group_members(self, organization_id: int, group_id: int, *, page_size: int = 100) -> AsyncIterator[GroupMember]:
        path = f"{_path(organization_id)}/groups/{group_id}/members"
        return self._api.items(GroupMember, path, {"limit": page_size})

    async def put_group_member(self, organization_id: int, group_id: int, user_id: int) -> None:
        await self._api.do("PUT", f"{_path(organization_id)}/groups/{group_id}/members/{user_id}")

    async def take_group_member(self, organization_id: int, group_id: int, user_id: int) -> None:
        await self._api.do("DELETE", f"{_path(organization_id)}/groups/{group_id}/members/{user_id}")


def _path(organization_id: int) -> str:
    return f"/organizations/{organization_id}"
