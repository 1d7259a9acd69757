"""Pinned messages over REST."""

from tests.chat_server.messages.test_messages import follow
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database


def path(chat: int, message: int) -> str:
    return f"/api/chats/{chat}/messages/{message}/pin"


async def test_messages_are_pinned_and_unpinned(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    posted = [await ada.say(chat, str(number)) for number in range(3)]
    first = ok(await bob.api.put(path(chat, posted[1]["id"])))
    assert (first["chat_id"], first["message_id"], first["pinned_by"]) == (chat, posted[1]["id"], bob.id)
    for number in (0, 2):
        ok(await ada.api.put(path(chat, posted[number]["id"])))
    assert ok(await ada.api.put(path(chat, posted[1]["id"]))) == first  # it is still Bob's, and in its place
    pages = await follow(bob, f"/api/chats/{chat}/pins?limit=2")
    assert [[pin["message"] for pin in page] for page in pages] == [[posted[2], posted[0]], [posted[1]]]
    assert {key: pages[1][0][key] for key in ("pinned_by", "pinned_at")} == {
        key: first[key] for key in ("pinned_by", "pinned_at")
    }
    [snapshot] = ok(await bob.api.get("/api/sync"))["chats"]
    assert snapshot["pinned_message_ids"] == [posted[number]["id"] for number in (2, 0, 1)]
    for _ in range(2):
        ok(await ada.api.delete(path(chat, posted[0]["id"])), 204)
    pins = ok(await bob.api.get(f"/api/chats/{chat}/pins"))
    assert [pin["message"]["id"] for pin in pins] == [posted[2]["id"], posted[1]["id"]]


async def test_a_chat_has_at_most_a_hundred(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    first, last = await ada.say(chat, "first"), await ada.say(chat, "last")
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, n::text FROM generate_series(1, 99) n",
            chat,
            ada.id,
        )
        await sql.execute(
            "INSERT INTO message_pins (message_id, pinned_by) SELECT id, sender_id FROM messages WHERE id <> $1",
            last["id"],
        )
    problem(await ada.api.put(path(chat, last["id"])), 409, "chat_pins_amount")
    ok(await ada.api.put(path(chat, first["id"])))  # is pinned already
    ok(await ada.api.delete(path(chat, first["id"])), 204)
    ok(await ada.api.put(path(chat, last["id"])))
    assert len(ok(await ada.api.get("/api/sync"))["chats"][0]["pinned_message_ids"]) == 100


async def test_only_where_one_may(chat_server: ChatServer) -> None:
    ada, bob, mary = await chat_server.team("Ada", "Bob", "Mary")
    eve = await chat_server.sign_up("Eve")
    group, channel = await ada.chat(bob), await ada.chat(bob, type="PublicChannel")
    message, public = (await ada.say(group, "x"))["id"], (await ada.say(channel, "x"))["id"]
    for person in (mary, eve):
        problem(await person.api.put(path(group, message)), 404, "not_found")
        problem(await person.api.delete(path(group, message)), 404, "not_found")
        problem(await person.api.get(f"/api/chats/{group}/pins"), 404, "not_found")
    problem(await bob.api.put(path(channel, public)), 403, "forbidden")  # admins only
    problem(await bob.api.delete(path(channel, public)), 403, "forbidden")
    problem(await ada.api.put(path(channel, message)), 404, "not_found")  # it is not in that chat
    problem(await ada.api.put(path(group, 10**15)), 404, "not_found")
    problem(await chat_server.anybody.put(path(group, message)), 401, "unauthorized")
    ok(await ada.api.put(path(channel, public)))
    assert ok(await ada.api.get(f"/api/chats/{group}/pins")) == []
