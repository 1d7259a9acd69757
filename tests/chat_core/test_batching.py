"""Batches: who is in which, that one's failure or departure is nobody else's, and that all of it is bounded."""

import asyncio
import itertools
from collections.abc import Sequence
from contextvars import ContextVar

import pytest

from chat_core.batching import BatchCut, Batcher, BatcherClosed, BatcherFull

_caller: ContextVar[str] = ContextVar("_caller", default="nobody")


class Kitchen:
    """A batch function that shows each batch it is given, and finishes it when told to. It doubles numbers."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.seen_callers: set[str] = set()
        self._begun = asyncio.Semaphore(0)
        self._let = asyncio.Semaphore(0)

    async def run(self, items: list[int]) -> Sequence[int | Exception]:
        self.batches.append(items)
        self.seen_callers.add(_caller.get())
        self._begun.release()
        await self._let.acquire()
        if 13 in items:
            raise ValueError("the whole batch")
        if 0 in items:
            return []
        return [ArithmeticError(item) if item < 0 else item * 2 for item in items]

    async def begun(self) -> None:
        await asyncio.wait_for(self._begun.acquire(), 10)

    def finish(self, batches: int = 1) -> None:
        for _ in range(batches):
            self._let.release()


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def batcher(kitchen: Kitchen) -> Batcher[int, int]:
    return Batcher(kitchen.run, batch=4, queue=6)


async def ask(batcher: Batcher[int, int], *items: int) -> list[asyncio.Task[int]]:
    """Tasks that have submitted."""
    tasks = [asyncio.create_task(batcher.submit(item)) for item in items]
    await asyncio.sleep(0)
    return tasks


async def answers(tasks: list[asyncio.Task[int]]) -> list[int | BaseException]:
    return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)


async def test_an_idle_one_runs_at_once(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    for item in (1, 2):
        [task] = await ask(batcher, item)
        await kitchen.begun()
        kitchen.finish()
        assert await task == item * 2
    assert kitchen.batches == [[1], [2]]


async def test_what_comes_meanwhile_is_the_next_batch(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    first = await ask(batcher, 1)
    await kitchen.begun()
    later = await ask(batcher, 2, 3, 4, 5, 6)
    assert batcher.waiting == 5
    kitchen.finish(3)
    assert await answers(first + later) == [2, 4, 6, 8, 10, 12]
    assert kitchen.batches == [[1], [2, 3, 4, 5], [6]]
    assert batcher.waiting == 0


async def test_more_than_may_wait_is_refused(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    first = await ask(batcher, 1)
    await kitchen.begun()
    queued = await ask(batcher, 2, 3, 4, 5, 6, 7)
    with pytest.raises(BatcherFull, match="6 items are already waiting"):
        await batcher.submit(8)
    kitchen.finish(3)
    assert await answers(first + queued) == [2, 4, 6, 8, 10, 12, 14]
    [again] = await ask(batcher, 8)
    kitchen.finish()
    assert await again == 16


async def test_one_item_fails_alone(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    tasks = await ask(batcher, 1, -2, 3)
    kitchen.finish()
    first, second, third = await answers(tasks)
    assert (first, third) == (2, 6)
    assert isinstance(second, ArithmeticError)


@pytest.mark.parametrize(("culprit", "error"), [(13, ValueError), (0, RuntimeError)])
async def test_a_batch_that_fails_fails_each_and_not_the_next(
    kitchen: Kitchen, batcher: Batcher[int, int], culprit: int, error: type[Exception]
) -> None:
    doomed = await ask(batcher, 1, culprit)
    await kitchen.begun()
    later = await ask(batcher, 2)
    kitchen.finish(2)
    assert [type(answer) for answer in await answers(doomed)] == [error, error]
    assert await answers(later) == [4]


async def test_a_caller_who_leaves_harms_nobody(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    under_way = await ask(batcher, 1, 2)
    await kitchen.begun()
    waiting = await ask(batcher, 3, 4, 5)
    under_way[0].cancel()
    waiting[1].cancel()
    kitchen.finish(2)
    answered = await answers(under_way + waiting)
    assert [answered[i] for i in (1, 2, 4)] == [4, 6, 10]
    assert [type(answered[i]) for i in (0, 3)] == [asyncio.CancelledError] * 2
    assert kitchen.batches == [[1, 2], [3, 5]]


async def test_nothing_is_run_for_callers_who_have_all_left(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    tasks = await ask(batcher, 1)
    await kitchen.begun()
    tasks += await ask(batcher, 2, 3)
    for task in tasks:
        task.cancel()
    await answers(tasks)
    kitchen.finish()
    [after] = await ask(batcher, 4)
    kitchen.finish()
    assert await after == 8
    assert kitchen.batches == [[1], [4]]


async def test_a_batch_is_nobodys_context(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    _caller.set("ada")
    tasks = await ask(batcher, 1)
    kitchen.finish()
    await answers(tasks)
    assert kitchen.seen_callers == {"nobody"}


async def test_closing_finishes_what_was_taken(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    tasks = await ask(batcher, 1)
    await kitchen.begun()
    tasks += await ask(batcher, 2, 3, 4, 5, 6)
    closing = asyncio.create_task(batcher.close(10))
    await asyncio.sleep(0)
    with pytest.raises(BatcherClosed):
        await batcher.submit(7)
    kitchen.finish(3)
    assert await answers(tasks) == [2, 4, 6, 8, 10, 12]
    await asyncio.wait_for(closing, 10)


async def test_closing_gives_up_in_the_end(kitchen: Kitchen, batcher: Batcher[int, int]) -> None:
    tasks = await ask(batcher, 1)
    await kitchen.begun()
    tasks += await ask(batcher, 2, 3)
    await asyncio.wait_for(batcher.close(0.01), 10)
    assert [type(answer) for answer in await answers(tasks)] == [BatchCut, BatcherClosed, BatcherClosed]
    assert kitchen.batches == [[1]]


async def test_one_that_was_never_used_closes() -> None:
    await Batcher(Kitchen().run, batch=4, queue=6).close(10)


async def test_batches_begin_some_time_apart() -> None:
    begun: list[float] = []

    async def run(items: list[int]) -> Sequence[int]:
        begun.append(asyncio.get_running_loop().time())
        return items

    batcher: Batcher[int, int] = Batcher(run, batch=4, queue=100, apart_seconds=0.05)
    assert await asyncio.gather(*(batcher.submit(number) for number in range(9))) == list(range(9))
    assert await batcher.submit(9) == 9
    assert len(begun) == 4
    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(begun))
