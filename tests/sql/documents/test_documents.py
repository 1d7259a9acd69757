"""The rules of boards hold for psql too, and what of them goes into the log."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked

NOBODY_ELSE = "DELETE FROM document_members WHERE document_id = $1 AND user_id = $2"


async def kinds(world: World) -> list[tuple[str, str, int | None]]:
    return [(event.kind, event.audience, event.user_id) for event in await world.events()]


async def refused(world: World, statement: str, *arguments: object) -> str:
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(statement, *arguments)
    return str(error.value.constraint_name)


async def test_a_board_keeps_an_owner(world: World) -> None:
    board = await world.add_board("alice", "bob")
    assert await refused(world, NOBODY_ELSE, board, world.alice) == "board_keeps_owner"
    assert await refused(world, "UPDATE document_members SET role = 'viewer'") == "board_keeps_owner"
    new = "INSERT INTO documents (kind, workspace_id, name) VALUES ('board', $1, 'nobody''s')"
    assert await refused(world, new, world.acme) == "board_keeps_owner"


async def test_of_two_owners_who_go_at_once_one_is_refused(world: World) -> None:
    board = await world.add_board("alice", "bob")
    await world.sql.execute("UPDATE document_members SET role = 'owner'")
    first, second = await world.connect(), await world.connect()
    await first.execute("BEGIN")
    await first.execute(NOBODY_ELSE, board, world.alice)
    leaving = asyncio.create_task(second.execute(NOBODY_ELSE, board, world.bob))
    await blocked(world, second)
    await first.execute("COMMIT")
    with pytest.raises(asyncpg.PostgresError) as error:
        await leaving
    assert error.value.constraint_name == "board_keeps_owner"


async def test_a_board_that_is_deleted_and_restored_is_told_member_by_member(world: World) -> None:
    board = await world.add_board("alice", "bob", "carol")
    await world.events()
    await world.sql.execute("UPDATE documents SET deleted_at = now()")
    assert sorted(await kinds(world)) == [("BoardDeleted", "user", user) for user in (1, 2, 3)]
    assert await refused(world, "INSERT INTO document_members VALUES ($1, $2, 1, 'viewer')", board, world.dave) == (
        "board_is_deleted"
    )
    await world.sql.execute("UPDATE documents SET name = 'unheard'")
    await world.sql.execute("UPDATE document_members SET role = 'editor' WHERE user_id = 3")
    await world.sql.execute("INSERT INTO document_thumbnails (document_id, data) VALUES ($1, '\\xffd8ff')", board)
    assert await kinds(world) == []
    await world.sql.execute("UPDATE documents SET deleted_at = NULL")
    events = sorted(await world.events(), key=lambda event: event.user_id or 0)
    assert [(event.kind, event.user_id) for event in events] == [("BoardRestored", user) for user in (1, 2, 3)]
    assert [(event.payload["name"], event.payload["role"]) for event in events] == [
        ("unheard", role) for role in ("owner", "editor", "editor")
    ]
    assert events[0].payload["thumbnail"]["media_type"] == "image/jpeg"
    await world.sql.execute("DELETE FROM documents")
    assert sorted(await kinds(world)) == [("BoardDeleted", "user", user) for user in (1, 2, 3)]


async def test_what_is_as_it_was_is_not_told(world: World) -> None:
    await world.add_board("alice", "bob")
    await world.sql.execute("INSERT INTO document_thumbnails (document_id, data) VALUES (1, '\\xffd8ff')")
    await world.events()
    await world.sql.execute("UPDATE documents SET name = name")
    await world.sql.execute("UPDATE document_members SET role = role")
    await world.sql.execute("UPDATE document_thumbnails SET data = data")
    assert await kinds(world) == []


async def test_boards_of_who_leaves_the_workspace_are_passed_on(world: World) -> None:
    """To an editor before a viewer, to whose account is active before others; what nobody else is on goes."""
    shared = await world.add_board("carol", "bob", "dave")
    viewed = await world.add_board("carol")
    await world.sql.execute(
        "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, 4, 'viewer')", viewed
    )
    hers = await world.add_board("carol")
    two = await world.add_board("carol", "alice")
    await world.sql.execute("UPDATE document_members SET role = 'owner' WHERE document_id = $1", two)
    await world.sql.execute("UPDATE users SET status = 'suspended' WHERE id = 2")
    await world.events()
    await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.carol)
    owners = "SELECT document_id, user_id FROM document_members WHERE role = 'owner' ORDER BY 1"
    assert await world.rows(owners) == [(shared, world.dave), (viewed, world.dave), (two, world.alice)]
    gone = [event for event in await world.events() if event.kind == "BoardDeleted"]
    assert [(event.document_id, event.user_id) for event in gone] == [(hers, world.carol)]


async def test_a_board_goes_with_its_workspace(world: World) -> None:
    await world.add_board("alice", "bob")
    await world.events()
    await world.sql.execute("DELETE FROM workspaces")
    assert sorted(found for found in await kinds(world) if "Board" in found[0]) == [
        ("BoardDeleted", "user", world.alice),
        ("BoardDeleted", "user", world.bob),
    ]


async def test_who_made_or_invited_may_be_deleted(world: World) -> None:
    """And that is told, since it is part of what is shown."""
    await world.sql.execute(
        "INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)", world.acme, world.eve
    )
    board = await world.add_board("alice", "eve", "bob")
    await world.sql.execute("UPDATE documents SET created_by = $1", world.eve)
    await world.sql.execute("UPDATE document_members SET invited_by = $1 WHERE user_id = $2", world.eve, world.bob)
    await world.events()
    await world.sql.execute("DELETE FROM users WHERE id = $1", world.eve)
    told = {event.kind: event.payload for event in await world.events() if event.document_id == board}
    assert told["BoardUpdated"]["created_by"] is None
    assert told["BoardMemberUpdated"]["invited_by"] is None
    assert told["UserLeftBoard"]["user_id"] == world.eve


async def test_versions_are_few_and_none_of_a_deleted_board(world: World) -> None:
    board = await world.add_board("alice")
    make = (
        "INSERT INTO document_versions (document_id, name, seq, state) "
        "SELECT $1, 'v', 0, 'ab' FROM generate_series(1, {})"
    )
    await world.sql.execute(make.format(100), board)
    assert await refused(world, make.format(1), board) == "board_versions_amount"
    assert await refused(world, "UPDATE document_versions SET state = 'cd'") == "key_is_final"
    await world.sql.execute("DELETE FROM document_versions WHERE id > 1")
    await world.sql.execute("UPDATE documents SET deleted_at = now()")
    await world.events()
    assert await refused(world, make.format(1), board) == "board_is_deleted"
    await world.sql.execute("UPDATE document_versions SET name = 'unheard'")
    assert await kinds(world) == []
    await world.sql.execute("UPDATE documents SET deleted_at = NULL")
    [restored] = await world.events()
    assert [one["name"] for one in restored.payload["versions"]] == ["unheard"]
