"""Reports the open streams and boards' sockets of this node to the database, which computes who is online, for all
nodes together (sql/functions/presence/presence.sql), and shows it to operators in psql.

Reports are sent at most once a second, with only the changes: opening a thousand streams is one query. The same
transaction publishes the resulting presence, so a published presence can always be looked up. Delivery of the log never
depends on it.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import msgspec
import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Notify
from notify_server.fan_out.hub import Hub
from notify_server.streams.stream import Stream

STREAMS_REPORT = query(
    "streams_report",
    *("node", "opened", "closed", "again", "grace_seconds", "life_seconds", "missed_seconds", "hears", "waiting"),
)
INTERVAL_SECONDS = 1.0
# Reports within the time that a node may be silent, when there is nothing to report.
SIGNS_OF_LIFE = 3
# How long before something was to come it may have been published.
MARGIN_SECONDS = 1.0
LAST_REPORT_SECONDS = 2.0

log = structlog.get_logger()


class ToAll(Protocol):
    """A way to all nodes beside the database."""

    @property
    def is_led(self) -> bool:
        """Whether this node hears what is told there."""
        ...

    async def tell(self, texts: list[str]) -> None:
        """Sends these notifications, or not."""
        ...

    def lost_seconds(self) -> float:
        """How long ago something was told that has not come back; 0 if all has."""
        ...


class Registry:
    """`node` names this process; a stream is `node` and its number. `open` has all of them by their numbers; `waiting`
    says how many wait to be let in."""

    def __init__(self, hub: Hub, settings: Notify, waiting: Callable[[], int] = lambda: 0) -> None:
        self.node = secrets.token_hex(4)
        self.open: dict[int, Stream] = {}
        self._hub, self._settings, self._waiting = hub, settings, waiting
        self._opened: dict[int, Stream] = {}
        self._closed: set[int] = set()
        # Since when something may not have been received, in the loop's time.
        self._missed_since: float | None = None
        self._to_all: ToAll | None = None
        self._reported_hearing = False

    def over(self, to_all: ToAll) -> None:
        """Publishes presence that way where all nodes hear it."""
        self._to_all = to_all

    @property
    def _hears(self) -> bool:
        return self._to_all is not None and self._to_all.is_led

    def opened(self, stream: Stream) -> None:
        self.open[stream.number] = self._opened[stream.number] = stream

    def closed(self, stream: Stream) -> None:
        del self.open[stream.number]
        if self._opened.pop(stream.number, None) is None:
            self._closed.add(stream.number)

    def missed(self, seconds: float) -> None:
        """Nothing has been received from others for this long: have presence published again."""
        self._missed_from(asyncio.get_running_loop().time() - seconds - MARGIN_SECONDS)

    def _missed_from(self, since: float) -> None:
        self._missed_since = since if self._missed_since is None else min(self._missed_since, since)

    async def run(self, pool: Pool) -> None:
        """Reports until cancelled."""
        now, due = asyncio.get_running_loop().time, 0.0
        while True:
            if self._to_all is not None and (lost := self._to_all.lost_seconds()):
                self.missed(lost)
            if self._has_news or now() >= due:
                leaves_in = await self._report(pool)
                due = now() + min(self._settings.node_timeout_seconds / SIGNS_OF_LIFE, leaves_in)
            await asyncio.sleep(INTERVAL_SECONDS)

    @property
    def _has_news(self) -> bool:
        return (
            bool(self._opened or self._closed or self._hub.tell_again)
            or self._missed_since is not None
            or self._hears is not self._reported_hearing
        )

    async def last_report(self, pool: Pool) -> None:
        """Reports that all streams have closed: users who do not reconnect elsewhere are soon offline."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._report(pool), LAST_REPORT_SECONDS)

    async def _report(self, pool: Pool) -> float:
        """Returns the seconds until the next report is due in any case. A failed report is retried with the next
        one."""
        opened, self._opened = self._opened, {}
        closed, self._closed = self._closed, set()
        again, self._hub.tell_again = self._hub.tell_again, set()
        missed_since, self._missed_since = self._missed_since, None
        hears, began = self._hears, asyncio.get_running_loop().time()
        missed = 0.0 if missed_since is None else began - missed_since
        try:
            answer = await STREAMS_REPORT.one(
                pool,
                node=self.node,
                opened=msgspec.json.encode([_row(stream) for stream in opened.values()]).decode(),
                closed=list(closed),
                again=list(again),
                grace_seconds=self._settings.presence_grace_seconds,
                life_seconds=self._settings.node_timeout_seconds,
                missed_seconds=missed,
                hears=hears,
                waiting=self._waiting(),
            )
        except DATABASE_ERRORS as error:
            log.debug("streams not reported", error=type(error).__name__)
            self._hub.tell_again |= again
            if missed_since is not None:
                self._missed_from(missed_since)
            if hears:  # if there was a COMMIT after all, nobody has been told
                self.missed(asyncio.get_running_loop().time() - began)
            known, leaves_in = False, 0.0
        else:
            known, leaves_in = answer["known"], answer["leaves_in"]
            self._reported_hearing = hears
            if self._to_all is not None and answer["told"]:
                await self._to_all.tell(answer["told"])
        if not known:
            self._opened = self.open.copy()
            self._closed |= closed
        return float("inf") if leaves_in is None else leaves_in


def _row(stream: Stream) -> dict[str, object]:
    return {
        "stream": stream.number,
        "user_id": stream.user_id,
        "session_id": stream.session_id,
        "address": stream.address,
        "transport": stream.framing.name,
        "opened_at": stream.opened_at,
    }
