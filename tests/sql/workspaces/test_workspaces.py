"""workspaces: its events."""

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
