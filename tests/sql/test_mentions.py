"""Mentions: whom a text mentions, and that the table says what the messages say."""

import time

import pytest

from tests.sql.world import World

MIRRORED = """
    SELECT id, person FROM messages, unnest(mentions) person
    UNION ALL SELECT id, NULL FROM messages WHERE mentions_everyone IS NOT NULL
    EXCEPT ALL SELECT message_id, user_id FROM mentions JOIN messages m ON m.id = message_id
    WHERE (m.chat_id, m.seq) = (mentions.chat_id, mentions.seq)
"""
# Of alice, in the group of bob and carol: text → names mentioned, and everyone.
TEXTS: list[tuple[str, list[str], str | None]] = [
    ("hello", [], None),
    ("@bob", ["bob"], None),
    ("@Bob, @CAROL: lunch?", ["bob", "carol"], None),
    ("(@bob) «@carol» 你好@bob!", ["bob", "carol"], None),
    ("@bob. @carol- @bob…", ["bob", "carol"], None),
    ("@alice herself", [], None),
    ("@dave is not in the group, @eve in no workspace, @nobody nobody", [], None),
    ("bob@bob x.y@carol a+b@carol @bob@carol", ["bob"], None),
    ("https://example.com/@bob and \\@carol", [], None),
    ("@bobby @bob_ @bob-carol @bob.carol", [], None),
    ("@ bob @", [], None),
    ("@all", [], "all"),
    ("@here and @bob", ["bob"], "here"),
    ("@HERE @All", [], "all"),
    ("@allan @hereby call@all", [], None),
    ("`@bob` and @carol", ["carol"], None),
    ("``@bob ` @bob`` @carol", ["carol"], None),
    ("`unclosed @bob", ["bob"], None),
    ("`a paragraph\n\n@bob another `", ["bob"], None),
    ("```\n@bob @all\n```\n@carol", ["carol"], None),
    ("~~~ python\n@bob\n```\n@bob\n~~~~\n@carol", ["carol"], None),
    ("```\n@bob is never closed", [], None),
    ("  ```py\r\n@bob\r\n  ```\r\n@carol", ["carol"], None),
    ("```inline @bob``` @carol", ["carol"], None),
]


@pytest.mark.parametrize(("text", "names", "everyone"), TEXTS, ids=[repr(text) for text, _, _ in TEXTS])
async def test_whom_a_text_mentions(world: World, text: str, names: list[str], everyone: str | None) -> None:
    """When it is posted, and when another text is edited into it and out of it."""
    expected = [world.people[name] for name in names]
    edited = await world.post("nobody")
    await world.sql.execute("UPDATE messages SET content = $1 WHERE id = $2", text, edited)
    posted = await world.post(text)
    for event in (await world.events())[1:] if text != "nobody" else []:
        assert (event.payload["mentions"], event.payload["mentions_everyone"]) == (expected, everyone)
    stored = {person for (person,) in await world.rows("SELECT user_id FROM mentions WHERE message_id = $1", posted)}
    assert stored == {*expected} | ({None} if everyone else set())
    assert await world.rows(MIRRORED) == []
    await world.sql.execute("UPDATE messages SET content = 'nobody'")
    assert await world.rows("SELECT * FROM mentions") == []


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
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_no_text_takes_long(world: World, text: str) -> None:
    """All of it is linear; what is not would take minutes."""
    await world.post("warm")
    start = time.process_time(), time.perf_counter()
    await world.post(text + " @bob")
    assert time.perf_counter() - start[1] < 10
    assert time.process_time() - start[0] < 5
