"""Cold starts: an operator's limit holds for all processes together, and nobody waits long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge

from chat_core import turns
from chat_core.database.pool import open_pool
from chat_core.load import boots as module
from chat_core.load.boots import BOOT_LEASE, Boots
from chat_core.problems import Problem
from chat_core.settings import Settings
from tests.support.postgres import Database


@pytest.fixture
async def processes(database: Database) -> AsyncIterator[list[Boots]]:
    """Of a chat_server and of a notify_server, each with its own rights."""
    async with AsyncExitStack() as stack:
        made = []
        for url in (database.chat_url, database.notify_url):
            settings = Settings.model_validate({"database": {"url": url, "pool_max": 4}})
            pool = await open_pool(settings.database, "test")
            stack.push_async_callback(pool.close)
            registry = CollectorRegistry()
            counter = Counter("boots", "", ["outcome"], registry=registry)
            made.append(Boots(pool, counter, Gauge("boot_limit", "", registry=registry)))
        yield made


class Rush:
    """Users who start at the same time, and whose queries take until `end`."""

    def __init__(self, boots: Boots) -> None:
        self._boots, self._go_on = boots, asyncio.Event()
        self.running, self.tries = 0, list[asyncio.Task[Problem | None]]()

    async def come(self, *users: int) -> None:
        """Returns once each runs, waits or was refused."""
        self._go_on.clear()
        self.tries += [asyncio.create_task(self._start(user)) for user in users]
        for _ in range(10):
            await asyncio.sleep(0)

    async def end(self) -> None:
        self._go_on.set()
        await asyncio.gather(*self.tries)
        self.tries.clear()

    async def _start(self, user: int) -> Problem | None:
        if problem := await _admitted(self._boots, user):
            return problem
        async with self._boots.turn(user):
            self.running += 1
            await self._go_on.wait()
        return None


async def _admitted(boots: Boots, user: int = 0) -> Problem | None:
    try:
        await boots.admit(user)
    except Problem as problem:
        return problem
    return None


async def test_an_operators_limit_holds_for_all_processes_together(database: Database, processes: list[Boots]) -> None:
    owner = await asyncpg.connect(database.url)
    try:
        assert await owner.fetchval("SELECT ops.set_boot_limit(5)") == "5"
        for boots in processes:
            await boots.read()
        began = await owner.fetchval("SELECT clock_timestamp()")
        outcomes = await asyncio.gather(*(_admitted(boots) for boots in processes for _ in range(100)))
        seconds = await owner.fetchval("SELECT extract(epoch FROM clock_timestamp() - $1)::float8", began)
        refused = [problem for problem in outcomes if problem is not None]
        assert 5 <= 200 - len(refused) <= 5 * (int(seconds) + 2)  # windows that it may have touched
        assert {(problem.status, problem.code) for problem in refused} == {(503, "boots_limited")}
        waits = [int(problem.headers["Retry-After"]) for problem in refused]
        assert min(waits) >= 1
        assert max(waits) <= module.LONGEST_SECONDS
        assert len(set(waits)) > 5, "the more are refused, the wider they are spread"
        assert await owner.fetchval("SELECT per_second FROM ops.boot_limit") == 5
        for wrong in (0, -1, 2_000_000):
            with pytest.raises(asyncpg.CheckViolationError):
                await owner.execute("SELECT ops.set_boot_limit($1)", wrong)
        assert await owner.fetchval("SELECT ops.set_boot_limit(NULL)") == "any"
        for boots in processes:
            await boots.read()
        assert not any(await asyncio.gather(*(_admitted(boots) for boots in processes for _ in range(20))))
        told = await owner.fetch("SELECT before, after FROM audit_log WHERE action = 'boot_limit_set' ORDER BY id")
        assert [(row["before"], row["after"]) for row in told] == [
            (None, '{"per_second": 5}'),
            ('{"per_second": 5}', None),
        ]
    finally:
        await owner.close()


async def test_whoever_counts_boots_may_count_nothing_else(processes: list[Boots]) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await BOOT_LEASE.rows(processes[1]._pool, buckets=["write:user:1"], needed=[1], quotas=[1], window_seconds=60)


async def test_half_of_the_pool_is_left_and_who_would_wait_too_long_is_sent_away(processes: list[Boots]) -> None:
    boots = processes[1]
    rush = Rush(boots)
    await rush.come(*range(1, module.MOST_WAITING + 3))
    assert rush.running == 2, "half of four connections"
    refused = await _admitted(boots)
    assert refused is not None
    assert (refused.status, refused.code) == (503, "overloaded")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3
    await rush.end()
    assert await _admitted(boots) is None


async def test_one_user_who_starts_a_hundred_times_keeps_nobody_out(
    processes: list[Boots], monkeypatch: pytest.MonkeyPatch
) -> None:
    boots = processes[1]
    monkeypatch.setattr(turns, "REFUSAL_SECONDS", (0, 0))
    rush = Rush(boots)
    await rush.come(*[1] * 100)
    refused = [await tried for tried in rush.tries if tried.done()]
    assert len(refused) == 100 - module.EACH - module.WAITING_EACH
    assert {problem and problem.code for problem in refused} == {"rate_limited"}
    assert await _admitted(boots, 2) is None
    await rush.end()


async def test_it_is_crowded_where_nobody_else_gets_a_connection_for_a_while(processes: list[Boots]) -> None:
    """And not since one user waits for their own starts, or for a moment."""
    boots, seconds = processes[1], 0.0
    now = boots._now
    boots._now = lambda: now() + seconds
    rush = Rush(boots)
    await rush.come(1)
    seconds = module.CROWDED_SECONDS
    crowded = {"nobody waits": boots.crowded}
    await rush.end()
    seconds = 0
    await rush.come(1, 2, 3)
    crowded["for a moment"] = boots.crowded
    seconds = module.CROWDED_SECONDS
    crowded["for a while"] = boots.crowded
    await rush.end()
    crowded["no longer"] = boots.crowded
    assert crowded == {"nobody waits": False, "for a moment": False, "for a while": True, "no longer": False}


async def test_a_limit_that_could_not_be_read_is_read_again(
    database: Database, processes: list[Boots], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_AGAIN_SECONDS", 0)
    boots, tried = processes[1], asyncio.Event()
    read = boots.read

    async def reads() -> bool:
        was_read = await read()
        tried.set()
        return was_read

    monkeypatch.setattr(boots, "read", reads)
    async with database.connect() as owner:
        await owner.execute("SELECT ops.set_boot_limit(1)")
        await owner.execute("REVOKE SELECT ON boot_limit FROM fechatter_notify")
        reading = asyncio.create_task(boots.read_anew())
        await tried.wait()
        assert not reading.done()
        await owner.execute("GRANT SELECT ON boot_limit TO fechatter_notify")
        await reading
        codes = {problem and problem.code for problem in [await _admitted(boots) for _ in range(5)]}
        assert "boots_limited" in codes
