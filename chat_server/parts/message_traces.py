"""Messages that were posted by traced requests: the span of their COMMIT, and which trace their delivery belongs to.

That is stored beside the writing, in batches, for notify_servers, which ask a moment after they have delivered. Nobody
waits for it; what a crash or a full queue takes is a part of a trace.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

import msgspec
import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.tracing.spans import Spans
from chat_server.parts.post import Post, Posted

PERIOD_SECONDS = 0.25
MOST_WAITING = 10_000
# Links of one span: OpenTelemetry keeps 128.
MOST_LINKS = 100

MESSAGE_TRACES_ADD = query("message_traces_add", "messages", "traceparents")

_log = structlog.get_logger()


class _Identified(msgspec.Struct):
    id: int


class MessageTraces:
    def __init__(self, spans: Spans, pool: Pool) -> None:
        self.spans, self._pool = spans, pool
        self._waiting: deque[tuple[int, str]] = deque(maxlen=MOST_WAITING)

    def committed(self, items: Sequence[object], written: Sequence[object], began_ns: int) -> None:
        """One COMMIT had these messages and acts. Each traced message gets a span of it, which links to the others."""
        ended_ns = time.time_ns()
        of_messages = [
            (item.traceparent, posted)
            for item, posted in zip(items, written, strict=True)
            if isinstance(item, Post) and item.traceparent is not None and isinstance(posted, Posted)
        ]
        size = {"fechatter.batch.size": len(items)}
        for number, (request, posted) in enumerate(of_messages):
            others = [other for place, (other, _) in enumerate(of_messages) if place != number][:MOST_LINKS]
            own = self.spans.done("commit", request, began_ns, ended_ns, size, others)
            if posted.outcome == "created":
                self._waiting.append((msgspec.json.decode(posted.message, type=_Identified).id, own))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            if self._waiting:
                await self._store()

    async def close(self) -> None:
        """Stores and sends what is left."""
        if self._waiting:
            await self._store()
        await asyncio.to_thread(self.spans.close)

    async def _store(self) -> None:
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            await MESSAGE_TRACES_ADD.rows(
                self._pool, messages=[row[0] for row in rows], traceparents=[row[1] for row in rows]
            )
        except DATABASE_ERRORS as error:
            _log.warning("traces of messages are lost", messages=len(rows), error=type(error).__name__)
