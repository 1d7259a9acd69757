"""Messages, their pages and retries."""

import asyncio
import re
from typing import Any

import httpx

from tests.chat_server.people import ChatServer, Person, blocked, ok, problem
from tests.support.postgres import Database


def messages(chat: int) -> str:
    return f"/api/chats/{chat}/messages"


def next_page(response: httpx.Response) -> str | None:
    """Where the Link header points."""
    found = re.fullmatch(r'<([^>]+)>; rel="next"', response.headers.get("link", ""))
    return found[1] if found else None


async def follow(person: Person, url: str) -> list[list[Any]]:
    """The pages from here to the end."""
    pages, following = [], url or None
    while following:
        response = await person.api.get(following)
        pages.append(ok(response))
        following = next_page(response)
    return pages


async def test_a_message_is_posted_and_seen(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    first, second = await ada.say(chat, "one"), await bob.say(chat, "  two\n😀  ")
    assert (first["seq"], first["sender_id"], first["content"], first["updated_at"]) == (1, ada.id, "one", None)
    assert (second["seq"], second["content"]) == (2, "  two\n😀  ")
    for person in (ada, bob):
        assert ok(await person.api.get(messages(chat))) == [second, first]


async def test_a_bad_message_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    for content in ("", " \n\t", "x" * 10_001, "a\0b", "\0", 5, None, ["x"]):
        answer = await ada.api.post(messages(chat), json={"content": content})
        refused = problem(answer, 422, "validation_failed")
        assert refused["errors"][0]["path"] == "content"
    await ada.say(chat, "😀" * 10_000)


async def test_only_members_post(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    group, channel = await ada.chat(), await ada.chat(type="PublicChannel")
    problem(await bob.api.post(messages(group), json={"content": "x"}), 404, "not_found")
    problem(await bob.api.post(messages(channel), json={"content": "x"}), 403, "forbidden")
    problem(await bob.api.post(messages(10**15), json={"content": "x"}), 404, "not_found")
    assert ok(await ada.api.get(messages(channel))) == []


async def test_pages_go_back_from_the_newest(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat, other = await ada.chat(), await ada.chat()
    posted = []
    for number in range(7):
        posted.append((await ada.say(chat, str(number)))["id"])
        await ada.say(other, "elsewhere")
    pages = await follow(ada, f"{messages(chat)}?limit=3")
    assert [[message["id"] for message in page] for page in pages] == [
        [posted[6], posted[5], posted[4]],
        [posted[3], posted[2], posted[1]],
        [posted[0]],
    ]
    exact = await ada.api.get(messages(chat), params={"limit": 7})
    assert (len(ok(exact)), next_page(exact)) == (7, None)
    before = ok(await ada.api.get(messages(chat), params={"before_id": posted[2]}))
    assert [message["id"] for message in before] == [posted[1], posted[0]]
    assert ok(await ada.api.get(messages(chat), params={"before_id": posted[0]})) == []


async def test_pages_go_forward_from_a_message(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    posted = [(await ada.say(chat, str(number)))["id"] for number in range(6)]
    pages = await follow(ada, f"{messages(chat)}?limit=2&after_id={posted[0]}")
    assert [[message["id"] for message in page] for page in pages] == [
        [posted[2], posted[1]],
        [posted[4], posted[3]],
        [posted[5]],
    ]
    assert ok(await ada.api.get(messages(chat), params={"after_id": posted[5]})) == []


async def test_a_page_goes_on_from_a_message_that_is_gone(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    posted = [(await ada.say(chat, str(number)))["id"] for number in range(5)]
    async with database.connect() as sql:
        await sql.execute("DELETE FROM messages WHERE id = $1", posted[2])
    before = ok(await ada.api.get(messages(chat), params={"before_id": posted[2]}))
    assert [message["id"] for message in before] == [posted[1], posted[0]]
    after = ok(await ada.api.get(messages(chat), params={"after_id": posted[2]}))
    assert [message["id"] for message in after] == [posted[4], posted[3]]


async def test_a_page_around_a_message_leads_both_ways(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat, other = await ada.chat(), await ada.chat()
    posted = []
    for number in range(7):
        posted.append((await ada.say(chat, str(number)))["id"])
        await ada.say(other, "elsewhere")

    async def around(message: int, limit: int) -> tuple[list[int], dict[str, str]]:
        answer = await ada.api.get(messages(chat), params={"around_id": message, "limit": limit})
        links = {str(relation): link["url"] for relation, link in answer.links.items()}
        return [posted.index(found["id"]) for found in ok(answer)], links

    found, links = await around(posted[3], 3)
    assert found == [4, 3, 2]
    older, newer = ok(await ada.api.get(links["next"])), ok(await ada.api.get(links["prev"]))
    assert [posted.index(message["id"]) for message in (*newer, *older)] == [6, 5, 1, 0]
    assert await around(posted[3], 7) == ([6, 5, 4, 3, 2, 1, 0], {})
    found, links = await around(posted[0], 4)
    assert (found, list(links)) == ([2, 1, 0], ["prev"])
    found, links = await around(posted[6], 1)
    assert (found, list(links)) == ([6], ["next"])
    async with database.connect() as sql:
        await sql.execute("DELETE FROM messages WHERE id = $1", posted[3])
    assert (await around(posted[3], 2))[0] == [4, 2]
    assert (await around(posted[6] + 99, 2))[0] == [6]


async def test_a_message_is_found_by_its_id_alone(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    message = await ada.say(await ada.chat(), "here")
    path = f"/api/messages/{message['id']}"
    assert ok(await ada.api.get(path)) == message
    problem(await bob.api.get(path), 404, "not_found")
    problem(await ada.api.get("/api/messages/1000000"), 404, "not_found")
    problem(await ada.api.get("/api/messages/0"), 404, "not_found")
    problem(await chat_server.anybody.get(path), 401, "unauthorized")


async def test_a_bad_page_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    for query, path in (
        ("limit=0", "query.limit"),
        ("limit=101", "query.limit"),
        ("limit=many", "query.limit"),
        ("before_id=0", "query.before_id"),
        (f"after_id={2**63}", "query.after_id"),
        ("before_id=1&after_id=1", "query.before_id"),
        ("after_id=1&around_id=1", "query.after_id"),
    ):
        refused = problem(await ada.api.get(f"{messages(chat)}?{query}"), 400, "validation_failed")
        assert refused["errors"][0]["path"] == path


async def test_other_lists_have_pages_too(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    chats = [await ada.chat(bob, eve) for _ in range(3)]
    for _ in range(2):
        ok(await ada.api.post("/api/workspaces", json={"name": "w"}), 201)
    channels = [await ada.chat(type="PublicChannel") for _ in range(3)]
    for person, url, key, ids in (
        (bob, "/api/chats?limit=2", "id", chats),
        (bob, f"/api/chats?limit=2&workspace_id={ada.workspace}", "id", chats),
        (bob, "/api/chats?limit=2&joinable=true", "id", channels),
        (ada, f"/api/users?limit=2&workspace_id={ada.workspace}", "id", [ada.id, bob.id, eve.id]),
        (ada, f"/api/workspaces/{ada.workspace}/members?limit=2", "user_id", [ada.id, bob.id, eve.id]),
        (ada, f"/api/chats/{chats[0]}/members?limit=2", "user_id", [ada.id, bob.id, eve.id]),
    ):
        pages = await follow(person, url)
        assert [len(page) for page in pages] == [2, 1], url
        assert [item[key] for page in pages for item in page] == ids, url
    assert [len(page) for page in await follow(ada, "/api/workspaces?limit=2")] == [2, 1]


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_a_retry_answers_the_first_message(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    first = await ada.api.post(messages(chat), json={"content": "once"}, headers=keyed("k1"))
    again = await ada.api.post(messages(chat), json={"content": "once"}, headers=keyed("k1"))
    assert ok(again, 200) == ok(first, 201)
    other = await ada.api.post(messages(chat), json={"content": "once"}, headers=keyed("k2"))
    assert ok(other, 201)["id"] != first.json()["id"]
    assert len(ok(await ada.api.get(messages(chat)))) == 2


async def test_a_key_stands_for_one_message(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat, elsewhere = await ada.chat(bob), await ada.chat(bob)
    ok(await ada.api.post(messages(chat), json={"content": "first words"}, headers=keyed("k")), 201)
    other_body = await ada.api.post(messages(chat), json={"content": "two"}, headers=keyed("k"))
    assert "first words" not in str(problem(other_body, 409, "idempotency_conflict"))
    other_chat = await ada.api.post(messages(elsewhere), json={"content": "first words"}, headers=keyed("k"))
    problem(other_chat, 409, "idempotency_conflict")
    ok(await bob.api.post(messages(chat), json={"content": "two"}, headers=keyed("k")), 201)


async def test_retries_at_once_make_one_message(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute("SELECT FROM chats FOR UPDATE")
            posts = [
                asyncio.create_task(ada.api.post(messages(chat), json={"content": "x"}, headers=keyed("k")))
                for _ in range(6)
            ]
            await blocked(sql)
        answers = await asyncio.gather(*posts)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [message["seq"] for message in ok(await ada.api.get(messages(chat)))] == [1]


async def test_a_retry_by_who_has_left_sees_nothing(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    ok(await bob.api.post(messages(chat), json={"content": "x"}, headers=keyed("k")), 201)
    ok(await bob.api.post(f"/api/chats/{chat}/leave"), 204)
    problem(await bob.api.post(messages(chat), json={"content": "x"}, headers=keyed("k")), 404, "not_found")


async def test_a_bad_key_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    for key in ("", "two words", "x" * 256, "a\tb"):
        answer = await ada.api.post(messages(chat), json={"content": "x"}, headers=keyed(key))
        refused = problem(answer, 400, "validation_failed")
        assert refused["errors"][0]["path"] == "header.Idempotency-Key"
    ok(await ada.api.post(messages(chat), json={"content": "x"}, headers=keyed("x" * 255)), 201)


async def test_messages_at_once_are_numbered_without_gap(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    posted = await asyncio.gather(*(who.say(chat, "x") for who in [ada, bob] * 15))
    assert sorted(message["seq"] for message in posted) == list(range(1, 31))
