"""Nodes: readers of the log as each notify_server has one, with a relay or without; without streams, so that many fit
into this one process. What they cost Postgres is what as many servers would."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from chat_core.log.event import Event
from chat_core.log.lineage import Lineage
from chat_core.log.reader import Reader
from chat_core.settings import Database, Nats, Notify, Settings
from notify_server.relay.relay import Relay

# Those of a notify_server, besides the log's.
CHANNELS = (
    "fechatter_control",
    "fechatter_ephemeral",
    "fechatter_boards",
    "fechatter_pages",
    "fechatter_document_presence",
)
LED_SECONDS = 30


class Node:
    """One reader, and what it got: the number of events, whether each was the next, and how old they were."""

    def __init__(self, settings: Settings) -> None:
        heard = dict.fromkeys(CHANNELS, _ignore)
        self.relay = Relay(settings, heard, lambda _: None) if settings.nats.servers else None
        self.reader = Reader(settings.database, "bench node", Notify().poll_seconds, heard, self.relay)
        self.positions: list[int] = []
        self.delays: list[float] = []

    async def start(self) -> list[asyncio.Task[None]]:
        if self.relay is not None:
            await self.relay.start()
        await self.reader.start_at_end()
        tasks = [asyncio.create_task(self.reader.run(self))]
        if self.relay is not None:
            tasks.append(asyncio.create_task(self.relay.run()))
        return tasks

    async def take(self, events: list[Event], *, more: bool) -> None:
        now = time.time()
        self.positions += [event.position for event in events]
        self.delays += [now - event.created_at.timestamp() for event in events]

    def begin_anew(self, lineage: Lineage, position: int) -> None:
        raise RuntimeError("an epoch has ended in a benchmark")

    go_on = begin_anew

    def caught_up(self) -> None: ...

    def lost(self) -> None: ...

    def back(self, silent_seconds: float) -> None: ...


class LogNodes:
    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, url: str, nats: str | None, amount: int) -> Any:
        """Returns once each reads the log; with NATS, once each is led."""
        settings = Settings(database=Database(url=url), nats=Nats(servers=[nats] if nats else []))  # type: ignore[arg-type]
        self._nodes = [Node(settings) for _ in range(amount)]
        for tasks in await asyncio.gather(*(node.start() for node in self._nodes)):
            self._tasks += tasks
        await _until(lambda: all(node.relay is None or node.relay.is_led for node in self._nodes))
        return {}

    async def mark(self) -> Any:
        for node in self._nodes:
            node.positions.clear()
            node.delays.clear()
        return {}

    async def reached(self, position: int) -> Any:
        """Waits until each node is there: the ages of all events, and the numbers of nodes that got others."""
        await _until(lambda: all(node.reader.position >= position for node in self._nodes))
        first = self._nodes[0].positions if self._nodes else []
        wrong = [node.positions != first or node.positions != sorted(set(node.positions)) for node in self._nodes]
        return {
            "delays": [delay for node in self._nodes for delay in node.delays],
            "wrong": sum(wrong),
            "got": len(first),
        }

    async def close(self) -> Any:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for node in self._nodes:
            node.reader.close()
        self._nodes, self._tasks = [], []
        return {}


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(LED_SECONDS):
        while True:
            if done():
                return
            await asyncio.sleep(0.02)


def _ignore(_: str) -> None:
    """Nobody is here."""


if __name__ == "__main__":
    import logging

    import structlog
    import uvloop

    from bench.load.commands import obey

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    uvloop.run(obey(LogNodes()))
