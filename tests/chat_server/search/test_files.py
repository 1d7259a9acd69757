"""Files in searches: messages that have some, and files by their names."""

from typing import Any

import pytest

from tests.chat_server.people import ChatServer, Person, ok
from tests.chat_server.search.finding import index
from tests.support.postgres import Database

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def upload(person: Person, data: bytes, name: str) -> int:
    path = f"/api/workspaces/{person.workspace}/files"
    return int(ok(await person.api.post(path, params={"name": name}, content=data), 201)["id"])


async def post(person: Person, chat: int, *files: int, content: str | None = None) -> int:
    body: dict[str, Any] = {"files": list(files)} | ({"content": content} if content else {})
    return int(ok(await person.api.post(f"/api/chats/{chat}/messages", json=body), 201)["id"])


async def ids(person: Person, q: str) -> list[int]:
    return [item["message"]["id"] for item in ok(await person.api.get("/api/search", params={"q": q}))["items"]]


async def named(person: Person, q: str) -> list[tuple[int, int]]:
    rows = ok(await person.api.get("/api/search/files", params={"q": q}))
    return [(row["file"]["id"], row["message_id"]) for row in rows]


@pytest.mark.parametrize("indexed", [False, True])
async def test_messages_are_found_by_their_files(chat_server: ChatServer, database: Database, indexed: bool) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    plain = int((await ada.say(chat, "no file"))["id"])
    picture = await post(ada, chat, await upload(ada, PNG, "Größe der Karte.png"))
    words = await post(ada, chat, await upload(ada, b"words", "minutes.txt"), content="the minutes")
    if indexed:
        await index(database)
    for q, expected in {
        "has:file": [words, picture],
        "has:image": [picture],
        "-has:file": [plain],
        "file:minutes": [words],
        "file:grosse": [picture],
        "file:KARTE has:file": [picture],
        "-file:karte has:file": [words],
        "the file:karte": [],
    }.items():
        assert await ids(bob, q) == expected, q


async def test_files_are_found_by_name_while_one_sees_a_message_with_them(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    chat, other = await ada.chat(bob), await ada.chat(bob, eve)
    map_ = await upload(ada, PNG, "Map of 上海.png")
    assert await named(ada, "map") == []  # it is in no message yet
    first = await post(ada, chat, map_)
    assert await named(bob, "上海 MAP") == [(map_, first)]
    assert await named(eve, "map") == []
    second = await post(ada, other, map_)
    assert await named(bob, "map") == [(map_, second)]
    assert await named(eve, "map") == [(map_, second)]
    ok(await ada.api.patch(f"/api/chats/{other}/messages/{second}", json={"files": [], "content": "gone"}))
    assert await named(bob, "map") == [(map_, first)]
    assert await named(eve, "map") == []
    ok(await ada.api.delete(f"/api/chats/{chat}/members/{bob.id}"), 204)
    assert await named(bob, "map") == []


async def test_files_of_boards_are_found_while_one_sees_the_board(chat_server: ChatServer) -> None:
    ada, bob, cara = await chat_server.team("Ada", "Bob", "Cara")
    board = await ada.board(bob)
    file = await upload(ada, b"%PDF-1.4", "plan of the harbour.pdf")
    ok(await ada.api.put(f"/api/boards/{board}/files/{file}"))

    async def found(person: Person) -> list[tuple[int, int | None, int | None]]:
        rows = ok(await person.api.get("/api/search/files", params={"q": "harbour"}))
        return [(row["file"]["id"], row["message_id"], row["board_id"]) for row in rows]

    assert [await found(person) for person in (ada, bob, cara)] == [[(file, None, board)], [(file, None, board)], []]
    message = await post(ada, await ada.chat(), file)
    assert [await found(person) for person in (ada, bob)] == [[(file, message, None)], [(file, None, board)]]
    ok(await ada.api.delete(f"/api/boards/{board}"), 204)
    assert [await found(person) for person in (ada, bob)] == [[(file, message, None)], []]
