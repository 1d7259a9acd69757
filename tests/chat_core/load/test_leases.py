"""Counting in advance: what all processes let through together never exceeds a quota."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from chat_core.database.pool import Pool, open_pool
from chat_core.load import leases as module
from chat_core.load.leases import Leases, Limit
from chat_core.problems import Problem
from chat_core.settings import Settings
from chat_server.http.steps.limits import RATE_LIMIT_LEASE
from tests.chat_server.people import blocked
from tests.support.postgres import Database

WINDOW = 60


class Process(Leases):
    """As one process of chat_server has it. Its clock goes on when it is told to."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool, WINDOW, RATE_LIMIT_LEASE)
        self.pool = pool
        self.clock = 0.0
        self._now = lambda: self.clock

    async def let_through(self, limit: Limit, times: int, name: str = "user:1") -> int:
        standings = await asyncio.gather(*(self.count(limit, name) for _ in range(times)))
        return sum(standing.allowed for standing in standings)


@pytest.fixture
async def processes(database: Database) -> AsyncIterator[list[Process]]:
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(3):
            pool = await open_pool(settings.database, "test")
            stack.push_async_callback(pool.close)
            made.append(Process(pool))
        yield made


@pytest.mark.parametrize("quota", [1, 7, 40, 1000])
async def test_one_process_lets_through_all_of_a_quota(processes: list[Process], quota: int) -> None:
    limit = Limit("write", quota, WINDOW)
    through = 0
    for _ in range(quota + 20):
        through += (await processes[0].count(limit, "user:1")).allowed
    assert through == quota


@pytest.mark.parametrize("quota", [1, 7, 40, 1000])
async def test_several_let_through_no_more_together(processes: list[Process], quota: int) -> None:
    limit = Limit("write", quota, WINDOW)
    through = 0
    for _ in range(10):
        through += sum(await asyncio.gather(*(p.let_through(limit, quota // 10 + 1) for p in processes)))
    assert quota * 0.8 <= through <= quota, "a lease that a process has not used up is lost"


async def test_many_at_once_take_no_more_than_one_query_a_batch(processes: list[Process], database: Database) -> None:
    limit = Limit("messages", 1000, WINDOW)
    async with database.connect() as sql, sql.transaction():
        assert await processes[0].let_through(limit, 1) == 1
        await sql.execute("LOCK TABLE rate_limits")  # whoever asks has to wait
        assert await processes[0].let_through(limit, 50) == 50, "a twentieth was taken in advance"
        asking = asyncio.ensure_future(processes[0].count(limit, "user:1"))
        others = [asyncio.ensure_future(processes[0].count(limit, f"user:{number}")) for number in range(2, 90)]
    assert (await asking).allowed
    assert all(standing.allowed for standing in await asyncio.gather(*others))


async def test_where_too_many_wait_for_a_lease_the_next_is_told_to_come_again(
    processes: list[Process], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    process, limit = Process(processes[0].pool), Limit("read", 100, WINDOW)
    async with database.connect() as sql, sql.transaction():
        await sql.execute("LOCK TABLE rate_limits")
        first = asyncio.ensure_future(process.count(limit, "user:1"))
        await blocked(sql)
        others = [asyncio.ensure_future(process.count(limit, f"user:{number}")) for number in (2, 3)]
        await asyncio.sleep(0)  # each has got in line
        with pytest.raises(Problem) as refused:
            await process.count(limit, "user:4")
    assert (refused.value.status, refused.value.code) == (503, "overloaded")
    assert refused.value.headers == {"Retry-After": "1"}
    assert all(standing.allowed for standing in await asyncio.gather(first, *others))
    await process.close(5)
    with pytest.raises(Problem, match="overloaded"):
        await process.count(limit, "user:5")


async def test_who_has_had_enough_costs_no_query(processes: list[Process], database: Database) -> None:
    limit = Limit("write", 3, WINDOW)
    assert await processes[0].let_through(limit, 5) == 3
    async with database.connect() as sql, sql.transaction():
        await sql.execute("LOCK TABLE rate_limits")
        assert await processes[0].let_through(limit, 100) == 0


async def test_a_window_ends_with_what_is_left_of_its_leases(processes: list[Process], database: Database) -> None:
    limit = Limit("write", 100, WINDOW)
    process = processes[0]
    first = await process.count(limit, "user:1")
    assert (first.allowed, first.remaining) == (True, 99)
    assert WINDOW - 5 < first.seconds <= WINDOW
    assert await process.let_through(limit, 200) == 99
    process.clock += WINDOW
    assert not (await process.count(limit, "user:1")).allowed, "Postgres' clock counts, and there it goes on"
    for before in (1, 200):
        async with database.connect() as sql:
            await sql.execute("UPDATE rate_limits SET window_ends = now() - interval '1 second'")
        process.clock += WINDOW
        assert await process.let_through(limit, before) == min(before, 100)


async def test_users_and_classes_have_quotas_of_their_own(processes: list[Process]) -> None:
    read, write = Limit("read", 2, WINDOW), Limit("write", 2, WINDOW)
    for limit in (read, write):
        for name in ("user:1", "user:2"):
            assert await processes[0].let_through(limit, 5, name) == 2


async def test_memory_is_bounded_and_what_is_over_is_forgotten(
    processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LEASES", 50)
    limit, process = Limit("read", 3, WINDOW), processes[0]
    for number in range(120):
        assert (await process.count(limit, f"user:{number}")).allowed
    assert len(process) == 50
    assert await process.let_through(limit, 3, "user:0") == 2, "forgotten here, and not in Postgres"
    process.clock += WINDOW
    await process.count(limit, "user:121")
    assert len(process) == 1
