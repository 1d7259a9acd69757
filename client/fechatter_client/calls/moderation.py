"""For owners and admins: reports of messages, and the audit log."""

from collections.abc import AsyncIterator
from datetime import datetime

from ..api import Api, given
from ..models.moderation import AuditEntry, OwnReport, Report, ReportReason, ReportStatus


class Moderation:
    def __init__(self, api: Api) -> None:
        self._api = api

    def audit(
        self,
        workspace_id: int,
        *,
        action: str | None = None,
        actor_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[AuditEntry]:
        """Every administrative act in a workspace, newest first. Times need their zone."""
        params = given(
            action=action,
            actor_id=actor_id,
            since=since and since.isoformat(),
            until=until and until.isoformat(),
            limit=page_size,
        )
        return self._api.items(AuditEntry, f"/workspaces/{workspace_id}/audit", params)

    async def report(self, chat_id: int, message_id: int, reason: ReportReason, comment: str = "") -> OwnReport:
        """Report a message to the admins of its workspace. Repeating this returns the first report."""
        body = {"reason": reason, "comment": comment}
        path = f"/chats/{chat_id}/messages/{message_id}/report"
        return await self._api.ask(OwnReport, "POST", path, body, repeatable=True)

    def reports(
        self, workspace_id: int, *, status: ReportStatus | None = None, page_size: int = 100
    ) -> AsyncIterator[Report]:
        """Newest first."""
        return self._api.items(Report, f"/workspaces/{workspace_id}/reports", given(status=status, limit=page_size))

    async def get_report(self, workspace_id: int, report_id: int) -> Report:
        return await self._api.get(Report, f"/workspaces/{workspace_id}/reports/{report_id}")

    async def handle_report(
        self, workspace_id: int, report_id: int, *, status: ReportStatus | None = None, note: str | None = None
    ) -> Report:
        """Missing fields stay as they are. The reporter is notified of the status."""
        path = f"/workspaces/{workspace_id}/reports/{report_id}"
        return await self._api.ask(Report, "PATCH", path, given(status=status, note=note), repeatable=True)
