"""chats: its events, that a chat has an owner, and the rules of Single chats."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked

UPDATED = [
    *("id", "workspace_id", "type", "name", "description", "has_password", "archived_at", "retention_days"),
    *("first_seq", "first_message_id", "created_at", "updated_at"),
]


async def test_a_new_chat_is_told_to_each_member(world: World) -> None:
    chat = await world.add_chat("PublicChannel", "alice", "bob")
    assert [event.about() for event in await world.events()] == [
        (kind, audience, chat, user, None)
        for user in (world.alice, world.bob)
        for kind, audience in (("NewChat", "user"), ("UserJoinedChat", "chat"))
    ]


@pytest.mark.parametrize(("column", "value"), [("name", "x"), ("description", "y"), ("type", "PublicChannel")])
async def test_a_change_is_told_to_the_members(world: World, column: str, value: str) -> None:
    await world.sql.execute(f"UPDATE chats SET {column} = $1", value)
    [event] = await world.events()
    assert event.about() == ("ChatUpdated", "chat", world.group, None, None)
    assert list(event.payload) == UPDATED
    assert event.payload[column] == value
    assert event.payload["updated_at"] > event.payload["created_at"]


async def test_an_update_that_changes_nothing_is_no_event(world: World) -> None:
    await world.sql.execute("UPDATE chats SET name = name, last_seq = last_seq, member_count = member_count")
    assert await world.events() == []


async def test_a_deleted_chat_is_told_to_each_member_and_its_messages_are_not(world: World) -> None:
    await world.post()
    await world.events()
    await world.sql.execute("DELETE FROM chats WHERE id = $1", world.group)
    events = await world.events()
    assert [event.about() for event in events] == [
        ("ChatDeleted", "user", world.group, user, None) for user in (world.alice, world.bob, world.carol)
    ]
    assert all(event.payload == {"id": world.group, "workspace_id": world.acme} for event in events)
    assert await world.sql.fetchval("SELECT count(*) FROM messages") == 0


async def refused(world: World, statements: str, constraint: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(statements)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", constraint)


async def test_a_chat_has_an_owner_from_its_start(world: World) -> None:
    await refused(world, f"INSERT INTO chats (workspace_id, type) VALUES ({world.acme}, 'Group')", "chat_keeps_owner")


async def test_the_key_is_final(world: World) -> None:
    await refused(world, "UPDATE chats SET workspace_id = workspace_id + 1", "key_is_final")


@pytest.mark.parametrize("names", [["alice"], ["alice", "bob", "carol"]])
async def test_a_single_chat_has_two_members(world: World, names: list[str]) -> None:
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.add_chat("Single", *names)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "single_chat_has_two_members")


async def test_a_single_chat_neither_gains_nor_loses_a_member(world: World) -> None:
    single = await world.add_chat("Single", "alice", "bob")
    for statement in (
        f"INSERT INTO chat_members (chat_id, user_id) VALUES ({single}, {world.carol})",
        f"DELETE FROM chat_members WHERE chat_id = {single} AND user_id = {world.bob}",
        "UPDATE chats SET type = 'Single' WHERE type = 'Group'",
    ):
        await refused(world, statement, "single_chat_has_two_members")


async def test_a_pair_has_one_single_chat_in_a_workspace(world: World) -> None:
    await world.add_chat("Single", "alice", "bob")
    await world.add_chat("Single", "alice", "carol")
    await world.add_chat("Group", "alice", "bob")
    with pytest.raises(asyncpg.UniqueViolationError, match="chats_single_pair_key"):
        await world.add_chat("Single", "bob", "alice")


async def test_two_sessions_that_make_it_at_once_make_one(world: World) -> None:
    first, second = await world.connect(), await world.connect()
    opened = first.transaction()
    await opened.start()
    await world.add_chat("Single", "alice", "bob", connection=first)
    other = asyncio.create_task(world.add_chat("Single", "bob", "alice", connection=second))
    await blocked(world, second)
    await opened.commit()
    with pytest.raises(asyncpg.UniqueViolationError, match="chats_single_pair_key"):
        await other
    assert await world.sql.fetchval("SELECT count(*) FROM chats WHERE type = 'Single'") == 1


async def test_a_chat_that_becomes_single_takes_its_pair_and_gives_it_back(world: World) -> None:
    chats = [await world.add_chat("Group", "alice", "bob") for _ in range(2)]
    become = "UPDATE chats SET type = $2 WHERE id = $1"
    await world.sql.execute(become, chats[0], "Single")
    with pytest.raises(asyncpg.UniqueViolationError, match="chats_single_pair_key"):
        await world.sql.execute(become, chats[1], "Single")
    await world.sql.execute(become, chats[0], "Group")
    await world.sql.execute(become, chats[1], "Single")


async def test_the_members_of_a_single_chat_can_be_exchanged(world: World) -> None:
    """Not that somebody should; but its pair has to follow."""
    single = await world.add_chat("Single", "alice", "bob")
    async with world.sql.transaction():
        await world.sql.execute("DELETE FROM chat_members WHERE chat_id = $1 AND user_id = $2", single, world.bob)
        await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", single, world.carol)
    assert await world.sql.fetchval("SELECT pair FROM chats WHERE id = $1", single) == [world.alice, world.carol]
    await world.add_chat("Single", "alice", "bob")
