"""log_maintain: the log's days are made ahead, dropped when they are old, and nobody is held up for it."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from chat_core.database.pool import Connection
from tests.sql.world import World, blocked

pytestmark = pytest.mark.postgres_15

MAINTAIN = "SELECT log_maintain('7 days')"
DAYS = """
    SELECT relname, pg_get_expr(relpartbound, pg_class.oid),
           (SELECT count(*) FROM pg_index JOIN pg_inherits attached ON attached.inhrelid = indexrelid
            WHERE indrelid = pg_class.oid)
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'events'::regclass AND relname <> 'events_default' ORDER BY 1
"""


def today() -> date:
    return datetime.now(UTC).date()


def partition(day: date) -> str:
    return f"events_{day:%Y%m%d}"


async def days(world: World) -> list[str]:
    return [row[0] for row in await world.sql.fetch(DAYS)]


async def add_old_day(world: World, ago: int, events: int) -> int:
    """A day with events, whose positions are above those of earlier days; returns the highest of them."""
    day, above = today() - timedelta(days=ago), 1_000_000
    if (
        await world.sql.fetchval("SELECT last_value FROM events_position_seq") < above
    ):  # what the world has posted today
        await world.sql.execute("UPDATE events SET position = position + $1", above)
        await world.sql.execute("SELECT setval('events_position_seq', last_value + $1) FROM events_position_seq", above)
    first = (1000 - ago) * 100
    await world.sql.execute("SELECT log_make_day($1)", day)
    await add_events(world, range(first, first + events), day)
    return first + events - 1


async def add_events(world: World, positions: range, day: date) -> None:
    await world.sql.execute(
        "INSERT INTO events (position, kind, audience, user_id, payload, created_at) "
        "SELECT position, 'SessionRevoked', 'user', 1, '{}', $2 FROM unnest($1::bigint[]) AS position",
        list(positions),
        datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
    )


async def next_positions(world: World, events: int) -> range:
    first = int(await world.sql.fetchval("SELECT nextval('events_position_seq')"))
    await world.sql.execute("SELECT setval('events_position_seq', $1)", first + events - 1)
    return range(first, first + events)


async def without_days(world: World) -> None:
    """As if nobody had maintained the log for long."""
    for name in await days(world):
        await world.sql.execute(f"DROP TABLE {name}")


async def test_the_coming_days_are_there_from_utc_midnight_to_midnight(world: World) -> None:
    await world.sql.execute("SET timezone = 'UTC'")
    expected = [today() + timedelta(days=ahead) for ahead in range(4)]
    bounds = "FOR VALUES FROM ('{} 00:00:00+00') TO ('{} 00:00:00+00')"
    assert [tuple(row) for row in await world.sql.fetch(DAYS)] == [
        (partition(day), bounds.format(day, day + timedelta(days=1)), 5) for day in expected
    ]
    await world.post()
    where = "SELECT tableoid::regclass::text FROM events ORDER BY position DESC LIMIT 1"
    assert await world.sql.fetchval(where) == partition(today())
    assert await world.sql.fetch(MAINTAIN) == []


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
async def test_a_day_is_utc_whatever_the_session_thinks(world: World, zone: str) -> None:
    await without_days(world)
    await world.sql.execute(f"SET datestyle = 'SQL, DMY'; SET timezone = '{zone}'")
    await world.sql.execute("SELECT log_make_day($1)", today())
    await world.sql.execute(MAINTAIN)
    await world.sql.execute("RESET ALL")
    await test_the_coming_days_are_there_from_utc_midnight_to_midnight(world)


async def test_old_days_go_and_the_floor_says_up_to_where(world: World) -> None:
    await add_old_day(world, 30, 5)
    floor = await add_old_day(world, 8, 5)
    kept = await add_old_day(world, 7, 5)
    assert [row[0] for row in await world.sql.fetch(MAINTAIN)] == [
        partition(today() - timedelta(days=ago)) for ago in (30, 8)
    ]
    assert await world.sql.fetchval("SELECT floor FROM log_state") == floor
    assert await world.sql.fetchval("SELECT count(*) FROM events WHERE position BETWEEN $1 AND $2", floor, kept) == 5
    assert partition(today() - timedelta(days=7)) in await days(world)
    assert await world.sql.fetch(MAINTAIN) == []
    assert await world.sql.fetchval("SELECT floor FROM log_state") == floor


async def test_an_empty_day_that_goes_leaves_the_floor(world: World) -> None:
    await add_old_day(world, 30, 0)
    assert len(await world.sql.fetch(MAINTAIN)) == 1
    assert await world.sql.fetchval("SELECT floor FROM log_state") == 0


async def test_a_log_that_has_lost_every_event_still_knows_its_head(world: World) -> None:
    await without_days(world)
    head = await add_old_day(world, 30, 3)
    await world.sql.execute("UPDATE log_state SET floor = $1", head)
    await world.sql.execute("SET fechatter.maintenance = on; DELETE FROM events")
    assert await world.sql.fetchval("SELECT log_head()") == head


async def jump(world: World, days: int) -> None:
    """The clock has just jumped ahead: what was now is so many days ago, at the start of the day. The steps of a few
    minutes that follow are of the same day, also where this runs shortly before midnight."""
    await world.sql.execute(
        "UPDATE steady_clock SET reached_at = date_trunc('day', now(), 'UTC') - make_interval(days => $1)", days
    )


@pytest.mark.parametrize("posts", [False, True])
@pytest.mark.parametrize("retention", [7, 30, 90])
async def test_a_clock_that_is_30_days_ahead_for_a_minute_takes_nothing(
    world: World, retention: int, posts: bool
) -> None:
    await without_days(world)
    log = [30 + ago for ago in range(retention, -1, -retention // 2)]
    for ago in log:
        await add_old_day(world, ago, 1)
    await jump(world, 30)
    if posts:
        await world.post()
    for _ in range(3):  # chat_server looks at it each minute
        await world.sql.execute("SELECT advance_steady_clock()")
        assert await world.sql.fetch("SELECT log_maintain(make_interval(days => $1))", retention) == []
    assert {partition(today() - timedelta(days=ago)) for ago in log} < set(await days(world))


async def test_a_log_without_newer_events_keeps_its_last_days(world: World) -> None:
    await without_days(world)
    for ago in (41, 40, 35, 33):
        await add_old_day(world, ago, 1)
    assert [row[0] for row in await world.sql.fetch(MAINTAIN)] == [partition(today() - timedelta(days=41))]
    await add_old_day(world, 1, 1)
    assert len(await world.sql.fetch(MAINTAIN)) == 3


async def test_the_steady_clock_follows_in_steps_and_goes_back_at_once(world: World) -> None:
    advanced = "SELECT advance_steady_clock() - $1::timestamptz"
    lag = "UPDATE steady_clock SET reached_at = now() - $1::interval RETURNING reached_at"
    month, minute = timedelta(days=30), timedelta(minutes=1)
    before = await world.sql.fetchval(lag, month)
    assert await world.sql.fetchval(advanced, before) == 10 * minute
    assert await world.sql.fetchval(advanced, before) == 20 * minute
    assert await world.sql.fetchval("SELECT steady_now() - $1::timestamptz", before) == 20 * minute
    for wrong_by in (minute, -month):  # behind by less than a step, and ahead: the clock has gone back
        await world.sql.execute(lag, wrong_by)
        async with world.sql.transaction():
            assert await world.sql.fetchval("SELECT steady_now() <= now()")
            assert await world.sql.fetchval("SELECT advance_steady_clock() = now()")


async def test_events_that_a_clock_dated_back_stay_as_long_as_those_before_them(world: World) -> None:
    await add_old_day(world, 40, 1)
    await add_old_day(world, 1, 1)
    wrong = today() - timedelta(days=30)
    written = await next_positions(world, 3)
    await add_events(world, written, wrong)  # into the default partition
    await world.post()
    assert [row[0] for row in await world.sql.fetch(MAINTAIN)] == [partition(today() - timedelta(days=40))]
    kept = "SELECT count(*) FROM events WHERE position = ANY ($1)"
    assert await world.sql.fetchval(kept, list(written)) == 3
    assert await world.sql.fetchval("SELECT floor FROM log_state") < written[0]


async def test_events_that_a_clock_dated_ahead_go_with_those_around_them(world: World) -> None:
    ahead = today() + timedelta(days=400)
    await add_old_day(world, 30, 1)
    await add_events(world, range((1000 - 29) * 100, (1000 - 29) * 100 + 3), ahead)
    await add_old_day(world, 20, 1)
    old = [partition(today() - timedelta(days=ago)) for ago in (30, 20)]
    assert [row[0] for row in await world.sql.fetch(MAINTAIN)] == old
    assert [row[0] for row in await world.sql.fetch(MAINTAIN)] == [partition(ahead)]


async def test_events_outside_the_days_are_caught_and_moved_to_theirs(world: World) -> None:
    await without_days(world)
    for ago in (30, 3):
        await add_events(world, await next_positions(world, 1), today() - timedelta(days=ago))
    messages = [await world.post(str(number)) for number in range(3)]
    before = await world.sql.fetch("SELECT * FROM events ORDER BY position")
    assert await world.sql.fetchval("SELECT count(*) FROM events_default") == len(messages) + 2
    dropped = await world.sql.fetch(MAINTAIN)
    assert [row[0] for row in dropped] == [partition(today() - timedelta(days=30))]
    assert await world.sql.fetchval("SELECT count(*) FROM events_default") == 0
    assert await world.sql.fetch("SELECT * FROM events ORDER BY position") == before[1:]
    assert await days(world) == [partition(today() + timedelta(days=ahead)) for ahead in (-3, 0, 1, 2, 3)]


async def test_the_day_that_is_being_written_can_be_made(world: World) -> None:
    """A writer that is just committing into the default partition is waited for."""
    await without_days(world)
    writer, maintainer = await world.connect(), await world.connect()
    await writer.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
    await writer.execute(
        f"INSERT INTO messages (chat_id, sender_id, content) VALUES ({world.group}, {world.bob}, 'just now')"
    )
    await maintainer.execute("SET lock_timeout = 0")
    making = asyncio.create_task(maintainer.execute("SELECT log_make_day($1)", today()))
    await blocked(world, maintainer)
    await writer.execute("COMMIT")
    await making
    assert await world.sql.fetchval(f"SELECT payload->>'content' FROM {partition(today())}") == "just now"


async def test_of_two_maintainers_one_does_nothing(world: World) -> None:
    await add_old_day(world, 30, 1)
    await add_old_day(world, 1, 1)
    other = await world.connect()
    await other.execute("BEGIN")
    assert len(await other.fetch(MAINTAIN)) == 1
    assert await world.sql.fetch(MAINTAIN) == []
    await other.execute("ROLLBACK")
    assert len(await world.sql.fetch(MAINTAIN)) == 1


async def reading(world: World) -> Connection:
    """Somebody who reads the whole log in one long transaction: a backup."""
    reader = await world.connect()
    await reader.execute("BEGIN; SELECT count(*) FROM events")
    return reader


async def test_a_log_in_use_is_left_as_it_is_until_the_next_turn(world: World) -> None:
    await add_old_day(world, 30, 1)
    await add_old_day(world, 1, 1)
    await world.sql.execute(f"DROP TABLE {partition(today() + timedelta(days=3))}")
    before = await days(world)
    reader = await reading(world)
    with pytest.raises(asyncpg.LockNotAvailableError):
        async with asyncio.timeout(10):  # all others wait for the same lock meanwhile
            await world.sql.execute(MAINTAIN)
    assert await days(world) == before
    assert await world.sql.fetchval("SELECT floor FROM log_state") == 0
    await reader.execute("COMMIT")
    assert len(await world.sql.fetch(MAINTAIN)) == 1


async def test_a_backup_does_not_hold_up_what_needs_no_change(world: World) -> None:
    await reading(world)
    await world.sql.execute(MAINTAIN)
    await world.post()
