"""Acts in a batch: as if each had come by itself, after the posts."""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any
from unittest import mock

import asyncpg
import httpx
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import open_pool
from chat_core.problems import Problem, from_database
from chat_core.settings import Settings
from chat_server.access import acts
from chat_server.parts.act import Act, Apart, Done, Kind
from chat_server.parts.batch import Batch, Item, Written
from chat_server.parts.changes import Changes
from chat_server.parts.post import Post
from chat_server.parts.writer import MOST_ACTS, Writer
from tests.chat_server.messages.test_writer import LOG_LOCK, queued, send
from tests.chat_server.people import ChatServer, blocked
from tests.sql.world import World, populated
from tests.support.postgres import Database

SEEDS = 8
AMOUNT = 30
KINDS: list[Kind] = [
    *("add_reaction", "add_reaction", "remove_reaction", "move_read_marker", "move_read_marker_back"),
    *("edit_message", "edit_message", "delete_message", "pin_message", "unpin_message"),
    *("join_chat", "leave_chat"),
]
CHANNEL = 4
APART = repr(Apart())
# Their payloads tell of the state at COMMIT (log_defer).
OF_MEMBERS = ("NewChat", "UserJoinedChat", "UserLeftChat")
TABLES = ("messages", "message_reactions", "message_pins", "message_edits", "mentions", "chat_members", "audit_log")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(\+00:00|\+00|Z)?")
SET_UP = """
ALTER TABLE messages ADD CONSTRAINT polite CHECK (content <> 'rude');
UPDATE chats SET archived_at = now() WHERE id = 3;
UPDATE chat_members SET silenced_until = now() + interval '1 day' WHERE chat_id = 2 AND user_id = 3;
"""


def some(chance: random.Random, world: World, messages: Sequence[tuple[int, int, int]]) -> list[Item]:
    """Posts, then acts, and those by which somebody leaves last: of members, strangers and the silenced, on what is
    there and on what is not, in chats of which one is archived and another one a public channel. `messages` are ids
    with their chats and senders: most acts fit together."""
    people, chats = list(world.people.values()), [1, 1, 1, 2, 3, CHANNEL, 99]
    words = ["hello", "@bob look", "@everyone", "rude", "other"]
    posts: list[Item] = [
        Post(chance.choice(people), chance.choice(chats), chance.choice(words[:3]), None, chance.choice([None, "k"]))
        for _ in range(chance.randrange(5))
    ]
    acts_: list[Item] = []
    for _ in range(AMOUNT):
        kind = chance.choice(KINDS)
        message, chat, person = chance.choice(messages)
        if chance.random() < 0.4:
            person = chance.choice(people)
        if chance.random() < 0.1:
            chat = chance.choice(chats)
        arguments: dict[str, Any] = {}
        if "reaction" in kind:
            arguments["emoji"] = chance.choice(["👍", "🎉", ":tada:", "nonsense"])
        elif kind.startswith("move"):
            arguments["seq"] = chance.randint(1, 12)
        elif kind == "edit_message":
            arguments["content"] = chance.choice(words)
            if chance.random() < 0.3:
                arguments["metadata"] = chance.choice(['{"a": 1}', None])
        if kind.endswith("_chat"):
            person, chat = chance.choice(people), chance.choice([CHANNEL, CHANNEL, CHANNEL, 3, 99])
        of = None if kind.startswith("move") or kind.endswith("_chat") else message
        acts_.append(Act(kind, chat, of, person, None, "192.0.2.1", json.dumps(arguments)))
    return posts + sorted(acts_, key=lambda act: isinstance(act, Act) and act.kind == "leave_chat")


def plainly(result: Written | Exception) -> str:
    """As its caller is told of it, without times."""
    if isinstance(result, asyncpg.PostgresError):
        result = from_database(result) or result
    return TIME.sub("T", f"{result.status} {result.body()!r}" if isinstance(result, Problem) else repr(result))


async def write(world: World, items: Sequence[Item]) -> list[str]:
    async with world.sql.transaction():
        return [plainly(one) for one in await Batch(items, 1000).write(world.sql, acts.require)]


async def one_by_one(world: World, items: Sequence[Item]) -> list[str]:
    return [answer for item in items for answer in await write(world, [item])]


async def stored(world: World) -> dict[str, list[str]]:
    """The rows of the tables, and the events since the last time. ReadMarkerMoved tells of the state at COMMIT, so of
    several for one member the last is compared, and where it stands; so do those of OF_MEMBERS, of all of a chat."""
    rows = {}
    for table in TABLES:
        found = await world.sql.fetch(f"SELECT row_to_json(t)::text FROM {table} t ORDER BY t")
        rows[table] = [TIME.sub("T", row[0]) for row in found]
    events = await world.events()
    told = [TIME.sub("T", repr(event)) for event in events]
    last = {(event.chat_id, event.user_id): n for n, event in enumerate(events) if event.kind == "ReadMarkerMoved"}
    for number, event in enumerate(events):
        if event.kind == "ReadMarkerMoved" and last[event.chat_id, event.user_id] != number:
            told[number] = repr(event.about())
        if event.kind in OF_MEMBERS:
            told[number] = repr(event.about())
    return {**rows, "events": told}


@pytest.fixture
async def worlds(postgres: EmbeddedPostgres) -> AsyncIterator[list[World]]:
    """Two alike: a group, another one in which Carol is silenced, an archived one, and a public channel."""
    async with populated(postgres) as one, populated(postgres) as other:
        for world in (one, other):
            for names in (("bob", "carol", "dave"), ("alice", "bob")):
                await world.add_chat("Group", *names)
            await world.add_chat("PublicChannel", "alice", "bob")
            for number in range(12):
                await world.post(f"message {number}", world.bob, 1 + number % 4)
            await world.sql.execute(SET_UP)
            await world.events()
        yield [one, other]


async def test_a_batch_does_what_its_items_do_one_by_one(worlds: list[World]) -> None:
    together, apart = worlds
    told, kinds = "", set[str]()
    for seed in range(SEEDS):
        messages = await together.rows("SELECT id, chat_id, sender_id FROM messages ORDER BY id DESC LIMIT 8")
        items = some(random.Random(seed), together, messages)
        answers = await write(together, items)
        in_it = [(item, answer) for item, answer in zip(items, answers, strict=True) if answer != APART]
        assert [answer for _, answer in in_it] == await one_by_one(apart, [item for item, _ in in_it]), f"seed {seed}"
        left = [item for item, answer in zip(items, answers, strict=True) if answer == APART]
        assert await one_by_one(together, left) == await one_by_one(apart, left), f"seed {seed}"
        found, wanted = await stored(together), await stored(apart)
        for table in wanted:
            assert found[table] == wanted[table], f"seed {seed}, {table}"
        told += "".join(answers)
        kinds |= {event.split("'")[1] for event in wanted["events"]}
    refusals = ("rule polite", "reaction_is_emoji", "message_deleted", "not_found", "forbidden", "chat_is_archived")
    for failure in refusals:
        assert failure in told, failure
    assert {
        "NewMessage",
        "ReactionAdded",
        "ReactionRemoved",
        "MessageUpdated",
        "MessageDeleted",
        "MessagePinned",
        "NewChat",
        "UserJoinedChat",
        "UserLeftChat",
    } < kinds


async def test_whoever_leaves_does_so_after_what_else_they_do_in_the_batch(worlds: list[World]) -> None:
    """It was decided while they were in the chat. What comes after it is left to a transaction of its own."""
    world = worlds[0]

    def act(kind: Kind, person: int, chat: int = CHANNEL, message: int | None = None) -> Act:
        return Act(kind, chat, message, person, None, "", '{"emoji": "👍"}')

    leaving = act("leave_chat", world.bob)
    items = [leaving, act("add_reaction", world.bob, message=4), leaving, act("join_chat", world.carol)]
    owner = act("leave_chat", world.alice)
    async with world.sql.transaction():
        left, reacted, again, joined, kept = await Batch([*items, owner], 1000).write(world.sql, acts.require)
    assert [type(one) for one in (left, reacted, again, joined, kept)] == [Done, Done, Apart, Done, Apart]
    assert [event.kind for event in await world.events()] == [
        *("ReactionAdded", "NewChat", "UserJoinedChat", "UserLeftChat")
    ]
    assert await world.rows(f"SELECT user_id FROM chat_members WHERE chat_id = {CHANNEL} ORDER BY 1") == [
        (world.alice,),
        (world.carol,),
    ]


async def test_a_stranger_locks_nothing(worlds: list[World]) -> None:
    world = worlds[0]
    other = await world.connect()
    stranger, member = (
        Act("add_reaction", world.group, 1, person, None, "", '{"emoji": "👍"}') for person in (world.eve, world.bob)
    )
    locking = "SELECT (SELECT id FROM messages WHERE id = 1 FOR UPDATE SKIP LOCKED) IS NULL AS locked"
    for act, locked in ((stranger, False), (member, True)):
        async with world.sql.transaction():
            await Batch([act], 1000).write(world.sql, acts.require)
            assert await other.fetchval(locking) == locked


async def test_a_locked_chat_holds_up_no_batch_for_its_read_markers(worlds: list[World]) -> None:
    """They are put apart, where they need no lock of their chat."""
    world = worlds[0]
    other = await world.connect()
    marker = Act("move_read_marker", world.group, None, world.bob, None, "", '{"seq": 1}')
    reaction = Act("add_reaction", 2, 2, world.bob, None, "", '{"emoji": "👍"}')
    async with other.transaction():
        await other.execute("SELECT FROM chats WHERE id = $1 FOR UPDATE", world.group)
        async with world.sql.transaction():
            first, second = await Batch([marker, reaction], 60_000).write(world.sql, acts.require)
            assert (type(first), type(second)) == (Apart, Done)
        async with world.sql.transaction():
            [alone] = await Batch([marker], 60_000, alone=True).write(world.sql, acts.require)
            assert isinstance(alone, Done)


async def test_what_fails_in_the_second_transaction_of_a_batch_leaves_the_first(worlds: list[World]) -> None:
    """More acts than one transaction takes: those of the first are answered as they were committed."""
    world = worlds[0]
    other = await world.connect()
    settings = Settings.model_validate({"database": {"url": world.database.chat_url}}).database
    marker = Act("move_read_marker", 2, None, world.bob, None, "", '{"seq": 1}')
    async with await open_pool(settings, "a test") as pool, other.transaction():
        await other.execute("SELECT FROM chats WHERE id = 1 FOR UPDATE")
        writer = Writer(
            pool, Changes(pool), acts.require, mock.Mock(), most_scouts=1, statement_seconds=1, longest_seconds=1
        )
        items: list[Item] = [marker] * (MOST_ACTS + 1)
        results = await writer._write([*items, Post(world.alice, 1, "hello", None, None)])
    assert [type(result) for result in results[:MOST_ACTS]] == [Done] * MOST_ACTS
    assert [type(result) for result in results[MOST_ACTS:]] == [asyncpg.LockNotAvailableError] * 2


async def test_acts_that_come_during_a_commit_share_the_next_one_with_the_posts(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat, channel = await ada.chat(bob), await ada.chat(type="PublicChannel")
    first, second = await ada.say(chat, "first"), await ada.say(chat, "second")
    at = f"/api/chats/{chat}"
    calls: list[Callable[[], Coroutine[Any, Any, httpx.Response]]] = [
        lambda: bob.api.put(f"{at}/messages/{first['id']}/reactions/👍"),
        lambda: ada.api.patch(f"{at}/messages/{first['id']}", json={"content": "edited"}),
        lambda: bob.api.patch(f"{at}/messages/{first['id']}", json={"content": "not his"}),
        lambda: ada.api.delete(f"{at}/messages/{second['id']}"),
        lambda: bob.api.post(f"{at}/read", json={"seq": 2}),
        lambda: bob.api.put(f"{at}/messages/{first['id']}/pin"),
        lambda: bob.api.put(f"{at}/messages/{first['id']}/reactions/nonsense"),
        lambda: bob.api.post(f"/api/chats/{channel}/join"),
        lambda: ada.api.post(f"{at}/messages", json={"content": "third"}),
    ]
    async with database.connect() as sql:
        position = await sql.fetchval("SELECT max(position) FROM events")
        async with sql.transaction():
            await sql.execute(LOG_LOCK)
            answers = [send(ada, chat, "on its way")]
            await blocked(sql)
            for number, call in enumerate(calls, start=1):
                answers.append(asyncio.create_task(call()))
                await queued(chat_server, number)
        statuses = [answer.status_code for answer in await asyncio.gather(*answers)]
        assert statuses == [201, 200, 200, 403, 204, 200, 200, 422, 200, 201]
        rows = await sql.fetch("SELECT kind, xmin FROM events WHERE position > $1 ORDER BY position", position)
    kinds = [row["kind"] for row in rows]
    assert kinds[:2] == ["NewMessage", "NewMessage"]  # posts first, of a batch
    assert kinds[2:7] == ["ReactionAdded", "MessageUpdated", "MessageDeleted", "ReadMarkerMoved", "MessagePinned"]
    assert kinds[7:] == ["NewChat", "UserJoinedChat"]
    assert len({row["xmin"] for row in rows[1:]}) == 1 < len({row["xmin"] for row in rows})
