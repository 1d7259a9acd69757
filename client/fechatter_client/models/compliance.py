"""Legal holds and exports for cases."""

from datetime import datetime
from typing import Literal

from . import Model

CaseStatus = Literal["asked", "approved", "declined", "expired"]


class Hold(Model):
    """What it does not narrow is None."""

    id: int
    workspace_id: int
    name: str
    reason: str
    user_id: int | None
    chat_id: int | None
    since: datetime | None
    until: datetime | None
    placed_by: int | None
    placed_at: datetime
    released_by: int | None
    released_at: datetime | None
    release_reason: str | None


class Case(Model):
    """An export of what a hold covers. `records` and `sha256` are of the last one."""

    id: int
    workspace_id: int
    hold_id: int
    reason: str
    status: CaseStatus
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    expires_at: datetime | None
    exported_at: datetime | None
    records: int | None
    sha256: str | None


DlpKind = Literal["words", "pattern", "card_number", "resident_id"]
DlpAction = Literal["block", "redact", "flag"]
ReviewStatus = Literal["open", "released", "dismissed"]


class DlpRule(Model):
    """A rule about what may be said in a workspace."""

    id: int
    workspace_id: int
    name: str
    kind: DlpKind
    words: list[str] | None
    pattern: str | None
    action: DlpAction
    enabled: bool
    created_by: int | None
    created_at: datetime
    updated_at: datetime


class HeldMessage(Model):
    """What a rule has blocked (no message) or flagged. Its content goes when its review ends."""

    id: int
    workspace_id: int
    chat_id: int
    sender_id: int
    message_id: int | None
    rule_id: int | None
    rule_name: str
    action: Literal["block", "flag"]
    content: str | None
    status: ReviewStatus
    handled_by: int | None
    handled_at: datetime | None
    created_at: datetime
