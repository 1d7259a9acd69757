"""Reads the log, in order and without end, on one connection that also LISTENs.

Small events arrive with the notification of their commit (handover.py). All others are read: `position > its own`. A
lost notification therefore costs latency until the next poll, and never an event. The poll also detects a dead
connection: it must be answered within its time-out, so a cut without a FIN is noticed within two polls. The first
connect fails fast; later ones are retried forever, with backoff.

The log is the truth. Each read begins at the last event that was read before and checks that this event, and each one
that was handed over since, still exists with the same time. If one does not, positions were reused or events were
removed from the log: a new epoch begins, and the consumer is notified.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import asyncpg
import structlog

from chat_core.database.pool import Connection, connection_options
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.log.handover import Handover
from chat_core.log.page import PAGE, PAGE_BYTES, Page, continues
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Database

# Above every position.
END = 2**63 - 1
BACKOFF_SECONDS = (0.1, 5.0)

LOG_AFTER = query("log_after", "position", "amount", "bytes")
LOG_BEFORE = query("log_before", "position", "amount", "bytes")
LOG_BREAK = query("log_break", "seen")
LOG_CHANNEL = query("log_channel")
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
        self._handover = Handover()
        # `position` is that of the newest event that the consumer has.
        self.epoch, self.position = "", 0
        # The newest event that was read from the log: its position and its time, None if retention has dropped it.
        self._read_to: tuple[int, datetime | None] = (0, None)
        # Likewise each event after it, which was handed over.
        self._unread: deque[tuple[int, datetime]] = deque()
        self._read_at = 0.0
        self._connection: Connection
        self._channel = ""
        self._connected = False

    async def start(self, bound_bytes: int, most: int) -> tuple[int, list[Event]]:
        """Connects, and goes to the end of the log. Returns the newest events, up to about this number and size, and
        the position below which older ones lie. Raises what asyncpg raises."""
        self._connection = await self._connect()
        self._connected = True
        self.epoch = await LOG_CHECK_EPOCH.value(self._connection)
        below, newest = await self._newest(bound_bytes, most)
        self.position = newest[-1].position if newest else below
        self._read_to = (self.position, newest[-1].created_at if newest else None)
        return below, newest

    def close(self) -> None:
        """For one that was started; `run` does so itself."""
        if self._connected:
            self._connection.terminate()

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
            await LOG_CHECK_EPOCH.value(connection)
            self._channel = ""
            await self._listen(connection)
            for channel in self._heard:
                await connection.add_listener(channel, self._hear)
            connection.add_termination_listener(lambda _: self._bell.set())
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _listen(self, connection: Connection) -> None:
        """Listens to the log, whose channel changes if its state was lost."""
        self._handover.forget()
        channel = await LOG_CHANNEL.value(connection)
        if channel is not None and channel != self._channel:
            await connection.add_listener(channel, self._ring)
            self._channel = channel

    def _ring(self, _connection: object, _pid: int, _channel: str, text: object) -> None:
        self._handover.hear(str(text))
        self._bell.set()

    def _hear(self, _connection: object, _pid: int, channel: str, text: object) -> None:
        self._heard[channel](str(text))

    async def _follow(self, connection: Connection, consumer: Consumer) -> None:
        now = asyncio.get_running_loop().time
        while True:
            self._bell.clear()
            events, gap = self._handover.take(self.epoch, self.position)
            if events:
                self.position = events[-1].position
                self._unread += [(event.position, event.created_at) for event in events]
                await consumer.take(events, more=gap)
            poll_at = self._read_at + self._poll_seconds
            if gap or len(self._unread) >= PAGE or now() >= poll_at or connection.is_closed():
                await self._read(connection, consumer)
                self._read_at = now()
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(poll_at):
                        await self._bell.wait()

    async def _read(self, connection: Connection, consumer: Consumer) -> None:
        """Reads the log to its end."""
        amount = PAGE
        while True:
            last, made_at = self._read_to
            rows = await LOG_AFTER.rows(connection, position=last, amount=amount, bytes=PAGE_BYTES)
            if not rows:  # the row that identifies the log is gone
                await LOG_CHECK_EPOCH.value(connection)
                continue
            if (epoch := rows[0]["epoch"]) != self.epoch:
                await self._begin_anew(connection, epoch, consumer)
                continue
            page = Page.of([row for row in rows if row["position"] != last], epoch, amount)
            if not continues(rows[0], last, made_at) or not self._holds(page, rows[0]):
                _log.error("the log is not the one that was read: an epoch ends", epoch=epoch, position=self.position)
                await LOG_BREAK.value(connection, seen=epoch)
                continue
            amount = page.next_amount
            if page.events:
                self._read_to = (page.events[-1].position, page.events[-1].created_at)
            if events := [event for event in page.events if event.position > self.position]:
                self.position = events[-1].position
                await consumer.take(events, more=page.full)
            if not page.full:
                consumer.caught_up()
                return

    def _holds(self, page: Page, first: asyncpg.Record) -> bool:
        """Whether the log holds what was handed over, as far as this page reaches."""
        if first["used"] < self.position:
            return False
        while self._unread and self._unread[0][0] <= first["floor"]:  # retention has dropped it
            self._unread.popleft()
        for event in page.events[: len(self._unread)]:
            if (event.position, event.created_at) != self._unread.popleft():
                return False
        return page.full or not self._unread

    async def _begin_anew(self, connection: Connection, epoch: str, consumer: Consumer) -> None:
        await self._listen(connection)
        head = await LOG_HEAD.one(connection)
        _log.warning("epoch moved", epoch=epoch, position=head["position"])
        self.epoch, self.position = epoch, head["position"]
        self._read_to = (head["position"], head["created_at"])
        self._unread.clear()
        consumer.begin_anew(epoch, self.position)
