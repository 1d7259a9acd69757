"""GET /api/search: what is found, by whom, and that it is exact as of COMMIT."""

from typing import Any

import asyncpg
import pytest

from chat_server.search import indexer
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def found(person: Person, q: str, **parameters: Any) -> list[str]:
    page = ok(await person.api.get("/api/search", params={"q": q, **parameters}))
    assert page["complete"]
    return [item["message"]["content"] for item in page["items"]]


async def index(database: Database) -> None:
    """All that there is to index, as the follower would, under the server's own role."""
    connection = await asyncpg.connect(database.chat_url)
    try:
        await indexer.run(connection)
    finally:
        await connection.close()


@pytest.mark.parametrize("indexed", [False, True])
async def test_messages_are_found_by_words_of_any_script(
    chat_server: ChatServer, database: Database, indexed: bool
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    await index(database)
    said = ["你好世界", "Die Straße nach Łódź", "call fooBar_baz() in src/foo_bar.py", "ship it 🚀", "Grüße 🇩🇪"]
    for text in said:
        await ada.say(chat, text)
    if indexed:
        await index(database)
    for q, expected in {
        "世界": [0],
        "界": [0],
        "好世界": [0],
        "世好": [],
        "strasse": [1],
        "lodz STRASSE": [1],
        "foobarbaz": [2],
        "foo_bar.py": [2],
        "fooBar": [2],
        "py.foo": [],
        "🚀": [3],
        "🇩🇪": [4],
        "grusse": [4],
        "gruss": [],
    }.items():
        assert await found(bob, q) == [said[number] for number in expected], q


@pytest.mark.parametrize("indexed", [False, True])
async def test_only_what_one_may_see_now_is_found(chat_server: ChatServer, database: Database, indexed: bool) -> None:
    ada, bob, cleo = await chat_server.team("Ada", "Bob", "Cleo")
    outsider = await chat_server.sign_up("Eve")
    chat, channel = await ada.chat(bob, cleo), await ada.chat(bob, cleo, type="PublicChannel")
    await index(database)
    said = [await ada.say(chat, "secret plan"), await ada.say(channel, "secret channel")]
    if indexed:
        await index(database)
    assert await found(bob, "secret") == await found(cleo, "SECRET") == ["secret channel", "secret plan"]
    assert await found(outsider, "secret") == []
    ok(await ada.api.delete(f"/api/chats/{chat}/members/{bob.id}"), 204)
    assert (await ada.api.put(f"/api/chats/{channel}/bans/{cleo.id}", json={})).is_success
    assert await found(bob, "secret") == ["secret channel"]
    assert await found(cleo, "secret") == ["secret plan"]
    ok(await ada.api.patch(f"/api/chats/{chat}/messages/{said[0]['id']}", json={"content": "dull plan"}))
    assert await found(cleo, "secret") == []
    assert await found(cleo, "dull") == ["dull plan"]
    ok(await ada.api.delete(f"/api/chats/{channel}/messages/{said[1]['id']}"), 204)
    assert await found(bob, "secret") == []
    assert (await chat_server.anybody.get("/api/search", params={"q": "secret"})).status_code == 401


async def test_pages_are_whole_and_highlights_are_of_the_text(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    for number in range(7):
        await ada.say(chat, f"Straße {number}, straße")
        if number == 3:
            await index(database)
    numbers: list[str] = []
    response = await ada.api.get("/api/search", params={"q": "strasse", "limit": 3})
    while True:
        items = ok(response)["items"]
        numbers += [item["message"]["content"][7] for item in items]
        assert all(item["highlights"] == [[0, 6], [10, 16]] for item in items)
        if "next" not in response.links:
            break
        response = await ada.api.get(response.links["next"]["url"])
    assert numbers == list("6543210")


async def test_what_asks_for_nothing_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for q in ("", "...", "a\x00b", "x" * 501):
        problem(await ada.api.get("/api/search", params={"q": q}), 400, "validation_failed")


async def test_what_was_there_before_the_index_is_announced_until_it_is_indexed(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    await ada.say(chat, "hello")
    async with database.connect() as sql:
        await sql.execute("SELECT search_begin(1, false)")
    assert ok(await ada.api.get("/api/search", params={"q": "hello"})) == {"items": [], "complete": False}
    await index(database)
    assert await found(ada, "hello") == ["hello"]
