"""The tree of departments: its closure is that of the parents, whatever moves, and a circle is refused."""

import asyncio
import random
from dataclasses import replace

import asyncpg
import pytest

from tests.sql.world import World, blocked

CLOSURE = "SELECT ancestor_id, department_id, depth FROM department_tree"
PARENTS = "SELECT id, parent_id FROM departments"


@pytest.fixture
async def organized(world: World) -> World:
    await world.sql.execute(f"SELECT create_organization({world.alice}, 'Engines')")
    await world.sql.execute("UPDATE workspaces SET organization_id = 1")
    return world


def closure(parents: dict[int, int | None]) -> set[tuple[int, int, int]] | None:
    """As the parents say; None if they are no tree of 15 levels."""
    found = set()
    for department in parents:
        above: int | None = department
        for depth in range(15):
            if above is None:
                break
            found.add((above, department, depth))
            above = parents[above]
        if above is not None:
            return None
    return found


async def test_the_closure_is_that_of_the_parents_whatever_moves(organized: World) -> None:
    rng = random.Random(17)
    parents: dict[int, int | None] = {}
    refusals = 0
    for step in range(150):
        chosen = [one for one in parents if rng.random() < 0.1] or [*parents][:1]
        parent = rng.choice([None, *parents]) if step % 3 else (max(parents) if parents else None)
        if step < 20 or rng.random() < 0.2:
            values = f"(1, {parent or 'NULL'}, {step})"
            statement = f"INSERT INTO departments (organization_id, parent_id, name) VALUES {values} RETURNING id"
            changed = None
        elif rng.random() < 0.2:
            leaf = rng.choice([*parents])
            statement, changed = f"DELETE FROM departments WHERE id = {leaf}", dict(parents)
            del changed[leaf]
            if leaf in parents.values():
                changed = {leaf: leaf}  # refused
        else:
            ids = ", ".join(map(str, chosen))
            statement = f"UPDATE departments SET parent_id = {parent or 'NULL'} WHERE id IN ({ids})"
            changed = parents | dict.fromkeys(chosen, parent)
        expected = closure(changed) if changed is not None else None
        try:
            made = await organized.sql.fetchval(statement)
        except asyncpg.PostgresError as error:
            made, refused = 0, error.constraint_name
            refusals += 1
        else:
            refused = None
        if refused is not None:
            assert refused in ("department_is_below_itself", "departments_depth", "department_is_empty")
            assert changed is None or expected is None
            continue
        parents = changed if changed is not None else parents | {made: parent}
        assert closure(parents) is not None
        assert set(await organized.rows(CLOSURE)) == closure(parents)
        assert dict(await organized.rows(PARENTS)) == parents
    assert refusals > 5


async def test_two_moves_that_make_a_circle_together_wait_for_each_other(organized: World) -> None:
    await organized.sql.execute("INSERT INTO departments (organization_id, name) VALUES (1, 'a'), (1, 'b')")
    other = await organized.connect()
    await organized.sql.execute("BEGIN; UPDATE departments SET parent_id = 2 WHERE id = 1")
    waiting = asyncio.create_task(other.execute("UPDATE departments SET parent_id = 1 WHERE id = 2"))
    watcher = replace(organized, sql=await organized.connect())
    await blocked(watcher, other)
    await organized.sql.execute("COMMIT")
    with pytest.raises(asyncpg.PostgresError) as error:
        await waiting
    assert error.value.constraint_name == "department_is_below_itself"


async def test_what_somebody_is_in_a_department(organized: World) -> None:
    sql = organized.sql
    await sql.execute("INSERT INTO departments (organization_id, name) VALUES (1, 'a'), (1, 'b')")
    await sql.execute("INSERT INTO positions (organization_id, name) VALUES (1, 'Engineer')")
    await organized.events()
    await sql.execute(
        "INSERT INTO appointments (organization_id, department_id, user_id, position_id, is_primary, ends_at) "
        "VALUES (1, 1, 2, 1, true, NULL), (1, 2, 2, NULL, false, now() - interval '1 hour')"
    )
    updated, directory = sorted(await organized.events(), key=lambda event: event.audience)
    assert (directory.kind, directory.workspace_ids, directory.payload) == (
        "DirectoryUpdated",
        [1],
        {"organization_id": 1},
    )
    assert (updated.kind, updated.user_id) == ("OrganizationUpdated", 2)
    assert [(one["department_id"], one["is_current"]) for one in updated.payload["appointments"]] == [
        (1, True),
        (2, False),
    ]
    for statement, rule in {
        "UPDATE appointments SET is_primary = true": "appointments_primary_key",
        "DELETE FROM departments WHERE id = 1": "department_is_empty",
        "UPDATE appointments SET user_id = 3": "key_is_final",
        "UPDATE organization_members SET kind = 'guest' WHERE user_id = 4; "
        "INSERT INTO appointments (organization_id, department_id, user_id) "
        "VALUES (1, 1, 4)": "appointment_is_of_a_member",
    }.items():
        with pytest.raises(asyncpg.PostgresError) as error:
            await sql.execute(statement)
        assert error.value.constraint_name == rule
    await sql.execute("DELETE FROM positions")
    assert await organized.rows("SELECT position_id FROM appointments WHERE department_id = 1") == [(None,)]
    await sql.execute("UPDATE organization_members SET kind = 'guest' WHERE user_id = 2")
    assert await organized.rows("SELECT id FROM appointments") == []


async def test_a_hidden_department_is_seen_by_those_who_are_in_it(organized: World) -> None:
    await organized.sql.execute(
        "INSERT INTO departments (organization_id, name, parent_id, hidden) "
        "VALUES (1, 'a', NULL, false), (1, 'b', 1, true), (1, 'c', 2, false), (1, 'd', 1, false);"
        "INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, 1, 1), (1, 2, 2), (1, 3, 3)"
    )
    seen = "SELECT array_agg(id ORDER BY id) FROM departments WHERE sees_department(id, $1)"
    assert [await organized.sql.fetchval(seen, who) for who in (1, 2, 3, 4)] == [
        [1, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 4],
    ]
    await organized.sql.execute("UPDATE appointments SET ends_at = now() WHERE user_id = 3")
    assert await organized.sql.fetchval(seen, 3) == [1, 4]
