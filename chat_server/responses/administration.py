"""What the pages of administration show."""

from typing import Literal

import msgspec

from chat_server.http.fields import Id, Time
from chat_server.responses.auth import Session
from chat_server.responses.workspaces import StorageKinds, StorageShare


class PeopleFigures(msgspec.Struct):
    """`online`: with an open stream, whatever they show to others."""

    active: int
    inactive: int
    guests: int
    bots: int
    online: int


class MessagesOfDay(msgspec.Struct):
    """`day` is one of UTC, such as 2026-11-29."""

    day: str
    messages: int


class StoredFigures(msgspec.Struct):
    """In bytes, in all and by kind. A kind of which nothing is stored may be missing."""

    bytes: int
    kinds: dict[str, int]


class LogFigures(msgspec.Struct):
    """`search_behind` and `links_behind`: how many positions their followers lag."""

    position: int
    floor: int
    last_minute: int
    newest_at: Time | None
    search_behind: int
    links_behind: int
    notify_queue_percent: float


class QueueFigures(msgspec.Struct):
    """What waits for a server to do it; `held_messages` for a reviewer."""

    mails: int
    file_looks: int
    link_lookups: int
    blob_deletions: int
    uploads: int
    held_messages: int


class NodeFigures(msgspec.Struct):
    """A notify_server. `alive`: it has reported in time."""

    node: str
    started_at: Time
    seen_at: Time
    alive: bool
    streams: int


class Overview(msgspec.Struct):
    """Of an organisation or, if `organization_id` is null, of the whole server, and only then with its `log`, `queues`
    and `nodes`. `messages_by_day` are those of the last seven days that are still there."""

    organization_id: Id | None
    at: Time
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


class SessionOfMember(Session):
    """`current` is always false."""

    user_id: Id


class WorkspaceStorage(StorageShare):
    """`retention_days` is null if messages are kept for good."""

    workspace_id: Id
    name: str
    retention_days: int | None
    kinds: StorageKinds


class DeletionPart(msgspec.Struct):
    """What of a person goes with them, stays, or prevents their deletion; `why` may be empty."""

    what: str
    amount: int
    happens: Literal["goes", "stays", "is in the way"]
    why: str


class HoldOfDeletion(msgspec.Struct):
    """A hold that keeps something of a deleted person, and why it was placed: both null for whoever may not read the
    holds of its workspace."""

    id: Id
    workspace_id: Id
    name: str | None
    reason: str | None


class Deletion(msgspec.Struct):
    """How far the deletion of a person is. `held`: nothing is left to do before a hold ends. `kept` counts what of
    theirs `holds` keep: those of the organisation's own workspaces. Nothing is said of others."""

    user_id: Id
    begun_at: Time
    finished_at: Time | None
    state: Literal["queued", "running", "held", "done"]
    percent: int
    kept: int
    holds: list[HoldOfDeletion]
