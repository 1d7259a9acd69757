"""The query language: what is parsed, what it finds, and how what is wrong is explained."""

from datetime import UTC, datetime

import pytest

from chat_server.search.query_language import MOST_CLAUSES, QueryError, parse
from tests.chat_server.people import ChatServer, ok, problem
from tests.chat_server.search.finding import found, index
from tests.support.postgres import Database


def test_a_query_is_parsed() -> None:
    query = parse('ship "the boat" -"a plane" -train from:@ada -in:"lunch break" before:2026-02-01 on:2026-01-31')
    assert [unit.texts for term in query.terms for unit in term.units] == [("ship",), ("the",), ("boat",)]
    assert len(query.unwanted) == 2
    assert [(name.text, name.not_) for name in query.senders + query.chats] == [("@ada", False), ("lunch break", True)]
    assert (query.since, query.until) == (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert parse("https://example.com 10:30 form:ada - --x").senders == []


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ('say "hello', 10, "the quotation mark that closes the one at character 5"),
        ("has:fish", 4, "one of file, link, image, code"),
        ("x is:red", 5, "one of pinned, thread, edited"),
        ("before:tomorrow", 7, "a day such as 2026-01-31"),
        ("on:2026-01-31T10:00Z", 3, "a day such as"),
        ("after:0001-01-01T00:00+10:00", 6, "a day such as"),
        ("-after:2026-01-31", 7, "no minus before a time"),
        ("from: ada", 5, "a value right after from:"),
        ("mentions:ada", 9, "one of me"),
        ('""', 0, "a word between the quotation marks"),
        ("... -", 0, "a word, a character of a word, an emoji or a filter"),
        ("x " * (MOST_CLAUSES + 1), 2 * MOST_CLAUSES, "the end"),
    ],
)
def test_what_is_wrong_is_explained_with_its_place(text: str, position: int, expected: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    assert (raised.value.position, raised.value.expected[: len(expected)]) == (position, expected)


@pytest.mark.parametrize("indexed", [False, True])
async def test_every_filter_finds_what_it_says(chat_server: ChatServer, database: Database, indexed: bool) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    lunch, quiet = await ada.chat(bob), await ada.chat(bob, name="Quiet Room")
    await index(database)
    plain = await ada.say(lunch, "the red boat")
    link = await bob.say(lunch, "see https://example.com/red_boat")
    code = await bob.say(quiet, "run `boat --red` @ada")
    body = {"content": "boat.png", "type": "image"}
    image = ok(await ada.api.post(f"/api/chats/{quiet}/messages", json=body), 201)
    body = {"content": "a reply to the boat", "reply_to": plain["id"]}
    reply = ok(await ada.api.post(f"/api/chats/{lunch}/messages", json=body), 201)
    edited = await ada.say(lunch, "the bloat")
    ok(await ada.api.patch(f"/api/chats/{lunch}/messages/{edited['id']}", json={"content": "the red red boat"}))
    edited = ok(await ada.api.get(f"/api/chats/{lunch}/messages/{edited['id']}"))
    ok(await ada.api.put(f"/api/chats/{lunch}/messages/{link['id']}/pin"))
    if indexed:
        await index(database)
    all_of_them = [edited, reply, image, code, link, plain]
    today = datetime.now(UTC).date()
    for q, expected in {
        "boat": all_of_them,
        '"red boat"': [edited, link, plain],
        '"boat red"': [code],
        '-"red boat"': [reply, image, code],
        "boat -red": [reply, image],
        "from:bob": [code, link],
        "from:me boat": [code, link],
        f"-from:{ada.id}": [code, link],
        "from:ada from:bob boat": all_of_them,
        "in:#lunch red": [edited, link, plain],
        'in:"quiet room"': [image, code],
        f"-in:{lunch}": [image, code],
        "has:link": [link],
        "has:code": [code],
        "has:image": [image],
        "has:file": [],
        "-has:link red": [edited, code, plain],
        "is:pinned": [link],
        "is:edited": [edited],
        "is:thread": [reply, plain],
        "-is:thread -is:pinned": [edited, image, code],
        "-mentions:me": all_of_them,
        f"on:{today} red": [edited, code, link, plain],
        f"after:{today}": [],
        f"before:{today}": [],
        f"after:{plain['created_at']} before:{image['created_at']}": [code, link],
    }.items():
        assert await found(bob, q) == [message["content"] for message in expected], q
    assert await found(ada, "mentions:me") == [code["content"]]


async def test_names_that_one_does_not_see_are_all_alike(chat_server: ChatServer) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    secret = await ada.chat(name="secret")
    for q in ("from:ada", "from:nobody", "in:secret", "in:nothing", f"in:{secret}"):
        body = problem(await eve.api.get("/api/search", params={"q": f"x {q}"}), 400, "validation_failed")
        assert body["position"] == 2 + q.index(":") + 1
    assert await found(eve, f"from:{ada.id}") == []
