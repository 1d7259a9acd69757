"""What the pages of administration show."""

from datetime import datetime
from typing import Literal

from . import Model
from .auth import Device


class PeopleFigures(Model):
    active: int
    inactive: int
    guests: int
    bots: int
    online: int


class MessagesOfDay(Model):
    """`day` is one of UTC, such as 2026-11-29."""

    day: str
    messages: int


class StoredFigures(Model):
    bytes: int
    kinds: dict[str, int]


class LogFigures(Model):
    position: int
    floor: int
    last_minute: int
    newest_at: datetime | None
    search_behind: int
    links_behind: int
    notify_queue_percent: float


class QueueFigures(Model):
    mails: int
    file_looks: int
    link_lookups: int
    blob_deletions: int
    uploads: int
    held_messages: int


class NodeFigures(Model):
    node: str
    started_at: datetime
    seen_at: datetime
    alive: bool
    streams: int


class Overview(Model):
    """Of an organisation or, if `organization_id` is None, of the whole server, and only then with its log, queues and
    nodes."""

    organization_id: int | None
    at: datetime
    people: PeopleFigures
    workspaces: int
    chats: int
    documents: int
    sessions: int
    streams: int
    messages_by_day: list[MessagesOfDay]
    storage: StoredFigures
    log: LogFigures | None
    queues: QueueFigures | None
    nodes: list[NodeFigures] | None


class SessionOfMember(Device):
    user_id: int


class WorkspaceStorage(Model):
    workspace_id: int
    name: str
    retention_days: int | None
    bytes: int
    allowed: int | None
    kinds: dict[str, int]


class DeletionPart(Model):
    """What of a person goes with them, stays, or prevents their deletion."""

    what: str
    amount: int
    happens: Literal["goes", "stays", "is in the way"]
    why: str


class HoldOfDeletion(Model):
    """A hold that keeps something of a deleted person, and why it was placed: both null for whoever may not read the
    holds of its workspace."""

    id: int
    workspace_id: int
    name: str | None
    reason: str | None


class Deletion(Model):
    """How far the deletion of a person is. `held`: nothing is left to do before a hold ends. `kept` counts what of
    theirs `holds` keep: those of the organisation's own workspaces. Nothing is said of others."""

    user_id: int
    begun_at: datetime
    finished_at: datetime | None
    state: Literal["queued", "running", "held", "done"]
    percent: int
    kept: int
    holds: list[HoldOfDeletion]
