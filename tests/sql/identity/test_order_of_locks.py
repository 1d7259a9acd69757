"""What directories, Clerk and workspaces say at the same time: each waits for the other, and none for ever."""

import asyncio

import pytest

from tests.sql.world import World

pytestmark = pytest.mark.postgres_15
SYNC = """
    SELECT outcome FROM sync_directory(
        'corp', ARRAY['bob', 'carol', 'dave'], ARRAY['Bob', 'Carol', 'Dave'], ARRAY[NULL, NULL, NULL]::text[],
        ARRAY[true, true, true], ARRAY['bob'], ARRAY[$1::bigint], now(), true)
"""
OPEN = "SELECT session_id FROM open_session($1, NULL, $2, 1, NULL, $3, 'clerk', '{pwd}', NULL, 'sess_1', $4)"


async def while_held(world: World, hold: str, waits: str, then: str, *arguments: object) -> object:
    """The result of `waits`, which waits for what another session holds while that one does `then`, and commits."""
    async with world.database.connect() as holding, world.database.connect() as waiting:
        async with holding.transaction():
            await holding.execute(hold)
            result = asyncio.create_task(waiting.fetchval(waits, *arguments))
            blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $1"
            async with asyncio.timeout(60):
                while not await holding.fetchval(blocked, waiting.get_server_pid()):
                    assert not result.done()
            await holding.execute(then)
        return await result


async def test_a_demand_and_a_synchronisation(world: World) -> None:
    """Alice, whose session the demand ends, is the one whom the synchronisation suspends."""
    for name in ("alice", "bob", "carol", "dave"):
        add = "SELECT add_identity($1, 'corp', 'ldap', $2, NULL, false)"
        await world.sql.execute(add, world.people[name], name)
    await world.sql.execute("UPDATE workspaces SET may_demand = true")
    demand = f"INSERT INTO required_second_factors (workspace_id) VALUES ({world.acme})"
    hold = f"SELECT FROM workspaces WHERE id = {world.acme} FOR NO KEY UPDATE"  # as a demand does first
    assert await while_held(world, hold, SYNC, demand, world.acme) == "done"
    assert await world.sql.fetchval("SELECT status FROM users WHERE id = $1", world.alice) == "suspended"


@pytest.mark.parametrize("second_step", [False, True])
async def test_a_sign_in_and_news_of_its_user_from_clerk(world: World, second_step: bool) -> None:
    add = "SELECT add_identity($1, 'clerk', 'https://c', 'user_1', NULL, false)"
    identity = await world.sql.fetchval(add, world.alice)
    news = "SELECT clerk_note('user', 'user_1', '', false, now())"
    ends = f"SELECT end_other_ways_in(ARRAY[{world.alice}])"  # as joining a workspace that demands does
    if second_step:
        await world.sql.execute(
            "SELECT await_second_factor($1, $2, NULL, 'clerk', '{pwd}', NULL, 'sess_1', $3, NULL)",
            bytes(32),
            world.alice,
            identity,
        )
        assert await while_held(world, news, "SELECT take_pending_sign_in($1)", ends, bytes(32)) == world.alice
    else:
        arguments = (world.alice, bytes(32), b"d" * 32, identity)
        assert await while_held(world, news, OPEN, ends, *arguments) is not None
