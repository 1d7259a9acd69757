"""Mentions: whom a text mentions, and that the table says what the messages say."""

import time

import pytest

from tests.sql.messages.mention_cases import MEMBERS, PAGE, SENDER, cases, table
from tests.sql.world import World

MIRRORED = """
    SELECT id, person FROM messages, unnest(mentions) person
    UNION ALL SELECT id, NULL FROM messages WHERE mentions_everyone IS NOT NULL
    EXCEPT ALL SELECT message_id, user_id FROM mentions JOIN messages m ON m.id = message_id
    WHERE (m.chat_id, m.seq) = (mentions.chat_id, mentions.seq)
"""


async def test_whom_a_text_mentions(world: World) -> None:
    """Each case of docs/mentions.md: when it is posted, and when it is edited into a message and out of it."""
    ids = {SENDER: world.alice, "dave": world.dave, "bob": world.bob, "carol": world.carol}
    for name in set(MEMBERS) - ids.keys():
        ids[name] = await world.sql.fetchval(
            "INSERT INTO users (email, fullname, password_hash, username) VALUES ($1, 'N', '', $2) RETURNING id",
            f"{name}@example.org",
            name,
        )
        for table_of, place in (("workspace", world.acme), ("chat", world.group)):
            await world.sql.execute(f"INSERT INTO {table_of}_members VALUES ($1, $2)", place, ids[name])
    edited = await world.post("nobody")
    found: list[tuple[str, object, object]] = []
    for case in cases():
        await world.sql.execute("UPDATE messages SET content = $1 WHERE id = $2", case.text, edited)
        posted = await world.post(case.text)
        found += await world.rows(
            "SELECT content, coalesce(mentions, '{}'), mentions_everyone FROM messages WHERE id = ANY ($1)",
            [edited, posted],
        )
    expected = [(case.text, sorted(ids[name] for name in case.names), case.everyone) for case in cases()]
    assert found[::2] == found[1::2] == expected
    assert await world.rows(MIRRORED) == []
    await world.sql.execute("UPDATE messages SET content = 'nobody'")
    assert await world.rows("SELECT * FROM mentions") == []


def test_the_page_shows_the_cases() -> None:
    """`python -m tests.sql.messages.mention_cases` writes them anew."""
    assert PAGE.read_text().endswith("\n\n" + table())
    assert len(cases()) > 100


async def test_a_deleted_message_mentions_nobody(world: World) -> None:
    for how in ("UPDATE messages SET deleted_at = now()", "DELETE FROM messages"):
        await world.post("@bob @all")
        await world.events()
        await world.sql.execute(how)
        told = (await world.events())[-1]
        assert (told.kind, told.payload["mentions"], told.payload["mentions_everyone"]) == ("MessageDeleted", [], None)
        assert await world.rows("SELECT * FROM mentions") == []


async def test_what_is_forwarded_mentions_nobody_again(world: World) -> None:
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content, forwarded_from) VALUES ($1, $2, '@bob @all', $3)",
        world.group,
        world.alice,
        '{"message_id": 1, "chat_id": 1, "sender_id": 1}',
    )
    assert await world.rows("SELECT * FROM mentions") == []


async def test_mentions_are_found_and_not_taken(world: World) -> None:
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content, mentions, mentions_everyone) "
        "VALUES ($1, $2, 'x', '{2}', 'all')",
        world.group,
        world.alice,
    )
    await world.sql.execute("UPDATE messages SET mentions = '{3}', mentions_everyone = 'here'")
    assert await world.rows("SELECT mentions, mentions_everyone FROM messages") == [(None, None)]
    assert await world.rows("SELECT * FROM mentions") == []


async def test_in_a_large_chat_only_admins_mention_everyone(world: World) -> None:
    await world.add_crowd(97)
    await world.post("@all", sender=world.bob)
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave)
    await world.post("@all, says a member @carol", sender=world.bob)
    await world.post("@here, says the owner")
    await world.sql.execute("UPDATE chat_members SET role = 'admin' WHERE user_id = $1", world.bob)
    await world.post("@all, says an admin", sender=world.bob)
    found = await world.rows("SELECT mentions, mentions_everyone FROM messages ORDER BY seq")
    assert found == [(None, "all"), ([world.carol], None), (None, "here"), (None, "all")]


async def test_a_mention_that_an_edit_adds_is_told_to_who_has_read_the_message(world: World) -> None:
    message = await world.post("look")
    await world.sql.execute("UPDATE chat_members SET last_read_seq = 1 WHERE user_id = $1", world.bob)
    await world.events()
    edit = "UPDATE messages SET content = $1 WHERE id = $2"
    for content, unread in (("@bob @carol", [1]), ("@bob, soon", None), ("nobody", []), ("@bob", [1])):
        await world.sql.execute(edit, content, message)
        told = [(event.kind, event.payload.get("unread_mentions")) for event in await world.events()]
        assert told == [("MessageUpdated", None)] + [("ReadMarkerMoved", unread)] * (unread is not None)
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    assert [event.kind for event in await world.events()] == ["MessageDeleted", "ReadMarkerMoved"]
    assert await world.rows("SELECT FROM chat_members WHERE late_mentions IS NOT NULL") == []


async def test_no_more_than_fifty_people_are_mentioned(world: World) -> None:
    await world.add_crowd(60)
    await world.post(" ".join(f"@u{number}" for number in range(1, 61)) + " @all")
    [(mentions, everyone)] = await world.rows("SELECT mentions, mentions_everyone FROM messages")
    assert 48 <= len(mentions) <= 50
    assert everyone == "all"


async def test_the_unread_mentions_are_the_newest_hundred_above_the_marker(world: World) -> None:
    for number in range(1, 241):
        await world.post(("x", "@all", "@bob", "@carol")[number % 4])
    unread = """
        SELECT unread_mentions(chats, jsonb_populate_record(m, jsonb_build_object('last_read_seq', $2::bigint)))
        FROM chats, chat_members m WHERE m.user_id = $1
    """
    mentioning = [number for number in range(1, 241) if number % 4 in (1, 2)]
    assert await world.sql.fetchval(unread, world.bob, 0) == mentioning[-100:]
    assert await world.sql.fetchval(unread, world.bob, 200) == [seq for seq in mentioning if seq > 200]
    assert await world.sql.fetchval(unread, world.bob, 240) == []
    await world.sql.execute("UPDATE chat_members SET last_read_seq = 230 WHERE user_id = $1", world.bob)
    assert (await world.events())[-1].payload["unread_mentions"] == [233, 234, 237, 238]


HOSTILE = {
    "backticks": "`" * 9990,
    "spans": "` " * 4995,
    "spans that nest": "` `` " * 1998,
    "fences": "```\n" * 2497,
    "spans and fences": "```\n`\n" * 1660,
    "paragraphs": "`\n\n" * 3330,
    "names": "@a " * 3330,
    "one name": "@" + "a-" * 4990,
    "ats": "@" * 9990,
    "emphases": "_@a" * 3330,
    "a name that ends in emphasis": "@a" + "_" * 9980,
    "names that are joined": "@a/" * 3330,
    "backticks that are escaped": "\\`" * 4995,
    "runs of each length": " ".join("`" * length for length in range(1, 135)),
    "indented lines": "    a\n" * 1660,
    "quotes": ">" * 9990,
    "items": "- ```\n" * 1660,
    "links": "https://" * 1248,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_no_text_takes_long(world: World, text: str) -> None:
    """All of it is linear; what is not would take minutes."""
    await world.post("warm")
    start = time.process_time(), time.perf_counter()
    await world.post(text + " @bob")
    assert time.perf_counter() - start[1] < 10
    assert time.process_time() - start[0] < 5
