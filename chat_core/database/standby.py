"""Reads that standbys answer, so that the primary need not (ADR 101).

A read says how far its standby must be: it waits there until that is so, for a bounded time, and then reads everything
in one snapshot. Whatever keeps the standby from answering is `Missed`, and the primary is asked instead. Of several
standbys each is watched by itself, and read while it is there and not behind.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Self, TypeVar, cast

import structlog
from asyncpg import Record
from pydantic import SecretStr

from chat_core.database.connecting import connect
from chat_core.database.pool import Connection, Pool, Source, connection_options, lazy_pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Database, database_url

PROBE_SECONDS: Final = 0.5
# A standby that does not answer a probe for so long is gone.
ANSWER_SECONDS: Final = 1.0
BACKOFF_SECONDS: Final = (0.2, 5.0)
# How long a standby that was behind is not asked: at first, and at most if it stays so.
REST_SECONDS: Final = (0.5, 30.0)

LOG_IS_STANDBY = query("log_is_standby")
LOG_REPLAYED = query("log_replayed", "epoch", "position", "flushed", "patience_ms")
LOG_SNAPSHOT = query("log_snapshot")

Value = TypeVar("Value")
_log = structlog.get_logger()


class Reached(NamedTuple):
    """How far a database is: a position of the log and, where it matters, the end of what Postgres has flushed."""

    epoch: str
    position: int
    flushed: str | None = None


class Missed(Exception):
    """The standby has not answered. `why`: away, behind, ahead, epoch or failed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Standbys:
    """Those of the hosts of `database.read_url` that are standbys."""

    def __init__(self, database: Database, application: str, read_url: str) -> None:
        self._all = [Standby(database, application, url) for url in database_url.each_host(read_url)]
        self._turns = 0

    @classmethod
    def of(cls, database: Database, application: str) -> Self | None:
        """None without that setting."""
        url = database.read_url
        return None if url is None else cls(database, application, url.get_secret_value())

    def choose(self) -> "Standby":
        """The one with the fewest reads under way, of equals each in its turn. Raises Missed if none is worth a try."""
        self._turns += 1
        turn = self._turns % len(self._all)
        missed = {one: one.missed() for one in (*self._all[turn:], *self._all[:turn])}
        if ready := [one for one, why in missed.items() if why is None]:
            return min(ready, key=lambda one: one.under_way)
        raise Missed("behind" if "behind" in missed.values() else "away")

    async def run(self) -> None:
        """Looks for them and watches them, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for one in self._all:
                group.create_task(one.run())


class Standby:
    """One of them. Nothing is read there before `run` has found it. `host` is its address and port, or its folder."""

    def __init__(self, database: Database, application: str, url: str) -> None:
        self.host = database_url.host(url)
        self.under_way = 0
        self._database = database.model_copy(update={"url": SecretStr(url)})
        self._application = application
        self._patience_ms = max(1, round(database.read_wait_seconds * 1000))
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self._pool: Pool | None = None
        self._rests_until, self._rest = 0.0, REST_SECONDS[0]

    def missed(self) -> str | None:
        """Why nothing is read here now."""
        if self._pool is None:
            return "away"
        return "behind" if self._now() < self._rests_until else None

    async def read(self, reached: Reached, work: Callable[[Source], Awaitable[Value]]) -> tuple[Value, int]:
        """What `work` reads in one snapshot that has come at least so far, and the snapshot's newest position. Raises
        Missed, and what `work` raises that is not the database's."""
        if (pool := self._pool) is None:  # it was there when it was chosen
            raise Missed("away")
        self.under_way += 1
        try:
            async with pool.acquire(timeout=ANSWER_SECONDS) as acquired:
                connection = cast("Connection", acquired)
                await self._wait(connection, reached)
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    seen: Record = await LOG_SNAPSHOT.one(connection)
                    if seen["epoch"] != reached.epoch:
                        raise Missed("epoch")
                    return await work(connection), seen["head"]
        except DATABASE_ERRORS as error:
            _log.debug("standby: a read failed", host=self.host, error=f"{type(error).__name__}: {error}")
            raise Missed("failed") from error
        finally:
            self.under_way -= 1

    async def _wait(self, connection: Connection, reached: Reached) -> None:
        found = await LOG_REPLAYED.value(connection, **reached._asdict(), patience_ms=self._patience_ms)
        if found == "there":
            self._rest = REST_SECONDS[0]
            return
        if found == "promoted":
            raise Missed("away")
        if self._now() >= self._rests_until:  # not for each of those who have waited together
            self._rests_until = self._now() + self._rest
            self._rest = min(2 * self._rest, REST_SECONDS[1])
        raise Missed("behind")

    async def run(self) -> None:
        """Looks for it and watches it, until cancelled."""
        wait = BACKOFF_SECONDS[0]
        while True:
            try:
                await self._watch()
            except DATABASE_ERRORS as error:
                if self._pool is not None:
                    _log.warning("standby lost", host=self.host, error=f"{type(error).__name__}: {error}")
                    wait = BACKOFF_SECONDS[0]
            finally:
                self._let_go()
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(2 * wait, BACKOFF_SECONDS[1])

    async def _watch(self) -> None:
        """Returns never; raises when the standby is none any more, or does not respond in time."""
        options = connection_options(self._database, self._application)
        connection: Connection = await connect(**{**options, "command_timeout": ANSWER_SECONDS})
        try:
            while await LOG_IS_STANDBY.value(connection):
                if self._pool is None:
                    self._pool = await lazy_pool(self._database, self._application)
                    _log.info("standby found: it is read", host=self.host)
                await asyncio.sleep(PROBE_SECONDS)
            raise ConnectionError("it has been promoted")
        finally:
            connection.terminate()

    def _let_go(self) -> None:
        """Ends what is being read there, too."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None
