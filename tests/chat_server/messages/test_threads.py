"""Threads over REST."""

from typing import Any

from tests.chat_server.messages.test_messages import follow
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def reply(person: Person, chat: int, to: int, content: str = "reply") -> dict[str, Any]:
    body = {"content": content, "reply_to": to}
    posted: dict[str, Any] = ok(await person.api.post(f"/api/chats/{chat}/messages", json=body), 201)
    return posted


def path(chat: int, root: int) -> str:
    return f"/api/chats/{chat}/messages/{root}/thread"


async def threads(person: Person) -> list[tuple[int, int]]:
    """Those that somebody follows: each with what is unread, as the list and the snapshot have it."""
    listed = ok(await person.api.get("/api/threads"))
    synced = ok(await person.api.get("/api/sync"))["threads"]
    for thread, other in zip(listed, synced, strict=True):
        message = thread.pop("message")
        assert (message["id"], message["thread"]) == (other["thread_id"], other.pop("thread"))
        assert thread == other
    return [(thread["thread_id"], thread["unread"]) for thread in listed]


async def test_replies_make_a_thread(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    root, other = (await ada.say(chat, "root"))["id"], (await ada.say(chat, "other"))["id"]
    first = await reply(bob, chat, root)
    await bob.say(chat, "beside it")
    second = await reply(ada, chat, first["id"])
    assert [(r["thread_id"], r["thread_seq"]) for r in (first, second)] == [(root, 1), (root, 2)]
    shown = ok(await bob.api.get(f"/api/chats/{chat}/messages/{root}"))
    assert shown["thread"] == {
        "reply_count": 2,
        "participant_count": 2,
        "participants": [bob.id, ada.id],
        "last_seq": 2,
        "last_reply_id": second["id"],
        "last_reply_at": second["created_at"],
    }
    assert shown["updated_at"] is None
    assert ok(await bob.api.get(path(chat, root))) == [second, first]
    assert ok(await bob.api.get(path(chat, other))) == []
    for number in range(5):
        await reply(bob, chat, root, str(number))
    pages = await follow(ada, f"{path(chat, root)}?limit=3")
    assert [[r["thread_seq"] for r in page] for page in pages] == [[7, 6, 5], [4, 3, 2], [1]]
    pages = await follow(ada, f"{path(chat, root)}?limit=3&after_id={root}")
    assert [[r["thread_seq"] for r in page] for page in pages] == [[3, 2, 1], [6, 5, 4], [7]]
    pages = await follow(ada, f"{path(chat, root)}?limit=100&before_id={second['id']}")
    assert [[r["thread_seq"] for r in page] for page in pages] == [[1]]
    ok(await ada.api.delete(f"/api/chats/{chat}/messages/{second['id']}"), 204)
    shown = ok(await bob.api.get(f"/api/chats/{chat}/messages/{root}"))["thread"]
    assert (shown["reply_count"], shown["last_seq"], shown["participants"]) == (6, 7, [bob.id])


async def test_followed_threads_and_what_is_unread(chat_server: ChatServer) -> None:
    ada, bob, mary = await chat_server.team("Ada", "Bob", "Mary")
    chat = await ada.chat(bob, mary)
    one, two = [(await ada.say(chat, text))["id"] for text in ("one", "two")]
    for root in (one, two):
        await reply(bob, chat, root)
    await reply(bob, chat, one)
    assert await threads(ada) == [(one, 2), (two, 1)]  # her messages: she follows from the first reply on
    assert await threads(bob) == [(one, 0), (two, 0)]  # what one writes, one has read
    assert await threads(mary) == []
    followed = ok(await mary.api.put(f"{path(chat, two)}/follow"))
    assert (followed["thread_id"], followed["last_read_seq"], followed["unread"]) == (two, 1, 0)
    assert ok(await mary.api.put(f"{path(chat, two)}/follow")) == followed
    await reply(ada, chat, two)
    assert await threads(ada) == [(two, 0), (one, 2)]
    assert await threads(mary) == [(two, 1)]
    for seq, unread in ((1, 1), (0, 1), (99, 0)):  # forward only, and no further than there are replies
        read = ok(await ada.api.post(f"{path(chat, one)}/read", json={"thread_seq": seq}))
        assert read["unread"] == unread
    for _ in range(2):
        ok(await ada.api.delete(f"{path(chat, one)}/follow"), 204)
    await reply(bob, chat, one)
    assert await threads(ada) == [(two, 0)]
    problem(await ada.api.post(f"{path(chat, one)}/read", json={"thread_seq": 1}), 404, "not_found")
    await reply(ada, chat, one)
    assert await threads(ada) == [(one, 0), (two, 0)]
    assert [len(page) for page in await follow(ada, "/api/threads?limit=1")] == [1, 1]
    ok(await ada.api.delete(f"/api/chats/{chat}/members/{mary.id}"), 204)
    assert await threads(mary) == []


async def test_nothing_is_unread_where_the_only_reply_is_gone(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    root, other = [(await ada.say(chat, text))["id"] for text in ("one", "two")]
    answers = [(await reply(bob, chat, to))["id"] for to in (root, other, other)]
    assert await threads(ada) == [(other, 2), (root, 1)]
    ok(await bob.api.delete(f"/api/chats/{chat}/messages/{answers[0]}"), 204)
    assert ok(await ada.api.put(f"{path(chat, root)}/follow"))["unread"] == 0
    async with database.connect() as sql:
        await sql.execute("DELETE FROM messages WHERE id = $1", answers[1])
    assert await threads(ada) == [(other, 1), (root, 0)]


async def test_a_thread_goes_with_the_message_that_retention_takes(chat_server: ChatServer, database: Database) -> None:
    """Nobody follows it; the replies that are left are still listed by it, and replied to."""
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    root = (await ada.say(chat, "one"))["id"]
    first = await reply(bob, chat, root)
    async with database.connect() as sql:
        await sql.execute("UPDATE chats SET first_seq = 2 WHERE id = $1", chat)
    assert await threads(ada) == await threads(bob) == []
    second = ok(await bob.api.post(f"/api/chats/{chat}/messages", json={"content": "x", "reply_to": first["id"]}), 201)
    assert (second["thread_id"], second["thread_seq"]) == (root, 2)
    assert [message["id"] for message in ok(await ada.api.get(path(chat, root)))] == [second["id"], first["id"]]
    assert await threads(ada) == await threads(bob) == []
    problem(await ada.api.put(f"{path(chat, root)}/follow"), 404, "not_found")
    problem(await ada.api.post(f"{path(chat, root)}/read", json={"thread_seq": 1}), 404, "not_found")
    problem(await ada.api.get(f"/api/chats/{chat}/messages/{root}"), 404, "not_found")
    async with database.connect() as sql:
        await sql.execute("UPDATE chats SET first_seq = 4 WHERE id = $1", chat)
    problem(await ada.api.get(path(chat, root)), 404, "not_found")


async def test_only_what_one_may_see(chat_server: ChatServer) -> None:
    ada, bob, mary = await chat_server.team("Ada", "Bob", "Mary")
    eve = await chat_server.sign_up("Eve")
    group, channel, other = await ada.chat(bob), await ada.chat(type="PublicChannel"), await bob.chat()
    root, public = (await ada.say(group, "x"))["id"], (await ada.say(channel, "x"))["id"]
    answer = (await reply(bob, group, root))["id"]
    for person in (mary, eve):
        problem(await person.api.get(path(group, root)), 404, "not_found")
        problem(await person.api.put(f"{path(group, root)}/follow"), 404, "not_found")
        problem(await person.api.delete(f"{path(group, root)}/follow"), 404, "not_found")
        problem(await person.api.post(f"{path(group, root)}/read", json={"thread_seq": 1}), 404, "not_found")
        assert ok(await person.api.get("/api/threads")) == []
    problem(await mary.api.put(f"{path(channel, public)}/follow"), 403, "forbidden")
    problem(await bob.api.put(f"{path(other, root)}/follow"), 404, "not_found")  # it is not in that chat
    problem(await bob.api.get(path(other, root)), 404, "not_found")
    problem(await bob.api.put(f"{path(group, answer)}/follow"), 404, "not_found")  # no thread begins with it
    problem(await bob.api.post(f"{path(group, root)}/read", json={"thread_seq": -1}), 422, "validation_failed")
    problem(await bob.api.get(f"{path(group, root)}?before_id=1&after_id=1"), 400, "validation_failed")
    problem(await chat_server.anybody.get("/api/threads"), 401, "unauthorized")


async def test_a_page_of_a_thread_around_a_reply_leads_both_ways(chat_server: ChatServer) -> None:
    [ada] = await chat_server.team("Ada")
    chat = await ada.chat()
    root = (await ada.say(chat, "root"))["id"]
    replies = []
    for _ in range(5):
        replies.append((await reply(ada, chat, root))["id"])
        await ada.say(chat, "elsewhere")
    path = f"/api/chats/{chat}/messages/{root}/thread"
    answer = await ada.api.get(path, params={"around_id": replies[2], "limit": 1})
    assert [reply["id"] for reply in ok(answer)] == [replies[2]]
    older, newer = [ok(await ada.api.get(answer.links[relation]["url"])) for relation in ("next", "prev")]
    assert ([reply["id"] for reply in older], [reply["id"] for reply in newer]) == ([replies[1]], [replies[3]])
    everything = ok(await ada.api.get(path, params={"around_id": replies[2]}))
    assert [reply["id"] for reply in everything] == replies[::-1]
    problem(await ada.api.get(path, params={"around_id": 1, "before_id": 1}), 400, "validation_failed")
