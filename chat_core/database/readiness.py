"""Whether the database does what a server needs of it: it responds, and it accepts writes.

Load balancers ask often, so a good result is cached for a second, and concurrent callers share one probe. The probe
only reads. What it cannot notice that way, such as a full disk, is learnt from the errors of real requests (`report`)
and held for some seconds: a server without requests meanwhile is tried again after that.
"""

import asyncio
import time

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS, Problem, database_state, read_only, unavailable

ANSWER_SECONDS = 2.0
KEPT_SECONDS = 1.0
HELD_SECONDS = 10.0

DATABASE_TAKES_WRITES = query("database_takes_writes")


class Readiness:
    """One per server."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._probe: asyncio.Task[Problem | None] | None = None
        self._good_until = 0.0
        self._held: Problem | None = None
        self._held_until = 0.0

    def report(self, error: BaseException) -> None:
        """A statement has failed. If the error concerns the database's state, the cached result no longer counts."""
        state = database_state(error)
        if state is None or state.code == "try_again":
            return
        self._good_until = 0.0
        if state.hidden:
            self._held, self._held_until = unavailable(state), time.monotonic() + HELD_SECONDS

    async def problem(self) -> Problem | None:
        """What keeps the server from being ready; None if nothing does."""
        if self._held is not None and time.monotonic() < self._held_until:
            return self._held
        if time.monotonic() < self._good_until:
            return None
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._ask())
        return await asyncio.shield(self._probe)

    async def _ask(self) -> Problem | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                takes_writes = await DATABASE_TAKES_WRITES.value(self._pool)
        except DATABASE_ERRORS as error:
            return unavailable(database_state(error))
        if not takes_writes:
            return read_only()
        self._good_until = time.monotonic() + KEPT_SECONDS
        return None
