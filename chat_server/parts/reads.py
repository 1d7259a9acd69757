"""Where reads go: to the primary, or to a standby if there is one that has everything (ADR 101).

A read from a standby begins with a question to the primary, how far that is now, which all reads that have come
meanwhile share. The standby has to have come so far. So nobody is shown less than anybody can have seen before they
asked: neither their own writes are missing, nor is it unknown that they were removed.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from prometheus_client import Counter

from chat_core.batching import Batcher, BatcherFull
from chat_core.database.pool import Pool, Source
from chat_core.database.queries import query
from chat_core.database.standby import Missed, Reached, Standby, Standbys
from chat_core.problems import Problem
from chat_core.settings import Database

# Who may wait for one answer of the primary.
MOST_WAITING: Final = 2000

LOG_REACHED = query("log_reached")

Value = TypeVar("Value")


class Reads:
    """One per server. `outcomes` counts by what came of each (standby, or why the primary was read) and by the host of
    the standby that was asked, which is empty where none was."""

    def __init__(self, database: Database, pool: Pool, outcomes: Counter) -> None:
        self._pool, self._outcomes = pool, outcomes
        self._standbys = Standbys.of(database, "fechatter chat reads")
        self._questions: Batcher[None, Reached | None] = Batcher(self._ask, batch=MOST_WAITING, queue=MOST_WAITING)

    async def run(self) -> None:
        """Until cancelled."""
        if self._standbys is not None:
            await self._standbys.run()

    async def read(self, work: Callable[[Source], Awaitable[Value]]) -> Value:
        """What `work` reads, and nothing but reads: from the standby in one snapshot, or from the primary."""
        if self._standbys is None:
            return await work(self._pool)
        host = ""
        try:
            standby = self._standbys.choose()
            host = standby.host
            found = await self._from(standby, work)
        except Missed as missed:
            self._outcomes.labels(missed.why, host).inc()
        except Problem:  # a refusal is the primary's to give
            self._outcomes.labels("refused", host).inc()
        else:
            self._outcomes.labels("standby", host).inc()
            return found
        return await work(self._pool)

    async def _from(self, standby: Standby, work: Callable[[Source], Awaitable[Value]]) -> Value:
        reached = await self._primary()
        found, head = await standby.read(reached, work)
        if head > reached.position:
            # Something was committed meanwhile. Or it waits for a synchronous standby, which this one is ahead of: a
            # failover may take it back.
            again = await self._primary()
            if again.epoch != reached.epoch or head > again.position:
                raise Missed("ahead")
        return found

    async def _primary(self) -> Reached:
        """How far the primary is, asked after this was called."""
        try:
            reached = await self._questions.submit(None)
        except BatcherFull:
            raise Missed("failed") from None
        if reached is None:
            raise Missed("epoch")
        return reached

    async def _ask(self, asking: list[None]) -> Sequence[Reached | None]:
        row = await LOG_REACHED.row(self._pool)
        return [Reached(row["epoch"], row["head"], row["flushed"]) if row else None] * len(asking)
