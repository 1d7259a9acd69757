"""Organisations: who is in them, by their workspaces or not, and who hears of it."""

import asyncpg
import pytest

from tests.sql.world import World


async def found(world: World, owner: int) -> int:
    return int(await world.sql.fetchval("SELECT create_organization($1, 'Engines') ->> 'id'", owner))


async def people(world: World) -> list[tuple[int, str, str]]:
    return [tuple(row) for row in await world.rows("SELECT user_id, role, source FROM organization_members ORDER BY 1")]


async def refused(world: World, statement: str, rule: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(statement)
    assert error.value.constraint_name == rule


async def test_the_people_of_a_workspace_come_and_go_with_it(world: World) -> None:
    await found(world, world.eve)
    await world.sql.execute("UPDATE workspaces SET organization_id = 1")
    came = [(one, "member", "workspace") for one in (world.alice, world.bob, world.carol, world.dave)]
    assert await people(world) == [*came, (world.eve, "owner", "person")]
    await world.events()
    await world.sql.execute(f"DELETE FROM workspace_members WHERE user_id = {world.dave}")
    assert await people(world) == [*came[:3], (world.eve, "owner", "person")]
    await world.sql.execute(f"INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, {world.dave})")
    assert await people(world) == [*came, (world.eve, "owner", "person")]
    told = [(event.kind, event.user_id) for event in await world.events() if event.audience == "user"]
    assert told == [("OrganizationLeft", world.dave), ("OrganizationUpdated", world.dave)]

    # Whoever is removed from the organisation leaves its workspaces, and their chats.
    await world.sql.execute(f"DELETE FROM organization_members WHERE user_id = {world.carol}")
    assert await world.rows("SELECT user_id FROM workspace_members WHERE user_id = $1", world.carol) == []
    assert await world.rows("SELECT user_id FROM chat_members WHERE user_id = $1", world.carol) == []
    await world.sql.execute(f"UPDATE organization_members SET source = 'hr' WHERE user_id = {world.bob}")
    await world.sql.execute("UPDATE workspaces SET organization_id = NULL")
    assert await people(world) == [(world.bob, "member", "hr"), (world.eve, "owner", "person")]
    assert await world.rows("SELECT user_id FROM workspace_members ORDER BY 1") == [
        (world.alice,),
        (world.bob,),
        (world.dave,),
    ]


async def test_a_bot_comes_and_goes_with_its_workspace_and_is_no_member(world: World) -> None:
    """Whenever its workspace comes in: announcements are not for it, and it has no appointments."""
    await world.sql.execute("INSERT INTO features VALUES ('enable_bot_messages', true), ('enable_organizations', true)")
    make = "SELECT user_id FROM create_bot($1, $2, $3, 'Builds')"
    bots = {await world.sql.fetchval(make, world.alice, world.acme, "early")}
    await world.sql.execute(
        f"SELECT create_organization({world.alice}, 'Engines'); UPDATE workspaces SET organization_id = 1;"
        "INSERT INTO departments (organization_id, name) VALUES (1, 'Works')"
    )
    bots.add(await world.sql.fetchval(make, world.alice, world.acme, "late"))
    await world.sql.execute("UPDATE organization_members SET kind = 'member' WHERE kind = 'bot'")  # which it stays
    kept = "SELECT user_id FROM organization_members WHERE kind = 'bot'"
    assert {bot for (bot,) in await world.rows(kept)} == bots
    await world.sql.execute(
        "INSERT INTO announcements (organization_id, author_id, title, content) VALUES (1, $1, 'For', 'people')",
        world.alice,
    )
    assert not bots & {user for (user,) in await world.rows("SELECT user_id FROM announcement_recipients")}
    for bot in bots:
        with pytest.raises(asyncpg.PostgresError, match="has no appointments"):
            await world.sql.execute(
                "INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, 1, $1)", bot
            )
    await world.sql.execute("DELETE FROM workspace_members WHERE user_id = ANY ($1)", bots)
    assert await world.rows(kept) == []


async def test_the_people_of_a_deleted_workspace_leave_with_it(world: World) -> None:
    await found(world, world.eve)
    await world.sql.execute("UPDATE workspaces SET organization_id = 1")
    await world.sql.execute("INSERT INTO workspaces (name, organization_id) VALUES ('other', 1)")
    await world.sql.execute(f"INSERT INTO workspace_members VALUES (2, {world.bob}, 'owner')")
    await world.sql.execute("DELETE FROM workspaces WHERE id = 1")
    assert await people(world) == [(world.bob, "member", "workspace"), (world.eve, "owner", "person")]


async def test_an_organisation_keeps_an_owner_and_its_workspaces(world: World) -> None:
    await found(world, world.alice)
    await refused(world, "INSERT INTO organizations (name) VALUES ('x')", "organization_keeps_owner")
    await refused(world, "DELETE FROM organization_members", "organization_keeps_owner")
    await refused(world, "UPDATE organization_members SET role = 'admin'", "organization_keeps_owner")
    await world.sql.execute("UPDATE workspaces SET organization_id = 1")
    await refused(world, "DELETE FROM organizations", "workspaces_organization_exists")
    await world.sql.execute("UPDATE workspaces SET organization_id = NULL; DELETE FROM organizations")
    assert await people(world) == []
    await world.sql.execute(f"SELECT create_organization({world.alice}, 'x') FROM generate_series(1, 20)")
    await refused(world, f"SELECT create_organization({world.alice}, 'x')", "organizations_amount")


async def test_a_guest_is_in_no_workspace(world: World) -> None:
    await found(world, world.alice)
    await world.sql.execute("UPDATE workspaces SET organization_id = 1")
    await world.sql.execute(f"UPDATE organization_members SET kind = 'guest' WHERE user_id = {world.bob}")
    assert await world.rows("SELECT role FROM workspace_members WHERE user_id = $1", world.bob) == []
    assert await world.rows("SELECT role FROM chat_members WHERE user_id = $1", world.bob) == []
    join = f"INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, {world.bob})"
    await refused(world, join, "guest_is_in_no_workspace")
    other = "INSERT INTO workspaces (name) VALUES ('other'); "
    await world.sql.execute(f"{other} INSERT INTO workspace_members VALUES (2, {world.bob}, 'owner')")
    await refused(world, "UPDATE workspaces SET organization_id = 1 WHERE id = 2", "guest_is_in_no_workspace")
    await world.sql.execute(f"UPDATE organization_members SET kind = 'member' WHERE user_id = {world.bob}; {join}")


async def test_an_admin_adds_only_acquaintances(world: World) -> None:
    await found(world, world.alice)
    async with world.sql.transaction():
        await world.sql.execute("SELECT set_config('fechatter.actor', $1, true)", str(world.alice))
        await world.sql.execute(f"INSERT INTO organization_members (organization_id, user_id) VALUES (1, {world.bob})")
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(
                f"INSERT INTO organization_members (organization_id, user_id) VALUES (1, {world.eve})"
            )
        assert error.value.constraint_name == "organization_members_are_known"


@pytest.mark.parametrize(("table", "most"), [("departments", 10_000), ("positions", 1000), ("groups", 1000)])
async def test_an_organisation_has_at_most_so_many_of_each(world: World, table: str, most: int) -> None:
    await world.sql.execute(f"SELECT create_organization({world.alice}, 'Engines')")
    add = f"INSERT INTO {table} (organization_id, name) SELECT 1, 'x' || n FROM generate_series({{}}, {{}}) n"
    await refused(world, add.format(0, most), f"{table}_amount")
    await world.sql.execute(add.format(1, most))
    await refused(world, add.format(0, 0), f"{table}_amount")
