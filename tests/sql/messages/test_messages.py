"""messages: its events, and that seq is dense and in commit order."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.sql.world import World, blocked

MESSAGE = [
    *("id", "chat_id", "seq", "sender_id", "type", "content", "metadata", "reply_to"),
    *("thread_id", "thread_seq", "thread", "mentions", "mentions_everyone", "forwarded_from"),
    *("files", "links", "reactions", "created_at", "updated_at", "deleted_at", "deleted_by"),
]
POST = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3)"


async def test_a_message_is_told_to_the_members(world: World) -> None:
    message = await world.post("hello")
    [event] = await world.events()
    assert event.about() == ("NewMessage", "chat", world.group, None, None)
    assert list(event.payload) == MESSAGE
    created = event.payload.pop("created_at")
    assert created.endswith("+00:00")
    assert {name: value for name, value in event.payload.items() if value is not None} == {
        "id": message,
        "chat_id": world.group,
        "seq": 1,
        "sender_id": world.alice,
        "type": "text",
        "content": "hello",
        "mentions": [],
        "files": [],
        "links": [],
        "reactions": [],
    }


async def test_an_edit_and_a_removal_are_told(world: World) -> None:
    await world.post("hello")
    await world.events()
    await world.sql.execute("UPDATE messages SET content = 'bye'")
    [event] = await world.events()
    assert event.about() == ("MessageUpdated", "chat", world.group, None, None)
    assert list(event.payload) == MESSAGE
    assert event.payload["content"] == "bye"
    assert event.payload["updated_at"] > event.payload["created_at"]
    await world.sql.execute("DELETE FROM messages")
    [event] = await world.events()
    assert event.about() == ("MessageDeleted", "chat", world.group, None, None)
    assert list(event.payload) == [*MESSAGE, "removed"]
    assert (event.payload["seq"], event.payload["content"], event.payload["removed"]) == (1, "", True)


async def test_what_one_writes_one_has_read(world: World) -> None:
    await world.post(sender=world.bob)
    markers = await world.rows("SELECT user_id, last_read_seq FROM chat_members")
    assert dict(markers) == {world.alice: 0, world.bob: 1, world.carol: 0}
    assert [event.kind for event in await world.events()] == ["NewMessage"]


async def test_everything_about_one_message_in_one_transaction_is_told_in_order(world: World) -> None:
    async with world.sql.transaction():
        await world.post("one")
        await world.sql.execute("UPDATE messages SET content = 'two'")
        await world.sql.execute("DELETE FROM messages")
    events = await world.events()
    assert [(event.kind, event.payload["content"]) for event in events] == [
        ("NewMessage", ""),  # redacted
        ("MessageUpdated", ""),
        ("MessageDeleted", ""),
    ]


@pytest.mark.parametrize("sender", ["dave", "eve"])
async def test_only_members_write(world: World, sender: str) -> None:
    with pytest.raises(asyncpg.PostgresError, match="is not a member") as error:
        await world.post(sender=world.people[sender])
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC403", "sender_is_member")
    assert await world.sql.fetchval("SELECT last_seq FROM chats") == 0


async def test_seq_is_dense_whatever_was_refused_or_rolled_back(world: World) -> None:
    other = await world.add_chat("Group", "alice")
    await world.post("1")
    for content in (" \n", "x" * 10_001):
        with pytest.raises(asyncpg.CheckViolationError, match="messages_content_length"):
            await world.post(content)
    transaction = world.sql.transaction()
    await transaction.start()
    await world.post("rolled back")
    await transaction.rollback()
    async with world.sql.transaction():
        await world.post("2")
        savepoint = world.sql.transaction()
        await savepoint.start()
        await world.post("gone")
        await savepoint.rollback()
        await world.post("3")
    await world.post("1", chat=other)
    found = await world.rows("SELECT chat_id, seq, content FROM messages ORDER BY chat_id, seq")
    assert found == [(world.group, 1, "1"), (world.group, 2, "2"), (world.group, 3, "3"), (other, 1, "1")]
    assert await world.rows("SELECT last_seq FROM chats ORDER BY id") == [(3,), (1,)]


async def test_ids_and_seqs_are_given_and_not_taken(world: World) -> None:
    await world.sql.execute(
        "INSERT INTO messages (id, chat_id, seq, sender_id, content) VALUES (7, $1, 7, $2, 'x') ON CONFLICT DO NOTHING",
        world.group,
        world.alice,
    )
    assert await world.rows("SELECT id, seq FROM messages") == [(1, 1)]


async def test_many_rows_in_one_statement_are_many_events_in_its_order(world: World) -> None:
    other = await world.add_chat("Group", "bob", "alice")
    await world.events()
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content) "
        "SELECT CASE n % 2 WHEN 0 THEN $1::bigint ELSE $2 END, $3, n::text FROM generate_series(1, 100) n",
        world.group,
        other,
        world.alice,
    )
    events = await world.events()
    assert [event.payload["content"] for event in events] == [str(n) for n in range(1, 101)]
    assert [event.payload["seq"] for event in events if event.chat_id == other] == list(range(1, 51))


async def test_copy_and_merge_write_messages_too(world: World) -> None:
    await world.sql.copy_records_to_table(
        "messages",
        columns=["chat_id", "sender_id", "content"],
        records=[(world.group, world.alice, text) for text in ("one", "two")],
    )
    await world.sql.execute(
        "MERGE INTO messages m USING (VALUES ('two', 'zwei'), ('three', 'drei')) s (old, new) ON m.content = s.old "
        "WHEN MATCHED THEN UPDATE SET content = s.new "
        f"WHEN NOT MATCHED THEN INSERT (chat_id, sender_id, content) VALUES ({world.group}, {world.alice}, s.new)"
    )
    assert sorted((event.kind, event.payload["content"]) for event in await world.events()) == [
        ("MessageUpdated", "zwei"),
        ("NewMessage", "drei"),
        ("NewMessage", "one"),
        ("NewMessage", "two"),
    ]


async def test_a_message_of_ten_thousand_wide_characters(world: World) -> None:
    """40,000 bytes: five times what a notification may carry."""
    content = "\N{GRINNING FACE}" * 10_000
    await world.post(content)
    [event] = await world.events()
    assert event.payload["content"] == content


async def test_hostile_content_stays_content(world: World) -> None:
    content = "\"\\ ' $1 :a \x01 \u2028 </script> \r\n\tline"
    await world.post(content)
    [event] = await world.events()
    assert event.payload["content"] == content
    raw = await world.sql.fetchval("SELECT payload::text FROM events ORDER BY position DESC LIMIT 1")
    assert "\n" not in raw
    assert "\r" not in raw


async def test_who_is_just_being_removed_writes_before_that_or_not_at_all(world: World) -> None:
    remove, write = await world.connect(), await world.connect()
    await remove.execute(f"BEGIN; DELETE FROM chat_members WHERE user_id = {world.bob}")
    late = asyncio.create_task(write.execute(POST, world.group, world.bob, "too late"))
    await blocked(world, write)
    await remove.execute("COMMIT")
    with pytest.raises(asyncpg.PostgresError, match="is not a member"):
        await late
    await write.execute(
        f"BEGIN; INSERT INTO messages (chat_id, sender_id, content) VALUES ({world.group}, {world.carol}, 'x')"
    )
    removal = asyncio.create_task(remove.execute("DELETE FROM chat_members WHERE user_id = $1", world.carol))
    await blocked(world, remove)
    await write.execute("COMMIT")
    await removal
    assert [event.kind for event in await world.events()] == ["UserLeftChat", "NewMessage", "UserLeftChat"]


async def test_the_key_is_final(world: World) -> None:
    await world.post()
    for column in ("id", "chat_id", "seq", "sender_id", "reply_to", "thread_id"):
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(f"UPDATE messages SET {column} = coalesce({column}, 0) + 1")
        assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")


async def test_what_a_message_said_before_its_edits_is_kept(world: World) -> None:
    message = await world.post("one")
    await world.sql.execute("UPDATE messages SET content = 'two'")
    await world.sql.execute("UPDATE messages SET content = 'two'")  # changes nothing
    await world.sql.execute("UPDATE messages SET metadata = '{}', type = 'file'")
    edits = await world.rows("SELECT message_id, version, type, content FROM message_edits ORDER BY version")
    assert edits == [(message, 1, "text", "one"), (message, 2, "text", "two")]
    created, updated = (await world.rows("SELECT created_at, updated_at FROM messages"))[0]
    written = [row[0] for row in await world.rows("SELECT written_at FROM message_edits ORDER BY version")]
    assert created == written[0] < written[1] < updated


async def test_of_a_deleted_message_only_its_place_is_left(world: World) -> None:
    message = await world.post("secret")
    await world.sql.execute("UPDATE messages SET content = 'secret too', metadata = '{\"a\": \"secret\"}'")
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave)
    await world.sql.execute("UPDATE messages SET deleted_at = now(), deleted_by = $1", world.alice)
    events = await world.events()
    assert [event.kind for event in events[-5:]] == [
        *("NewMessage", "MessageUpdated", "NewChat", "UserJoinedChat", "MessageDeleted")
    ]
    tombstone = {name: value for name, value in events[-1].payload.items() if name != "removed"}
    assert (tombstone["id"], tombstone["content"], tombstone["deleted_by"]) == (message, "", world.alice)
    assert events[-5].payload == events[-4].payload == tombstone
    assert list(events[-3].payload)[:3] == ["id", "workspace_id", "type"]
    assert events[-3].payload["messages"] == [tombstone]
    assert await world.sql.fetchval("SELECT count(*) FROM events WHERE payload::text LIKE '%secret%'") == 0
    assert await world.sql.fetchval("SELECT count(*) FROM message_edits") == 0
    assert await world.sql.fetchval("SELECT last_seq FROM chats") == 1


@pytest.mark.parametrize("change", ["content = 'back'", "deleted_at = NULL", "metadata = '{}'"])
async def test_a_deletion_is_final(world: World, change: str) -> None:
    await world.post("secret")
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(f"UPDATE messages SET {change}")
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "message_deleted")


async def test_two_deletions_in_a_chat_that_somebody_joined_do_not_wait_for_each_other(world: World) -> None:
    first, second = await world.post("secret one"), await world.post("secret two")
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave)
    connections = [await world.connect(), await world.connect()]
    for connection, message in zip(connections, (first, second), strict=True):
        await connection.execute(f"BEGIN; UPDATE messages SET deleted_at = now() WHERE id = {message}")
    await world.commit_together(*connections)
    assert await world.sql.fetchval("SELECT count(*) FROM events WHERE payload::text LIKE '%secret%'") == 0


async def test_a_reply_belongs_to_the_thread_of_what_it_answers(world: World) -> None:
    root = await world.post("root")
    for answered in (root, root + 1):
        await world.sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content, reply_to) VALUES ($1, $2, 'reply', $3)",
            world.group,
            world.bob,
            answered,
        )
    assert await world.rows("SELECT reply_to, thread_id FROM messages ORDER BY seq") == [
        (None, None),
        (root, root),
        (root + 1, root),
    ]
    other = await world.add_chat("Group", "alice")
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content, reply_to) VALUES ($1, $2, 'x', $3)",
            other,
            world.alice,
            root,
        )
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC422", "reply_to_in_chat")


async def test_no_message_is_from_the_future(world: World) -> None:
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content, created_at) VALUES ($1, $2, 'x', $3), ($1, $2, 'y', $4)",
        world.group,
        world.alice,
        datetime(2200, 1, 1, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
    )
    assert await world.rows("SELECT created_at <= now(), extract(year FROM created_at) = 2000 FROM messages") == [
        (True, False),
        (True, True),
    ]
