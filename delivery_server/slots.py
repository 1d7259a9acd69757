"""Slots for requests: a server sends a limited number at a time, and fewer of one workspace, however many subscriptions
and slow receivers it has. Whatever waits for a slot has not been sent yet, so waiting is no attempt."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

# Requests at a time: of one workspace, and of a server.
OF_A_WORKSPACE: Final = 24
AT_A_TIME: Final = 240


class Slots:
    def __init__(self, of_a_workspace: int = OF_A_WORKSPACE, at_a_time: int = AT_A_TIME) -> None:
        self._of_a_workspace = of_a_workspace
        self._all = _Semaphore(at_a_time)
        self._workspaces: dict[int, _Semaphore] = {}

    @asynccontextmanager
    async def take(self, workspace: int, requests: int) -> AsyncIterator[bool]:
        """So many slots of a workspace, and whether they were waited for."""
        own = self._workspaces.setdefault(workspace, _Semaphore(self._of_a_workspace))
        waited = await own.take(requests)
        try:
            waited = await self._all.take(requests) or waited
            try:
                yield waited
            finally:
                self._all.give(requests)
        finally:
            own.give(requests)
            if own.idle:
                self._workspaces.pop(workspace, None)


class _Semaphore:
    """A semaphore of which several are taken at once, first come, first served."""

    def __init__(self, amount: int) -> None:
        self._amount = self._free = amount
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def idle(self) -> bool:
        return self._free == self._amount and not self._waiting

    async def take(self, wanted: int) -> bool:
        """Whether it had to wait."""
        if not self._waiting and wanted <= self._free:
            self._free -= wanted
            return False
        granted = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.give(wanted)
            else:
                granted.cancel()
                self._grant()
            raise
        return True

    def give(self, amount: int) -> None:
        self._free += amount
        self._grant()

    def _grant(self) -> None:
        while self._waiting and (self._waiting[0][1].cancelled() or self._waiting[0][0] <= self._free):
            wanted, granted = self._waiting.popleft()
            if not granted.cancelled():
                self._free -= wanted
                granted.set_result(None)
