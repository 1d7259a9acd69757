"""docs/requests.md on text: what is stored comes back exactly, over REST, streams and snapshots; what is refused, with
which words; and that length is counted in characters."""

import json
from typing import Any

import httpx
import pytest

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
SEEN = "a text with something to see in it, without NUL characters"
SURROGATE = "a text of Unicode characters; half of a surrogate pair is none"


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
async def test_text_comes_back_as_it_was_sent(system: System, text: str) -> None:
    ada, grace = await system.team("Ada", "Grace")
    space = await ada.call("POST", "/workspaces", {"name": text, "description": text})
    await ada.call("POST", f"/workspaces/{space['id']}/members", {"user_id": grace.id})
    async with grace.stream() as stream:
        body = {"name": text, "description": text, "type": "Group", "members": [grace.id], "workspace_id": space["id"]}
        chat = await ada.call("POST", "/chats", body)
        message = await ada.send(chat["id"], text)
        user = await ada.call("PATCH", "/users/me", {"fullname": text, "avatar": text})
        assert [space["name"], space["description"], chat["name"], chat["description"], message["content"]] == [
            text
        ] * 5
        assert (user["fullname"], user["avatar"]) == (text, text)
        assert await grace.call("GET", f"/chats/{chat['id']}/messages") == [message]
        await stream.until(lambda s: bool(s.events("UserUpdated") and s.events("NewMessage")))
        assert stream.events("NewMessage")[0].data == message
        new_chat = stream.events("NewChat")[0].data
        assert (new_chat["name"], new_chat["description"]) == (text, text)
        assert stream.events("UserUpdated")[0].data["fullname"] == text
        assert "reset" not in stream.kinds()
    snapshot = await grace.call("GET", "/sync")
    assert snapshot["workspaces"][-1]["name"] == text
    assert snapshot["chats"][-1]["name"] == text
    assert snapshot["chats"][-1]["messages"] == [message]
    async with system.sql() as sql:
        stored = await sql.fetchval("SELECT convert_to(content, 'UTF8') FROM messages WHERE id = $1", message["id"])
    assert stored == text.encode()


async def _refused(person: Person, method: str, path: str, body: dict[str, Any]) -> tuple[str, str]:
    """The field that is named, and what was expected of it."""
    # json.dumps writes half of a pair as \\ud800, as a careless client does.
    answer = await person.api.request(
        method, f"/api{path}", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
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
        ("POST", "/workspaces", {}, "name", 80, SEEN),
        ("POST", "/workspaces", {"name": "x"}, "description", 1000, NUL),
        ("PUT", f"/workspaces/{ada.workspace}", {}, "name", 80, SEEN),
        ("POST", "/chats", channel, "name", 80, NUL),
        ("POST", "/chats", channel, "description", 1000, NUL),
        ("PUT", f"/chats/{chat}", {}, "name", 80, NUL),
        ("PATCH", "/users/me", {}, "fullname", 64, SEEN),
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
        if words == SEEN:
            for text in (" ", "\t\r\n", "\u00a0\u3000\u2028", "\x1f\x85"):
                assert await _refused(ada, method, path, {**others, field: text}) == (field, SEEN), path
    for email in ("a b@example.com", "a@\u3000.com", "a\0@example.com", "a@b\n", "@", "a@", "a@b@c", "\u200a@b"):
        assert await _refused(ada, "PATCH", "/users/me", {"email": email}) == ("email", "an e-mail address"), email


async def test_length_is_counted_in_characters(system: System) -> None:
    [ada] = await system.team("Ada")
    chat = await system.group(ada)
    family = "👩‍👩‍👧‍👦"
    assert len(family) == 7
    for fullname in (family * 9 + "x", "e\u0301" * 32, "𝒳" * 64):
        assert (await ada.call("PATCH", "/users/me", {"fullname": fullname}))["fullname"] == fullname
        async with system.sql() as sql:
            assert await sql.fetchval("SELECT length(fullname) FROM users WHERE id = $1", ada.id) == 64
        assert (await _refused(ada, "PATCH", "/users/me", {"fullname": fullname + "\u0301"}))[0] == "fullname"
    assert (await ada.send(chat, "𝒳" * 10_000))["content"] == "𝒳" * 10_000


async def test_an_address_and_a_password_may_be_of_any_script(system: System) -> None:
    async with httpx.AsyncClient(base_url=system.chat.url, trust_env=False, timeout=30) as client:
        for number, password in enumerate(("пароль👋🏽", "nul\0inside", "e\u0301e\u0301e\u0301e\u0301")):
            account = {"email": f"ädà{number}.{id(client)}@exämple.рф", "password": password}
            made = await client.post("/api/auth/signup", json={**account, "fullname": "Ada"})
            assert made.status_code == 201, made.text
            assert made.json()["user"]["email"] == account["email"]
            assert (await client.post("/api/auth/signin", json=account)).status_code == 200
        other = {**account, "password": "éééé"}
        assert (await client.post("/api/auth/signin", json=other)).status_code == 401, "it is another text"


async def test_what_is_not_utf8_is_no_json(system: System) -> None:
    [ada] = await system.team("Ada")
    for content in (b'{"name": "\xff"}', b'{"name": "\xc0\x80"}', "{}".encode("utf-16")):
        answer = await ada.api.post("/api/workspaces", content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json"), content


@pytest.mark.parametrize("key", ["with space", "", "x" * 256, "é", "\u202e", "tab\there", "👋"])
async def test_an_idempotency_key_is_visible_ascii(system: System, key: str) -> None:
    [ada] = await system.team("Ada")
    headers = {b"Idempotency-Key": key.encode()}
    answer = await ada.api.post("/api/workspaces", json={"name": "x"}, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == "header.Idempotency-Key"


async def test_paths_and_queries_hold_no_text(system: System) -> None:
    [ada] = await system.team("Ada")
    for path in ("%00", "%ff", "%F0%9F%91%8B", "1%00", "%E2%80%8F1", "%ED%A0%80", "٣", "1%2F", "..%2f1", "-1", "0"):
        answer = await ada.api.get(f"/api/chats/{path}/messages")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    for query in ("limit=%00", "limit=%ff", "limit=٣", "limit=1%00", "before_id=%F0%9F%91%8B", "limit=%ED%A0%80"):
        chat = await system.group(ada)
        answer = await ada.api.get(f"/api/chats/{chat}/messages?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed"), query
    assert (await ada.api.get("/api/chats?%00=%ff&unknown=👋")).status_code == 200
