"""drafts: told to the one who writes, and gone with the membership."""

import asyncpg
import pytest

from tests.sql.world import World


async def save(world: World, content: str, user: int) -> None:
    await world.sql.execute(
        "INSERT INTO drafts (chat_id, user_id, content) VALUES ($1, $2, $3) "
        "ON CONFLICT (chat_id, user_id) DO UPDATE SET content = excluded.content",
        world.group,
        user,
        content,
    )


async def test_a_draft_is_told_to_its_writer_only(world: World) -> None:
    told = []
    for content in ("Dear", "Dear all", "Dear all"):
        await save(world, content, world.bob)
    await world.sql.execute("DELETE FROM drafts")
    for event in await world.events():
        assert event.about() == ("DraftChanged", "user", world.group, world.bob, None)
        assert list(event.payload) == ["chat_id", "user_id", "thread_id", "draft"]
        told.append(event.payload["draft"] and event.payload["draft"]["content"])
    assert told == [None, None, None]


async def test_what_was_drafted_before_is_in_the_log_no_longer(world: World) -> None:
    async def drafts(user: int) -> list[str | None]:
        rows = await world.rows(
            "SELECT payload -> 'draft' ->> 'content' FROM events WHERE kind = 'DraftChanged' AND user_id = $1 "
            "ORDER BY position",
            user,
        )
        return [row[0] for row in rows]

    await save(world, "hers", world.alice)
    await save(world, "secret", world.bob)
    await save(world, "Dear", world.bob)
    assert await drafts(world.bob) == [None, "Dear"]
    async with world.sql.transaction():
        await save(world, "secret", world.bob)
        await save(world, "Dear all", world.bob)
    assert await drafts(world.bob) == [None, None, None, "Dear all"]
    await world.sql.execute("DELETE FROM drafts WHERE user_id = $1", world.bob)
    assert await drafts(world.bob) == [None] * 5
    await save(world, "again", world.bob)
    await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.bob)
    assert await drafts(world.bob) == [None] * 6, "also of one that goes without a word"
    async with world.sql.transaction():
        await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.bob)
        await save(world, "at once", world.bob)
    await world.sql.execute("DELETE FROM drafts WHERE user_id = $1", world.bob)
    assert await world.rows("SELECT FROM events WHERE payload::text LIKE '%at once%'") == []
    assert await drafts(world.alice) == ["hers"]


async def test_who_joins_anew_finds_no_draft(world: World) -> None:
    await save(world, "mine", world.bob)
    await save(world, "hers", world.alice)
    async with world.sql.transaction():
        await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.bob)
    await world.events()
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.bob)
    new_chat, _ = await world.events()
    assert new_chat.payload["draft"] is None
    assert await world.rows("SELECT user_id, content FROM drafts") == [(world.alice, "hers")]


async def test_a_draft_goes_with_membership_and_chat_without_a_word(world: World) -> None:
    await save(world, "x", world.bob)
    await save(world, "x", world.alice)
    await world.events()
    await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.bob)
    await world.sql.execute("DELETE FROM chats")
    assert {event.kind for event in await world.events()} == {"UserLeftChat", "ChatDeleted"}
    assert await world.rows("SELECT FROM drafts") == []


async def test_the_key_is_final(world: World) -> None:
    await save(world, "x", world.bob)
    for column in ("chat_id", "user_id"):
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(f"UPDATE drafts SET {column} = {column} + 1")
        assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")
