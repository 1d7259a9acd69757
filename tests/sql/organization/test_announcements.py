"""Announcements: whom they reach, what those hear, and that ten thousand of them are a few statements."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import Event, World

OPEN = "SELECT announcements_of($1)::text"
PUBLISH = "INSERT INTO announcements (organization_id, author_id, title, content, department_ids, group_ids) "
REACHED = "SELECT array_agg(user_id ORDER BY user_id) FROM announcement_recipients WHERE announcement_id = $1"


@pytest.fixture
async def organized(world: World) -> World:
    """Alice, bob, carol and dave are members, eve is a guest. Works > Mill; bob is in Mill, carol in a group."""
    await world.sql.execute(
        f"SELECT create_organization({world.alice}, 'Engines');"
        "INSERT INTO features VALUES ('enable_organizations', true); UPDATE workspaces SET organization_id = 1;"
        f"INSERT INTO organization_members (organization_id, user_id, kind) VALUES (1, {world.eve}, 'guest');"
        "INSERT INTO departments (organization_id, parent_id, name) VALUES (1, NULL, 'Works'), (1, 1, 'Mill');"
        f"INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, 2, {world.bob});"
        "INSERT INTO groups (organization_id, name) VALUES (1, 'on-call');"
        f"INSERT INTO group_members (group_id, user_id) VALUES (1, {world.carol}), (1, {world.eve})"
    )
    await world.events()
    return world


def told(events: list[Event]) -> list[tuple[str, int | None]]:
    assert {event.audience for event in events} <= {"user"}
    return [(event.kind, event.user_id) for event in events]


async def publish(world: World, departments: str = "{}", groups: str = "{}") -> int:
    made = f"VALUES (1, $1, 'Move', 'On Monday.', '{departments}', '{groups}') RETURNING id"
    return int(await world.sql.fetchval(PUBLISH + made, world.alice))


async def test_it_reaches_members_of_the_organisation_of_departments_and_below_and_of_groups(organized: World) -> None:
    world = organized
    everybody = [world.alice, world.bob, world.carol, world.dave]
    for departments, groups, reached in (
        ("{}", "{}", everybody),
        ("{1}", "{}", [world.bob]),
        ("{2,1}", "{1}", [world.bob, world.carol]),
        ("{}", "{1}", [world.carol]),
    ):
        one = await publish(world, departments, groups)
        assert await world.sql.fetchval(REACHED, one) == reached
        events = await world.events()
        assert told(events) == [("AnnouncementUpdated", person) for person in reached]
        assert {event.payload["title"] for event in events} == {"Move"}
        assert "content" not in events[0].payload
    assert await world.sql.fetchval(OPEN, world.eve) == "[]"

    await world.sql.execute("UPDATE organization_members SET kind = 'guest' WHERE user_id = $1", world.bob)
    closed = [event.payload["id"] for event in await world.events() if event.kind == "AnnouncementClosed"]
    assert closed == [1, 2, 3]
    assert await world.sql.fetchval(OPEN, world.bob) == "[]"
    await world.sql.execute("DELETE FROM organization_members WHERE user_id = $1", world.carol)
    closed = [event.payload["id"] for event in await world.events() if event.kind == "AnnouncementClosed"]
    assert sorted(closed) == [1, 3, 4]


async def test_what_those_whom_it_reaches_hear(organized: World) -> None:
    world, sql = organized, organized.sql
    one = await publish(world, groups="{1}", departments="{1}")
    await world.events()
    assert await sql.fetchval("SELECT acknowledge_announcement($1, $2)", one, world.bob)
    assert await sql.fetchval("SELECT acknowledge_announcement($1, $2)", one, world.bob)
    assert not await sql.fetchval("SELECT acknowledge_announcement($1, $2)", one, world.dave)
    assert told(await world.events()) == [("AnnouncementClosed", world.bob)]
    await sql.execute("UPDATE announcements SET content = 'On Tuesday.'")
    assert told(await world.events()) == [("AnnouncementUpdated", world.carol)]
    await sql.execute("SELECT change_announcement(1, $1, NULL, 'On Friday.', true)", one)
    assert sorted(told(await world.events())) == [
        ("AnnouncementUpdated", world.bob),
        ("AnnouncementUpdated", world.carol),
    ]
    await sql.execute("UPDATE announcements SET withdrawn_at = now()")
    assert told(await world.events()) == [("AnnouncementClosed", world.bob), ("AnnouncementClosed", world.carol)]
    await sql.execute("UPDATE announcement_recipients SET acknowledged_at = now()")
    assert await world.events() == []  # it was closed already
    assert not await sql.fetchval("SELECT acknowledge_announcement($1, $2)", one, world.bob)
    acts = await world.rows("SELECT action FROM audit_log WHERE target_type = 'announcement' ORDER BY id")
    changed = [("announcement_changed",)] * 2
    assert acts == [("announcement_published",), *changed, ("announcement_withdrawn",)]

    two = await publish(world)
    await world.events()
    await sql.execute("DELETE FROM announcements WHERE id = $1", two)
    assert told(await world.events()) == [
        ("AnnouncementClosed", person) for person in (world.alice, world.bob, world.carol, world.dave)
    ]


async def test_a_change_waits_for_who_acknowledges_it(organized: World) -> None:
    """Else its event could follow the one that closes the announcement, and open it again."""
    world = organized
    one = await publish(world, groups="{1}")
    await world.events()
    async with world.database.connect() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("UPDATE announcement_recipients SET acknowledged_at = now()")
        waiting = asyncio.create_task(world.sql.execute("UPDATE announcements SET title = 'Stay' WHERE id = $1", one))
        async with world.database.connect() as third:
            while not await third.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                assert not waiting.done()
                await asyncio.sleep(0)
        await transaction.commit()
        await waiting
    assert told(await world.events()) == [("AnnouncementClosed", world.carol)]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (PUBLISH + "VALUES (1, 1, 'x', 'x', '{9}', '{}')", "announcement_is_for_own_people"),
        (PUBLISH + "VALUES (1, 1, 'x', 'x', '{}', '{9}')", "announcement_is_for_own_people"),
        (PUBLISH + "VALUES (1, 1, E'x\\u200bx', 'x', '{}', '{}')", "name_is_plain"),
        (PUBLISH + "SELECT 1, 1, 'x', 'x', '{}', '{}' FROM generate_series(1, 201)", "announcements_amount"),
    ],
)
async def test_what_is_refused(organized: World, statement: str, rule: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as refused:
        await organized.sql.execute(statement)
    assert refused.value.constraint_name == rule


async def test_whom_it_is_for_never_changes_and_a_withdrawn_one_stays_so(organized: World) -> None:
    await publish(organized)
    await organized.sql.execute("UPDATE announcements SET withdrawn_at = now()")
    for change in ("group_ids = '{1}'", "withdrawn_at = NULL", "acknowledgement_required = true"):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await organized.sql.execute(f"UPDATE announcements SET {change}")
        assert refused.value.constraint_name == "key_is_final"


async def test_many_people_are_told_in_a_few_statements(organized: World) -> None:
    world, sql = organized, organized.sql
    await sql.execute(
        "INSERT INTO users (email, fullname, password_hash) "
        "SELECT 'u' || n || '@example.com', 'U' || n, '' FROM generate_series(1, 500) n;"
        "INSERT INTO organization_members (organization_id, user_id) SELECT 1, id FROM users WHERE email LIKE 'u%'"
    )
    await world.events()
    async with sql.transaction():
        await sql.execute("SET LOCAL track_functions = 'all'")
        calls = "SELECT coalesce(sum(calls), 0) FROM pg_stat_xact_user_functions WHERE funcname <> 'is_plain'"
        before = await sql.fetchval(calls)
        one = await publish(world)
        assert await sql.fetchval("SELECT count(DISTINCT batch) FROM log_pending") == 1
        assert await sql.fetchval(calls) - before < 50
        await sql.execute("SELECT change_announcement(1, $1, 'Stay', NULL, true)", one)
        await sql.execute("UPDATE announcement_recipients SET acknowledged_at = now()")
        assert await sql.fetchval("SELECT count(DISTINCT batch) FROM log_pending") == 3
    assert len(await world.events()) == 3 * 504
