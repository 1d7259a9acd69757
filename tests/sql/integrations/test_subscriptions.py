"""subscriptions and deliveries: what becomes of events that could not be sent."""

from tests.sql.integrations.test_bots import bot_of
from tests.sql.world import World

DEAD = """
    SELECT record_deliveries($1, (SELECT generation FROM delivery_shards WHERE shard = shard_of($1)), '', 0, '', 0,
                             array_agg(place), array_agg('NewMessage'::text), array_agg(500), array_agg('No.'::text),
                             array_agg(1), array_agg($4::float8), false, '5 days')
    FROM generate_series($2::bigint, $3) AS place
"""
KEPT = "SELECT count(*), min(position), max(position) FROM deliveries WHERE due_at IS NULL"


async def subscription_of(world: World) -> int:
    bot = await bot_of(world, "alice")
    subscribed = "INSERT INTO subscriptions (bot_id, name, address) VALUES ($1, 'ci', 'https://x') RETURNING id"
    return int(await world.sql.fetchval(subscribed, bot))


async def test_the_newest_dead_letters_are_kept(world: World) -> None:
    made = await subscription_of(world)
    assert await world.sql.fetchval(DEAD, made, 1, 5, 60.0)  # these are tried again
    for first in (11, 511):
        assert await world.sql.fetchval(DEAD, made, first, first + 499, None)
    assert await world.rows(KEPT) == [(1000, 11, 1010)]
    assert await world.sql.fetchval(DEAD, made, 1011, 1020, None)
    assert await world.rows(KEPT) == [(1000, 21, 1020)]
    assert await world.sql.fetchval("SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL") == 5


async def test_what_the_log_has_dropped_is_forgotten(world: World) -> None:
    made = await subscription_of(world)
    add = "INSERT INTO deliveries VALUES ($1, $2, 'x', 1, now() - $3::interval, $4, 'x')"
    now = await world.sql.fetchval("SELECT now()")
    day = await world.sql.fetchval("SELECT interval '1 day'")
    rows = ((1, 1, None), (2, 1, now), (3, 1, None), (4, 1, now), (0, 6, None))
    for position, days, due in rows:
        await world.sql.execute(add, made, position, days * day, due)
    await world.sql.execute("UPDATE log_state SET floor = 2")
    left = "SELECT position FROM deliveries ORDER BY 1"
    await world.sql.execute("SELECT log_maintain('7 days')")
    assert await world.rows(left) == [(0,), (3,), (4,)]
    await world.sql.execute("SELECT log_maintain('5 days')")
    assert await world.rows(left) == [(3,), (4,)]
    await world.sql.execute(add, made, 0, 6 * day, now)
    await world.sql.execute("SELECT log_maintain('5 days')")
    assert await world.rows(left) == [(0,), (3,), (4,)]
