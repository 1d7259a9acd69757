"""thread_drafts: told to the one who writes, and gone with the thread and the membership."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked


async def thread(world: World) -> int:
    message: int = await world.sql.fetchval(
        "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'why?') RETURNING id",
        world.group,
        world.alice,
    )
    await world.events()
    return message


async def save(world: World, thread_id: int, content: str, user: int) -> None:
    await world.sql.execute(
        "INSERT INTO thread_drafts (thread_id, user_id, content) VALUES ($1, $2, $3) "
        "ON CONFLICT (thread_id, user_id) DO UPDATE SET content = excluded.content",
        thread_id,
        user,
        content,
    )


async def told(world: World) -> list[tuple[int, int | None, str | None]]:
    """User, thread and text of what the log has of drafts."""
    rows = await world.rows(
        "SELECT user_id, (payload ->> 'thread_id')::bigint, payload -> 'draft' ->> 'content' FROM events "
        "WHERE kind = 'DraftChanged' ORDER BY position"
    )
    return [tuple(row) for row in rows]


async def test_each_draft_is_told_to_its_writer_and_only_the_newest_stays_in_the_log(world: World) -> None:
    first, second = await thread(world), await thread(world)
    insert = "INSERT INTO drafts (chat_id, user_id, content) VALUES ($1, $2, 'chat')"
    await world.sql.execute(insert, world.group, world.bob)
    for content in ("secret", "Dear", "Dear"):
        await save(world, first, content, world.bob)
    await save(world, second, "other", world.bob)
    await save(world, first, "hers", world.alice)
    for event in await world.events():
        assert event.about()[:3] == ("DraftChanged", "user", world.group)
        assert list(event.payload) == ["chat_id", "user_id", "thread_id", "draft"]
        draft = event.payload["draft"]
        assert draft is None or draft["thread_id"] == event.payload["thread_id"]
    bob, alice = world.bob, world.alice
    left = [(bob, first, "Dear"), (bob, second, "other"), (alice, first, "hers")]
    assert await told(world) == [(bob, None, "chat"), (bob, first, None), *left]
    await world.sql.execute("DELETE FROM drafts")
    await world.sql.execute("DELETE FROM thread_drafts WHERE thread_id = $1 AND user_id = $2", first, bob)
    assert [one for one in await told(world) if one[2]] == [(bob, second, "other"), (alice, first, "hers")]


@pytest.mark.parametrize(
    ("end", "kinds"),
    [
        ("DELETE FROM messages WHERE id = {thread}", {"MessageDeleted"}),
        ("UPDATE chats SET first_seq = last_seq WHERE id = {group}", {"ChatUpdated"}),
        ("DELETE FROM chat_members WHERE user_id = {bob}", {"UserLeftChat"}),
        ("DELETE FROM chats WHERE id = {group}", {"ChatDeleted"}),
    ],
)
async def test_a_draft_goes_without_a_word_and_out_of_the_log(world: World, end: str, kinds: set[str]) -> None:
    gone = await thread(world)
    await thread(world)
    await save(world, gone, "secret", world.bob)
    await world.events()
    await world.sql.execute(end.format(thread=gone, group=world.group, bob=world.bob))
    assert {event.kind for event in await world.events()} == kinds
    assert await world.rows("SELECT FROM thread_drafts") == []
    assert await world.rows("SELECT FROM events WHERE payload::text LIKE '%secret%'") == []


async def test_a_thread_whose_first_message_is_a_tombstone_keeps_its_drafts(world: World) -> None:
    kept = await thread(world)
    await save(world, kept, "still", world.bob)
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", kept)
    assert [row[0] for row in await world.rows("SELECT content FROM thread_drafts")] == ["still"]


async def test_the_key_is_final(world: World) -> None:
    await save(world, await thread(world), "x", world.bob)
    for column in ("thread_id", "user_id", "chat_id"):
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(f"UPDATE thread_drafts SET {column} = {column} + 1")
        assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")


async def test_two_at_once_are_not_more_than_allowed(world: World) -> None:
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, n::text FROM generate_series(1, 101) n",
        world.group,
        world.alice,
    )
    ids = [row[0] for row in await world.rows("SELECT id FROM messages ORDER BY id DESC LIMIT 101")]
    await world.sql.execute(
        "INSERT INTO thread_drafts (thread_id, user_id, content) SELECT id, $1, 'x' FROM unnest($2::bigint[]) id",
        world.bob,
        ids[:99],
    )
    insert = "INSERT INTO thread_drafts (thread_id, user_id, content) VALUES ($1, $2, 'x')"
    other = await world.connect()
    async with world.sql.transaction():
        await world.sql.execute(insert, ids[99], world.bob)
        late = asyncio.create_task(other.execute(insert, ids[100], world.bob))
        await blocked(world, other)
    with pytest.raises(asyncpg.PostgresError) as error:
        await late
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "thread_drafts_amount")
