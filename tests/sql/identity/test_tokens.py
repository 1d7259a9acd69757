"""Personal access tokens in SQL: who can make one, and that one which is being made ends with the rest."""

import asyncio

from tests.sql.world import World

OPEN = "SELECT id FROM open_token($1, $2, 'bot', '{chats:read}', 30)"


async def test_a_token_is_made_by_an_open_session_alone(world: World) -> None:
    session = await world.add_session(world.alice)
    token = await world.sql.fetchval(OPEN, session, bytes(32))
    assert token is not None
    assert await world.sql.fetchval(OPEN, token, b"2" * 32) is None, "not by another token"
    await world.sql.execute("SELECT end_sessions('logout', session => $1)", session)
    assert await world.sql.fetchval(OPEN, session, b"3" * 32) is None
    other = await world.add_session(world.bob)
    await world.sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", world.bob)
    assert await world.sql.fetchval(OPEN, other, b"4" * 32) is None


async def test_removing_a_way_in_ends_the_tokens_of_its_sessions(world: World) -> None:
    session = await world.add_session(world.alice)
    identity = await world.sql.fetchval("SELECT add_identity($1, 'acme', 'https://x', '1', NULL, false)", world.alice)
    await world.sql.execute("UPDATE sessions SET identity_id = $1 WHERE id = $2", identity, session)
    token = await world.sql.fetchval(OPEN, session, bytes(32))
    await world.sql.execute("DELETE FROM identities WHERE id = $1", identity)
    assert await world.sql.fetchval("SELECT revoked_reason FROM sessions WHERE id = $1", token) == "unlinked"


async def test_a_token_has_shown_the_factor_that_its_session_has_shown(world: World) -> None:
    tokens = {}
    for factor in (None, "totp"):
        session = await world.add_session(world.alice)
        await world.sql.execute("UPDATE sessions SET second_factor = $1 WHERE id = $2", factor, session)
        tokens[factor] = await world.sql.fetchval(OPEN, session, f"{factor}".rjust(32).encode())
    await world.sql.execute("SELECT end_sessions('second_factor', $1, lacking_factor => true)", world.alice)
    still = await world.rows("SELECT id FROM sessions WHERE revoked_at IS NULL AND provider = 'token'")
    assert still == [(tokens["totp"],)]


async def test_what_ends_all_sessions_waits_for_a_token_that_is_being_made(world: World) -> None:
    session = await world.add_session(world.alice)
    async with world.database.connect() as making, world.database.connect() as ending:
        transaction = making.transaction()
        await transaction.start()
        token = await making.fetchval(OPEN, session, bytes(32))
        ended = asyncio.create_task(ending.fetch("SELECT end_sessions('logout_all', $1)", world.alice))
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $1"
        async with asyncio.timeout(60):
            while not await making.fetchval(waiting, ending.get_server_pid()):
                assert not ended.done()
        await transaction.commit()
        assert len(await ended) == 2
    assert await world.sql.fetchval("SELECT revoked_reason FROM sessions WHERE id = $1", token) == "logout_all"
