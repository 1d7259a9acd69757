"""Mentions: counted in every chat, and listed."""

from typing import Any

import pytest

from tests.chat_server.people import ChatServer, Person, ok, problem


async def counts(person: Person, chat: int) -> Any:
    snapshot = next(c for c in ok(await person.api.get("/api/sync"))["chats"] if c["id"] == chat)
    assert ok(await person.api.get(f"/api/chats/{chat}"))["mention_count"] == snapshot["mention_count"]
    return snapshot["mention_count"], snapshot["unread_mentions"]


@pytest.mark.chat_server
async def test_mentions_are_counted_and_listed(chat_server: ChatServer) -> None:
    ada, bob, cleo = await chat_server.team("Ada", "Bob", "Cleo")
    first, second = await ada.chat(bob, cleo), await ada.chat(bob)
    by_name = await ada.say(first, "@bob, look")
    assert (by_name["mentions"], by_name["mentions_everyone"]) == ([bob.id], None)
    await ada.say(first, "nobody")
    to_all = await ada.say(first, "@all: lunch")
    elsewhere = await ada.say(second, "@Bob too")
    assert await counts(bob, first) == (2, [1, 3])
    assert await counts(cleo, first) == (1, [3])
    ok(await bob.api.post(f"/api/chats/{first}/read", json={"seq": 2}))
    assert await counts(bob, first) == (1, [3])
    ok(await bob.api.post(f"/api/chats/{first}/unread", json={"seq": 1}))
    assert await counts(bob, first) == (2, [1, 3])
    page = await bob.api.get("/api/mentions?limit=2")
    assert ok(page) == [elsewhere, to_all]
    assert ok(await bob.api.get(page.links["next"]["url"])) == [by_name]
    assert ok(await cleo.api.get("/api/mentions")) == [to_all]
    ok(await ada.api.patch(f"/api/chats/{first}/messages/{by_name['id']}", json={"content": "@cleo, look"}))
    ok(await ada.api.delete(f"/api/chats/{first}/messages/{to_all['id']}"), 204)
    assert await counts(bob, first) == (0, [])
    assert await counts(cleo, first) == (1, [1])
    assert ok(await bob.api.get("/api/mentions")) == [elsewhere]


@pytest.mark.chat_server
async def test_a_mention_that_an_edit_adds_is_unread_until_one_reads_again(chat_server: ChatServer) -> None:
    ada, bob, cleo = await chat_server.team("Ada", "Bob", "Cleo")
    chat = await ada.chat(bob, cleo)
    said, other = await ada.say(chat, "look"), await ada.say(chat, "look here")

    async def edit(message: Any, content: str) -> None:
        ok(await ada.api.patch(f"/api/chats/{chat}/messages/{message['id']}", json={"content": content}))

    async def read(seq: int) -> None:
        ok(await bob.api.post(f"/api/chats/{chat}/read", json={"seq": seq}))

    await read(2)
    await edit(said, "@bob, look")
    await edit(said, "@bob and @cleo, look")  # the mention stays
    assert await counts(bob, chat) == (1, [1])
    assert await counts(cleo, chat) == (1, [1])
    await edit(other, "@bob, look here")
    assert await counts(bob, chat) == (2, [1, 2])
    await read(1)
    assert await counts(bob, chat) == (1, [2])
    ok(await bob.api.post(f"/api/chats/{chat}/unread", json={"seq": 1}))
    assert await counts(bob, chat) == (2, [1, 2])
    await read(2)
    assert await counts(bob, chat) == (0, [])
    await edit(said, "nobody")
    await edit(said, "@bob, once more")
    assert await counts(bob, chat) == (1, [1])
    await edit(said, "nobody")
    assert await counts(bob, chat) == (0, [])
    await edit(said, "@bob, at last")
    await bob.say(chat, "yes?")  # who writes has read
    assert await counts(bob, chat) == (0, [])
    await edit(said, "@all, at last")
    assert await counts(bob, chat) == (0, [])


async def test_of_a_chat_that_one_has_left_no_mention_is_shown(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    await ada.say(chat, "@bob @all")
    assert len(ok(await bob.api.get("/api/mentions"))) == 1
    ok(await bob.api.post(f"/api/chats/{chat}/leave"), 204)
    assert ok(await bob.api.get("/api/mentions")) == []


async def test_a_channel_that_one_has_not_joined_has_no_count(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    channel = await ada.chat(type="PublicChannel")
    await ada.say(channel, "@all")
    assert ok(await bob.api.get(f"/api/chats/{channel}"))["mention_count"] is None
    assert ok(await bob.api.get("/api/mentions")) == []
    problem(await bob.api.get("/api/mentions?limit=0"), 400, "validation_failed")
