"""Reads the log, in order and without end, on one connection that also LISTENs.

The notification (`fechatter_log`) only wakes the reader; what it reads is `position > its own`. A lost notification
therefore costs latency until the next poll, and never an event. The poll also detects a dead connection: it must be
answered within its time-out, so a cut without a FIN is noticed within two polls. The first connect fails fast; later
ones are retried forever, with backoff.

Each read also checks that the last event read still exists with the same time. If it does not, positions were reused or
events were removed from the log: a new epoch begins, and the consumer is notified.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import asyncpg
import structlog

from chat_core.database.pool import Connection, connection_options
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.log.page import PAGE, PAGE_BYTES, Page, continues
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Database

DOORBELL = "fechatter_log"
# Above every position.
END = 2**63 - 1
BACKOFF_SECONDS = (0.1, 5.0)

LOG_AFTER = query("log_after", "position", "amount", "bytes")
LOG_BEFORE = query("log_before", "position", "amount", "bytes")
LOG_BREAK = query("log_break", "seen")
LOG_CHECK_EPOCH = query("log_check_epoch")
LOG_HEAD = query("log_head")

_log = structlog.get_logger()


class Consumer(Protocol):
    """The consumer of a reader."""

    async def take(self, events: list[Event], *, more: bool) -> None:
        """The next events, each once and in order. `more`: further ones are waiting."""
        ...

    def begin_anew(self, epoch: str, position: int) -> None:
        """Another history has begun, and is read from this position."""
        ...

    def caught_up(self) -> None:
        """The end of the log has been reached."""
        ...

    def lost(self) -> None:
        """The connection is lost: from here on there may be unread events."""
        ...

    def back(self, silent_seconds: float) -> None:
        """The connection is back, after this long without notifications."""
        ...


class Reader:
    """`heard` maps each other channel to the callback for the text of its notifications."""

    def __init__(
        self, database: Database, name: str, poll_seconds: float, heard: Mapping[str, Callable[[str], None]]
    ) -> None:
        self._database, self._name, self._poll_seconds, self._heard = database, name, poll_seconds, heard
        self._bell = asyncio.Event()
        self.epoch, self.position = "", 0
        # The time of the event at `position`; None if retention has dropped it.
        self._made_at: datetime | None = None
        self._connection: Connection

    async def start(self, bound_bytes: int, most: int) -> tuple[int, list[Event]]:
        """Connects, and goes to the end of the log. Returns the newest events, up to about this number and size, and
        the position below which older ones lie. Raises what asyncpg raises."""
        self._connection = await self._connect()
        self.epoch = await LOG_CHECK_EPOCH.value(self._connection)
        below, newest = await self._newest(bound_bytes, most)
        self.position = newest[-1].position if newest else below
        self._made_at = newest[-1].created_at if newest else None
        return below, newest

    async def _newest(self, room: int, most: int) -> tuple[int, list[Event]]:
        newest: list[Event] = []
        below, amount = END, PAGE
        while True:
            rows = await LOG_BEFORE.rows(self._connection, position=below, amount=amount, bytes=PAGE_BYTES)
            page = Page.of(rows, self.epoch, amount)
            newest += page.events
            room -= sum(len(event.payload) for event in page.events)
            if not page.full:
                return rows[0]["floor"], newest[::-1]
            below = newest[-1].position
            if room <= 0 or len(newest) >= most:
                return below - 1, newest[::-1]
            amount = page.next_amount

    async def run(self, consumer: Consumer) -> None:
        """Follows the log until cancelled, over any number of connections."""
        wait = BACKOFF_SECONDS[0]
        now = asyncio.get_running_loop().time
        while True:
            try:
                await self._follow(self._connection, consumer)
            except DATABASE_ERRORS as error:
                _log.warning("log connection lost", error=type(error).__name__, position=self.position)
            finally:
                consumer.lost()
                self._connection.terminate()
            # A connection may have been dead for two polls before that was noticed.
            silent_since = now() - 2 * self._poll_seconds
            while self._connection.is_closed():
                try:
                    self._connection = await self._connect()
                except DATABASE_ERRORS:
                    await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                    wait = min(wait * 2, BACKOFF_SECONDS[1])
            wait = BACKOFF_SECONDS[0]
            consumer.back(now() - silent_since)
            _log.info("log connection made", position=self.position)

    async def _connect(self) -> Connection:
        options = connection_options(self._database, self._name)
        connection: Connection = await asyncpg.connect(**{**options, "command_timeout": self._poll_seconds})
        try:
            await connection.add_listener(DOORBELL, lambda *_: self._bell.set())
            for channel in self._heard:
                await connection.add_listener(channel, self._hear)
            connection.add_termination_listener(lambda _: self._bell.set())
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _hear(self, _connection: object, _pid: int, channel: str, text: object) -> None:
        self._heard[channel](str(text))

    async def _follow(self, connection: Connection, consumer: Consumer) -> None:
        await LOG_CHECK_EPOCH.value(connection)
        amount = PAGE
        while True:
            self._bell.clear()
            rows = await LOG_AFTER.rows(connection, position=self.position, amount=amount, bytes=PAGE_BYTES)
            if not rows:  # the row that identifies the log is gone
                await LOG_CHECK_EPOCH.value(connection)
            elif (epoch := rows[0]["epoch"]) != self.epoch:
                await self._begin_anew(connection, epoch, consumer)
            elif not continues(rows[0], self.position, self._made_at):
                _log.error("the log is not the one that was read: an epoch ends", epoch=epoch, position=self.position)
                await LOG_BREAK.value(connection, seen=epoch)
            else:
                page = Page.of([row for row in rows if row["position"] != self.position], epoch, amount)
                amount = page.next_amount
                if page.events:
                    self.position, self._made_at = page.events[-1].position, page.events[-1].created_at
                    await consumer.take(page.events, more=page.full)
                if not page.full:
                    consumer.caught_up()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._bell.wait(), self._poll_seconds)

    async def _begin_anew(self, connection: Connection, epoch: str, consumer: Consumer) -> None:
        head = await LOG_HEAD.one(connection)
        _log.warning("epoch moved", epoch=epoch, position=head["position"])
        self.epoch, self.position, self._made_at = epoch, head["position"], head["created_at"]
        consumer.begin_anew(epoch, self.position)
