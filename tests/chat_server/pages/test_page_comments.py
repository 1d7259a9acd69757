"""Comments on components of pages: threads, who may do what with them, and what is told of them."""

import json
from typing import Any

import asyncpg
import pytest

from tests.chat_server.pages.test_page_content import adding, patched
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def said(who: Person, page: int, content: str, **more: Any) -> Any:
    body = {"content": content, **more}
    return ok(await who.api.post(f"/api/pages/{page}/comments", json=body), 201)


async def told(database: Database, page: int) -> list[tuple[str, Any]]:
    """The events of comments."""
    async with database.connect() as sql:
        rows = await sql.fetch(
            "SELECT kind, audience, payload::text AS payload FROM events "
            "WHERE kind LIKE 'PageComment%' AND document_id = $1 ORDER BY position",
            page,
        )
    assert {row["audience"] for row in rows} == {"document"}
    return [(row["kind"], json.loads(row["payload"])) for row in rows]


async def test_a_thread_on_a_component(chat_server: ChatServer, database: Database) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    page = await ada.page(bob)
    ok(await ada.api.post(f"/api/pages/{page}/members", json={"user_id": carol.id}), 201)
    ok(await patched(ada, page, adding(2), base=1))
    path = f"/api/pages/{page}/comments"
    body = {"component_id": "2", "content": "Too loud?"}
    answer = await carol.api.post(path, json=body, headers={"Idempotency-Key": "k"})
    first = ok(answer, 201)
    assert answer.headers["location"] == f"{path}/{first['id']}"
    assert ok(await carol.api.post(path, json=body, headers={"Idempotency-Key": "k"})) == first
    assert (first["version"], first["component_id"], first["author_id"], first["reply_to"]) == (2, "2", carol.id, None)
    # The component goes, and the comment stays with what it was about.
    ok(await patched(ada, page, {"op": "remove", "path": "/components/2"}, match="*"))
    reply = await said(bob, page, "No.", reply_to=first["id"])
    assert (reply["component_id"], reply["version"], reply["reply_to"]) == ("2", 2, first["id"])
    old = await said(bob, page, "It was here.", component_id="2", version=2)
    other = await said(ada, page, "A title", component_id="1")
    assert other["version"] == 3
    assert [one["id"] for one in ok(await carol.api.get(path))] == [first["id"], reply["id"], old["id"], other["id"]]
    assert len(ok(await carol.api.get(path, params={"component_id": "2", "limit": 2}))) == 2
    assert ok(await carol.api.get(f"{path}/{reply['id']}")) == reply
    edited = ok(await carol.api.patch(f"{path}/{first['id']}", json={"content": "Too loud!"}))
    assert (edited["content"], edited["updated_at"] is None) == ("Too loud!", False)
    problem(await ada.api.patch(f"{path}/{first['id']}", json={"content": "mine"}), 403, "forbidden")
    resolved = ok(await bob.api.patch(f"{path}/{first['id']}", json={"resolved": True}))
    assert (resolved["resolved_by"], resolved["resolved_at"] is None) == (bob.id, False)
    assert ok(await ada.api.patch(f"{path}/{first['id']}", json={"resolved": True})) == resolved
    assert [one["id"] for one in ok(await ada.api.get(path, params={"resolved": "true"}))] == [first["id"], reply["id"]]
    assert [one["id"] for one in ok(await ada.api.get(path, params={"resolved": "false"}))] == [old["id"], other["id"]]
    assert ok(await carol.api.patch(f"{path}/{first['id']}", json={"resolved": False}))["resolved_by"] is None
    problem(await carol.api.patch(f"{path}/{old['id']}", json={"resolved": True}), 403, "forbidden")
    problem(await bob.api.patch(f"{path}/{reply['id']}", json={"resolved": True}), 422, "validation_failed")
    problem(await bob.api.delete(f"{path}/{other['id']}"), 403, "forbidden")
    ok(await ada.api.delete(f"{path}/{first['id']}"), 204)
    assert [one["id"] for one in ok(await ada.api.get(path))] == [old["id"], other["id"]]
    for call in ("get", "delete"):
        problem(await ada.api.request(call, f"{path}/{first['id']}"), 404, "not_found")
    problem(await ada.api.patch(f"{path}/{first['id']}", json={"content": "x"}), 404, "not_found")
    events = await told(database, page)
    assert [kind for kind, _ in events] == ["PageCommentUpdated"] * 7 + ["PageCommentDeleted"] * 2
    assert {one["id"] for _, one in events[-2:]} == {first["id"], reply["id"]}
    assert all("content" not in one for _, one in events)
    async with database.connect() as sql:
        audited = await sql.fetch("SELECT actor_id, target_id FROM audit_log WHERE action = 'page_comment_deleted'")
    assert {tuple(row) for row in audited} == {(ada.id, first["id"]), (ada.id, reply["id"])}


async def test_what_is_no_comment(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    page, other = await ada.page(), await ada.page()
    path = f"/api/pages/{page}/comments"
    first = await said(ada, page, "first", component_id="1")
    reply = await said(ada, page, "reply", reply_to=first["id"])
    elsewhere = await said(ada, other, "elsewhere", component_id="1")
    for body, where in (
        ({"content": "x"}, "component_id"),
        ({"content": "x", "component_id": "1", "reply_to": first["id"]}, "component_id"),
        ({"content": "x", "component_id": "2"}, "component_id"),
        ({"content": "x", "reply_to": first["id"], "version": 1}, "version"),
        ({"content": " \n", "component_id": "1"}, "content"),
        ({"content": "x" * 4001, "component_id": "1"}, "content"),
    ):
        refused = problem(await ada.api.post(path, json=body), 422, "validation_failed")
        assert refused["errors"][0]["path"] == where
    for no_first in (reply["id"], elsewhere["id"], 2**40):
        answer = await ada.api.post(path, json={"content": "x", "reply_to": no_first})
        problem(answer, 422, "page_comment_replies_to_first")
    problem(await ada.api.post(path, json={"content": "x", "component_id": "1", "version": 2}), 404, "not_found")
    async with database.connect() as sql:
        with pytest.raises(asyncpg.CheckViolationError, match="no version 9"):
            await sql.execute(
                "INSERT INTO page_comments (page_id, component_id, version, content) VALUES ($1, '1', 9, 'x')", page
            )
        await sql.execute("SET session_replication_role = replica")  # so many at once, without their triggers
        await sql.execute(
            "INSERT INTO page_comments (page_id, component_id, version, content) "
            "SELECT $1, '1', 1, 'x' FROM generate_series(1, page_comments_most() - 2)",
            page,
        )
    problem(await ada.api.post(path, json={"content": "x", "component_id": "1"}), 409, "page_comments_amount")
    ok(await ada.api.delete(f"/api/pages/{page}"), 204)
    problem(await ada.api.delete(f"{path}/{first['id']}"), 409, "page_is_deleted")
    async with database.connect() as sql:
        with pytest.raises(asyncpg.PostgresError, match="has been deleted"):
            await sql.execute("DELETE FROM page_comments WHERE id = $1", first["id"])


async def test_an_account_goes_and_its_comments_stay(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob)
    first = await said(bob, page, "hi", component_id="1")
    ok(await bob.api.patch(f"/api/pages/{page}/comments/{first['id']}", json={"resolved": True}))
    ok(await bob.api.post(f"/api/pages/{page}/publish", json={"audience": "public", "slug": "bobs"}))
    async with database.connect() as sql:
        await sql.execute("DELETE FROM workspaces WHERE id = $1", bob.workspace)
        await sql.execute("DELETE FROM users WHERE id = $1", bob.id)
    [left] = ok(await ada.api.get(f"/api/pages/{page}/comments"))
    assert left == {**first, "author_id": None, "resolved_at": left["resolved_at"]}
    assert ok(await ada.api.get(f"/api/pages/{page}/publish"))["published_by"] is None
