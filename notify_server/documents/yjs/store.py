"""Storing updates, those of all boards together: durable once their future has its result."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import asyncpg
import structlog

from chat_core.batching import Batcher, BatcherClosed
from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS, from_database

BOARD_APPEND = query("board_append", "node", "boards", "users", "updates", "patience_ms", "skipping")
LARGEST_BATCH = 100
# Minimum interval between batches: a batch costs the same for one update as for ten. With many editors an update is
# durable later by up to this (ADR 38); with few, nobody waits. Relaying never waits for storing.
APART_SECONDS = 0.008
# How long a batch waits for a locked board; after that it continues without it, and retries it later.
PATIENCE_MS = 250
BUSY_SECONDS = 0.1
_BUSY = 0
# Instead of a seq, if a storage quota is used up.
NO_ROOM = -1
BACKOFF_SECONDS = (0.05, 2.0)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Update:
    board_id: int
    user_id: int
    data: bytes


class Stored(NamedTuple):
    """`seq`, or NO_ROOM; and the moment that the update is stored under."""

    seq: int
    at: datetime


class Store:
    """One per server. While the database is unavailable updates wait; callers bound `waiting_bytes`. `report` is
    called with each error of the database's."""

    def __init__(self, pool: Pool, node: str, report: Callable[[BaseException], None]) -> None:
        self._pool, self._node, self._report = pool, node, report
        self._batcher: Batcher[Update, Stored | None] = Batcher(
            self._write, batch=LARGEST_BATCH, queue=1_000_000, apart_seconds=APART_SECONDS
        )
        self.waiting_bytes = 0

    def append(self, update: Update) -> "asyncio.Future[Stored | None]":
        """Once the update is durable; None if the board is gone, NO_ROOM if a quota is used up. Raises BatcherClosed
        when the server stops, and what the database raises for this update alone."""
        stored: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()
        self.waiting_bytes += len(update.data)
        self._put(update, stored)
        return stored

    async def close(self, seconds: float) -> None:
        """Writes what is waiting, for up to this many seconds."""
        await self._batcher.close(seconds)

    def _put(self, update: Update, stored: "asyncio.Future[Stored | None]") -> None:
        try:
            written = self._batcher.put(update)
        except BatcherClosed as closed:
            self._settle(update, stored, closed)
        else:
            written.add_done_callback(lambda done: self._written(update, stored, done))

    def _written(
        self, update: Update, stored: "asyncio.Future[Stored | None]", written: "asyncio.Future[Stored | None]"
    ) -> None:
        outcome = written.exception() or written.result()
        if isinstance(outcome, Stored) and outcome.seq == _BUSY:
            asyncio.get_running_loop().call_later(BUSY_SECONDS, self._put, update, stored)
        else:
            self._settle(update, stored, outcome)

    def _settle(
        self, update: Update, stored: "asyncio.Future[Stored | None]", outcome: Stored | BaseException | None
    ) -> None:
        self.waiting_bytes -= len(update.data)
        if isinstance(outcome, BaseException):
            stored.set_exception(outcome)
        else:
            stored.set_result(outcome)

    async def _write(self, updates: list[Update]) -> Sequence[Stored | Exception | None]:
        """Retries until the database accepts them: it may be unavailable. Whether it had stored them before an error
        is unknown, so they may be stored twice, which is the same to a document."""
        wait, skipping = BACKOFF_SECONDS[0], False
        while True:
            try:
                return await self._write_together(updates, skipping=skipping)
            except asyncpg.LockNotAvailableError:
                skipping = True
            except DATABASE_ERRORS as error:
                problem = from_database(error)
                if problem is None or problem.status != 503:
                    if len(updates) > 1:
                        return [one for update in updates for one in await self._write([update])]
                    log.error("board update not stored", board=updates[0].board_id, error=str(error))
                    return [error]
                self._report(error)
                log.warning("board updates wait", error=type(error).__name__, updates=len(updates))
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                wait = min(wait * 2, BACKOFF_SECONDS[1])

    async def _write_together(self, updates: list[Update], *, skipping: bool) -> list[Stored | None]:
        rows = await BOARD_APPEND.rows(
            self._pool,
            node=self._node,
            boards=[update.board_id for update in updates],
            users=[update.user_id for update in updates],
            updates=[update.data for update in updates],
            patience_ms=PATIENCE_MS,
            skipping=skipping,
        )
        return [None if row["seq"] is None else Stored(row["seq"], row["stored_at"]) for row in rows]
