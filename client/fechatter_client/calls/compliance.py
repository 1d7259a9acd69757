"""For owners of workspaces: legal holds, exports for cases, and rules about what may be said."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from ..api import Api, given
from ..models.compliance import Case, DlpAction, DlpKind, DlpRule, HeldMessage, Hold, ReviewStatus


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

    async def dlp_rules(self, workspace_id: int) -> list[DlpRule]:
        """All of them, by id."""
        return await self._api.get(list[DlpRule], f"/workspaces/{workspace_id}/dlp-rules")

    async def add_dlp_rule(
        self,
        workspace_id: int,
        name: str,
        kind: DlpKind,
        action: DlpAction,
        *,
        words: Sequence[str] | None = None,
        pattern: str | None = None,
        idempotency_key: str | None = None,
    ) -> DlpRule:
        """What is said from now on is judged by it, before it is stored."""
        body = given(name=name, kind=kind, action=action, words=words, pattern=pattern)
        return await self._api.create(DlpRule, f"/workspaces/{workspace_id}/dlp-rules", body, idempotency_key)

    async def change_dlp_rule(
        self,
        workspace_id: int,
        rule_id: int,
        *,
        name: str | None = None,
        action: DlpAction | None = None,
        words: Sequence[str] | None = None,
        pattern: str | None = None,
        enabled: bool | None = None,
    ) -> DlpRule:
        """Missing fields stay as they are."""
        body = given(name=name, action=action, words=words, pattern=pattern, enabled=enabled)
        path = f"/workspaces/{workspace_id}/dlp-rules/{rule_id}"
        return await self._api.ask(DlpRule, "PATCH", path, body, repeatable=True)

    async def remove_dlp_rule(self, workspace_id: int, rule_id: int) -> None:
        """What it has held stays held."""
        await self._api.do("DELETE", f"/workspaces/{workspace_id}/dlp-rules/{rule_id}")

    def held_messages(
        self, workspace_id: int, *, status: ReviewStatus | None = None, page_size: int = 100
    ) -> AsyncIterator[HeldMessage]:
        """What rules have blocked or flagged, newest first."""
        params = given(status=status, limit=page_size)
        return self._api.items(HeldMessage, f"/workspaces/{workspace_id}/held-messages", params)

    async def release_held_message(self, workspace_id: int, held_id: int) -> HeldMessage:
        """Post what was blocked, as its sender's."""
        return await self._api.ask(HeldMessage, "POST", f"/workspaces/{workspace_id}/held-messages/{held_id}/release")

    async def dismiss_held_message(self, workspace_id: int, held_id: int) -> HeldMessage:
        """Leave what was blocked unposted."""
        return await self._api.ask(HeldMessage, "POST", f"/workspaces/{workspace_id}/held-messages/{held_id}/dismiss")
