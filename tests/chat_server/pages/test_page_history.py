"""The history of pages: who did what, what versions differ in, named ones, and bringing earlier content back."""

import asyncio
import threading
from typing import Any

import pytest

from chat_core.documents.patches.difference import difference
from chat_server.page_content.touches import in_words, touched
from chat_server.routes.pages import page_history, page_restoring
from tests.chat_server.pages.test_page_content import adding, content, patched, saying
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database


async def test_history_says_who_did_what_newest_first(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob)
    ok(await patched(ada, page, adding(2, "Hello"), adding(3, "Buy", "Button"), base=1, key="first"))
    ok(await patched(bob, page, saying(2, "Hello, world"), base=2))
    move = {"op": "add", "path": "/components/3/parentId", "value": 2}
    ok(await patched(bob, page, move, base=3))
    ok(await patched(ada, page, {"op": "remove", "path": "/components/3"}, base=4))
    async with database.connect() as sql:
        await sql.execute("INSERT INTO page_ops (page_id, patch) VALUES ($1, '[]')", page)
    path = f"/api/pages/{page}/history"
    first = await bob.api.get(path, params={"limit": 3})
    edits = [*ok(first), *ok(await bob.api.get(first.links["next"]["url"]))]
    assert [(edit["version"], edit["user_id"], edit["summary"]) for edit in edits] == [
        (6, None, "Changed nothing."),
        (5, ada.id, "Removed Button “Buy”."),
        (4, bob.id, "Moved component 3."),
        (3, bob.id, "Changed Text “Hello, world”."),
        (2, ada.id, "Added Text “Hello”, Button “Buy”.".replace(", Button", " and Button")),
    ]
    assert (edits[-1]["id"], edits[-1]["base"]) == ("first", 1)
    assert edits[3]["touches"] == [
        {"component_id": "2", "change": "changed", "name": "Text", "label": "Hello, world", "members": ["props.text"]}
    ]
    assert "next" not in (await bob.api.get(path, params={"before": 3})).links


async def test_much_history_comes_in_several_answers(chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_history, "LARGEST_HISTORY", 300)
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    for version in range(1, 6):
        ok(await patched(ada, page, adding(version + 1), base=version))
    answer = await ada.api.get(f"/api/pages/{page}/history", params={"limit": 500})
    seen, answers = [edit["version"] for edit in ok(answer)], 1
    assert 1 <= len(seen) < 5
    while following := answer.links.get("next"):
        answer = await ada.api.get(following["url"])
        seen += [edit["version"] for edit in ok(answer)]
        answers += 1
    assert (seen, answers > 1) == ([6, 5, 4, 3, 2], True)


async def test_what_takes_long_leaves_the_event_loop_free(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def elsewhere(*documents: Any) -> Any:
        threads.add(threading.current_thread())
        return difference(*documents)

    monkeypatch.setattr(page_history, "difference", elsewhere)
    monkeypatch.setattr(page_restoring, "difference", elsewhere)
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    ok(await patched(ada, page, adding(2), base=1))
    ok(await ada.api.get(f"/api/pages/{page}/diff", params={"from": 1}))
    ok(await ada.api.post(f"/api/pages/{page}/restore", json={"version": 1}), 201)
    assert threads
    assert threading.main_thread() not in threads


def test_what_a_patch_touched_in_words() -> None:
    now = {"components": {"1": {"name": "Page"}, "7": {"name": "Card", "props": {"title": "x" * 50}}, "8": 3}}
    card, whole = f"Card “{'x' * 39}…”", {"components": {"2": {"name": "Text"}}}
    cases: list[tuple[list[Any], str]] = [
        ([], "Changed nothing."),
        ([{"op": "test", "path": "/a", "value": 1}], "Changed nothing."),
        ([{"op": "replace", "path": "", "value": whole}], "Changed the page itself and Text."),
        ([{"op": "replace", "path": "/theme/dark", "value": True}], "Changed theme.dark."),
        ([{"op": "remove", "path": "/components/9"}], "Removed component 9."),
        ([{"op": "add", "path": "/components/8/props", "value": {}}], "Changed component 8."),
        ([{"op": "add", "path": "/components/7/order", "value": 2}], f"Moved {card}."),
        ([{"op": "move", "from": "/components/1/x", "path": "/components/7/x"}], f"Changed Page and {card}."),
        ([adding(i, f"t{i}") for i in range(10, 15)], "Added Text “t10”, Text “t11”, Text “t12” and 2 more."),
        ([adding(2), {"op": "remove", "path": "/components/2"}], "Changed Text “hello”."),
    ]
    for patch, words in cases:
        assert in_words(touched(patch, None, now)) == words
    assert in_words(touched([{"op": "add", "path": "/a~1b/~0", "value": 1}], None, [1])) == "Changed a/b.~."


async def test_two_versions_are_compared(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    ok(await patched(ada, page, adding(2, "one"), base=1))
    ok(await patched(ada, page, saying(2, "two"), adding(3), base=2))
    path = f"/api/pages/{page}/diff"
    compared = ok(await ada.api.get(path, params={"from": 2}))
    assert (compared["from"], compared["to"]) == (2, 3)
    assert sorted(compared["patch"], key=lambda one: one["path"]) == [saying(2, "two"), adding(3)]
    assert compared["summary"] == "Added Text “hello”, changed Text “two”."
    back = ok(await ada.api.get(path, params={"from": 3, "to": 1}))
    assert {one["op"] for one in back["patch"]} == {"remove"}
    assert back["summary"] == "Removed Text “two” and Text “hello”."
    problem(await ada.api.get(path, params={"from": 4}), 404, "not_found")
    problem(await ada.api.get(path), 400, "validation_failed")


async def test_earlier_content_comes_back_by_a_patch(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob)
    ok(await patched(ada, page, adding(2, "one"), base=1))
    ok(await patched(ada, page, {"op": "remove", "path": "/components/2"}, adding(3), base=2))
    path = f"/api/pages/{page}/restore"
    restored = ok(await bob.api.post(path, json={"version": 2}, headers={"Idempotency-Key": "k"}), 201)
    assert restored["version"] == 4
    assert await content(ada, page) == await content(ada, page, 2)
    ok(await patched(ada, page, adding(9), match="*"))
    assert ok(await bob.api.post(path, json={"version": 2}, headers={"Idempotency-Key": "k"})) == restored
    assert ok(await bob.api.post(path, json={"version": 5}))["version"] == 5  # as it is
    [edit] = ok(await ada.api.get(f"/api/pages/{page}/history", params={"before": 5, "limit": 1}))
    assert (edit["user_id"], edit["summary"]) == (bob.id, "Added Text “one”, removed Text “hello”.")
    problem(await bob.api.post(path, json={"version": 99}), 404, "not_found")
    problem(await bob.api.post(path, json={}), 422, "validation_failed")
    ok(await ada.api.patch(f"/api/pages/{page}/members/{bob.id}", json={"role": "viewer"}))
    problem(await bob.api.post(path, json={"version": 1}), 403, "forbidden")
    # At once with others' patches: each is stored, whatever the order.
    patches = [patched(ada, page, adding(id_), match="*") for id_ in range(20, 25)]
    acts = [ada.api.post(path, json={"version": 1}), *patches]
    assert {answer.status_code for answer in await asyncio.gather(*acts)} == {200, 201}
    assert ok(await ada.api.get(f"/api/pages/{page}"))["version"] == 11


async def test_named_versions_are_kept_exported_and_restored(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob)
    ok(await patched(ada, page, adding(2, "one"), base=1))
    ok(await patched(ada, page, saying(2, "two"), base=2))
    path = f"/api/pages/{page}/versions"
    made = ok(await bob.api.post(path, json={"name": "first", "version": 2}, headers={"Idempotency-Key": "k"}), 201)
    assert (made["page_id"], made["seq"], made["created_by"]) == (page, 2, bob.id)
    newest = ok(await ada.api.post(path, json={"name": "now"}), 201)
    assert ok(await ada.api.get(path)) == [made, newest]
    assert ok(await ada.api.patch(f"{path}/{made['id']}", json={"name": "one"}))["name"] == "one"
    exported = await ada.api.get(f"{path}/{made['id']}/export")
    assert (ok(exported), exported.headers["etag"]) == (await content(ada, page, 2), '"2"')
    async with database.connect() as sql:  # its history has expired, it has not
        text = (await ada.api.get(f"/api/pages/{page}/content")).text
        await sql.execute("UPDATE page_snapshots SET version = 3, content = $1", text)
        await sql.execute("DELETE FROM page_ops")
    problem(await ada.api.get(f"/api/pages/{page}/content", params={"version": 2}), 410, "version_expired")
    problem(await ada.api.post(path, json={"name": "x", "version": 2}), 410, "version_expired")
    restored = ok(await bob.api.post(f"{path}/{made['id']}/restore"), 201)
    assert (restored["version"], (await content(ada, page))["components"]["2"]["props"]["text"]) == (4, "one")
    assert ok(await ada.api.get(f"{path}/{made['id']}"))["name"] == "one"
    problem(await bob.api.delete(f"{path}/{newest['id']}"), 403, "forbidden")
    ok(await ada.api.delete(f"{path}/{made['id']}"), 204)
    problem(await ada.api.post(f"{path}/{made['id']}/restore"), 404, "not_found")


async def test_a_version_long_before_the_snapshot_is_read_as_long_as_it_is_kept(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    page, many = await ada.page(), 10_050
    ok(await patched(ada, page, adding(2, "then"), base=1))
    ok(await patched(ada, page, saying(2, "now"), base=2))
    text = (await ada.api.get(f"/api/pages/{page}/content")).text
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO page_ops (page_id, version, patch, inverse, effects)"
            " SELECT $1, version, '[]', '[]', '[]' FROM generate_series(4, $2) AS version",
            *(page, many),
        )
        await sql.execute("UPDATE page_snapshots SET version = $1, content = $2", many, text)
    assert (await content(ada, page, 2))["components"]["2"]["props"]["text"] == "then"
