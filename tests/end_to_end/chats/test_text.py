"""docs/requests.md on text: what is stored comes back exactly, over REST, streams and snapshots; what is refused, with
which words; and that length is counted in characters."""

import json
import re
from typing import Any

import pytest
from fechatter_client import Message, Problem

from chat_server.http.fields import NAME
from tests.end_to_end.system import Person, System

ODD = {
    "emoji": "👋🏽 👩‍👩‍👧‍👦 🇫🇷",
    "right to left": "\u202eمرحبا\u202c \u2067שלום\u2069",
    "composed": "é",
    "combining": "e\u0301 Z\u0338\u0327\u0322\u0351a",
    "four bytes": "𝒳𠜎\U0010ffff",
    "zero width": "a\u200bb\u200d\u2060c",
    "a byte order mark": "\ufeffx\ufeff",
    "nothing that is seen": "\u200b",
    "control characters": "\x01\x08\x0b\x0c\x1b[31m\x7f",
    "ends of lines": "a\rb\nc\r\nd\u2028e\u2029f\x85g\x1c\x1d\x1eh",
    "not characters, officially": "\ufffe\uffff\U0001fffe",
    "like frames of a stream": "x\n\ndata: {}\nid: 1.1\nevent: reset\n\n:",
    "like JSON and HTML": '</script>"\\u0000{"a":1}<b>&amp;\\',
    "like SQL": "'; DROP TABLE messages; -- %s $1 :name",
    "white space around": " \t padded \u00a0\u3000",
}
NUL = "a text without NUL characters"
SEEN = "a text with visible characters, without NUL characters"
PLAIN = "a text without control, zero-width and direction characters"
PLAIN_SEEN = "a text with visible characters, without control, zero-width and direction characters"
SURROGATE = "a text of Unicode characters without unpaired surrogates"


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
async def test_text_comes_back_as_it_was_sent(system: System, text: str) -> None:
    ada, grace = await system.team("Ada", "Grace")
    name = text if re.search(NAME, text) else "plain"  # a name has no characters that are not seen
    space = await ada.workspaces.create(name, text)
    await ada.workspaces.add_member(space.id, user_id=grace.id)
    async with grace.listen() as stream:
        chat = await ada.chats.create("Group", [grace.id], name=name, description=text, workspace_id=space.id)
        message = await ada.messages.post(chat.id, text)
        user = await ada.users.update_me(fullname=name, avatar=text)
        assert [space.description, chat.description, message.content, user.avatar] == [text] * 4
        assert [space.name, chat.name, user.fullname] == [name] * 3
        assert [found async for found in grace.messages.newest(chat.id)] == [message]
        await stream.until(lambda s: bool(s.events("UserUpdated") and s.events("NewMessage")))
        assert stream.events("NewMessage")[0].to(Message) == message
        new_chat = stream.events("NewChat")[0].data
        assert (new_chat["name"], new_chat["description"]) == (name, text)
        assert stream.events("UserUpdated")[0].data["fullname"] == name
        assert "reset" not in stream.kinds()
    snapshot = await grace.sync()
    assert (snapshot.workspaces[-1].name, snapshot.chats[-1].name) == (name, name)
    assert snapshot.chats[-1].messages == [message]
    async with system.sql() as sql:
        stored = await sql.fetchval("SELECT convert_to(content, 'UTF8') FROM messages WHERE id = $1", message.id)
    assert stored == text.encode()


async def _refused(person: Person, method: str, path: str, body: dict[str, Any]) -> tuple[str, str]:
    """The field that is named, and what was expected of it."""
    # json.dumps writes half of a pair as \\ud800, as a careless client does.
    answer = await person.request(method, path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["code"] == "validation_failed"
    error = problem["errors"][0]
    return error["path"], error["expected"]


async def test_text_that_is_refused_is_named(system: System) -> None:
    [ada] = await system.team("Ada")
    chat = await system.group(ada)
    channel = {"type": "PrivateChannel", "members": [], "name": "x"}
    fields: list[tuple[str, str, dict[str, Any], str, int, str]] = [
        ("POST", f"/chats/{chat}/messages", {}, "content", 10_000, SEEN),
        ("POST", "/workspaces", {}, "name", 80, PLAIN_SEEN),
        ("POST", "/workspaces", {"name": "x"}, "description", 1000, NUL),
        ("PUT", f"/workspaces/{ada.workspace}", {}, "name", 80, PLAIN_SEEN),
        ("POST", "/chats", channel, "name", 80, PLAIN),
        ("POST", "/chats", channel, "description", 1000, NUL),
        ("PUT", f"/chats/{chat}", {}, "name", 80, PLAIN),
        ("PATCH", "/users/me", {}, "fullname", 64, PLAIN_SEEN),
        ("PATCH", "/users/me", {}, "avatar", 2048, NUL),
    ]
    for method, path, others, field, most, words in fields:
        for text, expected in (
            ("nul \0 inside", words),
            ("half \ud83d of a pair", SURROGATE),
            ("\udc4b", SURROGATE),
            ("👋" * (most + 1), f"a string of at most {most} characters"),
        ):
            assert await _refused(ada, method, path, {**others, field: text}) == (field, expected), path
        if words in (SEEN, PLAIN_SEEN):
            for text in (" ", "\t\r\n", "\u00a0\u3000\u2028", "\x1f\x85"):
                assert await _refused(ada, method, path, {**others, field: text}) == (field, words), path
    for email in ("a b@example.com", "a@\u3000.com", "a\0@example.com", "a@b\n", "@", "a@", "a@b@c", "\u200a@b"):
        assert await _refused(ada, "PATCH", "/users/me", {"email": email}) == ("email", "an e-mail address"), email


async def test_length_is_counted_in_characters(system: System) -> None:
    [ada] = await system.team("Ada")
    chat = await system.group(ada)
    family = "👩‍👩‍👧‍👦"
    assert len(family) == 7
    for fullname in (family * 9 + "x", "e\u0301" * 32, "𝒳" * 64):
        assert (await ada.users.update_me(fullname=fullname)).fullname == fullname
        async with system.sql() as sql:
            assert await sql.fetchval("SELECT length(fullname) FROM users WHERE id = $1", ada.id) == 64
        assert (await _refused(ada, "PATCH", "/users/me", {"fullname": fullname + "\u0301"}))[0] == "fullname"
    assert (await ada.messages.post(chat, "𝒳" * 10_000)).content == "𝒳" * 10_000


async def test_an_address_and_a_password_may_be_of_any_script(system: System) -> None:
    anybody = await system.nobody()
    for number, password in enumerate(("пароль👋🏽", "nul\0inside", "e\u0301e\u0301e\u0301e\u0301")):
        email = f"ädà{number}.{id(anybody)}@exämple.рф"
        made = await anybody.sign_up("Ada", email, password)
        assert made.email == email
        assert (await anybody.sign_in(email, password)).id == made.id
    assert (await anybody.sign_in(email, "éééé")).id == made.id, "a password is normalised"
    with pytest.raises(Problem, match="401"):
        await anybody.sign_in(email, "eeee")


async def test_what_is_not_utf8_is_no_json(system: System) -> None:
    [ada] = await system.team("Ada")
    for content in (b'{"name": "\xff"}', b'{"name": "\xc0\x80"}', "{}".encode("utf-16")):
        answer = await ada.request("POST", "/workspaces", content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json"), content


@pytest.mark.parametrize("key", ["with space", "", "x" * 256, "é", "\u202e", "tab\there", "👋"])
async def test_an_idempotency_key_is_visible_ascii(system: System, key: str) -> None:
    [ada] = await system.team("Ada")
    headers = {b"Idempotency-Key": key.encode()}
    answer = await ada.request("POST", "/workspaces", json={"name": "x"}, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == "header.Idempotency-Key"


async def test_paths_and_queries_hold_no_text(system: System) -> None:
    [ada] = await system.team("Ada")
    for path in ("%00", "%F0%9F%91%8B", "1%00", "%E2%80%8F1", "٣", "1%2F", "..%2f1", "-1", "0"):
        answer = await ada.request("GET", f"/chats/{path}/messages")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    chat = await system.group(ada)
    for query in ("limit=%00", "limit=٣", "limit=1%00", "before_id=%F0%9F%91%8B"):
        answer = await ada.request("GET", f"/chats/{chat}/messages?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed"), query
    for url in (
        "/chats/%ff/messages",
        "/chats/%ED%A0%80/messages",
        f"/chats/{chat}/messages?limit=%ff",
        "/chats?%00=%ff",
    ):
        answer = await ada.request("GET", url)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_url"), url
    assert (await ada.request("GET", "/chats?%00=1&unknown=👋")).status_code == 200
