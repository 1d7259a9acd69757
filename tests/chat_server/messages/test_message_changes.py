"""Messages that are more than a text: types, replies, forwards; and their edits and deletion."""

import asyncpg
import pytest

from tests.chat_server.people import ChatServer, Json, Person, ok, problem
from tests.support.postgres import Database


async def post(person: Person, chat: int, body: Json, status: int = 201) -> Json:
    posted: Json = ok(await person.api.post(f"/api/chats/{chat}/messages", json=body), status)
    return posted


async def refused(person: Person, chat: int, body: Json) -> list[Json]:
    """The bad fields of a 422."""
    answer = await person.api.post(f"/api/chats/{chat}/messages", json=body)
    errors: list[Json] = problem(answer, 422, "validation_failed")["errors"]
    return errors


async def test_a_message_has_a_type_and_metadata(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    chat = await ada.chat(grace)
    image = await post(ada, chat, {"content": "a.png", "type": "image", "metadata": {"width": 640, "alt": "\\u0000 ☃"}})
    assert (image["type"], image["metadata"]) == ("image", {"width": 640, "alt": "\\u0000 ☃"})
    assert ok(await grace.api.get(f"/api/chats/{chat}/messages/{image['id']}")) == image
    text = await ada.say(chat, "hello")
    assert (text["type"], text["metadata"], text["reply_to"], text["forwarded_from"]) == ("text", None, None, None)


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ({"content": "x", "type": "video"}, "type", "one of text, image, file"),
        ({"content": "x", "metadata": []}, "metadata", "an object or null"),
        ({"content": "x", "metadata": {"a": "\0"}}, "metadata", "an object whose texts have no NUL characters"),
        ({"content": "x", "metadata": {"a": "x" * 5000}}, "metadata", "an object of at most 4096 bytes of JSON"),
        ({"content": "x", "reply_to": 1}, "reply_to", "a message of this chat"),
        ({"forward_of": 1}, "forward_of", "a message that you may read"),
        ({}, "content", "either content or files, or forward_of"),
        ({"content": "x", "forward_of": 1}, "content", "either content or files, or forward_of"),
        (
            {"forward_of": 1, "type": "image"},
            "forward_of",
            "no type, metadata or files: a forwarded message has those of its source",
        ),
    ],
)
async def test_what_is_no_message_is_refused(chat_server: ChatServer, body: Json, path: str, expected: str) -> None:
    ada = await chat_server.sign_up()
    chat = await ada.chat()
    assert await refused(ada, chat, body) == [{"path": path, "expected": expected}]
    assert ok(await ada.api.get(f"/api/chats/{chat}/messages")) == []


async def test_a_number_that_grows_when_it_is_stored_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    body = {"content": "x", "metadata": {str(n): 1e300 for n in range(100)}}
    answer = await ada.api.post(f"/api/chats/{await ada.chat()}/messages", json=body)
    problem(answer, 422, "validation_failed")


async def test_metadata_nested_too_deep_are_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    chat = await ada.chat()

    def nested(levels: int) -> Json:
        inner: object = {}
        for _ in range(levels - 1):
            inner = [inner]
        return {"content": "x", "metadata": {"a": inner}}

    expected = [{"path": "metadata", "expected": "an object of at most 64 levels"}]
    assert await refused(ada, chat, nested(64)) == expected
    assert await refused(ada, chat, nested(900)) == expected
    deepest = await post(ada, chat, nested(63))
    edit = {"metadata": nested(64)["metadata"]}
    answer = await ada.api.patch(f"/api/chats/{chat}/messages/{deepest['id']}", json=edit)
    assert problem(answer, 422, "validation_failed")["errors"] == expected


async def test_replies_form_a_thread(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    chat, other = await ada.chat(grace), await ada.chat()
    root = await ada.say(chat, "root")
    first = await post(grace, chat, {"content": "first", "reply_to": root["id"]})
    second = await post(ada, chat, {"content": "second", "reply_to": first["id"]})
    assert (first["reply_to"], first["thread_id"]) == (root["id"], root["id"])
    assert (second["reply_to"], second["thread_id"]) == (first["id"], root["id"])
    expected = [{"path": "reply_to", "expected": "a message of this chat"}]
    assert await refused(ada, other, {"content": "x", "reply_to": root["id"]}) == expected


async def test_a_forward_is_a_copy_that_names_its_first_source(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    from_chat, to_chat = await ada.chat(), await ada.chat(grace)
    source = await post(ada, from_chat, {"content": "a.txt", "type": "file", "metadata": {"size": 1}})
    copy = await post(ada, to_chat, {"forward_of": source["id"]})
    named = {"message_id": source["id"], "chat_id": from_chat, "sender_id": ada.id}
    assert (copy["content"], copy["type"], copy["metadata"]) == ("a.txt", "file", {"size": 1})
    assert copy["forwarded_from"] == named
    again = await post(grace, to_chat, {"forward_of": copy["id"], "reply_to": copy["id"]})
    assert (again["forwarded_from"], again["thread_id"], again["sender_id"]) == (named, copy["id"], grace.id)
    # Grace is not in the first chat, so she cannot get at what is in it.
    expected = [{"path": "forward_of", "expected": "a message that you may read"}]
    assert await refused(grace, to_chat, {"forward_of": source["id"]}) == expected
    await ada.api.delete(f"/api/chats/{from_chat}/messages/{source['id']}")
    assert await refused(ada, to_chat, {"forward_of": source["id"]}) == expected
    assert ok(await ada.api.get(f"/api/chats/{to_chat}/messages/{copy['id']}"))["content"] == "a.txt"


async def test_a_forward_says_what_its_source_said(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    chat = await ada.chat(grace)
    copy = await post(ada, chat, {"forward_of": (await grace.say(chat, "no"))["id"]})
    path = f"/api/chats/{chat}/messages/{copy['id']}"
    problem(await ada.api.patch(path, json={"content": "yes"}), 409, "forward_is_final")
    problem(await ada.api.patch(path, json={"metadata": {"a": 1}}), 409, "forward_is_final")
    assert ok(await ada.api.patch(path, json={"content": "no"})) == copy
    ok(await ada.api.delete(path), 204)


async def test_a_key_stands_for_all_of_a_message(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    chat, key = await ada.chat(), {"Idempotency-Key": "k"}
    path, body = f"/api/chats/{chat}/messages", {"content": "x", "type": "file", "metadata": {"a": 1}}
    first = ok(await ada.api.post(path, json=body, headers=key), 201)
    assert ok(await ada.api.post(path, json=body, headers=key)) == first
    for other in ({"content": "x"}, {**body, "metadata": {"a": 2}}, {**body, "reply_to": first["id"]}):
        problem(await ada.api.post(path, json=other, headers=key), 409, "idempotency_conflict")


async def test_a_sender_edits_and_the_history_is_kept(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    chat = await ada.chat(grace)
    message = await ada.say(chat, "one")
    path = f"/api/chats/{chat}/messages/{message['id']}"
    edited = ok(await ada.api.patch(path, json={"content": "two"}))
    assert (edited["content"], edited["seq"], edited["created_at"]) == ("two", 1, message["created_at"])
    assert edited["updated_at"] > message["created_at"]
    ok(await ada.api.patch(path, json={"metadata": {"a": 1}}))
    assert ok(await ada.api.patch(path, json={}))["metadata"] == {"a": 1}
    assert ok(await ada.api.patch(path, json={"metadata": None}))["metadata"] is None
    edits = ok(await grace.api.get(f"{path}/edits"))
    assert [(edit["version"], edit["content"], edit["metadata"]) for edit in edits] == [
        *((3, "two", {"a": 1}), (2, "two", None), (1, "one", None))
    ]
    assert edits[-1]["written_at"] == message["created_at"]
    page = await grace.api.get(f"{path}/edits?limit=2")
    assert [edit["version"] for edit in ok(page)] == [3, 2]
    assert [edit["version"] for edit in ok(await grace.api.get(page.links["next"]["url"]))] == [1]
    problem(await grace.api.patch(path, json={"content": "hers"}), 403, "forbidden")
    problem(await ada.api.patch(path, json={"content": " "}), 422, "validation_failed")


async def test_of_a_deleted_message_the_tombstone_is_left(chat_server: ChatServer, database: Database) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    chat = await ada.chat(grace)
    message = await post(ada, chat, {"content": "secret", "metadata": {"a": "secret"}})
    path = f"/api/chats/{chat}/messages/{message['id']}"
    ok(await ada.api.patch(path, json={"content": "secret still"}))
    ok(await ada.api.delete(path), 204)
    ok(await ada.api.delete(path), 204)
    tombstone = ok(await grace.api.get(path))
    assert (tombstone["content"], tombstone["metadata"], tombstone["deleted_by"]) == ("", None, ada.id)
    assert ok(await grace.api.get(f"/api/chats/{chat}/messages")) == [tombstone]
    assert ok(await grace.api.get(f"/api/chats/{chat}"))["last_message"] == tombstone
    assert ok(await grace.api.get("/api/sync"))["chats"][0]["messages"] == [tombstone]
    assert ok(await grace.api.get(f"{path}/edits")) == []
    problem(await ada.api.patch(path, json={"content": "back"}), 409, "message_deleted")
    reply = await post(grace, chat, {"content": "gone?", "reply_to": message["id"]})
    assert (reply["seq"], reply["thread_id"]) == (2, message["id"])
    async with database.connect() as sql:
        assert await told_of(sql, "secret") == 0


async def told_of(sql: "asyncpg.Connection[asyncpg.Record]", text: str) -> int:
    return int(await sql.fetchval("SELECT count(*) FROM events WHERE payload::text LIKE '%' || $1 || '%'", text))


async def test_only_the_sender_and_admins_of_the_chat_delete(chat_server: ChatServer) -> None:
    ada, grace, mary = await chat_server.team("Ada", "Grace", "Mary")
    chat = await ada.chat(grace, mary)
    message = await grace.say(chat, "x")
    path = f"/api/chats/{chat}/messages/{message['id']}"
    problem(await mary.api.delete(path), 403, "forbidden")
    ok(await ada.api.delete(path), 204)
    assert ok(await mary.api.get(path))["deleted_by"] == ada.id
    pair = ok(await ada.api.post("/api/chats", json={"type": "Single", "members": [grace.id]}), 201)["id"]
    theirs = await grace.say(pair, "hers")
    problem(await ada.api.delete(f"/api/chats/{pair}/messages/{theirs['id']}"), 403, "forbidden")


async def test_outsiders_find_no_message(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    eve = await chat_server.sign_up("Eve")
    chat, other = await ada.chat(), await ada.chat()
    message = await ada.say(chat, "x")
    for person, place in ((eve, chat), (ada, other)):
        path = f"/api/chats/{place}/messages/{message['id']}"
        problem(await person.api.get(path), 404, "not_found")
        problem(await person.api.get(f"{path}/edits"), 404, "not_found")
        problem(await person.api.patch(path, json={"content": "y"}), 404, "not_found")
        problem(await person.api.delete(path), 404, "not_found")
    assert ok(await ada.api.get(f"/api/chats/{chat}/messages/{message['id']}")) == message
