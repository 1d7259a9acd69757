"""The epoch: kept by the same database, moved by every other one, and by an operator."""

import asyncio

import asyncpg
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.queries import query
from chat_core.log import page
from tests.sql.world import World, blocked, until
from tests.support.postgres import clone, execute

pytestmark = pytest.mark.postgres_15

CHECK = "SELECT log_check_epoch()"
# What a restore into another cluster looks like from inside.
RESTORED = "UPDATE log_state SET cluster = 'elsewhere'"


async def test_the_same_database_keeps_it(world: World) -> None:
    epoch = await world.sql.fetchval(CHECK)
    assert await world.sql.fetchval(CHECK) == epoch
    await world.post()
    assert await world.sql.fetchval(CHECK) == epoch
    cursor = await world.sql.fetchval("SELECT log_cursor()")
    assert cursor == f"{epoch}.{await world.sql.fetchval('SELECT max(position) FROM events')}"


async def test_another_cluster_or_timeline_moves_it_once_and_positions_go_on(world: World) -> None:
    epoch = await world.sql.fetchval(CHECK)
    head = await world.sql.fetchval("SELECT log_head()")
    await world.sql.execute(RESTORED)
    moved = await world.sql.fetchval(CHECK)
    assert moved != epoch
    assert moved.isalnum()
    assert await world.sql.fetchval(CHECK) == moved
    assert await world.sql.fetchval("SELECT log_cursor()") == f"{moved}.{head}"


async def test_a_copy_in_the_same_cluster_is_another_log(postgres_any: EmbeddedPostgres) -> None:
    """A dump restored beside or in place of the original; pg_restore into a new database."""
    async with clone(postgres_any) as original:
        async with original.connect() as sql:
            epoch = await sql.fetchval(CHECK)
        async with clone(postgres_any, original.name) as copy, copy.connect() as sql:
            assert await sql.fetchval("SELECT epoch FROM log_state") == epoch
            assert await sql.fetchval(CHECK) != epoch


async def test_a_renamed_database_is_the_same_log(postgres_any: EmbeddedPostgres) -> None:
    async with clone(postgres_any) as database:
        async with database.connect() as sql:
            epoch = await sql.fetchval(CHECK)
        await execute(postgres_any, f"ALTER DATABASE {database.name} RENAME TO renamed")
        try:
            sql = await asyncpg.connect(postgres_any.dsn("renamed"))
            try:
                assert await sql.fetchval(CHECK) == epoch
            finally:
                await sql.close()
        finally:
            await execute(postgres_any, f"ALTER DATABASE renamed RENAME TO {database.name}")


async def test_two_servers_that_notice_at_once_agree(world: World) -> None:
    first, second = await world.connect(), await world.connect()
    await world.sql.execute(RESTORED)
    await first.execute("BEGIN")
    moved = await first.fetchval(CHECK)
    other = asyncio.create_task(second.fetchval(CHECK))
    await blocked(world, second)
    await first.execute("COMMIT")
    assert await other == moved


async def test_a_database_without_a_state_gets_one(world: World) -> None:
    await world.sql.execute("SET fechatter.maintenance = on; DELETE FROM log_state")
    epoch = await world.sql.fetchval(CHECK)
    assert await world.rows("SELECT epoch, floor FROM log_state") == [(epoch, 0)]


async def test_an_operators_move_rings_the_bell(world: World) -> None:
    epoch = await world.sql.fetchval(CHECK)
    listener = await world.connect()
    rung: list[object] = []
    await listener.add_listener("fechatter_log", lambda *call: rung.append(call))
    moved = await world.sql.fetchval("SELECT log_move_epoch()")
    assert moved != epoch

    async def heard() -> bool:
        return bool(rung)

    await until(heard, "the bell rings")
    await listener.reset()
    assert await world.sql.fetchval(CHECK) == moved


LOG_AFTER = query("log_after", "position", "amount", "bytes")
LAST = "SELECT position, created_at FROM events ORDER BY position DESC LIMIT 1"


async def continues(world: World, last: asyncpg.Record) -> bool:
    rows = await LOG_AFTER.rows(world.sql, position=last["position"], amount=10, bytes=1000)
    return page.continues(rows[0], last["position"], last["created_at"])


async def test_a_reader_sees_whether_its_last_event_is_still_there(world: World) -> None:
    await world.post()
    last = await world.sql.fetchrow(LAST)
    assert last is not None
    assert await continues(world, last)
    await world.post()
    assert await continues(world, last)

    # The same position with another event: what a crash without durability leaves behind.
    await world.sql.execute("SET session_replication_role = replica")
    await world.sql.execute("UPDATE events SET created_at = created_at + interval '1 us' WHERE position = $1", last[0])
    assert not await continues(world, last)
    await world.sql.execute("UPDATE events SET created_at = $2 WHERE position = $1", *last)
    assert await continues(world, last)

    # Gone by hand; dropped by retention, which is another thing.
    await world.sql.execute("DELETE FROM events WHERE position >= $1", last[0])
    assert not await continues(world, last)
    await world.sql.execute("UPDATE log_state SET floor = $1", last[0])
    assert await continues(world, last)


async def test_positions_that_would_be_used_again_end_the_epoch_and_go_on_above(world: World) -> None:
    await world.post()
    last = await world.sql.fetchrow(LAST)
    assert last is not None
    epoch = await world.sql.fetchval(CHECK)
    await world.sql.execute("SELECT setval('events_position_seq', 1)")
    assert not await continues(world, last)
    moved = await world.sql.fetchval("SELECT log_break($1)", epoch)
    assert moved != epoch
    assert await world.sql.fetchval("SELECT log_break($1)", epoch) == moved, "once for all who notice"
    await world.post()
    assert await world.sql.fetchval("SELECT log_head()") > last["position"]

    # A server that starts notices too.
    await world.sql.execute("SELECT setval('events_position_seq', 1)")
    assert await world.sql.fetchval(CHECK) != moved
    assert await world.sql.fetchval("SELECT last_value FROM events_position_seq") > last["position"]


@pytest.mark.parametrize(
    "statement",
    [
        *("DELETE FROM events", "DELETE FROM events_default", "TRUNCATE events"),
        *("DELETE FROM log_state", "TRUNCATE log_state"),
    ],
)
async def test_nothing_is_taken_out_of_the_log_by_hand(world: World, statement: str) -> None:
    await world.sql.execute("SELECT log_make_day(current_date)")
    await world.post()
    if "default" in statement:
        await world.sql.execute(
            "INSERT INTO events (position, kind, audience, user_id, payload, created_at) "
            "VALUES (1000000, 'made', 'user', 1, '{}', 'epoch')"
        )
    with pytest.raises(asyncpg.PostgresError, match="the log refuses DELETE and TRUNCATE"):
        await world.sql.execute(statement)
    await world.sql.execute("SELECT log_maintain(interval '1 day')")
