"""Workspaces whose members sign in by one provider alone, but for one owner."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked

OPEN = """
SELECT session_id, required
FROM open_session($1, NULL, sha256(random()::text::bytea), 30, NULL, sha256('new'), $2)
"""


async def require(world: World, provider: str = "acme", owner: int | None = None, workspace: int | None = None) -> None:
    await world.sql.execute(
        "INSERT INTO required_providers (workspace_id, provider, break_glass_owner) VALUES ($1, $2, $3)",
        *(workspace or world.acme, provider, owner or world.alice),
    )


async def sign_in(world: World, person: int, provider: str) -> str | None:
    """The provider that is required instead; None: they are in."""
    found = await world.sql.fetchrow(OPEN, person, provider)
    assert found is not None
    assert (found["session_id"] is None) == (found["required"] is not None)
    required: str | None = found["required"]
    return required


async def open_sessions(world: World, person: int) -> list[str]:
    return [
        name
        for (name,) in await world.rows(
            "SELECT provider FROM sessions WHERE user_id = $1 AND revoked_at IS NULL ORDER BY id", person
        )
    ]


async def elsewhere(world: World, *people: int) -> int:
    """Another workspace, which eve owns, with these members."""
    workspace: int = await world.sql.fetchval("INSERT INTO workspaces (name) VALUES ('elsewhere') RETURNING id")
    for person, role in ((world.eve, "owner"), *((person, "member") for person in people)):
        await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2, $3)", workspace, person, role)
    return workspace


async def test_members_get_in_by_the_provider_and_one_owner_by_any_way(world: World) -> None:
    assert await sign_in(world, world.bob, "password") is None
    await require(world)
    assert await sign_in(world, world.bob, "password") == "acme"
    assert await sign_in(world, world.bob, "acme") is None
    assert await sign_in(world, world.alice, "password") is None
    assert await sign_in(world, world.eve, "password") is None  # not a member
    await world.sql.execute("DELETE FROM required_providers")
    assert await sign_in(world, world.bob, "password") is None


async def test_sessions_that_began_otherwise_end_when_it_is_required(world: World) -> None:
    for person in (world.alice, world.bob):
        for provider in ("password", "acme"):
            await sign_in(world, person, provider)
    await world.events()
    await require(world)
    assert await open_sessions(world, world.bob) == ["acme"]
    assert await open_sessions(world, world.alice) == ["password", "acme"]
    [revoked] = await world.events()
    assert (revoked.kind, revoked.payload["reason"], revoked.user_id) == (
        "SessionRevoked",
        "provider_required",
        world.bob,
    )
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await world.sql.execute("UPDATE required_providers SET break_glass_owner = $1", world.bob)
    assert await open_sessions(world, world.alice) == ["acme"]


async def test_who_joins_signs_in_as_required_from_then_on(world: World) -> None:
    await require(world)
    await sign_in(world, world.eve, "password")
    await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2)", world.acme, world.eve)
    assert await open_sessions(world, world.eve) == []
    assert await sign_in(world, world.eve, "password") == "acme"


async def test_nobody_can_be_required_to_use_two(world: World) -> None:
    other = await elsewhere(world, world.carol)
    await require(world)
    with pytest.raises(asyncpg.PostgresError, match="another provider"):
        await require(world, "globex", world.eve, other)
    await require(world, "acme", world.eve, other)
    await world.sql.execute(
        "DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2", other, world.carol
    )
    await world.sql.execute("UPDATE required_providers SET provider = 'globex' WHERE workspace_id = $1", other)
    with pytest.raises(asyncpg.PostgresError, match="another provider"):
        await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2)", other, world.dave)
    await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2)", other, world.alice)  # free of acme's


async def test_the_break_glass_owner_stays_one(world: World) -> None:
    with pytest.raises(asyncpg.PostgresError, match="no owner"):
        await require(world, owner=world.bob)
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await require(world, owner=world.bob)
    for change in ("DELETE FROM workspace_members WHERE", "UPDATE workspace_members SET role = 'admin' WHERE"):
        with pytest.raises(asyncpg.PostgresError, match="is the break-glass owner"):
            await world.sql.execute(f"{change} user_id = $1", world.bob)
    await world.sql.execute("DELETE FROM workspaces WHERE id = $1", world.acme)


async def test_who_joins_two_at_once_is_refused_by_the_second(world: World) -> None:
    other = await elsewhere(world)
    await require(world)
    await require(world, "globex", world.eve, other)
    frank = await world.add_user("frank")
    one, another = await world.connect(), await world.connect()
    join = "INSERT INTO workspace_members VALUES ($1, $2)"
    transaction = one.transaction()
    await transaction.start()
    await one.execute(join, world.acme, frank)
    waiting = asyncio.create_task(another.execute(join, other, frank))
    await blocked(world, another)
    await transaction.commit()
    with pytest.raises(asyncpg.PostgresError, match="another provider"):
        await waiting


@pytest.mark.parametrize("first", ["sign-in", "demand"])
async def test_a_sign_in_and_the_demand_at_the_same_time(world: World, first: str) -> None:
    """Whichever commits last sees the other."""
    signing_in, requiring = await world.connect(), await world.connect()
    demand = "INSERT INTO required_providers (workspace_id, provider, break_glass_owner) VALUES ($1, 'acme', $2)"
    acts = [
        (signing_in, OPEN, (world.bob, "password")),
        (requiring, demand, (world.acme, world.alice)),
    ]
    (one, act, values), (other, its_act, its_values) = acts if first == "sign-in" else acts[::-1]
    transaction = one.transaction()
    await transaction.start()
    await one.execute(act, *values)
    waiting = asyncio.create_task(other.execute(its_act, *its_values))
    await blocked(world, other)
    await transaction.commit()
    await waiting
    assert await open_sessions(world, world.bob) == []


async def test_the_last_way_in_that_a_workspace_lets_one_use_stays(world: World) -> None:
    """Whatever else somebody has, a password or a passkey, opens nothing while a workspace requires a provider."""
    await world.sql.execute("UPDATE users SET password_hash = 'x'")
    add = "SELECT add_identity($1, $2, 'https://id.example', $3, NULL, false)"
    at_acme, elsewhere = [
        await world.sql.fetchval(add, world.bob, *one) for one in (("acme", "bob"), ("globex", "bob"))
    ]
    alices = await world.sql.fetchval(add, world.alice, "acme", "alice")
    await world.sql.execute("SELECT passkey_handle($1)", world.bob)
    await world.sql.execute(
        "INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, synced, transports, name) "
        "VALUES ($1, sha256('x'), sha256('key'), 0, false, '{}', 'phone')",
        world.bob,
    )
    await require(world)
    remove = "SELECT outcome FROM remove_identity($1, $2)"
    with pytest.raises(asyncpg.PostgresError, match="nothing else lets") as refused:
        await world.sql.fetchval(remove, world.bob, at_acme)
    assert isinstance(refused.value, asyncpg.PostgresError)
    assert refused.value.hint == "A workspace requires acme: link another identity there first."
    assert await world.sql.fetchval(remove, world.bob, elsewhere) == "removed"
    another = await world.sql.fetchval(add, world.bob, "acme", "bob's other one")
    assert await world.sql.fetchval(remove, world.bob, at_acme) == "removed"
    assert await world.sql.fetchval(remove, world.alice, alices) == "removed"  # the break-glass owner has a password
    await world.sql.execute("DELETE FROM required_providers")
    assert await world.sql.fetchval(remove, world.bob, another) == "removed"
