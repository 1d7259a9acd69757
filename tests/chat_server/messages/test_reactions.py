"""Reactions to messages over REST."""

import httpx
import pytest

from tests.chat_server.messages.test_messages import follow
from tests.chat_server.people import ChatServer, Person, ok, problem


def path(chat: int, message: int, emoji: str = "") -> str:
    return f"/api/chats/{chat}/messages/{message}/reactions" + (f"/{emoji}" if emoji else "")


async def react(person: Person, chat: int, message: int, emoji: str) -> httpx.Response:
    return await person.api.put(path(chat, message, emoji))


async def test_people_react_and_take_it_back(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    message = (await ada.say(chat, "Noon?"))["id"]
    thumb = {"emoji": "👍🏽", "count": 2, "user_ids": [bob.id, ada.id]}
    party = {"emoji": ":tada:", "count": 1, "user_ids": [ada.id]}
    for person, emoji in ((bob, "👍🏽"), (ada, "👍🏽"), (ada, ":tada:"), (ada, ":tada:")):
        answer = ok(await react(person, chat, message, emoji))
    assert answer == {"chat_id": chat, "message_id": message, "reactions": [thumb, party]}
    [shown] = ok(await bob.api.get(f"/api/chats/{chat}/messages"))
    assert (shown["reactions"], shown["updated_at"]) == ([thumb, party], None)
    who = ok(await bob.api.get(path(chat, message)))
    assert [(r["user_id"], r["fullname"], r["emoji"]) for r in who] == [
        (bob.id, "Bob", "👍🏽"),
        (ada.id, "Ada", "👍🏽"),
        (ada.id, "Ada", ":tada:"),
    ]
    for _ in range(2):
        ok(await ada.api.delete(path(chat, message, "👍🏽")), 204)
    [shown] = ok(await bob.api.get(f"/api/chats/{chat}/messages"))
    assert shown["reactions"] == [{**thumb, "count": 1, "user_ids": [bob.id]}, party]


async def test_pages_of_who_reacted(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    message = (await ada.say(chat, "x"))["id"]
    for emoji in (":a:", ":b:", ":c:"):
        for person in (ada, bob):
            ok(await react(person, chat, message, emoji))
    pages = await follow(ada, f"{path(chat, message)}?limit=4")
    names = [[reaction["emoji"] for reaction in page] for page in pages]
    assert names == [[":a:", ":a:", ":b:", ":b:"], [":c:", ":c:"]]
    pages = await follow(ada, f"{path(chat, message)}?limit=1&emoji=:b:")
    assert [[reaction["user_id"] for reaction in page] for page in pages] == [[ada.id], [bob.id]]
    problem(await ada.api.get(f"{path(chat, message)}?emoji=a%20b"), 400, "validation_failed")


async def test_a_message_has_at_most_twenty_different_ones(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    message = (await ada.say(chat, "x"))["id"]
    for number in range(20):
        ok(await react(ada, chat, message, f":{number}:"))
    problem(await react(ada, chat, message, ":20:"), 409, "messages_reactions_amount")
    ok(await react(ada, chat, message, ":7:"))


@pytest.mark.parametrize("emoji", ["x" * 65, "a%20b", "a%0Ab", "%00", "a%2Fb", "%C2%A0", "%7F"])
async def test_a_bad_emoji_is_refused(chat_server: ChatServer, emoji: str) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    message = (await ada.say(chat, "x"))["id"]
    problem(await react(ada, chat, message, emoji), 404, "not_found")


async def test_a_reaction_is_an_emoji_or_a_name(chat_server: ChatServer) -> None:
    """With a variation selector or without it is the same emoji."""
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    message = (await ada.say(chat, "x"))["id"]
    for emoji in ("lol", "+1", ":Party:", "👍👎", "❤text"):
        problem(await react(ada, chat, message, emoji), 422, "reaction_is_emoji")
    for person, emoji in ((ada, "❤"), (bob, "❤\ufe0f"), (ada, "❤\ufe0e"), (ada, ":party:")):
        answer = ok(await react(person, chat, message, emoji))
    assert [(r["emoji"], r["count"]) for r in answer["reactions"]] == [("❤\ufe0f", 2), (":party:", 1)]
    assert [r["user_id"] for r in ok(await bob.api.get(f"{path(chat, message)}?emoji=❤"))] == [ada.id, bob.id]
    ok(await bob.api.delete(path(chat, message, "❤")), 204)
    [shown] = ok(await bob.api.get(f"/api/chats/{chat}/messages"))
    assert [(r["emoji"], r["user_ids"]) for r in shown["reactions"]] == [("❤\ufe0f", [ada.id]), (":party:", [ada.id])]


async def test_only_what_one_may_see(chat_server: ChatServer) -> None:
    ada, bob, mary = await chat_server.team("Ada", "Bob", "Mary")
    eve = await chat_server.sign_up("Eve")
    group, channel, other = await ada.chat(bob), await ada.chat(type="PublicChannel"), await bob.chat()
    message, public = (await ada.say(group, "x"))["id"], (await ada.say(channel, "x"))["id"]
    for person in (mary, eve):
        problem(await react(person, group, message, "👍"), 404, "not_found")
        problem(await person.api.delete(path(group, message, "👍")), 404, "not_found")
        problem(await person.api.get(path(group, message)), 404, "not_found")
    problem(await react(bob, channel, public, "a"), 403, "forbidden")
    problem(await react(bob, other, message, "👍"), 404, "not_found")  # it is not in that chat
    problem(await react(bob, group, 10**15, "a"), 404, "not_found")
    problem(await chat_server.anybody.put(path(group, message, "👍")), 401, "unauthorized")
    ok(await react(bob, group, message, "👍"))
    ok(await ada.api.delete(f"/api/chats/{group}/members/{bob.id}"), 204)
    [shown] = ok(await ada.api.get(f"/api/chats/{group}/messages"))
    assert shown["reactions"] == [{"emoji": "👍", "count": 1, "user_ids": [bob.id]}]  # it stays
