"""The spans of deliveries: one for each node and traced message, however many streams it went to. It lasts from the
event's time in the log to when the node's sockets have got it.

Which messages are traced is asked a moment later, for all at once: delivering waits for nothing.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS
from chat_core.tracing.spans import Spans

# chat_server has stored the trace of a message by then.
DELAY_SECONDS = 2.0
PERIOD_SECONDS = 0.5
MOST_WAITING = 50_000

MESSAGE_TRACES_OF = query("message_traces_of", "messages")

_log = structlog.get_logger()


class _Delivered(NamedTuple):
    message_id: int
    position: int
    began_ns: int
    ended_ns: int


class Deliveries:
    """A follower of the hub."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans
        self._waiting: deque[_Delivered] = deque(maxlen=MOST_WAITING)

    def follow(self, events: Sequence[Event]) -> None:
        now = time.time_ns()
        for event in events:
            if event.kind == "NewMessage" and event.message_id is not None:
                began = int(event.created_at.timestamp() * 1e9)
                self._waiting.append(_Delivered(event.message_id, event.position, began, now))

    def reset(self) -> None:
        """What was delivered of another history was delivered."""

    def go_on(self) -> None:
        """The history goes on in another epoch, with the same events."""

    async def run(self, pool: Pool) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            due = time.time_ns() - int(DELAY_SECONDS * 1e9)
            delivered = []
            while self._waiting and self._waiting[0].ended_ns <= due:
                delivered.append(self._waiting.popleft())
            if delivered:
                await self._note(pool, delivered)

    async def close(self) -> None:
        await asyncio.to_thread(self._spans.close)

    async def _note(self, pool: Pool, delivered: list[_Delivered]) -> None:
        try:
            rows = await MESSAGE_TRACES_OF.rows(pool, messages=[each.message_id for each in delivered])
        except DATABASE_ERRORS as error:
            _log.warning("traces of deliveries are lost", messages=len(delivered), error=type(error).__name__)
            return
        traces = {row["message_id"]: row["traceparent"] for row in rows}
        for each in delivered:
            if (of := traces.get(each.message_id)) is not None:
                position = {"fechatter.log.position": each.position}
                self._spans.done("deliver", of, each.began_ns, each.ended_ns, position, [of])
