"""workspaces: its events."""

import asyncpg
import pytest

from tests.sql.world import World


async def test_a_new_workspace_is_told_by_its_members(world: World) -> None:
    await world.sql.execute("INSERT INTO workspaces (name) VALUES ('empty')")
    assert await world.events() == []


@pytest.mark.parametrize("column", ["name", "description"])
async def test_a_change_is_told_to_its_members(world: World, column: str) -> None:
    await world.sql.execute(f"UPDATE workspaces SET {column} = 'other'")
    [event] = await world.events()
    assert event.about() == ("WorkspaceUpdated", "workspaces", None, None, [world.acme])
    assert list(event.payload) == [
        *(
            "id",
            "name",
            "description",
            "retention_days",
            "show_emails",
            "link_previews",
            "public_publishing",
            "icon",
            "created_at",
            "updated_at",
        )
    ]
    assert event.payload[column] == "other"
    assert event.payload["updated_at"] > event.payload["created_at"]


async def test_an_update_that_changes_nothing_is_no_event(world: World) -> None:
    before = await world.rows("SELECT * FROM workspaces")
    await world.sql.execute("UPDATE workspaces SET name = name")
    assert await world.events() == []
    assert await world.rows("SELECT * FROM workspaces") == before


async def test_a_workspace_that_moves_away_is_told_to_each_member_with_its_address(world: World) -> None:
    async with world.sql.transaction():
        told = await world.sql.fetchrow("SELECT * FROM ops.move_workspace_away($1, 'https://two.example')", world.acme)
    assert tuple(told or ()) == ("acme", 4)
    events = await world.events()
    moved = [event for event in events if event.kind == "WorkspaceMoved"]
    assert [event.about() for event in moved] == [
        ("WorkspaceMoved", "user", None, user, [world.acme])
        for user in (world.alice, world.bob, world.carol, world.dave)
    ]
    assert all(event.payload == {"id": world.acme, "to": "https://two.example"} for event in moved)
    assert {event.kind for event in events} == {"WorkspaceMoved", "ChatDeleted"}
    assert await world.rows("SELECT workspace_id, moved_to FROM moved_workspaces") == [
        (world.acme, "https://two.example")
    ]


@pytest.mark.parametrize("to", ["two.example", "javascript:alert(1)", "https://two.example/a b", ""])
async def test_a_workspace_moves_to_no_address_that_is_none(world: World, to: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="is no address of an installation"):
        await world.sql.fetchrow("SELECT ops.move_workspace_away($1, $2)", world.acme, to)
    assert await world.events() == []


async def test_one_that_has_come_back_is_deleted_as_any_other(world: World) -> None:
    await world.sql.execute(
        "INSERT INTO moved_workspaces VALUES ($1, 'https://two.example', now() - interval '1 day')", world.acme
    )
    await world.sql.execute("DELETE FROM workspaces")
    assert {event.kind for event in await world.events()} == {"WorkspaceDeleted", "ChatDeleted"}


async def test_only_a_workspace_that_is_there_moves_away(world: World) -> None:
    with pytest.raises(asyncpg.NoDataFoundError):
        await world.sql.fetchrow("SELECT ops.move_workspace_away(99, 'https://two.example')")


async def test_a_deleted_workspace_is_told_to_each_member_as_are_its_chats(world: World) -> None:
    single = await world.add_chat("Single", "alice", "dave")
    await world.post()
    await world.events()
    await world.sql.execute("DELETE FROM workspaces WHERE id = $1", world.acme)
    events = await world.events()
    gone = [event for event in events if event.kind == "WorkspaceDeleted"]
    assert [event.about() for event in gone] == [
        ("WorkspaceDeleted", "user", None, user, [world.acme])
        for user in (world.alice, world.bob, world.carol, world.dave)
    ]
    assert all(event.payload == {"id": world.acme} for event in gone)
    chats = [event for event in events if event.kind == "ChatDeleted"]
    assert sorted(event.about()[:4] for event in chats) == sorted(
        [("ChatDeleted", "user", world.group, user) for user in (world.alice, world.bob, world.carol)]
        + [("ChatDeleted", "user", single, user) for user in (world.alice, world.dave)]
    )
    assert all(event.payload == {"id": event.chat_id, "workspace_id": world.acme} for event in chats)
    assert len(events) == len(gone) + len(chats)
    for table in ("chats", "chat_members", "messages", "workspace_members"):
        assert await world.sql.fetchval(f"SELECT count(*) FROM {table}") == 0
