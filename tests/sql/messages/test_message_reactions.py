"""message_reactions: counted on the message, told with the whole of its reactions, and no edit of it."""

import asyncio
import json
import random
from typing import Any

import asyncpg
import pytest

from tests.sql.world import World, blocked

REACT = "INSERT INTO message_reactions (message_id, user_id, emoji) VALUES ($1, $2, $3)"


async def reactions(world: World, message: int) -> list[tuple[str, int, list[int]]] | None:
    found: str | None = await world.sql.fetchval("SELECT reactions FROM messages WHERE id = $1", message)
    return None if found is None else [(r["emoji"], r["count"], r["user_ids"]) for r in json.loads(found)]


def told(payload: dict[str, Any]) -> list[tuple[str, int, list[int]]]:
    return [(r["emoji"], r["count"], r["user_ids"]) for r in payload["reactions"]]


async def test_reactions_are_counted_and_told(world: World) -> None:
    message = await world.post()
    await world.events()
    for user, emoji in ((world.bob, "👍"), (world.alice, "🎉"), (world.alice, "👍")):
        await world.sql.execute(REACT, message, user, emoji)
    assert await reactions(world, message) == [("👍", 2, [world.bob, world.alice]), ("🎉", 1, [world.alice])]
    await world.sql.execute("DELETE FROM message_reactions WHERE user_id = $1", world.bob)
    await world.sql.execute("DELETE FROM message_reactions WHERE user_id = $1", world.alice)
    assert await reactions(world, message) is None
    events = await world.events()
    assert [event.kind for event in events] == ["ReactionAdded"] * 3 + ["ReactionRemoved"] * 3
    assert {event.about()[1:] for event in events} == {("chat", world.group, None, None)}
    assert list(events[0].payload) == ["chat_id", "message_id", "user_id", "emoji", "reactions"]
    assert [told(event.payload) for event in events] == [
        [("👍", 1, [world.bob])],
        [("👍", 1, [world.bob]), ("🎉", 1, [world.alice])],
        [("👍", 2, [world.bob, world.alice]), ("🎉", 1, [world.alice])],
        [("👍", 1, [world.alice]), ("🎉", 1, [world.alice])],
        [],  # the last statement has taken both
        [],
    ]
    assert await world.sql.fetchval("SELECT updated_at FROM messages") is None


async def crowd(world: World) -> None:
    """Thirty more members, whose ids are above 5."""
    await world.sql.execute(
        "INSERT INTO users (email, fullname, password_hash) "
        "SELECT 'u' || n || '@example.com', 'U', '' FROM generate_series(1, 30) n"
    )
    await world.sql.execute(
        "INSERT INTO workspace_members (workspace_id, user_id) SELECT 1, id FROM users WHERE id > 5"
    )
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) SELECT 1, id FROM users WHERE id > 5")


async def test_a_reaction_of_many_names_the_first(world: World) -> None:
    message, other = await world.post(), await world.post()
    await crowd(world)
    await world.sql.execute(
        "INSERT INTO message_reactions (message_id, user_id, emoji) "
        "SELECT m.id, users.id, emoji FROM users, messages m, unnest(ARRAY[':a:', ':b:']) emoji WHERE users.id > 5 "
        "ORDER BY users.id DESC, m.id, emoji"
    )
    newest = await world.sql.fetchval("SELECT max(id) FROM users")
    first = list(range(newest, newest - 10, -1))
    assert await reactions(world, message) == await reactions(world, other) == [(":a:", 30, first), (":b:", 30, first)]
    await world.sql.execute("DELETE FROM message_reactions WHERE user_id > $1 AND emoji = ':a:'", newest - 2)
    expected = [(":a:", 28, list(range(newest - 2, newest - 12, -1))), (":b:", 30, first)]
    assert await reactions(world, message) == await reactions(world, other) == expected
    await world.sql.execute("DELETE FROM message_reactions WHERE message_id = $1 AND emoji = ':a:'", message)
    assert await reactions(world, message) == [(":b:", 30, first)]


async def test_many_in_a_statement_are_counted_as_one_by_one(world: World) -> None:
    single, together = await world.post(), await world.post()
    await crowd(world)
    chance = random.Random(1)
    pairs = {(user, emoji) for user in range(6, 36) for emoji in ("👍", "🎉", ":a:", ":b:")}
    added = (
        "INSERT INTO message_reactions (message_id, user_id, emoji)"
        " SELECT $1, u, e FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS r (u, e, n) ORDER BY n"
    )
    removed = (
        "DELETE FROM message_reactions WHERE message_id = $1"
        " AND (user_id, emoji) IN (SELECT * FROM unnest($2::bigint[], $3::text[]))"
    )
    there = set[tuple[int, str]]()
    for statement, share in ((added, 0.6), (removed, 0.9), (added, 0.5), (removed, 0.3), (added, 1), (removed, 1)):
        of = sorted(pairs - there if statement == added else there)
        some = chance.sample(of, int(len(of) * share))
        await world.events()
        for user, emoji in some:
            await world.sql.execute(statement, single, [user], [emoji])
        alone = await world.events()
        await world.sql.execute(statement, together, [user for user, _ in some], [emoji for _, emoji in some])
        at_once = await world.events()
        assert len(alone) == len(at_once) == len(some)
        assert told(alone[-1].payload) == told(at_once[-1].payload)
        assert await reactions(world, single) == await reactions(world, together)
        counted = await world.rows(
            "SELECT emoji, count(*), (array_agg(user_id ORDER BY id))[:10] FROM message_reactions"
            " WHERE message_id = $1 GROUP BY emoji",
            single,
        )
        assert sorted(told(alone[-1].payload)) == sorted(counted)
        there ^= set(some)
    assert there == set()


async def test_again_changes_nothing(world: World) -> None:
    message = await world.post()
    await world.sql.execute(REACT, message, world.bob, "👍")
    await world.events()
    await world.sql.execute(f"{REACT} ON CONFLICT DO NOTHING", message, world.bob, "👍")
    assert await world.events() == []
    assert await reactions(world, message) == [("👍", 1, [world.bob])]


async def test_a_message_has_at_most_twenty_different_ones(world: World) -> None:
    message = await world.post()
    await world.sql.execute(
        "INSERT INTO message_reactions (message_id, user_id, emoji) "
        "SELECT $1, $2, ':e' || n || ':' FROM generate_series(1, 20) n",
        message,
        world.bob,
    )
    with pytest.raises(asyncpg.CheckViolationError, match="messages_reactions_amount"):
        await world.sql.execute(REACT, message, world.bob, ":more:")
    await world.sql.execute(REACT, message, world.alice, ":e7:")


async def test_only_members_react_and_theirs_stay_when_they_leave(world: World) -> None:
    message = await world.post()
    for stranger in (world.dave, world.eve):
        with pytest.raises(asyncpg.PostgresError, match="is not a member") as error:
            await world.sql.execute(REACT, message, stranger, "👍")
        assert (error.value.sqlstate, error.value.constraint_name) == ("FC403", "sender_is_member")
    await world.sql.execute(REACT, message, world.bob, "👍")
    await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.bob)
    assert await reactions(world, message) == [("👍", 1, [world.bob])]


async def test_a_message_that_is_removed_takes_them_along_untold(world: World) -> None:
    message = await world.post()
    await world.sql.execute(REACT, message, world.bob, "👍")
    await world.events()
    await world.sql.execute("DELETE FROM messages")
    assert [event.kind for event in await world.events()] == ["MessageDeleted"]
    message = await world.post()
    await world.sql.execute(REACT, message, world.bob, "👍")
    await world.sql.execute("DELETE FROM chats")
    assert await world.sql.fetchval("SELECT count(*) FROM message_reactions") == 0


async def test_a_deleted_message_has_none_and_gets_none(world: World) -> None:
    message = await world.post()
    await world.sql.execute(REACT, message, world.bob, "👍")
    await world.events()
    deletion, late = await world.connect(), await world.connect()
    await deletion.execute("BEGIN; UPDATE messages SET deleted_at = now()")
    waiting = asyncio.create_task(late.execute(REACT, message, world.alice, "👍"))
    await blocked(world, late)
    await deletion.execute("COMMIT")
    with pytest.raises(asyncpg.PostgresError) as error:
        await waiting
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "message_deleted")
    [event] = await world.events()
    assert (event.kind, event.payload["reactions"]) == ("MessageDeleted", [])
    assert await world.rows("SELECT * FROM message_reactions") == []
    assert await reactions(world, message) is None


async def test_who_reacts_at_once_is_counted_one_after_the_other(world: World) -> None:
    message = await world.post()
    await world.events()
    first, second = await world.connect(), await world.connect()
    await first.execute(f"BEGIN; INSERT INTO message_reactions VALUES ({message}, 1, ':a:')")
    waiting = asyncio.create_task(second.execute(REACT, message, world.bob, ":a:"))
    await blocked(world, second)
    await first.execute("COMMIT")
    await waiting
    assert [told(event.payload) for event in await world.events()] == [[(":a:", 1, [1])], [(":a:", 2, [1, 2])]]


async def test_the_key_is_final(world: World) -> None:
    await world.sql.execute(REACT, await world.post(), world.bob, "👍")
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute("UPDATE message_reactions SET emoji = '👎'")
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")


EMOJI = {
    **{emoji: emoji for emoji in (":party:", ":+1:", ":e-mail_2:", "👍", "👍🏽", "🎉", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿")},
    **{emoji: emoji for emoji in ("👨‍👩‍👧‍👦", "👩🏾‍💻", "👩🏽‍❤️‍💋‍👨🏿", "🏃🏽‍♀️‍➡️", "🧑‍🧑‍🧒‍🧒")},
    "❤": "❤️",
    "❤️": "❤️",
    "❤\ufe0e": "❤️",
    "©": "©️",
    "☺️": "☺️",
    "👍\ufe0f": "👍",
    "1⃣": "1️⃣",
    "#️⃣": "#️⃣",
    "🏳‍🌈": "🏳️‍🌈",
    "❤‍🔥": "❤️‍🔥",
    "👁‍🗨": "👁️‍🗨️",
    "🕵🏽‍♂": "🕵🏽‍♂️",
    "☝🏿": "☝🏿",
    "🏴‍☠": "🏴‍☠️",
    "⛹‍♀": "⛹️‍♀️",
}
NO_EMOJI = [
    *("", "a", "lol", "+1", "1", "#", "👍👎", "👍 ", " 👍", "👍a", "a👍", "👍\n", "\n👍"),
    *("❤\u200d", "\u200d", "\ufe0f", "🏽", ":a\ufe0f:b"),
    *("🇩", "🇩🇪🇫🇷", ":", "::", ":Party:", ":a b:", ":é:", ":a", "a:", ":a\n:", ":a:\n", ":" + "a" * 51 + ":"),
    *("👩‍👩‍👧‍👦‍👦", "👍🏽🏽", "中", "é", "→", "\U0001f3f4\U000e007f", "<b>", "x" * 65),
    *("👍" + "\ufe0f" * 64, "👍\u200b"),
]


async def test_a_reaction_is_one_emoji_in_one_form_or_a_name(world: World) -> None:
    message = await world.post()
    for given, kept in EMOJI.items():
        assert await world.sql.fetchval("SELECT reaction_emoji($1)", given) == kept, given
        assert await world.sql.fetchval("SELECT reaction_emoji($1)", kept) == kept
    for given in NO_EMOJI:
        assert await world.sql.fetchval("SELECT reaction_emoji($1)", given) is None, given
        with pytest.raises(asyncpg.PostgresError, match="neither an emoji nor a name"):
            await world.sql.execute(REACT, message, world.bob, given)
    await world.sql.execute(REACT, message, world.bob, "❤")
    with pytest.raises(asyncpg.UniqueViolationError):
        await world.sql.execute(REACT, message, world.bob, "❤\ufe0f")
    assert await reactions(world, message) == [("❤️", 1, [world.bob])]
