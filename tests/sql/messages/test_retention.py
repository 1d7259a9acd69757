"""Retention: what is too old goes with all that hangs on it, told once for all that go together."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked

BACKDATED = """
    ALTER TABLE messages DISABLE TRIGGER p30_final_key;
    UPDATE messages SET created_at = now() - make_interval(days => 100 - seq::integer, hours => -1);
    ALTER TABLE messages ENABLE TRIGGER p30_final_key
"""


@pytest.fixture
async def old(world: World) -> World:
    """Ten messages in the group, of 99, 98, … 90 days ago."""
    for number in range(1, 11):
        await world.post(f"secret {number}")
    await world.sql.execute(BACKDATED)
    await world.events()
    return world


async def expire(world: World, batch: int = 1000) -> list[int]:
    """How many went in each of the batches."""
    gone: list[int] = []
    while not gone or gone[-1]:
        gone.append(await world.sql.fetchval("SELECT expire_messages($1, $2)", world.group, batch))
    return gone[:-1]


@pytest.mark.parametrize(
    ("workspace", "chat", "left"),
    [(None, None, 10), (95, None, 6), (None, 95, 6), (30, 95, 0), (95, 30, 0), (36500, None, 10), (1, 36500, 0)],
)
async def test_a_chat_keeps_nothing_longer_than_its_workspace(
    old: World, workspace: int | None, chat: int | None, left: int
) -> None:
    await old.sql.execute("UPDATE workspaces SET retention_days = $1", workspace)
    await old.sql.execute("UPDATE chats SET retention_days = $1", chat)
    await expire(old)
    assert await old.sql.fetchval("SELECT count(*) FROM messages") == left
    assert await old.rows("SELECT first_seq, last_seq FROM chats") == [(11 - left, 10)]


async def test_one_event_a_batch_tells_of_it(old: World) -> None:
    await old.sql.execute("UPDATE chats SET retention_days = 95")
    await old.events()
    assert await expire(old, batch=3) == [3, 1]
    events = await old.events()
    assert [event.kind for event in events] == ["ChatUpdated", "ChatUpdated"]
    assert [event.payload["first_seq"] for event in events] == [4, 5]
    newest = await old.sql.fetchval("SELECT min(id) FROM messages")
    assert events[-1].payload["first_message_id"] == newest
    await old.sql.execute("DELETE FROM messages WHERE seq = 7")
    assert [event.kind for event in await old.events()] == ["MessageDeleted"]


async def test_its_content_goes_from_the_log_and_from_reports(old: World) -> None:
    kept = await old.rows("SELECT id FROM messages WHERE seq > 8 ORDER BY id")
    await old.sql.execute(
        "INSERT INTO message_pins (message_id, pinned_by) SELECT id, sender_id FROM messages;"
        "INSERT INTO message_reactions (message_id, user_id, emoji) SELECT id, sender_id, '👍' FROM messages;"
        "UPDATE messages SET content = content || ' edited';"
        "INSERT INTO reports (message_id, reporter_id, reason) SELECT id, sender_id, 'spam' FROM messages;"
    )
    await old.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", old.group, old.dave)
    await old.sql.execute("UPDATE chats SET retention_days = 91")
    await expire(old)
    for table in ("message_pins", "message_reactions", "message_edits"):
        assert await old.rows(f"SELECT message_id FROM {table} ORDER BY 1") == kept, table
    log = await old.sql.fetchval("SELECT string_agg(payload::text, ' ') FROM events")
    reports = await old.sql.fetchval("SELECT string_agg(message::text, ' ') FROM reports")
    for number in range(1, 9):
        assert f"secret {number}" not in log.replace("secret 10", "")
        assert f"secret {number}" not in reports.replace("secret 10", "")
    assert "secret 9" in log
    assert "secret 9" in reports
    assert await old.sql.fetchval("SELECT count(*) FROM reports") == 10


async def test_seq_unread_and_read_pointers_stay_right(old: World) -> None:
    state = "SELECT chat_json(chats, $1) ->> 'unread', chat_json(chats, $1) ->> 'last_read_seq' FROM chats"
    await old.sql.execute("UPDATE chat_members SET last_read_seq = 2 WHERE user_id = $1", old.bob)
    assert await old.rows(state, old.bob) == [("8", "2")]
    await old.sql.execute("UPDATE chats SET retention_days = 95")
    await expire(old)
    assert await old.rows(state, old.bob) == [("6", "2")]
    assert await old.rows(state, old.alice) == [("0", "10")]
    await old.sql.execute("UPDATE chats SET retention_days = 1")
    await expire(old)
    assert await old.rows(state, old.bob) == [("0", "2")]
    await old.post("new")
    assert await old.rows(state, old.bob) == [("1", "2")]
    assert await old.rows("SELECT seq FROM messages") == [(11,)]


async def test_an_idempotency_key_goes_with_its_message(old: World) -> None:
    await old.sql.execute("INSERT INTO idempotency_keys (user_id, key, fingerprint, message_id) VALUES (1, 'k', '', 1)")
    await old.sql.execute("UPDATE chats SET first_seq = 2")
    assert await old.rows("SELECT key FROM idempotency_keys") == []


async def test_first_seq_only_rises(old: World) -> None:
    await old.sql.execute("UPDATE chats SET first_seq = 11")
    assert await old.rows("SELECT count(*) FROM messages") == [(0,)]
    with pytest.raises(asyncpg.PostgresError, match="have been deleted") as refused:
        await old.sql.execute("UPDATE chats SET first_seq = 10")
    assert refused.value.sqlstate == "FC409"


async def test_several_servers_share_the_work_and_posts_wait_for_nothing_long(old: World) -> None:
    await old.sql.execute("UPDATE chats SET retention_days = 95")
    one, other, poster = await old.connect(), await old.connect(), await old.connect()
    await one.execute("BEGIN")
    assert await one.fetchval("SELECT expire_messages($1, 2)", old.group) == 2
    assert await other.fetchval("SELECT expire_messages($1, 2)", old.group) == 0
    posting = poster.fetchval(
        "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'x') RETURNING seq", old.group, old.alice
    )
    waiting = asyncio.ensure_future(posting)
    await blocked(old, poster)
    await one.execute("COMMIT")
    assert await waiting == 11
    assert await expire(old) == [2]
