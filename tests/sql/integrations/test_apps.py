"""apps: a code is exchanged while its person leaves the workspace, or takes back what they have agreed to."""

from tests.sql.identity.test_order_of_locks import while_held
from tests.sql.integrations.test_dialogs import ON
from tests.sql.world import World

CHALLENGE = "c" * 43
EXCHANGE = f"SELECT outcome FROM exchange_app_code($1, $2, NULL, '{CHALLENGE}', $3, $4, 900, 30)"
LEAVE = "DELETE FROM workspace_members WHERE user_id = {}"


async def app_of(world: World) -> int:
    """An app of Alice's, to which Carol has agreed: the code's hash is 32 zeros."""
    await world.sql.execute(ON)
    made = (
        "INSERT INTO apps (workspace_id, owner_id, name, redirect_uris, scopes) "
        "VALUES ($1, $2, 'x', '{https://x/}', '{chats:read}') RETURNING id"
    )
    app: int = await world.sql.fetchval(made, world.acme, world.alice)
    signed_in = "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id"
    maker = await world.sql.fetchval(signed_in, world.carol)
    agree = "SELECT agree_to_app($1, $2, NULL, '{chats:read}', 'https://x/', $3, $4)"
    assert await world.sql.fetchval(agree, maker, app, CHALLENGE, bytes(32))
    return app


def given(app: int) -> tuple[object, ...]:
    return (bytes(32), app, b"a" * 32, b"r" * 32)


async def open_sessions(world: World) -> int:
    count: int = await world.sql.fetchval("SELECT count(*) FROM sessions WHERE provider = 'app' AND revoked_at IS NULL")
    return count


async def test_a_code_is_exchanged_while_its_person_leaves(world: World) -> None:
    app = await app_of(world)
    assert await while_held(world, LEAVE.format(world.carol), EXCHANGE, "SELECT", *given(app)) == "refused"
    assert await open_sessions(world) == 0


async def test_its_person_leaves_while_a_code_is_exchanged(world: World) -> None:
    app = await app_of(world)
    zeros, access, refresh = (f"decode(repeat('{byte}', 32), 'hex')" for byte in ("00", "61", "72"))
    exchange = f"SELECT exchange_app_code({zeros}, {app}, NULL, '{CHALLENGE}', {access}, {refresh}, 900, 30)"
    await while_held(world, exchange, LEAVE.format(world.carol) + " RETURNING 1", "SELECT")
    assert await world.sql.fetchval("SELECT count(*) FROM sessions WHERE app_id = $1", app) == 1
    assert await open_sessions(world) == 0


async def test_what_is_taken_back_is_not_fetched_later(world: World) -> None:
    app = await app_of(world)
    back = f"SELECT disconnect_app({world.carol}, {app})"
    assert await while_held(world, back, EXCHANGE, "SELECT", *given(app)) == "refused"
    assert await open_sessions(world) == 0


async def test_tokens_are_not_renewed_for_a_workspace_that_their_person_has_left(world: World) -> None:
    app = await app_of(world)
    other = await world.sql.fetchval("INSERT INTO workspaces (name) VALUES ('other') RETURNING id")
    join = "INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)"
    await world.sql.execute(join, other, world.carol)
    await world.sql.execute("UPDATE app_codes SET workspace_id = $1", other)
    assert await world.sql.fetchval(EXCHANGE, *given(app)) == "opened"
    await world.sql.execute("DELETE FROM workspace_members WHERE workspace_id = $1", other)
    refresh = "SELECT outcome FROM refresh_app($1, $2, $3, $4, NULL, 900, 30)"
    successors = [b"s" * 32, b"t" * 32]
    assert await world.sql.fetchval(refresh, b"r" * 32, app, successors, b"b" * 32) == "refused"
