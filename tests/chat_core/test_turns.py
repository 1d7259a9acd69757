"""Turns: of each name one at a time, by rotation, and bounds for those who wait."""

import asyncio

import pytest

from chat_core.problems import Problem
from chat_core.turns import REFUSAL_SECONDS, Turns


class Course:
    """Asks for turns, notes who begins, and lets one end when it is told to."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.running: list[str] = []
        self.done: list[str] = []
        self._ends: dict[str, list[asyncio.Event]] = {}

    def ask(self, name: str) -> asyncio.Task[None]:
        return asyncio.create_task(self._take(name))

    async def _take(self, name: str) -> None:
        async with self.turns.turn(name):
            self.running.append(name)
            event = asyncio.Event()
            self._ends.setdefault(name, []).append(event)
            await event.wait()
            self.running.remove(name)
            self.done.append(name)

    async def end(self, name: str) -> None:
        self._ends[name].pop(0).set()
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def course(asked: str, at_once: int, **bounds: int) -> tuple[Course, list[asyncio.Task[None]]]:
    made = Course(Turns("documents", at_once, **{"waiting_each": 100, "waiting_all": 1000, **bounds}))
    tasks = [made.ask(name) for name in asked]
    await settle()
    return made, tasks


async def run_out(made: Course) -> str:
    while made.running:
        await made.end(made.running[0])
    return "".join(made.done)


async def test_who_asks_often_waits_for_the_others_once_in_between() -> None:
    made, _ = await course("aaaaabbc", 1)
    assert (made.running, made.turns.waiting) == (["a"], 7)
    assert await run_out(made) == "abcabaaa"
    assert made.turns.waiting == 0


async def test_one_has_one_turn_at_a_time_though_another_is_free() -> None:
    made, _ = await course("aaa", 2)
    assert made.running == ["a"]
    made.ask("b")
    await settle()
    assert made.running == ["a", "b"]  # at once: what waits is a's alone
    await made.end("b")
    assert made.running == ["a"]
    assert await run_out(made) == "baaa"


async def test_one_name_may_have_several() -> None:
    made, _ = await course("aaab", 3, each=2)
    assert made.running == ["a", "a", "b"]
    assert await run_out(made) == "aaba"


def refusal(task: asyncio.Task[None]) -> Problem:
    error = task.exception()
    assert isinstance(error, Problem)
    return error


async def test_few_of_one_name_wait_and_not_too_many_of_all() -> None:
    made, tasks = await course("aaaabcde", 1, waiting_each=2, waiting_all=4)
    assert [task.done() for task in tasks] == [False, False, False, False, False, False, True, True]
    begun = asyncio.get_running_loop().time()
    await asyncio.wait([tasks[3]])
    assert asyncio.get_running_loop().time() - begun >= REFUSAL_SECONDS[0] * 0.9, "it does not ask again at once"
    mine, all_of_us = refusal(tasks[3]), refusal(tasks[6])
    assert (mine.status, mine.code, mine.headers) == (429, "rate_limited", {"Retry-After": "2"})
    assert mine.extra == {"limit": "documents", "retry_after": 2}
    assert (all_of_us.status, all_of_us.code) == (503, "overloaded")
    assert int(all_of_us.headers["Retry-After"]) in range(1, 4)
    assert await run_out(made) == "abcaa"
    assert refusal(tasks[7]).code == "overloaded"


@pytest.mark.parametrize("before", [True, False], ids=["while it waits", "when it is called"])
async def test_who_goes_away_leaves_the_turn_to_the_next(before: bool) -> None:
    made, tasks = await course("abc", 1)
    if before:
        tasks[1].cancel()
        await settle()
        assert made.turns.waiting == 1
        await made.end("a")
    else:
        made._ends["a"].pop(0).set()
        await asyncio.sleep(0)  # a ends and b is called, which has not run yet
        assert (made.running, made.turns.waiting) == ([], 1)
        tasks[1].cancel()
        await settle()
    assert made.running == ["c"]
    assert await run_out(made) == "ac"
    assert (made.turns.waiting, made.turns._free, dict(made.turns._running)) == (0, 1, {})


async def test_a_turn_ends_with_what_goes_wrong_in_it() -> None:
    turns = Turns("documents", 1, waiting_each=1, waiting_all=1)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            async with turns.turn("a"):
                raise ValueError("broken")


async def test_a_turn_that_ends_while_the_next_one_gives_up_goes_to_the_one_after() -> None:
    turns = Turns("work", 1, waiting_all=10)
    first, running = turns.turn("ada"), asyncio.Event()

    async def work() -> None:
        async with turns.turn("ada"):
            running.set()

    await first.__aenter__()
    gives_up, patient = asyncio.create_task(work()), asyncio.create_task(work())
    await asyncio.sleep(0)
    gives_up.cancel()  # its future is cancelled now, and its task notices in the next turn of the loop
    await first.__aexit__(None, None, None)
    await asyncio.wait_for(running.wait(), 5)
    await patient
    assert gives_up.cancelled()
    async with turns.turn("ada"):
        assert turns.waiting == 0
