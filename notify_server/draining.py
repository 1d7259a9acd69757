"""A server that stops: it says so first, then everybody leaves, no faster than other servers can take them (ADR 96).

1. /health/ready answers 503, and all else goes on, for `notify.unready_seconds`.
2. Nobody is let in any more. Those who are here leave, chosen at random, each with a delay of their own after which to
   come back: `notify.drain_streams_per_second` for each server that takes them, shared with the others that stop. The
   more of those who left wait there, the fewer go, until the time would not suffice for the rest at the full rate.
   Nobody is here longer than `notify.drain_seconds`.
3. Whoever has not read the end by then is cut off.
"""

import asyncio
import math
import random
from collections.abc import Callable, Collection
from contextlib import suppress

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Notify
from notify_server.streams.framing import DOCUMENTS
from notify_server.streams.stream import Stream

NODE_STOPS = query("node_stops", "node")
# How often some leave, how often is asked who takes them, and how long the answer may take.
TICK_SECONDS = 0.02
ASK_EVERY_SECONDS = 1.0
ANSWER_SECONDS = 1.0
# The work that waits at those who take them when nobody else goes, in seconds at the rate at which they are meant to.
BEHIND_SECONDS = 2.0
# The part of the time in which streams are closed, at least. In the rest, at most so long, clients read the end.
CLOSING_SHARE = 0.8
READING_SECONDS = 5.0

log = structlog.get_logger()


class Draining:
    """One per server. `has_begun`: it is no longer ready. `here`: everybody's streams and sockets."""

    def __init__(self, settings: Notify, node: str, pool: Pool, here: Callable[[], Collection[Stream]]) -> None:
        self.has_begun = False
        self._settings, self._node, self._pool, self._here = settings, node, pool, here

    async def announce(self) -> None:
        """Returns when load balancers have had the time to notice."""
        self.has_begun = True
        await self._ask_who_takes_them()  # the others that stop count us from now on
        await asyncio.sleep(self._settings.unready_seconds)

    async def see_off(self) -> None:
        """Returns when everybody has been told to leave, or the time is over."""
        now = asyncio.get_running_loop().time
        window = self._settings.drain_seconds
        ends = now() + max(window * CLOSING_SHARE, window - READING_SECONDS)
        log.info("draining", streams=len(self._staying()), at_most_seconds=window)
        while leaving := self._staying():
            random.shuffle(leaving)
            takers, waiting = await self._ask_who_takes_them()
            meant = self._settings.drain_streams_per_second * takers
            asked, gone = now(), 0
            latest = ends - len(leaving) / meant  # when they have to begin to leave at the full rate
            if asked < latest:
                per_second = max(0.0, meant - waiting / BEHIND_SECONDS)
                ask_at = min(asked + ASK_EVERY_SECONDS, latest)
            else:
                per_second = len(leaving) / max(ends - asked, TICK_SECONDS)
                ask_at = asked + ASK_EVERY_SECONDS
            while leaving and now() < ask_at:
                due = min(math.ceil((now() - asked) * per_second) - gone, len(leaving))
                for _ in range(due):
                    self._send_away(leaving.pop())
                gone += due
                await asyncio.sleep(TICK_SECONDS)

    def _staying(self) -> list[Stream]:
        return [stream for stream in self._here() if not stream.reason]

    def _send_away(self, stream: Stream) -> None:
        if stream.framing.name in DOCUMENTS:  # whose protocols have no word for it
            stream.close("shutdown")
            return
        retry = int(self._settings.retry_milliseconds * random.uniform(0.5, 1.5))
        stream.close("shutdown", stream.framing.retry(retry))

    async def _ask_who_takes_them(self) -> tuple[float, float]:
        """How many servers take ours, and how many streams wait there to be let in: those that go on, divided among
        those that stop. If nobody goes on, or the database does not say, one takes them, where nobody waits: somebody
        will come."""
        with suppress(TimeoutError, *DATABASE_ERRORS):
            async with asyncio.timeout(ANSWER_SECONDS):
                nodes = await NODE_STOPS.one(self._pool, node=self._node)
                stopping = max(1, nodes["stopping"])
                return max(1, nodes["going_on"]) / stopping, float(nodes["waiting"] / stopping)
        return 1.0, 0.0
