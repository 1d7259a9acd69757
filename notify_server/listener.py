"""Reads the log, in order and without end, on one connection that also LISTENs.

The doorbell (`fechatter_log`) only wakes the reader; what it reads is `position > its own`. So a lost notification
costs latency until the next poll, and never an event. The poll is also what notices a dead connection: it has to be
answered within its time-out, so that a cut without a FIN is noticed within two polls. First connect fails fast;
later ones are tried for ever, with backoff.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress

import asyncpg
import structlog

from chat_core.pool import Connection, connection_options
from chat_core.problems import DATABASE_ERRORS
from chat_core.queries import query
from chat_core.settings import Settings
from notify_server import metrics
from notify_server.events import Event
from notify_server.hub import Hub
from notify_server.pace import Pace

DOORBELL = "fechatter_log"
BATCH = 500
# Events that a server which has just started knows of.
NEWEST = 5000
BACKOFF_SECONDS = (0.1, 5.0)

LOG_AFTER = query("log_after", "position", "amount")
LOG_CHECK_EPOCH = query("log_check_epoch")
LOG_HEAD = query("log_head")
LOG_NEWEST = query("log_newest", "amount")

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

    async def start(self) -> Connection:
        """Connects, and puts the hub at the end of the log, with the newest events in its ring: whoever was cut off by
        a restart comes back to them. Raises what asyncpg raises."""
        connection = await self._connect()
        epoch = await LOG_CHECK_EPOCH.value(connection)
        rows = await LOG_NEWEST.rows(connection, amount=NEWEST)
        newest = [Event.of(row, epoch) for row in rows if row["position"] is not None]
        below: int = rows[0]["below"]
        self._hub.start(epoch, newest[-1].position if newest else below, below, newest)
        self._hub.following = True
        return connection

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
        while True:
            self._bell.clear()
            rows = await LOG_AFTER.rows(connection, position=self._hub.position, amount=BATCH)
            if (epoch := rows[0]["epoch"]) != self._hub.epoch:
                head = await LOG_HEAD.value(connection)
                log.warning("epoch moved", epoch=epoch, position=head)
                self._hub.reset(epoch, head)
                continue
            events = [Event.of(row, epoch) for row in rows if row["position"] is not None]
            steps = self._pace.steps(events)
            for number, step in enumerate(steps, 1):
                self._hub.dispatch(step)
                await self._pace.keep(more=number < len(steps) or len(events) == BATCH)
            if len(events) < BATCH:
                self._hub.following = True  # that was the end: what is in memory is as new as the log
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), self._settings.notify.poll_seconds)
