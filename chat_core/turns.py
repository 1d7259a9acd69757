"""Turns at work that only a few may do at the same time: hashing passwords, loading documents, reading large updates.

A caller has a name (a user's id, an address). Of each name a limited number run and a few wait, and names take turns by
rotation: a caller with twenty requests waits for everyone else once in between, and the others never wait for all
twenty.
"""

import asyncio
import random
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from chat_core.problems import Problem, soon

RETRY_AFTER_SECONDS = 2
# Refusing a name takes this long, from and to, so that a client that asks again at once does not keep the event loop
# busy with refusals; of varying length, so that a hundred of its requests do not come back as one burst.
REFUSAL_SECONDS = (0.5, 1.5)


class Turns:
    """`what` names the work in the text of a refusal. `at_once` callers run, `each` of them of one name;
    `waiting_each` of one name may wait (None: as many as in total), and `waiting_all` in total."""

    def __init__(
        self, what: str, at_once: int, *, waiting_all: int, waiting_each: int | None = None, each: int = 1
    ) -> None:
        self._what, self._free, self._each = what, at_once, each
        self._waiting_each, self._waiting_all = waiting_each, waiting_all
        self._running: Counter[Hashable] = Counter()
        self._queues: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        self.waiting = 0
        # Since when no slot has been free, in the loop's time; None: one is.
        self.full_since: float | None = None

    @asynccontextmanager
    async def turn(self, name: Hashable) -> AsyncIterator[None]:
        """Raises the same as `admit`."""
        await self.admit(name)
        if self._has_to_wait(name):
            await self._wait(name)
        else:
            self._begin(name)
        try:
            yield
        finally:
            self._end(name)

    async def admit(self, name: Hashable) -> None:
        """Raises Problem 429 if too many of this name are waiting, 503 if too many wait in total."""
        if not self._has_to_wait(name):
            return
        if self._waiting_each is not None and len(self._queues.get(name, ())) >= self._waiting_each:
            await asyncio.sleep(random.uniform(*REFUSAL_SECONDS))
            detail = f"You already have the maximum number of {self._what} waiting; try again shortly."
            raise Problem(
                429,
                "rate_limited",
                detail,
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
                extra={"limit": self._what, "retry_after": RETRY_AFTER_SECONDS},
            )
        if self.waiting >= self._waiting_all:
            detail = f"Too many requests are waiting for {self._what} right now; try again shortly."
            raise Problem(503, "overloaded", detail, headers={"Retry-After": soon()})

    def _has_to_wait(self, name: Hashable) -> bool:
        # If a slot is free, every waiting name already has its maximum running.
        return not self._free or self._running[name] >= self._each

    async def _wait(self, name: Hashable) -> None:
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(name, deque()).append(called)
        self.waiting += 1
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():  # it was called in the same moment
                self._end(name)
            elif called in self._queues.get(name, ()):  # else a turn that ended in the same moment has dropped it
                self._forget(name, called)
            raise

    def _begin(self, name: Hashable) -> None:
        self._free -= 1
        self._running[name] += 1
        if not self._free and self.full_since is None:
            self.full_since = asyncio.get_running_loop().time()

    def _end(self, name: Hashable) -> None:
        self._free += 1
        self._running[name] -= 1
        if not self._running[name]:
            del self._running[name]
        if name in self._queues:
            self._queues.move_to_end(name)
        while (next_one := self._next()) is not None:
            called = self._queues[next_one][0]
            self._forget(next_one, called)
            if not called.cancelled():  # its task has not run since
                self._begin(next_one)
                called.set_result(None)
                break
        if self._free:
            self.full_since = None

    def _next(self) -> Hashable | None:
        return next((name for name in self._queues if self._running[name] < self._each), None)

    def _forget(self, name: Hashable, called: "asyncio.Future[None]") -> None:
        queue = self._queues[name]
        queue.remove(called)
        if not queue:
            del self._queues[name]
        self.waiting -= 1
