"""This server's share of the subscriptions: it holds shards by leases, and has a worker for each subscription in them.

A lease is renewed well before it ends. A server that could not renew it stops; what it still sends is known by its key,
and what it still writes names a generation that is over, and is refused.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS
from delivery_server import metrics
from delivery_server.worker import Worker

# Of a lease, after which it is renewed.
RENEW: Final = 1 / 3

SHARDS_HOLD = query("shards_hold", "node", "lease_seconds")
SHARDS_LEAVE = query("shards_leave", "node")
SUBSCRIPTIONS_OF_SHARDS = query("subscriptions_of_shards", "shards")

_log = structlog.get_logger()

# Makes the worker of a subscription, for a generation of its shard.
Hire = Callable[[int, int], Worker]


class Share:
    """`some` is set while there is a subscription to work for."""

    def __init__(self, pool: Pool, lease_seconds: float, hire: Hire) -> None:
        self.node = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.some = asyncio.Event()
        self.none = asyncio.Event()
        self.none.set()
        self._pool, self._lease_seconds, self._hire = pool, lease_seconds, hire
        self._workers: dict[int, tuple[Worker, asyncio.Task[None]]] = {}
        self._shards: dict[int, int] = {}
        self._look = asyncio.Event()
        # Nothing is held any more once the shards have been left.
        self._holding = asyncio.Lock()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._workers)

    def hear(self, events: Sequence[Event]) -> None:
        for worker, _ in self._workers.values():
            worker.hear(events)

    def changed(self, text: str) -> None:
        """A notification: a subscription has changed, or shards have been left."""
        known = self._workers.get(int(text)) if text.isascii() and text.isdecimal() else None
        if known is not None:
            known[0].wake()
        self._look.set()

    def wake_all(self) -> None:
        """Something may have been missed."""
        for worker, _ in self._workers.values():
            worker.wake()
        self._look.set()

    async def run(self) -> None:
        """Holds shards until cancelled, or stopped."""
        now = asyncio.get_running_loop().time
        held_until = now()
        while not self._stopping:
            asked = now()
            try:
                async with self._holding:
                    if not self._stopping:
                        rows = await SHARDS_HOLD.rows(self._pool, node=self.node, lease_seconds=self._lease_seconds)
                        self._shards = {row["shard"]: row["generation"] for row in rows}
                        held_until = asked + self._lease_seconds
                        await self._staff()
            except DATABASE_ERRORS as error:
                _log.warning("shards cannot be held", error=f"{type(error).__name__}: {error}")
                if now() > held_until:
                    self._shards = {}
                    self._dismiss(set(self._workers))
            metrics.shards.set(len(self._shards))
            metrics.subscriptions.set(len(self._workers))
            self._look.clear()
            try:
                async with asyncio.timeout(self._lease_seconds * RENEW):
                    await self._look.wait()
            except TimeoutError:
                pass

    async def stop(self, seconds: float) -> None:
        """What is being sent may end within this time; then the shards are left to others."""
        self._stopping = True
        self._look.set()
        tasks = [task for _, task in self._workers.values()]
        for worker, _ in self._workers.values():
            worker.stop()
        if tasks:
            _log.info("draining", subscriptions=len(tasks), window_seconds=seconds)
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(2), self._holding:
                await SHARDS_LEAVE.row(self._pool, node=self.node)
        except (*DATABASE_ERRORS, TimeoutError) as error:  # the lease ends by itself
            _log.warning("shards cannot be left", error=type(error).__name__)

    async def _staff(self) -> None:
        """A worker for each subscription in our shards, of their generation; and no other."""
        rows = await SUBSCRIPTIONS_OF_SHARDS.rows(self._pool, shards=list(self._shards)) if self._shards else []
        wanted = {row["id"]: self._shards[row["id"] % 16] for row in rows}
        over = {
            number
            for number, (worker, task) in self._workers.items()
            if task.done() or wanted.get(number) != worker.generation
        }
        self._dismiss(over)
        if self._stopping:
            return
        for number in wanted.keys() - self._workers.keys():
            worker = self._hire(number, wanted[number])
            self._workers[number] = worker, asyncio.create_task(worker.run(), name=f"subscription {number}")
            self._workers[number][1].add_done_callback(_tell)
        (self.some if self._workers else self.none).set()
        (self.none if self._workers else self.some).clear()

    def _dismiss(self, numbers: set[int]) -> None:
        for number in numbers:
            worker, task = self._workers.pop(number)
            worker.stop()
            if task.done():
                continue
            task.cancel()


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a subscription's worker failed, and starts again", task=task.get_name(), exc_info=error)
