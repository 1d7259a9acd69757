"""What there is to send to a sink: read in one statement, and so of one moment."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.log.lineage import Lineage
from chat_core.log.strict import Strict
from chat_core.settings import Sink
from delivery_server.resets import Reset
from delivery_server.sinks.cloud_event import RESET, CloudEvent, cloud_event, reset
from delivery_server.sinks.kinds import FOR_SINKS

# Positions of the log that are looked at together, however few of their events are for the sink; events that are sent
# together, and the bytes of their payloads.
SPAN = 20_000
AMOUNT = 500
BYTES = 1 << 20

SINK_NEXT = query("sink_next", "sink", "workspaces", "chat_types", "documents", "kinds", "span", "amount", "bytes")


@dataclass(frozen=True, slots=True)
class Batch:
    """`seen` is the sink's cursor, in the history `epoch`; `reached`, of the history `log_epoch`, up to where the log
    has been looked at. `more`: it goes on after that, `behind` positions. `oldest`: the time of the first event."""

    generation: int
    epoch: str
    seen: int
    log_epoch: str
    reached: int
    more: bool
    failing: bool
    events: list[CloudEvent]
    oldest: datetime | None
    behind: int


class Reading:
    """Reads one sink's events."""

    def __init__(self, pool: Pool, strict: Strict, name: str, sink: Sink, source: str) -> None:
        self._pool, self._strict, self._name, self._source = pool, strict, name, source
        self._selection = {
            "workspaces": None if sink.workspaces == "all" else sink.workspaces,
            "chat_types": sink.chat_types,
            "documents": sink.documents,
            "kinds": sorted(FOR_SINKS.intersection(sink.kinds) if sink.kinds else FOR_SINKS),
        }

    async def next(self) -> Batch | None:
        """None if nobody knows the sink any more."""
        async with self._strict.reading(self._pool) as source:
            rows = await SINK_NEXT.rows(
                source, sink=self._name, span=SPAN, amount=AMOUNT, bytes=BYTES, **self._selection
            )
        if not rows:
            return None
        row = rows[0]
        if (reset := Reset.of(row)) is not None:
            return self._batch(row, reset.position, [self._notice(row, reset)], row["moment"])
        lineage = Lineage.of(row["log_epoch"], row["ended"], row["lasts"])
        found = [
            (Event.of(each, lineage.epoch_at(each["position"])), each["workspace_id"])
            for each in rows
            if each["position"] is not None
        ]
        events = [cloud_event(event, workspace, self._source) for event, workspace in found]
        # As many as may be sent together, or as fit: the next ones may be within the span.
        reached = found[-1][0].position if found else row["last"]
        return self._batch(row, reached, events, found[0][0].created_at if found else None)

    def _batch(self, row: Record, reached: int, events: list[CloudEvent], oldest: datetime | None) -> Batch:
        return Batch(
            row["generation"],
            row["epoch"],
            row["seen"],
            row["log_epoch"],
            reached,
            reached < row["head"],
            row["failing_since"] is not None,
            events,
            oldest,
            row["head"] - reached,
        )

    def _notice(self, row: Record, lost: Reset) -> CloudEvent:
        """Whoever reads is told, and the sink goes on elsewhere."""
        event = Event(
            row["log_epoch"], 0, RESET, "user", None, None, None, None, None, None,
            lost.payload, row["moment"],
        )  # fmt: skip
        return reset(event, f"{row['epoch']}.{row['seen']}", self._source)
