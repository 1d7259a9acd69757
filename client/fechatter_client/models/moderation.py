"""Reports and the audit log."""

from datetime import datetime
from typing import Any, Literal

from . import Model

ReportReason = Literal["spam", "harassment", "hate", "violence", "sexual", "illegal", "other"]
ReportStatus = Literal["open", "resolved", "dismissed"]


class OwnReport(Model):
    """A report as its maker sees it."""

    id: int
    workspace_id: int
    chat_id: int
    message_id: int
    reason: ReportReason
    comment: str
    status: ReportStatus
    created_at: datetime


class ReportState(Model):
    """A report as the workspace's admins see it."""

    id: int
    workspace_id: int
    chat_id: int
    message_id: int
    reporter_id: int
    reason: ReportReason
    comment: str
    status: ReportStatus
    note: str
    handled_by: int | None
    handled_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Report(ReportState):
    """`message` is the reported message as it was then; None after retention has deleted it."""

    message: dict[str, Any] | None


class AuditEntry(Model):
    """`actor_id` is None for changes in psql and for the server's own work; `before` and `after` have the values
    that differ."""

    id: int
    at: datetime
    workspace_id: int | None
    chat_id: int | None
    board_id: int | None
    page_id: int | None
    actor_id: int | None
    database_role: str
    address: str | None
    action: str
    target_type: str | None
    target_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    # Who has acted for the actor; None: nobody.
    delegate_id: int | None = None
