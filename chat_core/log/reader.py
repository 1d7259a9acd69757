"""Reads the log, in order and without end, on one connection that also LISTENs.

Small events arrive with the notification of their commit (handover.py). All others are read: `position > its own`. A
lost notification therefore costs latency until the next poll, and never an event. The poll also detects a dead
connection: it must be answered within its time-out, so a cut without a FIN is noticed within two polls. The first
connect fails fast; later ones are retried forever, with backoff.

Where there is a relay (ADR 91), events are handed over by it as well. While it carries the log, the connection does not
LISTEN.

The log is the truth. Each read begins at the last event that was read before and checks that this event, and each one
that was handed over since, still exists with the same time. If one does not, positions were reused or events were
removed from the log: a new epoch begins, and the consumer is notified.

After a failover the log goes on in an epoch that continues the former one (lineage.py). If everything that was read has
survived, so does the reader; otherwise it goes back to the last event that has.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import asyncpg
import structlog

from chat_core.database.connecting import connect
from chat_core.database.pool import Connection, connection_options
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.log.handover import Handover
from chat_core.log.lineage import Lineage
from chat_core.log.page import PAGE, PAGE_BYTES, Page, continues
from chat_core.log.strict import Strict
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
LOG_LINEAGE = query("log_lineage", "epoch")

_log = structlog.get_logger()


class Consumer(Protocol):
    """The consumer of a reader."""

    async def take(self, events: list[Event], *, more: bool) -> None:
        """The next events, each once and in order. `more`: further ones are waiting."""
        ...

    def begin_anew(self, lineage: Lineage, position: int) -> None:
        """Another history has begun, and is read from this position."""
        ...

    def go_on(self, lineage: Lineage, position: int) -> None:
        """The history goes on in another epoch, from this position: what was taken above it is lost."""
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


class Source(Protocol):
    """What hands events over before they are read."""

    def take(self, epoch: str, position: int) -> tuple[list[Event], bool]:
        """The events that follow a position without a gap, and whether the log has to be read after them."""
        ...


class Relay(Source, Protocol):
    """Another server's reading, which is handed over."""

    def follow(self, ring: Callable[[], None]) -> None:
        """Calls `ring` from now on when there is something to take, or `carries` has changed."""
        ...

    def know(self, channel: str) -> None:
        """The log's channel, whose name only readers of the log know."""
        ...

    @property
    def carries(self) -> bool:
        """Whether it hands over everything: events, and the notifications of the other channels."""
        ...

    def switch(self, *, led: bool) -> None:
        """Notifications are taken from it from now on, or from the database again."""
        ...


class Reader:
    """`heard` maps each other channel to the callback for the text of its notifications. A statement must be answered
    within `answer_seconds`, by default those of a poll."""

    def __init__(
        self,
        database: Database,
        name: str,
        poll_seconds: float,
        heard: Mapping[str, Callable[[str], None]],
        relay: Relay | None = None,
        answer_seconds: float | None = None,
    ) -> None:
        self._database, self._name, self._poll_seconds, self._heard = database, name, poll_seconds, heard
        self._answer_seconds = answer_seconds or poll_seconds
        self._strict = Strict(database)
        self._bell = asyncio.Event()
        self._handover = Handover()
        self._relay = relay
        self._sources: list[Source] = [self._handover]
        # Whether notifications come over the connection, and not over the relay.
        self._listening = False
        # `position` is that of the newest event that the consumer has.
        self.lineage, self.position = Lineage(""), 0
        # The newest event that was read from the log: its position and its time, None if retention has dropped it.
        self._read_to: tuple[int, datetime | None] = (0, None)
        # Likewise each event after it, which was handed over.
        self._unread: deque[tuple[int, datetime]] = deque()
        # Whether a poll is due.
        self._due = False
        self._connection: Connection
        self.channel = ""
        self._connected = False

    @property
    def epoch(self) -> str:
        return self.lineage.epoch

    async def start(self, bound_bytes: int, most: int) -> tuple[int, list[Event]]:
        """Connects, and goes to the end of the log. Returns the newest events, up to about this number and size, and
        the position below which older ones lie. Raises what asyncpg raises."""
        await self.connect()
        below, newest = await self._newest(bound_bytes, most)
        await self._strict.hold(self._connection)
        self.position = newest[-1].position if newest else below
        self._read_to = (self.position, newest[-1].created_at if newest else None)
        return below, newest

    async def connect(self) -> Connection:
        """The connection, which `start` and `start_at_end` make unless it is there. Raises what asyncpg raises."""
        if not self._connected:
            if self._relay is not None:
                self._relay.follow(self._bell.set)
                self._sources.append(self._relay)
            self._connection = await self._connect()
            self._connected = True
            self.lineage, _ = await _lineage(self._connection, "")
        return self._connection

    async def start_at_end(self) -> None:
        """Likewise, without any event."""
        connection = await self.connect()
        head = await LOG_HEAD.one(connection)
        self.position, self._read_to = head["position"], (head["position"], head["created_at"])

    def close(self) -> None:
        """For one that was started; `run` does so itself."""
        if self._connected:
            self._connection.terminate()

    async def _newest(self, room: int, most: int) -> tuple[int, list[Event]]:
        newest: list[Event] = []
        below, amount = END, PAGE
        while True:
            rows = await LOG_BEFORE.rows(self._connection, position=below, amount=amount, bytes=PAGE_BYTES)
            page = Page.of(rows, self.lineage, amount)
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
                await self.follow(consumer)
            except DATABASE_ERRORS as error:
                _log.warning("log connection lost", error=type(error).__name__, position=self.position)
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

    async def follow(self, consumer: Consumer) -> None:
        """Follows the log until the connection is lost: raises what asyncpg raises."""
        try:
            await self._follow(self._connection, consumer)
        finally:
            consumer.lost()
            self._connection.terminate()

    async def _connect(self) -> Connection:
        options = connection_options(self._database, self._name)
        connection: Connection = await connect(**{**options, "command_timeout": self._answer_seconds})
        try:
            await LOG_CHECK_EPOCH.value(connection)
            self.channel = ""
            await self._listen_to_all(connection)
            connection.add_termination_listener(lambda _: self._bell.set())
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _listen_to_all(self, connection: Connection) -> None:
        self._listening = True
        await self._listen(connection)
        for channel in self._heard:
            await connection.add_listener(channel, self._hear)

    async def _listen(self, connection: Connection) -> None:
        """Listens to the log, whose channel changes if its state was lost."""
        self._handover.forget()
        channel = await LOG_CHANNEL.value(connection)
        if channel is not None and channel != self.channel:
            if self._listening:
                await connection.add_listener(channel, self._ring)
            self.channel = channel
            if self._relay is not None:
                self._relay.know(channel)

    async def _choose(self, connection: Connection, consumer: Consumer) -> None:
        """LISTENs unless the relay carries the log. Nothing falls between the two: for a moment both are heard."""
        if self._relay is None:
            return
        if self._listening and not self._relay.carries:
            self._relay.switch(led=False)  # a new connection listens from its beginning
        if self._relay.carries is not self._listening:
            return
        if self._listening:
            self._relay.switch(led=True)
            self._listening = False
            await connection.remove_listener(self.channel, self._ring)
            for channel in self._heard:
                await connection.remove_listener(channel, self._hear)
            # What was handed over is checked; from here on the leader does that.
            await self._read(connection, consumer)
        else:
            self.channel = ""
            await self._listen_to_all(connection)
            self._relay.switch(led=False)  # what was missed is read now: nothing falls between that and the LISTEN

    def _ring(self, _connection: object, _pid: int, _channel: str, text: object) -> None:
        self._handover.hear(str(text))
        self._bell.set()

    def _hear(self, _connection: object, _pid: int, channel: str, text: object) -> None:
        self._heard[channel](str(text))

    async def _follow(self, connection: Connection, consumer: Consumer) -> None:
        poll: asyncio.TimerHandle | None = None
        self._due = True
        try:
            while True:
                self._bell.clear()
                await self._choose(connection, consumer)
                gap = False
                for source in self._sources:
                    events, lacking = source.take(self.epoch, self.position)
                    gap = gap or lacking
                    if events:
                        await self._strict.hold(connection)
                        self._move_to(events)
                        await consumer.take(events, more=gap)
                if gap or len(self._unread) >= PAGE or self._due or connection.is_closed():
                    await self._read(connection, consumer)
                    if poll is not None:
                        poll.cancel()
                    self._due = False
                    poll = asyncio.get_running_loop().call_later(self._poll_seconds, self._poll)
                else:
                    await self._bell.wait()
        finally:
            if poll is not None:
                poll.cancel()

    def _poll(self) -> None:
        self._due = True
        self._bell.set()

    def _move_to(self, events: list[Event]) -> None:
        """To the last of these, which were handed over."""
        self.position = events[-1].position
        if self._listening:
            self._unread += [(event.position, event.created_at) for event in events]
        else:  # the leader has read them, or will, and a poll asks for the last of them
            self._read_to = (self.position, events[-1].created_at)

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
                await self._change_epoch(connection, consumer)
                continue
            page = Page.of([row for row in rows if row["position"] != last], self.lineage, amount)
            if not continues(rows[0], last, made_at) or not self._holds(page, rows[0]):
                _log.error("the log is not the one that was read: an epoch ends", epoch=epoch, position=self.position)
                await LOG_BREAK.value(connection, seen=epoch)
                continue
            amount = page.next_amount
            events = [event for event in page.events if event.position > self.position]
            if events:
                await self._strict.hold(connection)
            if page.events:
                self._read_to = (page.events[-1].position, page.events[-1].created_at)
            if events:
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

    async def _change_epoch(self, connection: Connection, consumer: Consumer) -> None:
        await self._listen(connection)
        lineage, last_at = await _lineage(connection, self.epoch)
        last = lineage.last(self.epoch)
        if last is None:
            head = await LOG_HEAD.one(connection)
            _log.warning("epoch moved", epoch=lineage.epoch, position=head["position"])
            self.lineage = lineage
            self._go_to(head["position"], head["created_at"])
            consumer.begin_anew(lineage, self.position)
            return
        _log.warning("the log goes on", epoch=lineage.epoch, last=last, lost=max(0, self.position - last))
        self.lineage = lineage
        if self.position > last:
            self._go_to(last, last_at)
        consumer.go_on(lineage, self.position)

    def _go_to(self, position: int, made_at: datetime | None) -> None:
        self.position, self._read_to = position, (position, made_at)
        self._unread.clear()


async def _lineage(connection: Connection, epoch: str) -> tuple[Lineage, datetime | None]:
    """The lineage of the log, and when the last event of an epoch was made."""
    await LOG_CHECK_EPOCH.value(connection)
    row = await LOG_LINEAGE.one(connection, epoch=epoch)
    return Lineage.of(row["epoch"], row["ended"], row["lasts"]), row["last_at"]
