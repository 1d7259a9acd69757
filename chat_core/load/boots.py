"""Clients that start cold: they fetch everything, or what they missed is no longer in memory, and each costs the
database what a thousand resumed streams cost (ADR 96).

Of them this server lets in no more than an operator says (`ops.set_boot_limit`, for all servers together), and no more
at a time than half of its pool answers: the rest of it is for those who resume. Of one user few run and few wait.
Whoever has to wait too long is sent away, to come back at a time of their own.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.load.leases import Leases, Limit
from chat_core.problems import DATABASE_ERRORS, Problem
from chat_core.turns import Turns

BOOT_LIMIT = query("boot_limit")
BOOT_LEASE = query("boot_lease", "buckets", "needed", "quotas", "window_seconds")
# The word on the operators' channel that the limit has changed.
CHANNEL: Final = "fechatter_control"
CHANGED: Final = "boots"
WINDOW_SECONDS: Final = 1
# The most that wait for a connection; beyond that the server refuses.
MOST_WAITING: Final = 500
# Of one user, so that somebody with many tabs has no more of the pool than others: how many run, and how many wait.
EACH: Final = 2
WAITING_EACH: Final = 10
# How long none of these connections has been free while somebody waited, before others matter more than presence.
CROWDED_SECONDS: Final = 1.0
# When the limit is read again that could not be read.
READ_AGAIN_SECONDS: Final = 4.0
# The longest that somebody is sent away for.
LONGEST_SECONDS: Final = 60

log = structlog.get_logger()


class Boots:
    """One per process. `boots` counts by outcome: admitted, limited, overloaded, rate_limited (too many of one user
    wait). `limit_shown`: the limit; 0: none."""

    def __init__(self, pool: Pool, boots: Counter, limit_shown: Gauge) -> None:
        self._pool, self._boots, self._limit_shown = pool, boots, limit_shown
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self._leases = Leases(pool, WINDOW_SECONDS, BOOT_LEASE)
        at_once = max(1, pool.get_max_size() // 2)
        self._turns = Turns("cold starts", at_once, each=EACH, waiting_each=WAITING_EACH, waiting_all=MOST_WAITING)
        self._limit: Limit | None = None
        self._second, self._admitted, self._refused = 0, 0, 0

    @property
    def crowded(self) -> bool:
        """Whether the database has not kept up with those who start for a while. That one user has to wait for
        themselves says nothing."""
        since = self._turns.full_since
        return self._turns.waiting > 0 and since is not None and self._now() - since >= CROWDED_SECONDS

    async def read(self) -> bool:
        """Reads the limit. While the database is unavailable it stays as it was, and this is False."""
        try:
            per_second = await BOOT_LIMIT.value(self._pool)
        except DATABASE_ERRORS as error:
            log.warning("boot limit not read", error=type(error).__name__)
            return False
        self._limit = None if per_second is None else Limit("boots", per_second, WINDOW_SECONDS)
        self._limit_shown.set(per_second or 0)
        return True

    async def read_anew(self) -> None:
        """Reads the limit, which has changed, however long the database is unavailable."""
        while not await self.read():  # noqa: ASYNC110 - nobody says when it is back
            await asyncio.sleep(READ_AGAIN_SECONDS)

    async def admit(self, user: Hashable) -> None:
        """Counts one of a user. Raises Problem 429 and 503, and what the database raises."""
        with self._counting_refusals():
            await self._turns.admit(user)
        if self._limit is not None:
            self._count_anew()
            if not (await self._leases.count(self._limit, "all")).allowed:
                self._refused += 1
                self._boots.labels("limited").inc()
                raise self._limited(self._limit)
            self._admitted += 1
        self._boots.labels("admitted").inc()

    @asynccontextmanager
    async def turn(self, user: Hashable) -> AsyncIterator[None]:
        """Around a query of one that was admitted. Raises Problem 429 and 503 if too many were so at once."""
        async with AsyncExitStack() as stack:
            with self._counting_refusals():
                await stack.enter_async_context(self._turns.turn(user))
            yield

    @contextmanager
    def _counting_refusals(self) -> Iterator[None]:
        try:
            yield
        except Problem as problem:
            self._boots.labels(problem.code).inc()
            raise

    def _count_anew(self) -> None:
        if (second := int(self._now())) != self._second:
            self._second, self._admitted, self._refused = second, 0, 0

    def _limited(self, limit: Limit) -> Problem:
        """The more are refused for each that is admitted, the later they come back."""
        rounds = math.ceil(self._refused / max(1, self._admitted))
        seconds = random.randint(1, min(LONGEST_SECONDS, max(2, rounds)))
        return Problem(
            503,
            "boots_limited",
            f"The operators of this server let {limit.quota} clients start in a second; try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
            extra={"limit": limit.name, "retry_after": seconds},
        )
