"""post_messages() numbers its rows itself; INSERT has its triggers do it. Both ways write the same."""

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg
import pytest

from tests.sql.world import World, blocked

WORDS = ("hello", "@bob look", "mail a@b.c", "@all lunch", "`@bob`", "@carol @bob", "")
# All that a message leaves behind. An event's position and time are not rolled back, and threads
# of one statement tell of themselves in any order.
LEFT = """
SELECT 'message', to_jsonb(m), m.id FROM messages m
UNION ALL SELECT 'chat', to_jsonb(c), id FROM chats c
UNION ALL SELECT 'member', to_jsonb(m), chat_id * 1000 + user_id FROM chat_members m
UNION ALL SELECT 'mention', to_jsonb(m), message_id FROM mentions m
UNION ALL SELECT 'follower', to_jsonb(f), thread_id * 1000 + user_id FROM thread_followers f
UNION ALL SELECT 'event', to_jsonb(e) - 'position' - 'created_at',
                 CASE kind WHEN 'NewMessage' THEN row_number() OVER (PARTITION BY kind ORDER BY position) END
FROM events e
ORDER BY 1, 3, 2
"""


class Post(NamedTuple):
    sender: int
    chat: int
    content: str
    reply_to: int | None
    metadata: dict[str, Any] | None

    @property
    def extra(self) -> str | None:
        fields = {"reply_to": self.reply_to, "metadata": self.metadata}
        return (
            json.dumps({name: value for name, value in fields.items() if value is not None}) if any(self[3:]) else None
        )


async def by_function(world: World, posts: Sequence[Post], *, whole: bool = False) -> None:
    columns = [[getattr(post, name) for post in posts] for name in ("sender", "chat", "content", "extra")]
    rows = await world.rows(
        "SELECT outcome FROM post_messages($1, $2, $3, $4, $5, whole => $6)", *columns, [None] * len(posts), whole
    )
    assert {outcome for (outcome,) in rows} == {"created"}


async def as_a_whole(world: World, posts: Sequence[Post]) -> None:
    """As chat_server does, whose transaction does nothing else: the events are appended at once."""
    await by_function(world, posts, whole=True)


async def by_insert(world: World, posts: Sequence[Post]) -> None:
    """One statement, as a batch is."""
    await world.sql.execute(
        "INSERT INTO messages (sender_id, chat_id, content, reply_to, metadata) SELECT * FROM unnest("
        "$1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::jsonb[])",
        *([post[column] for post in posts] for column in range(4)),
        [None if post.metadata is None else json.dumps(post.metadata) for post in posts],
    )


@pytest.mark.parametrize(("seed", "plain"), [(0, False), (1, False), (2, False), (3, True)])
async def test_batches_leave_the_same_as_inserts(world: World, seed: int, *, plain: bool) -> None:
    """The events of plain texts are gathered by post_messages() itself."""
    chosen = random.Random(seed)
    other = await world.add_chat("Group", "bob", "alice", "carol")
    roots = {chat: [await world.post(chat=chat, sender=world.alice) for _ in range(2)] for chat in (world.group, other)}
    batches = []
    for size in (1, 7, 20):
        batch = []
        for number in range(size):
            chat = chosen.choice([world.group, other])
            reply_to = chosen.choice([None, None, *roots[chat]])
            sender = chosen.choice([world.alice, world.bob, world.carol])
            metadata = chosen.choice([None, None, {"n": number}])
            content = f"{chosen.choice(WORDS)} {number}"
            batch.append(Post(sender, chat, content, *((None, None) if plain else (reply_to, metadata))))
        batches.append(batch)
    left = []
    newest = max(*roots[world.group], *roots[other])
    await world.sql.execute("BEGIN")  # so that both are at the same time
    for write in (by_function, by_insert):
        await world.sql.execute(f"SAVEPOINT before; SELECT setval('messages_id_seq', {newest})")
        for batch in batches:
            await write(world, batch)
        await world.sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        left.append(await world.rows(LEFT))
        await world.sql.execute("ROLLBACK TO before")
    await world.sql.execute("ROLLBACK")
    assert sum(kind == "message" for kind, *_ in left[0]) == 4 + 28
    assert left[0] == left[1]


@pytest.mark.parametrize("size", [1, 15, 40])
async def test_events_that_are_appended_at_once_are_as_those_that_wait_for_commit(world: World, size: int) -> None:
    """Events, markers and notifications are the same, and nothing is left in log_pending."""
    channel = await world.sql.fetchval("SELECT channel FROM log_state")
    heard: list[str] = []
    await world.sql.add_listener(channel, lambda *told: heard.append(told[-1]))
    people = [world.alice, world.bob, world.carol]
    left = []
    for write in (by_function, as_a_whole):
        message = await world.post()
        position = await world.sql.fetchval("SELECT max(position) FROM events")
        heard.clear()
        await write(world, [Post(people[place % 3], world.group, f"text {place}", None, None) for place in range(size)])
        events = await world.rows(
            "SELECT position - $1, message_id - $2, payload::jsonb - ARRAY['id', 'seq', 'created_at'], "
            "payload ->> 'id' = message_id::text, "
            "to_jsonb(e) - ARRAY['position', 'message_id', 'payload', 'created_at'] "
            "FROM events e WHERE position > $1 ORDER BY position",
            position,
            message,
        )
        markers = await world.rows(
            "SELECT max(m.seq) = last_read_seq FROM messages m JOIN chat_members ON user_id = sender_id "
            "WHERE m.id > $1 GROUP BY user_id, last_read_seq",
            message,
        )
        assert await world.rows("SELECT FROM log_pending") == []
        left.append((events, markers, _counted_from(heard.pop(), position, message)))
        assert heard == []
    assert left[0] == left[1]
    assert len(left[0][0]) == size


def _counted_from(notice: str, position: int, message: int) -> Any:
    """A notification, with its positions and messages counted from these."""
    epoch, first, last, events = json.loads(notice)
    for event in events or ():
        event[0] -= position
        event[7] -= message
        del event[9]["id"], event[9]["seq"], event[9]["created_at"], event[10]
    return epoch, first - position, last - position, events


@pytest.mark.parametrize(("length", "holds"), [(100, True), (9000, False)])
async def test_only_answers_that_fit_into_buffers_are_sent_under_the_logs_lock(
    world: World, length: int, *, holds: bool
) -> None:
    """Of a large answer PostgreSQL may have to wait for the reader, with the lock that all others wait for."""
    posting = await world.connect()
    async with posting.transaction():
        await posting.fetch(
            "SELECT message FROM post_messages($1, $2, $3, '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', whole => true)",
            *([world.alice] * 3, [world.group] * 3, ["x" * length] * 3),
        )
        held = await world.rows(
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = $1 AND objid = hashtext('fechatter.log')::oid "
            "AND objsubid = 1",
            posting.get_server_pid(),
        )
    assert bool(held) == holds
    assert len(await world.events()) == 3


async def test_the_logs_lock_is_waited_for_beyond_the_patience(world: World) -> None:
    """Everyone waits for it, so a busy log must not make batches fall apart."""
    posting = await world.connect()
    async with world.sql.transaction():
        await world.sql.execute("SELECT log_lock()")
        posts = asyncio.create_task(
            posting.fetch(
                "SELECT outcome FROM post_messages($1, $2, '{x}', '{NULL}', '{NULL}', 1, whole => true)",
                [world.alice],
                [world.group],
            )
        )
        waits = asyncio.create_task(blocked(world, posting))
        await asyncio.wait([posts, waits], return_when=asyncio.FIRST_COMPLETED)
        await world.sql.execute("SELECT pg_sleep(0.01)")  # longer than its patience
        waits.cancel()
        assert not posts.done()
    assert [row["outcome"] for row in await posts] == ["created"]


async def test_plain_texts_that_are_all_posted_are_as_those_beside_one_that_is_not(world: World) -> None:
    """post_messages() has a shorter way for batches of nothing else. One message of a stranger takes all the other."""
    other = await world.add_chat("Group", "bob", "alice", "carol")
    posts = [
        (chat, sender, f"{word} {number}", None if number % 3 else f"key {number}")
        for number, (word, chat, sender) in enumerate(
            zip(
                WORDS * 3,
                [world.group, other, other] * 7,
                [world.alice, world.bob, world.carol, world.bob] * 6,
                strict=False,
            )
        )
    ]
    refused = (world.group, world.eve, "let me in", None)
    left = []
    newest = await world.post()
    kept = "SELECT user_id, key, fingerprint, message_id FROM idempotency_keys ORDER BY key"
    await world.sql.execute("BEGIN")
    for batch in (posts, [*posts, refused]):
        await world.sql.execute(f"SAVEPOINT before; SELECT setval('messages_id_seq', {newest})")
        chats, senders, contents, keys = zip(*batch, strict=True)
        rows = await world.rows(
            "SELECT outcome, message::text FROM post_messages($1, $2, $3, $4, $5)",
            *(senders, chats, contents, [None] * len(batch), keys),
        )
        assert [outcome for outcome, _ in rows[: len(posts)]] == ["created"] * len(posts)
        await world.sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        left.append((rows[: len(posts)], await world.rows(LEFT), await world.rows(kept)))
        await world.sql.execute("ROLLBACK TO before")
    await world.sql.execute("ROLLBACK")
    assert left[0] == left[1]


@pytest.mark.parametrize("write", [by_function, as_a_whole, by_insert])
async def test_what_is_posted_is_told_in_the_order_of_the_transaction(world: World, write: Any) -> None:
    """Its events are gathered before COMMIT, and those of other changes there: they keep their order all the same."""
    root = await world.post("root")
    await world.events()
    async with world.sql.transaction():
        chat = await world.add_chat("Group", "alice", "bob")
        await write(world, [Post(world.bob, chat, "1", None, None), Post(world.alice, world.group, "2", root, None)])
        await world.sql.execute("UPDATE messages SET content = 'edited' WHERE content = '2'")
        await world.sql.execute("UPDATE chats SET name = 'renamed' WHERE id = $1", chat)
        await write(world, [Post(world.bob, chat, "3", None, None)])
    told = [(event.kind, event.payload.get("content")) for event in await world.events()]
    assert {kind for kind, _ in told[:-7]} == {"NewChat", "UserJoinedChat"}
    assert told[-7:] == [
        ("NewMessage", "1"),
        ("NewMessage", "2"),
        ("ThreadUpdated", None),
        ("ThreadFollowed", None),
        ("MessageUpdated", "edited"),
        ("ChatUpdated", None),
        ("NewMessage", "3"),
    ]


async def test_what_a_savepoint_takes_back_is_not_told(world: World) -> None:
    async with world.sql.transaction():
        savepoint = world.sql.transaction()
        await savepoint.start()
        await by_function(world, [Post(world.bob, world.group, "gone", None, None)])
        await savepoint.rollback()
        await by_function(world, [Post(world.bob, world.group, "stays", None, None)])
    assert [event.payload["content"] for event in await world.events()] == ["stays"]
    assert await world.rows("SELECT seq FROM messages") == [(1,)]


async def test_the_server_cannot_number_messages_itself_nor_keep_them_from_the_log(world: World) -> None:
    async with world.database.connect("fechatter_chat") as sql:
        await sql.execute("SET fechatter.numbered = on; SET fechatter.gathered = on")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await sql.execute(
                "INSERT INTO messages (chat_id, seq, sender_id, content) VALUES ($1, 7, $2, 'x')",
                world.group,
                world.alice,
            )
        insert = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'x') RETURNING seq"
        assert await sql.fetchval(insert, world.group, world.alice) == 1
    assert [event.kind for event in await world.events()] == ["NewMessage"]


async def test_whoever_joins_while_the_chats_are_being_locked_posts_with_the_next_batch(world: World) -> None:
    """Its chat is not locked, so it has no number for the message; the key stays free for the retry."""
    busy, joined = world.group, await world.add_chat("Group", "alice")
    other = await world.connect()
    posting = await world.connect()
    async with world.sql.transaction():
        await world.sql.execute("SELECT FROM chats WHERE id = $1 FOR UPDATE", busy)
        posts = asyncio.create_task(
            posting.fetch(
                "SELECT outcome, message FROM post_messages($1, $2, '{a,b}', '{NULL,NULL}', '{NULL,key}')",
                [world.alice, world.bob],
                [busy, joined],
            )
        )
        await blocked(world, posting)
        await other.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", joined, world.bob)
    assert [row["outcome"] for row in await posts] == ["created", "not_found"]
    (again,) = await world.rows(
        "SELECT outcome, message ->> 'seq' FROM post_messages($1, $2, '{b}', '{NULL}', '{key}')", [world.bob], [joined]
    )
    assert again == ("created", "1")


async def test_a_trigger_of_somebody_elses_that_replies_leaves_no_number_twice(world: World) -> None:
    await world.sql.execute("""
        CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO messages (chat_id, sender_id, content) VALUES (NEW.chat_id, NEW.sender_id, 'yes');
            RETURN NULL;
        END $$;
        CREATE TRIGGER answer AFTER INSERT ON messages FOR EACH ROW WHEN (NEW.content = 'there?')
            EXECUTE FUNCTION answer()""")
    await by_function(world, [Post(world.alice, world.group, "there?", None, None)])
    await by_function(world, [Post(world.alice, world.group, "good", None, None)])
    assert await world.rows("SELECT seq, content FROM messages ORDER BY 1") == [(1, "there?"), (2, "yes"), (3, "good")]
    told = [event.payload["content"] for event in await world.events()]
    assert sorted(told) == ["good", "there?", "yes"]


async def test_constraints_that_are_immediate_keep_posts_in_the_order_of_members(world: World) -> None:
    async with world.sql.transaction():
        await world.sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.carol)
        await by_function(world, [Post(world.bob, world.group, "without carol", None, None)])
    kinds = [event.kind for event in await world.events()]
    assert kinds.index("UserLeftChat") < kinds.index("NewMessage")
