"""Guests in chats: who brings them in, whom they meet, and when they leave; in psql as over REST."""

import asyncpg
import pytest

from tests.sql.world import World

ADD = "INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)"
MET = "SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM met_as_guests($1) AS id"
GUESTS = "SELECT coalesce(array_agg(chat_id ORDER BY chat_id), '{}') FROM chat_members WHERE guest_of = 1"


@pytest.fixture
async def organized(world: World) -> World:
    """Alice's organisation has the workspace; eve is its guest. The group has alice, bob and carol."""
    await world.sql.execute(
        f"SELECT create_organization({world.alice}, 'Engines');"
        "INSERT INTO features VALUES ('enable_organizations', true); UPDATE workspaces SET organization_id = 1;"
        f"INSERT INTO organization_members (organization_id, user_id, kind) VALUES (1, {world.eve}, 'guest')"
    )
    await world.events()
    return world


async def as_actor(world: World, actor: int | None, statement: str, *values: object) -> None:
    async with world.sql.transaction():
        await world.sql.execute("SELECT set_config('fechatter.actor', $1, true)", str(actor or ""))
        await world.sql.execute(statement, *values)


async def refused(world: World, actor: int | None, statement: str, *values: object) -> str | None:
    with pytest.raises(asyncpg.PostgresError) as raised:
        await as_actor(world, actor, statement, *values)
    name: str | None = raised.value.constraint_name
    return name


async def test_a_guest_meets_the_people_of_their_chats_and_nobody_else(organized: World) -> None:
    world, sql = organized, organized.sql
    assert await refused(world, world.carol, ADD, world.group, world.eve) == "chat_members_in_workspace"
    await as_actor(world, world.alice, ADD, world.group, world.eve)
    kinds = [(event.kind, event.audience, event.user_id) for event in await world.events()]
    assert kinds == [("NewChat", "user", world.eve), ("UserJoinedChat", "chat", world.eve)]
    everybody = [world.alice, world.bob, world.carol, world.eve]
    assert await sql.fetchval(MET, world.eve) == everybody
    assert await sql.fetchval(MET, world.bob) == [world.eve]
    assert await sql.fetchval(MET, world.dave) == []
    sees = "SELECT sees_profile($1, $2), sees_profile($2, $1)"
    assert [await world.rows(sees, world.eve, other) for other in (world.bob, world.dave)] == [
        [(True, True)],
        [(False,) * 2],
    ]
    # Whoever has met them may bring them into another chat.
    made = "SELECT (chat ->> 'id')::bigint FROM create_chat($1, 1, 'Group', '', '', '{}')"
    other = await sql.fetchval(made, world.carol)
    assert await refused(world, world.dave, ADD, other, world.eve) == "chat_members_in_workspace"
    await as_actor(world, world.carol, ADD, other, world.eve)
    # A guest brings in nobody and has no role.
    assert await refused(world, world.eve, ADD, other, world.dave) == "guest_brings_nobody"
    assert (
        await refused(world, None, "UPDATE chat_members SET role = 'admin' WHERE user_id = $1", world.eve)
        == "guest_is_plain_member"
    )


async def test_others_hear_of_a_guests_profile_and_guests_of_theirs(organized: World) -> None:
    world, sql = organized, organized.sql
    await sql.execute(ADD, world.group, world.eve)
    await world.events()
    for person in (world.eve, world.bob):
        await sql.execute("UPDATE users SET fullname = 'Anew' WHERE id = $1", person)
        told = [event for event in await world.events() if event.kind == "ChatMemberUpdated"]
        assert [(event.audience, event.chat_id, event.user_id) for event in told] == [("chat", world.group, person)]
        assert told[0].payload["fullname"] == "Anew"
    await sql.execute("UPDATE users SET fullname = 'Anew' WHERE id = $1", world.dave)
    assert "ChatMemberUpdated" not in [event.kind for event in await world.events()]


async def test_when_a_guest_leaves(organized: World) -> None:
    world, sql = organized, organized.sql
    pair = "SELECT (chat ->> 'id')::bigint FROM create_chat($1, 1, 'Single', '', '', ARRAY[$2::bigint])"

    async def bring() -> None:
        await sql.execute(ADD, world.group, world.eve)
        assert len(await sql.fetchval(GUESTS)) == 1
        await sql.fetchval(pair, world.alice, world.eve)
        assert len(await sql.fetchval(GUESTS)) == 2

    await bring()  # with the organisation; the chat between two people goes
    await sql.execute("DELETE FROM organization_members WHERE user_id = $1", world.eve)
    assert await sql.fetchval(GUESTS) == []
    assert await sql.fetchval("SELECT count(*) FROM chats WHERE type = 'Single'") == 0
    back = "INSERT INTO organization_members (organization_id, user_id, kind) VALUES (1, $1, 'guest')"
    await sql.execute(back, world.eve)
    await bring()  # with the workspace's organisation
    await sql.execute("UPDATE workspaces SET organization_id = NULL")
    assert await sql.fetchval(GUESTS) == []
    await sql.execute(
        "UPDATE workspaces SET organization_id = 1; DELETE FROM organization_members WHERE kind = 'guest'"
    )
    await sql.execute(back, world.eve)
    await bring()  # as a guest alone: from now on they are in the workspace
    await sql.execute("UPDATE organization_members SET kind = 'member' WHERE user_id = $1", world.eve)
    await sql.execute("INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, $1)", world.eve)
    assert await sql.fetchval(GUESTS) == []
    assert await sql.fetchval("SELECT count(*) FROM chat_members WHERE user_id = $1", world.eve) == 2


async def test_a_guest_inherits_no_chat(organized: World) -> None:
    world, sql = organized, organized.sql
    await sql.execute(ADD, world.group, world.eve)
    for person in (world.bob, world.carol, world.alice):
        if person == world.alice:
            await sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.dave)
        await sql.execute("DELETE FROM workspace_members WHERE user_id = $1", person)
    assert await sql.fetchval("SELECT count(*) FROM chats") == 0


async def test_switching_the_feature_off_lets_no_guest_in(organized: World) -> None:
    await organized.sql.execute("UPDATE features SET enabled = false")
    assert await refused(organized, None, ADD, organized.group, organized.eve) == "chat_members_in_workspace"
