"""Strict delivery, with a primary and a synchronous standby that is frozen."""

import os
import signal
from typing import Any

import asyncpg
import pytest

from chat_core.database.pool import open_pool
from chat_core.log.strict import LOG_REPLICATED, NotReplicated, Strict
from chat_core.problems import Problem
from chat_core.settings import Settings
from delivery_server import work
from delivery_server.sinks import reading as sinks
from notify_server.subscriptions.subscribe import Subscriptions
from tests.sql.log.test_lineage import append, clusters, connected, reaches, reading
from tests.sql.world import World, until

HOLDING = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%log_replicated%' AND pid <> pg_backend_pid()"


async def test_what_no_standby_has_reaches_nobody_until_one_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with clusters() as made:
        first, second = await made.add(), await made.add()
        async with connected(first) as sql, connected(second) as standby:
            for statement in ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"):
                await sql.execute(statement)
            epoch = await sql.fetchval("SELECT log_check_epoch()")
            async with reading(made.url()) as usual, reading(made.url(), strict_delivery=True) as strict:
                before = await append(sql)
                await reaches(strict, epoch, before)
                receiver = await standby.fetchval("SELECT pid FROM pg_stat_wal_receiver")
                os.kill(receiver, signal.SIGSTOP)
                try:
                    # As after a cancelled wait: it is there for everybody, and a failover would lose it.
                    await sql.execute("SET synchronous_commit = local")
                    after = await append(sql)
                    await reaches(usual, epoch, after)

                    async def holds_anew() -> bool:
                        return await sql.fetchval(HOLDING) not in (None, held)

                    held = None
                    await until(holds_anew, "what was handed over is held")
                    for _ in range(2):
                        held = await sql.fetchval(HOLDING)
                        await sql.execute("SELECT pg_terminate_backend($1)", held)
                        await until(holds_anew, "it is read again, and held")
                    assert strict.reader.position == before
                    database = {"url": made.url(), "strict_delivery": True}
                    settings = Settings.model_validate({"database": database})
                    unused: Any = None
                    pool = await open_pool(settings.database, "test")
                    opening = Subscriptions(settings, pool, unused, unused, unused, unused)
                    monkeypatch.setattr("chat_core.log.strict.MOMENT_SECONDS", 0.05)
                    with pytest.raises(Problem, match="synchronous standby") as refused:
                        async with opening.reading() as source:
                            assert await source.fetchval("SELECT log_head()") == after
                    assert (refused.value.status, refused.value.code) == (503, "not_replicated")
                    await pool.close()
                finally:
                    os.kill(receiver, signal.SIGCONT)
                await reaches(strict, epoch, after)
                assert [event.position for event in strict.events] == [before, after]


async def test_without_the_right_to_see_standbys_it_says_what_to_grant(world: World) -> None:
    await world.sql.execute("ALTER FUNCTION log_replicated OWNER TO fechatter_notify")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="GRANT pg_monitor TO fechatter_notify"):
        await LOG_REPLICATED.one(world.sql, asked=None, pushing=False)


async def test_what_another_transaction_has_written_is_flushed_when_it_takes_long(world: World) -> None:
    """On an idle server that may be in 15 seconds otherwise, and standbys get nothing before."""
    async with world.database.connect() as other, other.transaction():
        await other.execute("CREATE TABLE unflushed AS SELECT 1")
        asked = (await LOG_REPLICATED.one(world.sql, asked=None, pushing=True))["written"]
        assert await world.sql.fetchval("SELECT pg_current_wal_flush_lsn() >= $1::text::pg_lsn", asked)


async def test_without_a_standby_webhooks_and_sinks_have_nothing_to_send(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_core.log.strict.MOMENT_SECONDS", 0.05)
    sink = {"type": "nats", "servers": ["nats://127.0.0.1:1"], "stream": "x", "workspaces": "all"}
    settings = Settings.model_validate(
        {
            "database": {"url": world.database.delivery_url, "strict_delivery": True},
            "delivery": {"sinks": {"x": sink}},
        }
    )
    strict = Strict(settings.database)
    pool = await open_pool(settings.database, "test")
    try:
        of_a_bot = work.Reading(pool, 1, strict)
        of_a_sink = sinks.Reading(pool, strict, "x", settings.delivery.sinks["x"], "test")
        with pytest.raises(NotReplicated):
            await of_a_bot.next(1)
        with pytest.raises(NotReplicated):
            await of_a_sink.next()
    finally:
        await pool.close()
