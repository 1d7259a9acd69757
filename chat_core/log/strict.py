"""Strict delivery: nobody gets what a failover may take back.

A commit that waits for a synchronous standby is visible only once that has it, with three exceptions: its wait was
cancelled, Postgres was restarted meanwhile, or it does not wait (`synchronous_commit`). So what was read is held until
the standbys have all that Postgres had written by then.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

import structlog

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.settings import Database

WAITS_SECONDS: Final = (0.002, 0.1)
MOMENT_SECONDS: Final = 1.0
# After so long operators hear of it, and as often again.
WARN_SECONDS: Final = 10.0

LOG_REPLICATED = query("log_replicated", "asked", "pushing")

_log = structlog.get_logger()


class NotReplicated(TimeoutError):
    """No synchronous standby has it, for a moment already."""


class Strict:
    """Does nothing unless `database.strict_delivery` is set."""

    def __init__(self, database: Database) -> None:
        self._is_on = database.strict_delivery

    async def hold(self, connection: Connection) -> None:
        """Returns once the synchronous standbys have what has been read over this connection, however long that takes:
        it ends with its Postgres, and another's log is another one."""
        if not self._is_on:
            return
        now = asyncio.get_running_loop().time
        asked, wait, warn_at = None, WAITS_SECONDS[0], now() + WARN_SECONDS
        while True:
            row = await LOG_REPLICATED.one(connection, asked=asked, pushing=wait == WAITS_SECONDS[1])
            if row["replicated"]:
                return
            if now() >= warn_at:
                _log.warning("events are held back: no synchronous standby has them", position=row["written"])
                warn_at += WARN_SECONDS
            asked = row["written"]
            await asyncio.sleep(wait)
            wait = min(2 * wait, WAITS_SECONDS[1])

    @asynccontextmanager
    async def reading(self, pool: Pool) -> AsyncIterator[Connection | Pool]:
        """What to read with; at its end what was read is held. Raises NotReplicated if that takes longer than a
        moment: what was read is old by then, and is read again."""
        if not self._is_on:
            yield pool
            return
        async with pool.acquire() as acquired:
            connection = cast("Connection", acquired)
            yield connection
            try:
                async with asyncio.timeout(MOMENT_SECONDS):
                    await self.hold(connection)
            except TimeoutError:
                raise NotReplicated("no synchronous standby has what was read") from None
