"""Chats that follow departments: who is in them is who is in the departments, after each transaction."""

import random

import asyncpg
import pytest

from tests.sql.world import World

APPOINT = "INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, {}, {})"
MEMBERS = "SELECT coalesce(array_agg(user_id ORDER BY user_id), '{}') FROM chat_members WHERE chat_id = $1"
SHOULD = """
    SELECT coalesce(array_agg(DISTINCT user_id ORDER BY user_id), '{}') FROM (
        SELECT user_id FROM chat_members WHERE chat_id = $1 AND (NOT by_department OR role = 'owner')
        UNION SELECT a.user_id FROM department_chats f JOIN department_tree t ON t.ancestor_id = f.department_id
        JOIN appointments a ON a.department_id = t.department_id AND a.is_current
        JOIN workspace_members w ON w.user_id = a.user_id AND w.workspace_id = 1
        WHERE f.chat_id = $1 AND (f.with_below OR t.depth = 0)) both_of
"""


@pytest.fixture
async def organized(world: World) -> World:
    """a > b > c and d, and the group follows b with all below it."""
    await world.sql.execute(f"SELECT create_organization({world.alice}, 'Engines')")
    await world.sql.execute(
        "INSERT INTO features VALUES ('enable_organizations', true); UPDATE workspaces SET organization_id = 1;"
        "INSERT INTO departments (organization_id, parent_id, name) "
        "VALUES (1, NULL, 'a'), (1, 1, 'b'), (1, 2, 'c'), (1, NULL, 'd'); DELETE FROM chat_members WHERE user_id > 1;"
        "INSERT INTO department_chats (chat_id, department_id) VALUES (1, 2)"
    )
    await world.events()
    return world


async def test_members_follow_in_the_transaction_that_moves_them(organized: World) -> None:
    sql = organized.sql

    async def members() -> list[int]:
        return list(await sql.fetchval(MEMBERS, 1))

    await sql.execute(APPOINT.format(3, 2))
    assert await members() == [1, 2]
    kinds = [(event.kind, event.user_id) for event in await organized.events() if event.chat_id == 1]
    assert kinds == [("NewChat", 2), ("UserJoinedChat", 2)]
    await sql.execute(APPOINT.format(1, 3))  # above what the chat follows
    assert await members() == [1, 2]
    await sql.execute("UPDATE departments SET parent_id = 4 WHERE id = 3")
    assert await members() == [1]
    assert [event.kind for event in await organized.events() if event.chat_id == 1] == ["UserLeftChat"]
    await sql.execute("UPDATE departments SET parent_id = 2 WHERE id = 3")
    await sql.execute("UPDATE department_chats SET with_below = false")
    assert await members() == [1]
    await sql.execute("UPDATE department_chats SET with_below = true")
    await sql.execute("UPDATE appointments SET ends_at = now() WHERE user_id = 2")
    assert await members() == [1]
    await sql.execute("UPDATE appointments SET ends_at = NULL WHERE user_id = 2")
    assert await members() == [1, 2]

    # Somebody outside the workspace joins with it; an owner stays, and so does whom somebody has added.
    eve = f"INSERT INTO organization_members (organization_id, user_id) VALUES (1, {organized.eve})"
    await sql.execute(f"{eve}; {APPOINT.format(2, organized.eve)}")
    assert await members() == [1, 2]
    await sql.execute(f"INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, {organized.eve})")
    assert await members() == [1, 2, organized.eve]
    await sql.execute("UPDATE chat_members SET role = 'owner' WHERE user_id = 2")
    await sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES (1, 4)")
    await sql.execute("DELETE FROM appointments")
    assert await members() == [1, 2, 4]


async def test_nobody_joins_who_is_banned_nor_an_archived_chat_nor_where_it_is_off(organized: World) -> None:
    sql = organized.sql
    await sql.execute(f"INSERT INTO chat_bans (chat_id, user_id) VALUES (1, 2); {APPOINT.format(2, 2)}")
    assert await sql.fetchval(MEMBERS, 1) == [1]
    await sql.execute(f"UPDATE chats SET archived_at = now() WHERE id = 1; {APPOINT.format(2, 3)}")
    assert await sql.fetchval(MEMBERS, 1) == [1]
    await sql.execute(f"UPDATE chats SET archived_at = NULL; {APPOINT.format(3, 3)}")
    assert await sql.fetchval(MEMBERS, 1) == [1, 3]
    await sql.execute(f"UPDATE features SET enabled = false; {APPOINT.format(2, 4)}")
    assert await sql.fetchval(MEMBERS, 1) == [1, 3]
    await sql.execute("DELETE FROM appointments WHERE user_id = 3")  # who goes goes all the same
    assert await sql.fetchval(MEMBERS, 1) == [1]


async def test_only_a_chat_of_the_organisation_follows_and_it_stops_outside(organized: World) -> None:
    sql = organized.sql
    await sql.execute(APPOINT.format(2, 2))
    pair = await organized.add_chat("Single", "carol", "dave")
    with pytest.raises(asyncpg.PostgresError) as error:
        await sql.execute("INSERT INTO department_chats VALUES ($1, 2)", pair)
    assert error.value.constraint_name == "department_chat_is_of_organization"
    await sql.execute("UPDATE workspaces SET organization_id = NULL")
    assert await sql.fetchval(MEMBERS, 1) == [1]
    with pytest.raises(asyncpg.PostgresError) as error:
        await sql.execute("INSERT INTO department_chats VALUES (1, 2)")
    assert error.value.constraint_name == "department_chat_is_of_organization"


async def test_whatever_changes_the_chats_have_the_departments_people(organized: World) -> None:
    rng = random.Random(5)
    other = await organized.add_chat("Group", "alice")
    await organized.sql.execute("INSERT INTO department_chats VALUES ($1, 1, true)", other)
    changes = (
        "INSERT INTO appointments (organization_id, department_id, user_id) SELECT 1, {d}, user_id FROM "
        "organization_members WHERE user_id IN ({u}, {v}) ON CONFLICT DO NOTHING",
        "UPDATE appointments SET department_id = {d} WHERE id = (SELECT min(id) FROM appointments WHERE user_id = {u}) "
        "AND NOT EXISTS (SELECT FROM appointments a WHERE a.user_id = {u} AND a.department_id = {d})",
        "DELETE FROM appointments WHERE user_id = {u}",
        "UPDATE departments SET parent_id = CASE WHEN id > {d} THEN {d} END WHERE id = {e}",
        "UPDATE department_chats SET department_id = {d} WHERE chat_id = 1",
        "UPDATE department_chats SET with_below = NOT with_below",
        "UPDATE appointments SET ends_at = CASE WHEN ends_at IS NULL THEN now() END WHERE user_id = {u}",
        "DELETE FROM workspace_members WHERE user_id = {u} AND role = 'member'",
        "INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, {u}) ON CONFLICT DO NOTHING",
    )
    for _ in range(60):
        async with organized.sql.transaction():
            for change in rng.sample(changes, 2):
                numbers = {
                    "d": rng.randint(1, 4),
                    "e": rng.randint(1, 4),
                    "u": rng.randint(2, 4),
                    "v": rng.randint(2, 4),
                }
                await organized.sql.execute(change.format(**numbers))
        for chat in (1, other):
            assert await organized.sql.fetchval(MEMBERS, chat) == await organized.sql.fetchval(SHOULD, chat)
