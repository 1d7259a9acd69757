"""Batching of work that is cheaper together: requests that arrive while a batch is running join the next one.

The running batch is the clock. An idle batcher runs a request immediately, without added delay; under load, batches
grow up to their maximum. There is no timer and no task per item.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class BatcherFull(Exception):
    """The queue is full; this item was not accepted."""


class BatcherClosed(Exception):
    """The batcher has been closed; this item was not accepted."""


class BatchCut(BatcherClosed):
    """The batcher has been closed while this item was being done: its outcome is unknown."""


class Batcher(Generic[Item, Result]):
    """Runs items in batches of at most `batch`, one batch at a time and in order of arrival; up to `queue` items may
    wait.

    Batches begin at least `apart_seconds` apart, for work that has a cost elsewhere. `run` takes the items of a batch
    and returns a result for each, in their order. A result that is an exception is raised to the caller of that item;
    an exception that `run` raises, to all callers of the batch.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        batch: int,
        queue: int,
        apart_seconds: float = 0.0,
    ) -> None:
        self._run, self._batch, self._most_waiting, self._apart_seconds = run, batch, queue, apart_seconds
        self._next_at = 0.0
        self._queue: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """Number of items that are in no batch yet."""
        return len(self._queue)

    async def submit(self, item: Item) -> Result:
        """The item's result, or its exception. Raises BatcherFull or BatcherClosed if it was not accepted.

        If the caller is cancelled, a waiting item is withdrawn; an item of a running batch is still processed.
        """
        return await self.put(item)

    def put(self, item: Item) -> asyncio.Future[Result]:
        """As `submit`, but returns a future."""
        if self._closed:
            raise BatcherClosed("closed")
        if len(self._queue) >= self._most_waiting:
            raise BatcherFull(f"{self._most_waiting} items are already waiting")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        if self._worker is None:
            # A context of its own: a batch belongs to many requests, not to the one that happened to start it.
            self._worker = asyncio.create_task(self._work(), context=Context())
        return future

    async def close(self, seconds: float) -> None:
        """Accepts no more items, finishes the waiting ones, and gives up on what is unfinished after `seconds`."""
        self._closed = True
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=seconds)
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])
        for _, future in self._take(len(self._queue)):
            future.set_exception(BatcherClosed("closed before it was done"))

    async def _work(self) -> None:
        try:
            while True:
                if self._apart_seconds:
                    await self._pause()
                if not (taken := self._take(self._batch)):
                    break
                await self._run_batch(taken)
        finally:
            self._worker = None

    async def _pause(self) -> None:
        """Waits until the next batch may begin; returns immediately if no delay applies."""
        now = asyncio.get_running_loop().time
        if self._queue and (seconds := self._next_at - now()) > 0:
            await asyncio.sleep(seconds)
        self._next_at = now() + self._apart_seconds

    def _take(self, most: int) -> list[tuple[Item, asyncio.Future[Result]]]:
        """The next items, without those whose callers have been cancelled."""
        taken: list[tuple[Item, asyncio.Future[Result]]] = []
        while self._queue and len(taken) < most:
            item, future = self._queue.popleft()
            if not future.done():
                taken.append((item, future))
        return taken

    async def _run_batch(self, taken: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        results: Sequence[Result | Exception] = [BatchCut("closed while it was being done")] * len(taken)
        try:
            results = await self._run([item for item, _ in taken])
            if len(results) != len(taken):
                raise RuntimeError(f"{len(results)} results for {len(taken)} items")
        except Exception as error:
            results = [error] * len(taken)
        finally:  # also when it is cancelled, by close()
            for (_, future), result in zip(taken, results, strict=True):
                if future.done():  # its caller was cancelled
                    continue
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
