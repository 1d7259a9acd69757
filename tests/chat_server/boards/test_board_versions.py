"""Named versions of boards: made, compared, restored; and what they may not."""

import asyncio
from typing import Any

import pytest
from pycrdt import Doc, Map

from chat_server.parts.board_documents import present
from chat_server.routes.boards import board_versions
from tests.chat_server.boards.test_board_export import draw, note
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def elements(who: Person, board: int, version: int | None = None) -> list[str]:
    path = f"/api/boards/{board}/export" if version is None else f"/api/boards/{board}/versions/{version}/export"
    return sorted(ok(await who.api.get(path)).get("elements", {}))


async def version(who: Person, board: int, name: str = "first") -> int:
    return int(ok(await who.api.post(f"/api/boards/{board}/versions", json={"name": name}), 201)["id"])


def without(doc: "Doc[Any]", text: str) -> bytes:
    before = doc.get_state()
    del doc.get("elements", type=Map)[text]
    return doc.get_update(before)


async def test_a_version_is_made_listed_renamed_taken_away_and_deleted(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    path = f"/api/boards/{board}/versions"
    doc = Doc[Any]()
    await draw(database, board, ada.id, note("a", doc))
    answer = await bob.api.post(path, json={"name": "first"}, headers={"Idempotency-Key": "k"})
    made = ok(answer, 201)
    assert answer.headers["location"] == f"{path}/{made['id']}"
    assert (made["name"], made["seq"], made["created_by"]) == ("first", 1, bob.id)
    await draw(database, board, ada.id, note("b", doc))
    assert ok(await bob.api.post(path, json={"name": "first"}, headers={"Idempotency-Key": "k"})) == made
    second = ok(await ada.api.post(path, json={"name": "second"}), 201)
    page = await ada.api.get(path, params={"limit": 1})
    assert ok(page) == [made]
    assert ok(await ada.api.get(page.links["next"]["url"])) == [second]
    assert ok(await bob.api.get("/api/sync"))["boards"][0]["versions"] == [second, made]
    assert ok(await ada.api.patch(f"{path}/{made['id']}", json={"name": "one"}))["name"] == "one"
    assert ok(await ada.api.get(f"{path}/{made['id']}")) == {**made, "name": "one"}
    assert await elements(bob, board, made["id"]) == ["a"]
    taken = await bob.api.get(f"{path}/{made['id']}/export", params={"format": "yjs"})
    copy = Doc[Any]()
    copy.apply_update(taken.content)
    assert list(copy.get("elements", type=Map).keys()) == ["a"]
    known = {"If-None-Match": taken.headers["etag"]}
    again = await bob.api.get(f"{path}/{made['id']}/export", params={"format": "yjs"}, headers=known)
    assert again.status_code == 304
    problem(await bob.api.delete(f"{path}/{second['id']}"), 403, "forbidden")
    for one in (made, second):
        ok(await ada.api.delete(f"{path}/{one['id']}"), 204)
        for call in ("", "/compare", "/export"):
            problem(await ada.api.get(f"{path}/{one['id']}{call}"), 404, "not_found")
        problem(await ada.api.delete(f"{path}/{one['id']}"), 404, "not_found")
        problem(await ada.api.patch(f"{path}/{one['id']}", json={}), 404, "not_found")
        problem(await ada.api.post(f"{path}/{one['id']}/restore"), 404, "not_found")
    assert await elements(ada, board) == ["a", "b"]
    for bad in ({}, {"name": " "}, {"name": "x" * 81}):
        problem(await ada.api.post(path, json=bad), 422, "validation_failed")
    ok(await ada.api.delete(f"/api/boards/{board}"), 204)
    problem(await ada.api.post(path, json={"name": "x"}), 409, "board_is_deleted")


async def test_two_versions_are_compared_and_who_edited_in_between(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    doc = Doc[Any]()
    await draw(database, board, ada.id, note("a", doc), note("gone", doc))
    first = await version(ada, board)
    await draw(database, board, bob.id, note("b", doc), without(doc, "gone"))
    await draw(database, board, ada.id, note("c", doc))
    second = await version(ada, board, "second")
    path = f"/api/boards/{board}/versions/{first}/compare"
    compared = ok(await bob.api.get(path, params={"with": second}))
    assert (compared["before"], compared["after"]) == (
        {"version_id": first, "seq": 2},
        {"version_id": second, "seq": 5},
    )
    assert [(one["user_id"], one["updates"]) for one in compared["edits"]] == [(bob.id, 2), (ada.id, 1)]
    assert compared["edits_complete"]
    assert compared["changes"] == [
        {"op": "add", "path": "/elements/b", "value": {"text": "b"}},
        {"op": "add", "path": "/elements/c", "value": {"text": "c"}},
        {"op": "remove", "path": "/elements/gone"},
    ]
    now = ok(await bob.api.get(path))
    assert now == {**compared, "after": {"version_id": None, "seq": 5}}
    back = ok(await bob.api.get(f"/api/boards/{board}/versions/{second}/compare", params={"with": first}))
    assert [change["op"] for change in back["changes"]] == ["remove", "remove", "add"]
    assert back["edits"] == compared["edits"]
    async with database.connect() as sql:
        await sql.execute("DELETE FROM board_updates WHERE seq = 3")
    assert not ok(await bob.api.get(path, params={"with": second}))["edits_complete"]
    problem(await ada.api.get(path, params={"with": 2**40}), 404, "not_found")
    other = await version(ada, await ada.board())
    problem(await ada.api.get(path, params={"with": other}), 404, "not_found")


async def test_what_differs_in_too_much_is_said_to(
    chat_server: ChatServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_versions, "LARGEST_PATCH", 100)
    ada = await chat_server.sign_up("Ada")
    board = await ada.board()
    first = await version(ada, board)
    await draw(database, board, ada.id, note("x" * 100))
    compared = ok(await ada.api.get(f"/api/boards/{board}/versions/{first}/compare"))
    assert (compared["changes"], compared["after"]["seq"]) == (None, 1)


async def test_a_version_is_restored_and_that_can_be_taken_back(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    doc = Doc[Any]()
    await draw(database, board, ada.id, note("a", doc), note("b", doc))
    first = await version(ada, board, "x" * 80)
    await draw(database, board, ada.id, without(doc, "a"), note("c", doc))
    path = f"/api/boards/{board}/versions"
    headers = {"Idempotency-Key": "k"}
    restored = ok(await bob.api.post(f"{path}/{first}/restore", headers=headers), 201)
    assert await elements(ada, board) == ["a", "b"]
    before = restored["before"]
    assert (restored["seq"], before["seq"], before["created_by"]) == (5, 4, bob.id)
    assert before["name"] == f"Before restoring {'x' * 80}"[:80]
    assert ok(await bob.api.post(f"{path}/{first}/restore", headers=headers)) == restored
    assert ok(await bob.api.post(f"{path}/{first}/restore")) == {"seq": 5, "before": None}
    back = ok(await ada.api.post(f"{path}/{before['id']}/restore"), 201)
    assert (await elements(ada, board), back["before"]["seq"]) == (["b", "c"], 5)
    # What is there is a version already.
    assert ok(await ada.api.post(f"{path}/{first}/restore"), 201)["before"]["seq"] == 6
    again = ok(await ada.api.post(f"{path}/{before['id']}/restore"), 201)
    assert again["before"]["seq"] == 7
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT seq, user_id FROM board_updates WHERE origin = 'chat_server' ORDER BY seq")
    assert [tuple(row) for row in rows] == [(5, bob.id), (6, ada.id), (7, ada.id), (8, ada.id)]


async def test_of_two_that_are_restored_at_once_over_two_servers_one_is_refused(
    chat_server: ChatServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would bring back the same once more."""
    ada = await chat_server.sign_up("Ada")
    board = await ada.board()
    doc = Doc[Any]()
    await draw(database, board, ada.id, note("a", doc))
    first = await version(ada, board)
    await draw(database, board, ada.id, without(doc, "a"))

    async def slow(*arguments: Any) -> Any:
        state = await present(*arguments)
        async with database.connect() as sql:  # as the other server does meanwhile
            await sql.execute("SELECT board_append('chat_server', $1, $2, '{ab}', 0, false)", [board], [ada.id])
        return state

    monkeypatch.setattr(board_versions, "present", slow)
    path = f"/api/boards/{board}/versions/{first}/restore"
    problem(await ada.api.post(path), 409, "restored_meanwhile")


@pytest.mark.chat_server(boards={"document_bytes": 1024})
async def test_nothing_is_restored_past_the_bounds(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    board = await ada.board()
    doc = Doc[Any]()
    await draw(database, board, ada.id, note("a" * 600, doc))
    first = await version(ada, board)
    await draw(database, board, ada.id, without(doc, "a" * 600), note("b" * 600, doc))
    problem(await ada.api.post(f"/api/boards/{board}/versions/{first}/restore"), 409, "board_full")
    assert await elements(ada, board) == ["b" * 600]
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO document_versions (document_id, name, seq, state) "
            "SELECT $1, 'v', 0, 'ab' FROM generate_series(1, 99)",
            board,
        )
    problem(await ada.api.post(f"/api/boards/{board}/versions", json={"name": "x"}), 409, "board_versions_amount")


async def test_what_is_restored_begins_with_what_was_restored_before(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    doc = Doc[Any]()
    await draw(database, board, ada.id, note("a", doc))
    first = await version(ada, board)
    await draw(database, board, ada.id, without(doc, "a"))
    path = f"/api/boards/{board}/versions/{first}/restore"
    answers = await asyncio.gather(*(who.api.post(path) for who in (ada, bob)))
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert await elements(ada, board) == ["a"]
