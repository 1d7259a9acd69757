"""message_pins: their events, their order, and how many there may be."""

import asyncpg
import pytest

from tests.sql.world import World

PIN = "INSERT INTO message_pins (message_id, pinned_by) VALUES ($1, $2)"


async def test_pins_come_and_go(world: World) -> None:
    message = await world.post()
    await world.events()
    await world.sql.execute(PIN, message, world.bob)
    await world.sql.execute(f"{PIN} ON CONFLICT DO NOTHING", message, world.alice)
    await world.sql.execute("DELETE FROM message_pins")
    pinned, unpinned = await world.events()
    assert pinned.about() == ("MessagePinned", "chat", world.group, None, None)
    assert list(pinned.payload) == ["chat_id", "message_id", "pinned_by", "pinned_at"]
    assert (pinned.payload["message_id"], pinned.payload["pinned_by"]) == (message, world.bob)
    assert unpinned.about() == ("MessageUnpinned", "chat", world.group, None, None)
    assert unpinned.payload == {"chat_id": world.group, "message_id": message}


async def test_a_chat_has_at_most_a_hundred(world: World) -> None:
    other = await world.add_chat("Group", "alice")
    for chat in (world.group, other):
        for number in range(101):
            await world.post(str(number), chat=chat)
    await world.sql.execute(
        "INSERT INTO message_pins (message_id, pinned_by) SELECT id, sender_id FROM messages WHERE seq > 1 ORDER BY seq"
    )
    first = await world.sql.fetchval("SELECT min(id) FROM messages")
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(PIN, first, world.alice)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "chat_pins_amount")
    await world.sql.execute(f"{PIN} ON CONFLICT DO NOTHING", first + 1, world.alice)
    await world.sql.execute("DELETE FROM message_pins WHERE message_id = $1", first + 1)
    await world.sql.execute(PIN, first, world.alice)
    newest = await world.sql.fetchval("SELECT message_id FROM message_pins WHERE chat_id = 1 ORDER BY id DESC LIMIT 1")
    assert newest == first


async def test_only_members_pin(world: World) -> None:
    message = await world.post()
    with pytest.raises(asyncpg.PostgresError, match="is not a member"):
        await world.sql.execute(PIN, message, world.dave)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await world.sql.execute(PIN, 99, world.alice)


async def test_a_message_that_is_removed_takes_its_pin_along_untold(world: World) -> None:
    await world.sql.execute(PIN, await world.post(), world.alice)
    await world.events()
    await world.sql.execute("DELETE FROM messages")
    assert [event.kind for event in await world.events()] == ["MessageDeleted"]
    assert await world.rows("SELECT * FROM message_pins") == []


async def test_a_deleted_message_is_not_pinned(world: World) -> None:
    message = await world.post()
    await world.sql.execute(PIN, message, world.alice)
    await world.events()
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    assert [event.kind for event in await world.events()] == ["MessageDeleted"]
    assert await world.rows("SELECT * FROM message_pins") == []
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(PIN, message, world.alice)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "message_deleted")


async def test_the_key_is_final(world: World) -> None:
    await world.sql.execute(PIN, await world.post(), world.alice)
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute("UPDATE message_pins SET pinned_by = 2")
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")
