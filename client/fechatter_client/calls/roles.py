"""Roles of an organisation's own, to whom they are bound, and why somebody may do something."""

from builtins import list as List  # noqa: N812 - `list` is a method here
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from ..api import Api, given
from ..models.roles import CustomRole, Permission, PermissionExplained, RoleBinding


class Roles:
    """For admins of an organisation. Changes need a session: personal access tokens are refused."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def permissions(self) -> List[Permission]:
        """All permissions, by name."""
        return await self._api.get(List[Permission], "/permissions")

    async def explain(
        self,
        permission: str,
        *,
        user_id: int | None = None,
        organization_id: int | None = None,
        workspace_id: int | None = None,
        chat_id: int | None = None,
        board_id: int | None = None,
        page_id: int | None = None,
    ) -> PermissionExplained:
        """Whether a user, else the account, may do something in one place now, and what permits it."""
        params = given(
            permission=permission,
            user_id=user_id,
            organization_id=organization_id,
            workspace_id=workspace_id,
            chat_id=chat_id,
            board_id=board_id,
            page_id=page_id,
        )
        return await self._api.get(PermissionExplained, "/permissions/explain", params)

    def list(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[CustomRole]:
        """By id, built-in ones first."""
        return self._api.items(CustomRole, _path(organization_id), {"limit": page_size})

    async def create(
        self,
        organization_id: int,
        name: str,
        permissions: Sequence[str],
        *,
        description: str = "",
        idempotency_key: str | None = None,
    ) -> CustomRole:
        """It grants nothing until it is bound."""
        body = {"name": name, "permissions": [*permissions], "description": description}
        return await self._api.create(CustomRole, _path(organization_id), body, idempotency_key)

    async def change(
        self,
        organization_id: int,
        role_id: int,
        *,
        name: str | None = None,
        permissions: Sequence[str] | None = None,
        description: str | None = None,
    ) -> CustomRole:
        """Its bindings grant what it permits from then on."""
        body = given(name=name, permissions=permissions and [*permissions], description=description)
        return await self._api.ask(CustomRole, "PATCH", f"{_path(organization_id)}/{role_id}", body)

    async def delete(self, organization_id: int, role_id: int) -> None:
        """With its bindings."""
        await self._api.do("DELETE", f"{_path(organization_id)}/{role_id}")

    def bindings(
        self, organization_id: int, *, role_id: int | None = None, user_id: int | None = None, page_size: int = 100
    ) -> AsyncIterator[RoleBinding]:
        """By id: all, those of a role, or those that reach a user, by groups and departments too."""
        params = given(role_id=role_id, user_id=user_id, limit=page_size)
        return self._api.items(RoleBinding, _bindings(organization_id), params)

    async def bind(
        self,
        organization_id: int,
        role_id: int,
        *,
        user_id: int | None = None,
        group_id: int | None = None,
        department_id: int | None = None,
        with_below: bool = True,
        workspace_id: int | None = None,
        scope_department_id: int | None = None,
        chat_id: int | None = None,
        board_id: int | None = None,
        page_id: int | None = None,
        ends_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> RoleBinding:
        """To a user, a group or a department's people; in one place or, without any, in the whole organisation."""
        body = given(
            role_id=role_id,
            user_id=user_id,
            group_id=group_id,
            department_id=department_id,
            with_below=with_below,
            workspace_id=workspace_id,
            scope_department_id=scope_department_id,
            chat_id=chat_id,
            board_id=board_id,
            page_id=page_id,
            ends_at=ends_at and ends_at.isoformat(),
        )
        return await self._api.create(RoleBinding, _bindings(organization_id), body, idempotency_key)

    async def end_binding(self, organization_id: int, binding_id: int, ends_at: datetime | None) -> RoleBinding:
        """Have it end then; None: not at all."""
        body = {"ends_at": ends_at and ends_at.isoformat()}
        return await self._api.ask(RoleBinding, "PATCH", f"{_bindings(organization_id)}/{binding_id}", body)

    async def unbind(self, organization_id: int, binding_id: int) -> None:
        """It grants nothing from then on."""
        await self._api.do("DELETE", f"{_bindings(organization_id)}/{binding_id}")


def _path(organization_id: int) -> str:
    return f"/organizations/{organization_id}/roles"


def _bindings(organization_id: int) -> str:
    return f"/organizations/{organization_id}/role-bindings"
