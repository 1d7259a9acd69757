"""One sink's task: reads what there is to send, sends it, and moves the cursor, over and over.

A server that dies has recorded less than it has sent: another one sends the rest again, and readers know it by its id.
Nothing is skipped: what cannot be stored is tried until it can, or until an operator moves the cursor.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS
from chat_core.waiting import wait_at_most
from delivery_server import metrics
from delivery_server.sinks.broker import Broker, Unsent
from delivery_server.sinks.kinds import FOR_SINKS
from delivery_server.sinks.reading import Batch, Reading

# How long one that is not woken waits to look for itself; how far its cursor may stay behind what it has looked at.
IDLE_SECONDS: Final = 60.0
BEHIND_SECONDS: Final = 20.0
BEHIND_POSITIONS: Final = 1000
BACKOFF_SECONDS: Final = (0.2, 15.0)

SINK_RECORD = query(
    "sink_record", "sink", "holder", "seen_epoch", "seen", "reached_epoch", "reached", "events", "failure"
)

_log = structlog.get_logger()


class Worker:
    """`generation` is that of the sink as its server holds it."""

    def __init__(self, name: str, generation: int, pool: Pool, reading: Reading, broker: Broker) -> None:
        self.name, self.generation = name, generation
        self._pool, self._reading, self._broker = pool, reading, broker
        self._wake = asyncio.Event()
        self._stopped = asyncio.Event()
        self._stored_at = time.monotonic()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """What is being sent may end."""
        self._stopped.set()
        self._wake.set()

    def hear(self, events: Sequence[Event]) -> None:
        """The log's next events: whether one may be for it. What it then reads decides."""
        if not self._wake.is_set() and any(event.kind in FOR_SINKS for event in events):
            self._wake.set()

    async def run(self) -> None:
        """Until it is stopped, or another server has the sink."""
        backoff = BACKOFF_SECONDS[0]
        try:
            while not self._stopped.is_set():
                self._wake.clear()
                try:
                    wait = await self._step()
                    backoff = BACKOFF_SECONDS[0]
                except (Unsent, *DATABASE_ERRORS) as error:
                    _log.warning("a sink cannot be sent to", sink=self.name, error=f"{type(error).__name__}: {error}")
                    await wait_at_most(backoff, self._stopped)  # however often it is woken
                    wait, backoff = 0, min(2 * backoff, BACKOFF_SECONDS[1])
                if wait is None:
                    return
                if wait > 0:
                    await wait_at_most(wait, self._wake)
        finally:
            metrics.sink_behind.labels(self.name).set(0)  # another server's from now on
            await self._broker.close()

    async def _step(self) -> float | None:
        """How long to wait for what comes next, at most; None at the end. Raises Unsent, and database errors."""
        batch = await self._reading.next()
        if batch is None or batch.generation != self.generation:
            return None
        metrics.sink_behind.labels(self.name).set(batch.behind + len(batch.events))
        if not batch.events:
            return await self._keep_up(batch)
        try:
            await self._broker.send(batch.events)
        except Unsent as error:
            metrics.sink_failures.labels(self.name).inc()
            if not await self._record(batch, str(error) or "?"):
                return None
            raise
        metrics.sink_events.labels(self.name).inc(len(batch.events))
        if batch.oldest is not None:
            metrics.commit_to_sink.observe(max(0.0, time.time() - batch.oldest.timestamp()))
        if not await self._record(batch):
            return None
        metrics.sink_behind.labels(self.name).set(batch.behind)
        return 0 if batch.more else IDLE_SECONDS

    async def _keep_up(self, batch: Batch) -> float | None:
        """There is nothing to send: the cursor follows now and then, so that it does not fall out of the log."""
        late = time.monotonic() - self._stored_at > BEHIND_SECONDS
        moved = batch.reached - batch.seen
        if (batch.failing or (moved and (batch.more or late or moved > BEHIND_POSITIONS))) and not await self._record(
            batch
        ):
            return None
        metrics.sink_behind.labels(self.name).set(batch.behind)
        return 0 if batch.more else IDLE_SECONDS

    async def _record(self, batch: Batch, failure: str | None = None) -> bool:
        """Whether the sink still is this server's."""
        mine = await SINK_RECORD.value(
            self._pool,
            sink=self.name,
            holder=self.generation,
            seen_epoch=batch.epoch,
            seen=batch.seen,
            reached_epoch=batch.log_epoch,
            reached=batch.reached,
            events=0 if failure else len(batch.events),
            failure=failure,
        )
        self._stored_at = time.monotonic()
        if not mine:
            metrics.fenced.inc()
        return bool(mine)
