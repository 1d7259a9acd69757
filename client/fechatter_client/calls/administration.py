"""For admins of organisations and for operators: figures, audit logs, sessions and storage."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal

from ..api import Api, given
from ..models.administration import Deletion, DeletionPart, Overview, SessionOfMember, WorkspaceStorage
from ..models.moderation import AuditEntry

AuditFormat = Literal["csv", "jsonl"]


class Administration:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def overview(self, organization_id: int | None = None) -> Overview:
        """Live figures of an organisation; None: of the whole server, for people whom an operator has appointed."""
        return await self._api.get(Overview, "/admin/overview", given(organization_id=organization_id))

    def audit(
        self,
        organization_id: int,
        *,
        action: str | None = None,
        actor_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[AuditEntry]:
        """Acts upon the organisation, newest first; those in its workspaces are in `moderation.audit`."""
        params = _filters(action, actor_id, since, until)
        return self._api.items(AuditEntry, f"/organizations/{organization_id}/audit", {**params, "limit": page_size})

    async def export_audit(
        self,
        *,
        organization_id: int | None = None,
        workspace_id: int | None = None,
        format: AuditFormat = "csv",  # noqa: A002
        action: str | None = None,
        actor_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> bytes:
        """The audit log of an organisation or of a workspace, as a file."""
        place = f"/organizations/{organization_id}" if organization_id is not None else f"/workspaces/{workspace_id}"
        params = {**_filters(action, actor_id, since, until), "format": format}
        return await self._api.get_bytes(f"{place}/audit/export", params)

    def sessions(
        self, organization_id: int, *, user_id: int | None = None, page_size: int = 100
    ) -> AsyncIterator[SessionOfMember]:
        """Of members whose accounts the organisation keeps, by id."""
        params = given(user_id=user_id, limit=page_size)
        return self._api.items(SessionOfMember, f"/organizations/{organization_id}/sessions", params)

    async def end_session(self, organization_id: int, session_id: int) -> None:
        """Needs a fresh sign-in."""
        await self._api.do("DELETE", f"/organizations/{organization_id}/sessions/{session_id}")

    async def suspend(self, organization_id: int, user_id: int) -> None:
        """Ends their sessions; they cannot sign in. Needs a fresh sign-in."""
        await self._api.do("PUT", f"{_person(organization_id, user_id)}/suspension")

    async def reinstate(self, organization_id: int, user_id: int) -> None:
        """Takes the organisation's suspension back. Needs a fresh sign-in."""
        await self._api.do("DELETE", f"{_person(organization_id, user_id)}/suspension")

    def storage(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[WorkspaceStorage]:
        """How much each workspace stores, and for how long messages are kept, by workspace id."""
        return self._api.items(WorkspaceStorage, f"/organizations/{organization_id}/storage", {"limit": page_size})

    async def export_person(self, organization_id: int, user_id: int) -> bytes:
        """All that is stored of somebody whose account the organisation keeps, as a zip. Needs a fresh sign-in."""
        return await self._api.get_bytes(f"{_person(organization_id, user_id)}/export")

    async def preview_deletion(self, organization_id: int, user_id: int) -> list[DeletionPart]:
        return await self._api.get(list[DeletionPart], f"{_person(organization_id, user_id)}/deletion")

    async def delete_person(self, organization_id: int, user_id: int) -> None:
        """For good. Needs a fresh sign-in."""
        await self._api.do("DELETE", f"{_person(organization_id, user_id)}/account")

    def deletions(
        self, organization_id: int, *, done: bool | None = None, page_size: int = 100
    ) -> AsyncIterator[Deletion]:
        """How far the deletions of people are who were in the organisation, by user id."""
        params = given(done=done, limit=page_size)
        return self._api.items(Deletion, f"/organizations/{organization_id}/deletions", params)


def _person(organization_id: int, user_id: int) -> str:
    return f"/organizations/{organization_id}/members/{user_id}"


def _filters(
    action: str | None, actor_id: int | None, since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    return given(action=action, actor_id=actor_id, since=since and since.isoformat(), until=until and until.isoformat())
