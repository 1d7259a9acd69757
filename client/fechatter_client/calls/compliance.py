"""For owners of workspaces: legal holds, and exports for cases."""

from collections.abc import AsyncIterator
from datetime import datetime

from ..api import Api, given
from ..models.compliance import Case, Hold


class Compliance:
    def __init__(self, api: Api) -> None:
        self._api = api

    def holds(self, workspace_id: int, *, released: bool | None = None, page_size: int = 100) -> AsyncIterator[Hold]:
        """Newest first: all, those that are released, or those in force."""
        said = None if released is None else str(released).lower()
        return self._api.items(Hold, f"/workspaces/{workspace_id}/holds", given(released=said, limit=page_size))

    async def place_hold(
        self,
        workspace_id: int,
        name: str,
        *,
        reason: str = "",
        user_id: int | None = None,
        chat_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Keep what would be edited away or deleted: of a user, a chat or a time, at least one of them."""
        body = given(
            name=name,
            reason=reason,
            user_id=user_id,
            chat_id=chat_id,
            since=since and since.isoformat(),
            until=until and until.isoformat(),
        )
        return await self._api.create(Hold, f"/workspaces/{workspace_id}/holds", body, idempotency_key)

    async def get_hold(self, workspace_id: int, hold_id: int) -> Hold:
        return await self._api.get(Hold, f"/workspaces/{workspace_id}/holds/{hold_id}")

    async def release_hold(self, workspace_id: int, hold_id: int, reason: str = "") -> Hold:
        """What no other hold keeps is deleted now."""
        path = f"/workspaces/{workspace_id}/holds/{hold_id}/release"
        return await self._api.ask(Hold, "POST", path, {"reason": reason})

    def cases(self, workspace_id: int, *, page_size: int = 100) -> AsyncIterator[Case]:
        """Newest first."""
        return self._api.items(Case, f"/workspaces/{workspace_id}/cases", {"limit": page_size})

    async def ask_for_case(
        self, workspace_id: int, hold_id: int, reason: str, *, idempotency_key: str | None = None
    ) -> Case:
        """Ask for an export of what a hold covers, which another owner must approve."""
        body = {"hold_id": hold_id, "reason": reason}
        return await self._api.create(Case, f"/workspaces/{workspace_id}/cases", body, idempotency_key)

    async def get_case(self, workspace_id: int, case_id: int) -> Case:
        return await self._api.get(Case, f"/workspaces/{workspace_id}/cases/{case_id}")

    async def approve_case(self, workspace_id: int, case_id: int) -> Case:
        """For seven days. Needs a fresh sign-in: 403 `reauthentication_required`."""
        return await self._api.ask(Case, "POST", f"/workspaces/{workspace_id}/cases/{case_id}/approve")

    async def decline_case(self, workspace_id: int, case_id: int) -> Case:
        """Decline it, or withdraw one's own."""
        return await self._api.ask(Case, "POST", f"/workspaces/{workspace_id}/cases/{case_id}/decline")

    async def export_case(self, workspace_id: int, case_id: int) -> bytes:
        """Lines of JSON, which `fechatter export verify` checks. Needs a fresh sign-in."""
        return await self._api.get_bytes(f"/workspaces/{workspace_id}/cases/{case_id}/export")
