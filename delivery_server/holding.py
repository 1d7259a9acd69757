"""The work that delivery_servers share by leases: each holds a part of it, and has a worker for each thing it holds.

A lease is renewed well before it ends. A server that could not renew it stops; what it still sends is known by its key,
and what it still writes names a generation that is over, and is refused.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final, Protocol

import structlog

from chat_core.database.pool import Pool
from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS
from chat_core.waiting import wait_at_most

# Of a lease, after which it is renewed.
RENEW: Final = 1 / 3
LEAVE_SECONDS: Final = 2

_log = structlog.get_logger()


class Held(Protocol):
    """A worker. `generation` is that of what its server holds."""

    generation: int

    def wake(self) -> None: ...

    def hear(self, events: Sequence[Event]) -> None: ...

    def stop(self) -> None: ...

    async def run(self) -> None: ...


class Holding(ABC):
    """Workers have the names that notifications call them by. `leased` and `worked_for` name in the log what leases are
    of, and what a worker is for."""

    leased: ClassVar[str]
    worked_for: ClassVar[str]

    def __init__(self, node: str, pool: Pool, lease_seconds: float) -> None:
        self.node = node
        self._pool, self._lease_seconds = pool, lease_seconds
        self._workers: dict[str, tuple[Held, asyncio.Task[None]]] = {}
        self._look = asyncio.Event()
        # Nothing is held any more once all has been left.
        self._holding = asyncio.Lock()
        self._stopping = False

    @abstractmethod
    async def _hold(self) -> Mapping[str, int]:
        """Takes leases, or renews them: what there is to work for, each with the generation that its writes name."""

    @abstractmethod
    async def _leave(self) -> None:
        """Others may have it all at once."""

    @abstractmethod
    def _hire(self, name: str, generation: int) -> Held: ...

    def hear(self, events: Sequence[Event]) -> None:
        for worker, _ in self._workers.values():
            worker.hear(events)

    def changed(self, name: str) -> None:
        """A notification: what one works for has changed, or another server has left what it held."""
        if name in self._workers:
            self._workers[name][0].wake()
        self._look.set()

    def wake_all(self) -> None:
        """Something may have been missed."""
        for worker, _ in self._workers.values():
            worker.wake()
        self._look.set()

    async def run(self) -> None:
        """Holds until cancelled, or stopped."""
        try:
            await self._keep_holding()
        except asyncio.CancelledError:
            if not self._stopping:
                self._staff({})
            raise

    async def _keep_holding(self) -> None:
        now = asyncio.get_running_loop().time
        held_until = now()
        while not self._stopping:
            asked = now()
            self._look.clear()
            try:
                async with self._holding:
                    if not self._stopping:
                        self._staff(await self._hold())
                held_until = asked + self._lease_seconds
            except DATABASE_ERRORS as error:
                _log.warning(f"{self.leased} cannot be held", error=f"{type(error).__name__}: {error}")
                if now() > held_until:
                    self._lose()
            await wait_at_most(self._lease_seconds * RENEW, self._look)

    async def stop(self, seconds: float) -> None:
        """What is being sent may end within this time; then all is left to others."""
        self._stopping = True
        self._look.set()
        tasks = [task for _, task in self._workers.values()]
        for worker, _ in self._workers.values():
            worker.stop()
        if tasks:
            _log.info("draining", held=self.leased, workers=len(tasks), window_seconds=seconds)
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(LEAVE_SECONDS), self._holding:
                await self._leave()
        except (*DATABASE_ERRORS, TimeoutError) as error:  # the leases end by themselves
            _log.warning(f"{self.leased} cannot be left", error=type(error).__name__)

    def _lose(self) -> None:
        """The leases have ended, for all that is known here."""
        self._staff({})

    def _staff(self, wanted: Mapping[str, int]) -> None:
        """A worker for each of these, of its generation; and no other."""
        self._dismiss(
            [
                name
                for name, (worker, task) in self._workers.items()
                if task.done() or wanted.get(name) != worker.generation
            ]
        )
        if self._stopping:
            return
        for name in wanted.keys() - self._workers.keys():
            worker = self._hire(name, wanted[name])
            task = asyncio.create_task(worker.run(), name=f"{self.worked_for} {name}")
            task.add_done_callback(_tell)
            self._workers[name] = worker, task

    def _dismiss(self, names: Iterable[str]) -> None:
        for name in names:
            worker, task = self._workers.pop(name)
            worker.stop()
            task.cancel()


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a worker failed, and starts again", task=task.get_name(), exc_info=error)
