"""Legal holds and exports for cases."""

from typing import Literal

import msgspec

from chat_server.http.fields import Id, Time

CaseStatus = Literal["asked", "approved", "declined", "expired"]


class Hold(msgspec.Struct):
    """What it does not narrow is null: nobody alone, any chat, at any time."""

    id: Id
    workspace_id: Id
    name: str
    reason: str
    user_id: Id | None
    chat_id: Id | None
    since: Time | None
    until: Time | None
    placed_by: Id | None
    placed_at: Time
    released_by: Id | None
    released_at: Time | None
    release_reason: str | None


class CaseOfHold(msgspec.Struct):
    """`records` and `sha256` are of its last export: the hash of the last line, which `fechatter export verify` shows
    too."""

    id: Id
    workspace_id: Id
    hold_id: Id
    reason: str
    status: CaseStatus
    asked_by: Id
    asked_at: Time
    decided_by: Id | None
    decided_at: Time | None
    expires_at: Time | None
    exported_at: Time | None
    records: int | None
    sha256: str | None


DlpKind = Literal["words", "pattern", "card_number", "resident_id"]
DlpAction = Literal["block", "redact", "flag"]
ReviewStatus = Literal["open", "released", "dismissed"]


class DlpRule(msgspec.Struct):
    """A rule about what may be said in a workspace."""

    id: Id
    workspace_id: Id
    name: str
    kind: DlpKind
    words: list[str] | None
    pattern: str | None
    action: DlpAction
    enabled: bool
    created_by: Id | None
    created_at: Time
    updated_at: Time


class HeldMessage(msgspec.Struct):
    """What a rule has blocked (no message) or flagged. Its content goes when its review ends."""

    id: Id
    workspace_id: Id
    chat_id: Id
    sender_id: Id
    message_id: Id | None
    rule_id: Id | None
    rule_name: str
    action: Literal["block", "flag"]
    content: str | None
    status: ReviewStatus
    handled_by: Id | None
    handled_at: Time | None
    created_at: Time
