"""Reports and the audit log."""

from typing import Any

import msgspec

from chat_server.http.fields import Id, ReportReason, ReportStatus, Time


class OwnReport(msgspec.Struct):
    """A report as its maker sees it."""

    id: Id
    workspace_id: Id
    chat_id: Id
    message_id: Id
    reason: ReportReason
    comment: str
    status: ReportStatus
    created_at: Time


class ReportState(msgspec.Struct):
    """A report as the workspace's admins see it."""

    id: Id
    workspace_id: Id
    chat_id: Id
    message_id: Id
    reporter_id: Id
    reason: ReportReason
    comment: str
    status: ReportStatus
    note: str
    handled_by: Id | None
    handled_at: Time | None
    created_at: Time
    updated_at: Time


class Report(ReportState):
    """`message` is the reported message as it was then; null after retention has deleted it."""

    message: dict[str, Any] | None


class AuditEntry(msgspec.Struct):
    """`actor_id` is null for changes in psql and for the server's own work. `before` and `after` have the values
    that differ. `delegate_id` is who has acted for the actor, if somebody has."""

    id: Id
    at: Time
    workspace_id: Id | None
    chat_id: Id | None
    board_id: Id | None
    page_id: Id | None
    actor_id: Id | None
    database_role: str
    address: str | None
    action: str
    target_type: str | None
    target_id: Id | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    delegate_id: Id | msgspec.UnsetType = msgspec.UNSET
