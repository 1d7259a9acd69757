"""Threads: what the message shows of its replies, who follows them, and how far they have read."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from tests.sql.world import World, blocked

REPLY = "INSERT INTO messages (chat_id, sender_id, content, reply_to) VALUES (1, $1, 'reply', $2) RETURNING id"
FOLLOW = "INSERT INTO thread_followers (thread_id, user_id) VALUES ($1, $2)"


async def reply(world: World, sender: int, to: int) -> int:
    return int(await world.sql.fetchval(REPLY, sender, to))


async def thread(world: World, root: int) -> dict[str, Any] | None:
    found: str | None = await world.sql.fetchval("SELECT thread FROM messages WHERE id = $1", root)
    return None if found is None else json.loads(found)


async def followers(world: World) -> dict[int, int]:
    return dict(await world.rows("SELECT user_id, last_read_seq FROM thread_followers ORDER BY user_id"))


async def test_replies_are_numbered_counted_and_told(world: World) -> None:
    root = await world.post(sender=world.alice)
    await world.events()
    first = await reply(world, world.bob, root)
    events = await world.events()
    assert [event.about() for event in events] == [
        ("NewMessage", "chat", world.group, None, None),
        ("ThreadUpdated", "chat", world.group, None, None),
        ("ThreadFollowed", "user", world.group, world.alice, None),
        ("ThreadFollowed", "user", world.group, world.bob, None),
    ]
    assert (events[0].payload["thread_id"], events[0].payload["thread_seq"]) == (root, 1)
    shown = await thread(world, root)
    assert shown is not None
    at = shown.pop("last_reply_at")
    assert at == events[0].payload["created_at"]
    assert shown == {
        "reply_count": 1,
        "participant_count": 1,
        "participants": [world.bob],
        "last_seq": 1,
        "last_reply_id": first,
    }
    assert events[1].payload == {
        "chat_id": world.group,
        "thread_id": root,
        "thread": {**shown, "last_reply_at": at},
    }
    assert [(e.payload["thread_id"], e.payload["last_read_seq"], e.payload["unread"]) for e in events[2:]] == [
        (root, 0, 1),
        (root, 1, 0),
    ]
    second = await reply(world, world.bob, first)  # an answer to an answer is of the same thread
    third = await reply(world, world.alice, root)
    assert [event.kind for event in await world.events()] == ["NewMessage", "ThreadUpdated"] * 2
    assert await world.rows("SELECT id, thread_seq FROM messages WHERE thread_id = $1 ORDER BY id", root) == [
        (first, 1),
        (second, 2),
        (third, 3),
    ]
    shown = await thread(world, root)
    assert shown is not None
    assert (shown["reply_count"], shown["participants"], shown["last_reply_id"]) == (3, [world.bob, world.alice], third)
    assert await followers(world) == {world.alice: 3, world.bob: 2}
    assert await world.sql.fetchval("SELECT updated_at FROM messages WHERE id = $1", root) is None


async def test_many_replies_in_one_statement(world: World) -> None:
    roots = [await world.post(), await world.post()]
    await world.events()
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content, reply_to) "
        "SELECT 1, 1 + n % 3, 'x', CASE WHEN n % 2 = 0 THEN $1::bigint ELSE $2 END FROM generate_series(1, 12) n",
        *roots,
    )
    events = await world.events()
    kinds = [event.kind for event in events]
    assert kinds == ["NewMessage"] * 12 + ["ThreadUpdated"] * 2 + ["ThreadFollowed"] * 6
    for root in roots:
        assert [e.payload["thread_seq"] for e in events[:12] if e.payload["thread_id"] == root] == [1, 2, 3, 4, 5, 6]
        shown = await thread(world, root)
        assert shown is not None
        assert (shown["reply_count"], shown["last_seq"], shown["participant_count"]) == (6, 6, 3)


async def test_replies_that_come_at_once_are_counted_one_after_the_other(world: World) -> None:
    root = await world.post()
    first, second = await world.connect(), await world.connect()
    await first.execute(f"BEGIN; {REPLY.replace('$1', '2').replace('$2', str(root))}")
    waiting = asyncio.create_task(second.fetchval(REPLY, world.carol, root))
    await blocked(world, second)
    await first.execute("COMMIT")
    await waiting
    assert await world.rows("SELECT thread_seq FROM messages WHERE thread_id = $1 ORDER BY id", root) == [(1,), (2,)]
    shown = await thread(world, root)
    assert shown is not None
    assert (shown["reply_count"], shown["participants"]) == (2, [world.bob, world.carol])


@pytest.mark.parametrize("deletion", ["UPDATE messages SET deleted_at = now()", "DELETE FROM messages"])
async def test_a_reply_that_is_deleted_is_not_counted(world: World, deletion: str) -> None:
    root = await world.post()
    first, second, third = [await reply(world, sender, root) for sender in (world.bob, world.carol, world.bob)]
    await world.events()
    for message, expected in (
        (third, (2, 2, [world.bob, world.carol], second)),
        (first, (1, 1, [world.carol], second)),
        (second, (0, 0, [], None)),
    ):
        await world.sql.execute(f"{deletion} WHERE id = $1", message)
        events = await world.events()
        assert [event.kind for event in events] == ["MessageDeleted", "ThreadUpdated"]
        told = events[1].payload["thread"]
        counts = (told["reply_count"], told["participant_count"], told["participants"], told["last_reply_id"])
        assert counts == expected
        assert told["last_seq"] == 3
        assert told == await thread(world, root)
    await reply(world, world.bob, root)
    assert await world.sql.fetchval("SELECT max(thread_seq) FROM messages") == 4


async def test_a_thread_goes_with_the_message_that_it_began_with(world: World) -> None:
    root = await world.post()
    await reply(world, world.bob, root)
    await world.events()
    await world.sql.execute("DELETE FROM messages WHERE id = $1", root)
    assert [event.kind for event in await world.events()] == ["MessageDeleted"]
    assert await followers(world) == {}
    await reply(world, world.carol, root + 1)  # to what is left of it
    await world.sql.execute("DELETE FROM chats")


async def test_following_and_reading(world: World) -> None:
    root = await world.post()
    first = await reply(world, world.bob, root)
    await world.events()
    await world.sql.execute(FOLLOW, root, world.carol)
    await world.sql.execute(f"{FOLLOW} ON CONFLICT DO NOTHING", root, world.carol)
    await world.sql.execute("UPDATE thread_followers SET last_read_seq = 0 WHERE user_id = $1", world.carol)
    await world.sql.execute("DELETE FROM thread_followers WHERE user_id = $1", world.alice)
    await reply(world, world.bob, first)  # who has stopped following is not made to again
    followed, moved, unfollowed, *_ = await world.events()
    assert followed.about() == ("ThreadFollowed", "user", world.group, world.carol, None)
    assert (followed.payload["last_read_seq"], followed.payload["unread"]) == (1, 0)
    assert moved.about() == ("ThreadReadMarkerMoved", "user", world.group, world.carol, None)
    assert moved.payload == {
        "chat_id": world.group,
        "thread_id": root,
        "user_id": world.carol,
        "last_read_seq": 0,
    }
    assert unfollowed.about() == ("ThreadUnfollowed", "user", world.group, world.alice, None)
    assert await followers(world) == {world.bob: 2, world.carol: 0}
    await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.carol)
    assert [event.kind for event in await world.events()] == ["UserLeftChat"]
    assert await followers(world) == {world.bob: 2}


async def test_what_cannot_be_followed(world: World) -> None:
    root = await world.post()
    answer = await reply(world, world.bob, root)
    for message, user in ((answer, world.alice), (99, world.alice), (root, world.dave)):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await world.sql.execute(FOLLOW, message, user)
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute("UPDATE thread_followers SET user_id = $1", world.carol)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")


async def test_only_members_reply(world: World) -> None:
    root = await world.post()
    with pytest.raises(asyncpg.PostgresError, match="is not a member"):
        await reply(world, world.dave, root)
    assert await thread(world, root) is None
