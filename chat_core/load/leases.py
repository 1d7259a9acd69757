"""What is left of a rate limit, known without asking Postgres each time.

A window's quota is one row, shared by all processes (sql/functions/server/limits.sql). A process takes a part of it in
advance, a lease, and counts it down itself; what it has not used at the end of the window is lost. All processes
together therefore never exceed the quota, and a single process can use all of it. Leases are requested in batches. A
user whose quota is used up is refused without asking until the window ends.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record

from chat_core.batching import Batcher, BatcherClosed, BatcherFull
from chat_core.database.pool import Pool
from chat_core.database.queries import Query
from chat_core.problems import Problem

LARGEST_BATCH = 200
MOST_WAITING = 1000
MOST_LEASES = 20_000


class Limit(NamedTuple):  # its hash is asked for each request
    """This many requests of a class in each window, for one user or, without one, for one client address."""

    name: str
    quota: int
    window_seconds: int


class Standing(NamedTuple):
    """The state after a request: `remaining` is what is known to be left, for `seconds` more."""

    allowed: bool
    remaining: int
    seconds: float


@dataclass(slots=True)
class _Lease:
    left: int  # requests that this process may still admit
    free: int  # what no process had taken at this one's last request: it only shrinks
    window_ends: datetime
    until: float  # the same in the loop's time, or slightly earlier


class Leases:
    """Counts requests of one process. Names are those of the buckets: `user:17`. `lease` is how it takes parts of
    quotas."""

    def __init__(self, pool: Pool, window_seconds: int, lease: Query) -> None:
        self._pool, self._window_seconds, self._lease = pool, window_seconds, lease
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self._leases: dict[tuple[Limit, str], _Lease] = {}
        self._batcher: Batcher[tuple[Limit, str], Standing] = Batcher(
            self._ask, batch=LARGEST_BATCH, queue=MOST_WAITING
        )

    def __len__(self) -> int:
        return len(self._leases)

    async def count(self, limit: Limit, name: str) -> Standing:
        """Counts one request. Raises what the database raises, and Problem 503 if too many are waiting."""
        lease = self._leases.get((limit, name))
        if lease is not None and self._now() < lease.until and (lease.left or not lease.free):
            return self._take(lease)
        try:
            return await self._batcher.submit((limit, name))
        except (BatcherFull, BatcherClosed):
            raise Problem(
                503,
                "overloaded",
                "Too many requests at the same time; try again shortly.",
                headers={"Retry-After": "1"},
            ) from None

    async def close(self, seconds: float) -> None:
        """Answers waiting requests, for up to `seconds`."""
        await self._batcher.close(seconds)

    def _take(self, lease: _Lease) -> Standing:
        allowed = lease.left > 0
        if allowed:
            lease.left -= 1
        return Standing(allowed, lease.left + lease.free, max(0.0, lease.until - self._now()))

    async def _ask(self, asked: list[tuple[Limit, str]]) -> list[Standing]:
        needed, now = Counter(asked), self._now()
        rows = await self._lease.rows(
            self._pool,
            buckets=[f"{limit.name}:{name}" for limit, name in needed],
            needed=list(needed.values()),
            quotas=[limit.quota for limit, _ in needed],
            window_seconds=self._window_seconds,
        )
        for key, row in zip(needed, rows, strict=True):
            self._add(key, row, now + row["seconds"])
        return [self._take(self._leases[key]) for key in asked]

    def _add(self, key: tuple[Limit, str], row: Record, until: float) -> None:
        lease = self._leases.pop(key, None)
        left = lease.left if lease is not None and lease.window_ends == row["window_ends"] else 0
        self._make_room()
        self._leases[key] = _Lease(left + row["granted"], row["free"], row["window_ends"], until)

    def _make_room(self) -> None:
        """Drops expired leases, the oldest first, and the oldest of all if there are too many."""
        while self._leases:
            oldest = next(iter(self._leases))
            if self._now() < self._leases[oldest].until and len(self._leases) < MOST_LEASES:
                return
            del self._leases[oldest]
