"""Tells the database which streams are open here, so that an operator sees in psql who is online and where.

Once a second, and only what has changed: opening a thousand streams is one query. Delivery never depends on it.
"""

import asyncio
import secrets
from collections.abc import Callable

import msgspec
import structlog

from chat_core.pool import Pool
from chat_core.problems import DATABASE_ERRORS
from chat_core.queries import query
from notify_server.stream import Stream

STREAMS_REPORT = query("streams_report", "node", "opened", "closed")
INTERVAL_SECONDS = 1.0
# Without any change, a sign of life this often; the database forgets a node after a minute.
ALIVE_SECONDS = 10

log = structlog.get_logger()


class Registry:
    """`node` names this process; a stream is `node` and its number."""

    def __init__(self, open_streams: Callable[[], list[Stream]]) -> None:
        self.node = secrets.token_hex(4)
        self._open_streams = open_streams
        self._opened: dict[int, Stream] = {}
        self._closed: set[int] = set()

    def opened(self, stream: Stream) -> None:
        self._opened[stream.number] = stream

    def closed(self, stream: Stream) -> None:
        if self._opened.pop(stream.number, None) is None:
            self._closed.add(stream.number)

    async def run(self, pool: Pool) -> None:
        """Reports until cancelled. What could not be told is told at the next turn."""
        quiet = ALIVE_SECONDS
        while True:
            if self._opened or self._closed or quiet >= ALIVE_SECONDS:
                quiet = 0
                opened, closed = self._opened, self._closed
                self._opened, self._closed = {}, set()
                try:
                    known = await self._report(pool, opened, closed)
                except DATABASE_ERRORS as error:
                    log.debug("streams not reported", error=type(error).__name__)
                    known = False
                if not known:
                    self._opened = {stream.number: stream for stream in self._open_streams()}
                    self._closed |= closed
            quiet += 1
            await asyncio.sleep(INTERVAL_SECONDS)

    async def _report(self, pool: Pool, opened: dict[int, Stream], closed: set[int]) -> bool:
        rows = [
            {
                "stream": stream.number,
                "user_id": stream.user_id,
                "session_id": stream.session_id,
                "address": stream.address,
                "opened_at": stream.opened_at,
            }
            for stream in opened.values()
        ]
        known: bool = await STREAMS_REPORT.value(
            pool, node=self.node, opened=msgspec.json.encode(rows).decode(), closed=list(closed)
        )
        return known
