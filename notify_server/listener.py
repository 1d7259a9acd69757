"""Reads the log, in order and without end, on one connection that also LISTENs.

The doorbell (`fechatter_log`) only wakes the reader; what it reads is `position > its own`. So a lost notification
costs latency until the next poll, and never an event. The poll is also what notices a dead connection: it has to be
answered within its time-out, so that a cut without a FIN is noticed within two polls. First connect fails fast;
later ones are tried for ever, with backoff.

Each read also asks whether the event that was read last is still there, made at the same moment. Where it is not,
positions have been used again or events were taken out of the log: a new epoch begins, and every client gets a reset.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import asyncpg
import structlog

from chat_core.pool import Connection, connection_options
from chat_core.problems import DATABASE_ERRORS
from chat_core.queries import query
from chat_core.settings import Settings
from notify_server import metrics
from notify_server.events import Event
from notify_server.hub import Hub
from notify_server.log_page import PAGE, PAGE_BYTES, Page, continues
from notify_server.pace import Pace

DOORBELL = "fechatter_log"
# Events that a server which has just started knows of, where the ring has room for so many.
NEWEST = 5000
# Above every position.
END = 2**63 - 1
BACKOFF_SECONDS = (0.1, 5.0)

LOG_AFTER = query("log_after", "position", "amount", "bytes")
LOG_BEFORE = query("log_before", "position", "amount", "bytes")
LOG_BREAK = query("log_break", "seen")
LOG_CHECK_EPOCH = query("log_check_epoch")
LOG_HEAD = query("log_head")

log = structlog.get_logger()


class Listener:
    """Feeds a hub. `heard` has for each other channel what gets the text of its notifications; `missed` is told for how
    long there were none to hear."""

    def __init__(
        self, settings: Settings, hub: Hub, heard: Mapping[str, Callable[[str], None]], missed: Callable[[float], None]
    ) -> None:
        self._settings, self._hub, self._heard, self._missed = settings, hub, heard, missed
        self._pace = Pace(hub, settings.notify.buffer_bytes)
        self._bell = asyncio.Event()
        # When the event at the hub's position was made; None where retention has dropped it.
        self._made_at: datetime | None = None

    async def start(self) -> Connection:
        """Connects, and puts the hub at the end of the log, with the newest events in its ring: whoever was cut off by
        a restart comes back to them. Raises what asyncpg raises."""
        connection = await self._connect()
        epoch = await LOG_CHECK_EPOCH.value(connection)
        below, newest = await self._newest(connection, epoch)
        self._hub.start(epoch, newest[-1].position if newest else below, below, newest)
        self._made_at = newest[-1].created_at if newest else None
        self._hub.following = True
        return connection

    async def _newest(self, connection: Connection, epoch: str) -> tuple[int, list[Event]]:
        """The newest events, as many as the ring holds, and the position below which older ones lie."""
        newest: list[Event] = []
        room, below, amount = self._settings.notify.ring_bytes, END, PAGE
        while True:
            rows = await LOG_BEFORE.rows(connection, position=below, amount=amount, bytes=PAGE_BYTES)
            page = Page.of(rows, epoch, amount)
            newest += page.events
            room -= sum(len(event.frame) for event in page.events)
            if not page.full:
                return rows[0]["floor"], newest[::-1]
            below = newest[-1].position
            if room <= 0 or len(newest) >= NEWEST:
                return below - 1, newest[::-1]
            amount = page.next_amount

    async def run(self, connection: Connection) -> None:
        """Follows the log until cancelled, over as many connections as it takes."""
        wait = BACKOFF_SECONDS[0]
        now = asyncio.get_running_loop().time
        while True:
            try:
                await self._follow(connection)
            except DATABASE_ERRORS as error:
                log.warning("log connection lost", error=type(error).__name__, position=self._hub.position)
            finally:
                self._hub.following = False
                connection.terminate()
            metrics.listen_reconnects.inc()
            # A connection may have been dead for two polls before that was noticed.
            silent_since = now() - 2 * self._settings.notify.poll_seconds
            while connection.is_closed():
                try:
                    connection = await self._connect()
                    wait = BACKOFF_SECONDS[0]
                    self._missed(now() - silent_since)
                    log.info("log connection made", position=self._hub.position)
                except DATABASE_ERRORS:
                    await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                    wait = min(wait * 2, BACKOFF_SECONDS[1])

    async def _connect(self) -> Connection:
        options = connection_options(self._settings.database, "fechatter notify log")
        connection: Connection = await asyncpg.connect(
            **{**options, "command_timeout": self._settings.notify.poll_seconds}
        )
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

    async def _follow(self, connection: Connection) -> None:
        await LOG_CHECK_EPOCH.value(connection)
        amount = PAGE
        while True:
            self._bell.clear()
            position = self._hub.position
            rows = await LOG_AFTER.rows(connection, position=position, amount=amount, bytes=PAGE_BYTES)
            if not rows:  # somebody has taken away what says which log this is
                await LOG_CHECK_EPOCH.value(connection)
                continue
            if (epoch := rows[0]["epoch"]) != self._hub.epoch:
                await self._begin_anew(connection, epoch)
                continue
            if not continues(rows[0], position, self._made_at):
                log.error("the log is not the one that was read: an epoch ends", epoch=epoch, position=position)
                await LOG_BREAK.value(connection, seen=epoch)
                continue
            page = Page.of([row for row in rows if row["position"] != position], epoch, amount)
            amount = page.next_amount
            if page.events:
                self._made_at = page.events[-1].created_at
            steps = self._pace.steps(page.events)
            for number, step in enumerate(steps, 1):
                self._hub.dispatch(step)
                await self._pace.keep(more=number < len(steps) or page.full)
            if not page.full:
                self._hub.following = True  # that was the end: what is in memory is as new as the log
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), self._settings.notify.poll_seconds)

    async def _begin_anew(self, connection: Connection, epoch: str) -> None:
        head = await LOG_HEAD.one(connection)
        log.warning("epoch moved", epoch=epoch, position=head["position"])
        self._made_at = head["created_at"]
        self._hub.reset(epoch, head["position"])
