"""The content of pages over REST: read at any version, patched under a condition, once."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat_core.database.pool import open_pool
from chat_core.settings import Database as DatabaseSettings
from chat_core.settings import Pages
from chat_server.page_content import patching, snapshots
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database

NEW: dict[str, Any] = {"rootId": 1, "components": {"1": {"id": 1, "name": "Page", "desc": "页面根节点"}}}
PATCH = "application/json-patch+json"


def component(id_: int, text: str = "hello", kind: str = "Text", parent: int = 1) -> dict[str, Any]:
    return {"id": id_, "name": kind, "props": {"text": text}, "parentId": parent}


def adding(id_: int, text: str = "hello", kind: str = "Text", parent: int = 1) -> dict[str, Any]:
    return {"op": "add", "path": f"/components/{id_}", "value": component(id_, text, kind, parent)}


def saying(id_: int, text: str) -> dict[str, Any]:
    return {"op": "replace", "path": f"/components/{id_}/props/text", "value": text}


async def patched(
    who: Person, page: int, *operations: Any, base: int | None = None, match: str | None = None, key: str | None = None
) -> httpx.Response:
    headers = {"Content-Type": PATCH}
    if match is not None:
        headers["If-Match"] = match
    if key is not None:
        headers["Idempotency-Key"] = key
    params = {} if base is None else {"version": base}
    content = json.dumps(operations)
    return await who.api.patch(f"/api/pages/{page}/content", content=content, headers=headers, params=params)


async def content(who: Person, page: int, version: int | None = None) -> Any:
    params = {} if version is None else {"version": version}
    return ok(await who.api.get(f"/api/pages/{page}/content", params=params))


async def test_content_is_read_at_each_version_with_its_etag(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob)
    path = f"/api/pages/{page}/content"
    first = await bob.api.get(path)
    assert (ok(first), first.headers["etag"], first.headers["cache-control"]) == (NEW, '"1"', "private, no-cache")
    answer = await patched(bob, page, adding(2), match='"1"')
    stored = ok(answer)
    assert (stored["version"], answer.headers["etag"]) == (2, '"2"')
    ok(await patched(bob, page, saying(2, "你好"), base=2))
    second, third = component(2), component(2, "你好")
    for version, expected in ((1, None), (2, second), (3, third), (None, third)):
        assert (await content(ada, page, version))["components"].get("2") == expected
    for tags, status in (('"3"', 304), ('W/"3"', 304), ('"1", "3"', 304), ("*", 304), ('"2"', 200)):
        assert (await ada.api.get(path, headers={"If-None-Match": tags})).status_code == status
    assert (await ada.api.get(path, params={"version": 2}, headers={"If-None-Match": '"2"'})).status_code == 304
    problem(await ada.api.get(path, params={"version": 4}), 404, "not_found")
    problem(await ada.api.get(path, params={"version": 4}, headers={"If-None-Match": '"4"'}), 404, "not_found")
    problem(await ada.api.get(path, params={"version": 0}), 400, "validation_failed")
    # Reading writes nothing and opens nothing.
    async with database.connect() as sql:
        written = "SELECT (SELECT count(*) FROM page_ops), (SELECT sum(version) FROM page_snapshots)"
        before = await sql.fetch(written)
        await content(ada, page)
        assert await sql.fetch(written) == before
    assert ok(await ada.api.get(f"/api/pages/{page}"))["version"] == 3


async def test_a_patch_says_what_it_was_made_for(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    problem(await patched(ada, page, adding(2)), 428, "precondition_required")
    for tags in ('"1"', "*", '"7", "3"'):
        ok(await patched(ada, page, adding(10), match=tags))
    moved = await patched(ada, page, adding(2), match='"1"')
    told = problem(moved, 412, "version_conflict")
    assert (told["version"], moved.headers["etag"]) == (await _version(ada, page), f'"{told["version"]}"')
    for weak in (f'W/"{told["version"]}"', str(told["version"])):
        problem(await patched(ada, page, adding(2), match=weak), 412, "version_conflict")
    # Both: the version is that of the patch, and the page is still at the one of the tag.
    version = await _version(ada, page)
    assert ok(await patched(ada, page, adding(3), match=f'"{version}"', base=1))["version"] == version + 1


async def _version(who: Person, page: int) -> int:
    return int(ok(await who.api.get(f"/api/pages/{page}"))["version"])


async def test_a_stale_patch_is_stored_unless_it_conflicts(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob)
    ok(await patched(ada, page, adding(2), adding(3), base=1))
    ok(await patched(ada, page, saying(2, "from Ada"), base=2, key="ada's"))
    assert ok(await patched(bob, page, saying(3, "from Bob"), base=2))["version"] == 4
    late = await patched(bob, page, saying(2, "from Bob"), base=2)
    told = problem(late, 409, "version_conflict")
    assert (told["version"], late.headers["etag"]) == (4, '"4"')
    assert [one["version"] for one in told["operations"]] == [3, 4]
    assert told["operations"][0] == {
        "id": "ada's",
        "version": 3,
        "user_id": ada.id,
        "client_id": None,
        "patches": [saying(2, "from Ada")],
    }
    now = await content(ada, page)
    assert [now["components"][id_]["props"]["text"] for id_ in "23"] == ["from Ada", "from Bob"]
    # A version that is not there yet: of a page that was restored from a backup, for example.
    assert problem(await patched(bob, page, adding(9), base=99), 409, "version_conflict")["operations"] is None


async def test_a_repeated_operation_is_stored_once(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob)
    key = "操作 1"
    sent: Any = {"Content-Type": PATCH, "If-Match": '"1"', "Idempotency-Key": key.encode()}
    path, body = f"/api/pages/{page}/content", json.dumps([adding(2)])
    first = ok(await ada.api.patch(path, content=body, headers=sent))
    assert first["version"] == 2
    ok(await patched(bob, page, adding(3), base=2))
    # Though the page has moved on since, and in another notation.
    assert ok(await ada.api.patch(path, content=body.replace(", ", ","), headers=sent)) == first
    problem(await ada.api.patch(path, content=json.dumps([adding(4)]), headers=sent), 422, "operation_id_reused")
    problem(await patched(ada, page, adding(4), base=1, key="x" * 65), 400, "validation_failed")
    at_once = await asyncio.gather(*(patched(who, page, adding(5), base=3, key="same") for who in (ada, bob) * 3))
    assert {ok(answer)["version"] for answer in at_once} == {4}
    assert await _version(ada, page) == 4


async def test_a_refused_operation_stays_refused(chat_server: ChatServer) -> None:
    """Under its id, though the reason is gone. Whether If-Match holds is asked anew."""
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    problem(await patched(ada, page, saying(2, "x"), base=1, key="a"), 409, "patch_failed")
    problem(await patched(ada, page, adding(3), match='"7"', key="b"), 412, "version_conflict")
    ok(await patched(ada, page, adding(2), base=1))
    problem(await patched(ada, page, saying(2, "x"), base=2, key="a"), 409, "patch_refused")
    problem(await patched(ada, page, saying(2, "y"), base=2, key="a"), 422, "operation_id_reused")
    ok(await patched(ada, page, saying(2, "x"), base=2, key="c"))
    ok(await patched(ada, page, adding(3), match='"3"', key="b"))


async def test_what_a_stale_patch_missed_is_read_up_to_a_size(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    for version in range(1, 52):  # the snapshot is of a later version than the patch
        ok(await patched(ada, page, adding(version + 1), base=version))
    ok(await patched(ada, page, adding(100), base=1))
    monkeypatch.setattr(patching, "MOST_MISSED_BYTES", 500)
    ok(await patched(ada, page, adding(101), base=50))
    answer = problem(await patched(ada, page, adding(102), base=1), 409, "version_conflict")
    assert answer["operations"] is None


async def test_many_at_once_are_stored_one_after_the_other(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    answers = await asyncio.gather(*(patched(ada, page, adding(id_), base=1) for id_ in range(2, 27)))
    assert sorted(ok(answer)["version"] for answer in answers) == list(range(2, 27))
    exact = await asyncio.gather(*(patched(ada, page, saying(2, str(id_)), match='"26"') for id_ in range(6)))
    assert sorted(answer.status_code for answer in exact) == [200, 412, 412, 412, 412, 412]
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT origin, user_id, client_id, base FROM page_ops")
    assert {tuple(row)[:3] for row in rows} == {("chat_server", ada.id, None)}


async def test_what_cannot_be_applied_changes_nothing(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    large = {"op": "add", "path": "/x", "value": "x" * 400_000}
    cases: list[tuple[list[Any], int, str]] = [
        ([{"op": "test", "path": "/rootId", "value": 2}], 409, "patch_failed"),
        ([{"op": "replace", "path": "/components/1/nothing", "value": 1}], 409, "patch_failed"),
        ([{"op": "add", "path": "/components/2", "value": {"id": 3}}], 422, "page_invalid"),
        ([{"op": "remove", "path": "/components/1"}], 422, "page_invalid"),
        ([adding(2, parent=7)], 422, "page_invalid"),
        ([{"op": "test", "path": "", "value": 1}] * (Pages().patch_operations + 1), 413, "too_large"),
        ([large, *[{"op": "copy", "from": "/x", "path": "/y"}] * 3], 413, "too_large"),
    ]
    for operations, status, code in cases:
        refused = problem(await patched(ada, page, adding(5), *operations, base=1), status, code)
        assert code != "patch_failed" or refused["index"] == 1
    assert await content(ada, page) == NEW
    assert await _version(ada, page) == 1


async def test_what_is_no_patch_is_refused_as_rfc_5789_says(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    path = f"/api/pages/{await ada.page()}/content?version=1"
    for media_type in ("application/json", "application/merge-patch+json", "text/plain"):
        refused = await ada.api.patch(path, content="[]", headers={"Content-Type": media_type})
        problem(refused, 415, "unsupported_media_type")
        assert refused.headers["accept-patch"] == PATCH
    for body, code, where in (
        ("[", "malformed_json", None),
        ('["\\ud800"]', "malformed_json", None),
        ("[" * 100_000, "malformed_json", None),
        ("{}", "malformed_patch", "body"),
        ("[1]", "malformed_patch", "[0].op"),
        ('[{"op": "spam", "path": ""}]', "malformed_patch", "[0].op"),
        ('[{"op": "remove"}]', "malformed_patch", "[0].path"),
        ('[{"op": "remove", "path": "x"}]', "malformed_patch", "[0].path"),
        ('[{"op": "remove", "path": "/~2"}]', "malformed_patch", "[0].path"),
        ('[{"op": "add", "path": "/__proto__", "value": 1}]', "malformed_patch", "[0].path"),
        ('[{"op": "test", "path": "", "value": 1}, {"op": "add", "path": ""}]', "malformed_patch", "[1].value"),
        ('[{"op": "move", "path": "/a", "from": 1}]', "malformed_patch", "[0].from"),
    ):
        told = problem(await ada.api.patch(path, content=body, headers={"Content-Type": PATCH}), 400, code)
        assert [error["path"] for error in told.get("errors", [])] == ([where] if where else []), body
    large = b"[" + b" " * patching.LARGEST_PATCH + b"]"
    problem(await ada.api.patch(path, content=large, headers={"Content-Type": PATCH}), 413, "body_too_large")


async def test_who_may_read_and_patch(chat_server: ChatServer, database: Database) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    page = await ada.page()
    path = f"/api/pages/{page}"
    ok(await ada.api.post(f"{path}/members", json={"user_id": bob.id}), 201)
    assert await content(bob, page) == NEW
    problem(await patched(bob, page, adding(2), base=1), 403, "forbidden")
    problem(await patched(carol, page, adding(2), base=1), 404, "not_found")
    problem(await carol.api.get(f"{path}/content"), 404, "not_found")
    problem(await chat_server.anybody.get(f"{path}/content"), 401, "unauthorized")
    board = await ada.board()
    problem(await ada.api.get(f"/api/pages/{board}/content"), 404, "not_found")
    body = {"name": "bot", "scopes": ["pages:read"], "days": 1}
    token = ok(await ada.api.post("/api/auth/tokens", json=body), 201)["token"]
    bot = await chat_server.client(token)
    assert ok(await bot.get(f"{path}/content")) == NEW
    refused = await bot.patch(f"{path}/content?version=1", content="[]", headers={"Content-Type": PATCH})
    assert problem(refused, 403, "insufficient_scope")["scope"] == "pages:write"
    ok(await ada.api.delete(path), 204)
    problem(await patched(ada, page, adding(2), base=1), 409, "page_is_deleted")
    problem(await ada.api.get(f"{path}/content", params={"version": 1}), 409, "page_is_deleted")
    problem(await bob.api.get(f"{path}/content"), 404, "not_found")


async def test_patches_become_snapshots_and_may_expire(chat_server: ChatServer, database: Database) -> None:
    """Also those from psql, whose inverses only a server knows."""
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    async with database.connect() as sql:
        await sql.execute("UPDATE page_snapshots SET made_at = now()")
        insert = "INSERT INTO page_ops (page_id, patch) VALUES ($1, $2)"
        await sql.execute(insert, page, json.dumps([adding(2)]))
        await sql.execute(insert, page, json.dumps([{"op": "remove", "path": "/nothing"}]))  # counts as an empty one
        assert (await content(ada, page))["components"]["2"] == component(2)
        assert await sql.fetchval("SELECT version FROM page_snapshots") == 1
        missed = problem(await patched(ada, page, saying(2, "x"), base=1), 409, "version_conflict")["operations"]
        assert [one["patches"] for one in missed] == [[adding(2)], []]
        for number in range(Pages().snapshot_patches):
            ok(await patched(ada, page, saying(2, str(number)), match="*"))
        [kept] = await sql.fetch("SELECT version, content FROM page_snapshots")
        assert (kept["version"], json.loads(kept["content"])["components"]["2"]["props"]["text"]) == (51, "47")
        assert await sql.fetchval("SELECT count(*) FROM page_ops WHERE inverse IS NULL AND version <= 51") == 0
        edited = await sql.fetch("SELECT payload::text FROM events WHERE kind = 'PageEdited'")
        assert [json.loads(row[0])["version"] for row in edited] == [51]
        for version, text in ((1, None), (2, "hello"), (3, "hello"), (10, "6"), (52, "48")):
            found = (await content(ada, page, version))["components"].get("2")
            assert (found and found["props"]["text"]) == text
        # Missed patches are known on both sides of the snapshot.
        missed = problem(await patched(ada, page, saying(2, "x"), base=49), 409, "version_conflict")["operations"]
        assert [one["version"] for one in missed] == [50, 51, 52, 53]
        await sql.execute("DELETE FROM page_ops WHERE version <= 20")
        expired = await ada.api.get(f"/api/pages/{page}/content", params={"version": 19})
        assert "back to version 20." in problem(expired, 410, "version_expired")["detail"]
        assert (await content(ada, page, 20))["components"]["2"]["props"]["text"] == "16"
        assert problem(await patched(ada, page, adding(9), base=3), 409, "version_conflict")["operations"] is None
        await sql.execute("UPDATE page_snapshots SET made_at = now() - interval '31 seconds'")
        ok(await patched(ada, page, adding(4), base=53))
        assert await sql.fetchval("SELECT version FROM page_snapshots") == 54


async def test_a_page_that_nobody_has_open_gets_its_snapshot_and_event(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    page, fresh = await ada.page(), await ada.page()
    patch = json.dumps([{"op": "replace", "path": "/components/1/desc", "value": "by psql"}])
    pool = await open_pool(DatabaseSettings.model_validate({"url": database.chat_url}), "test")
    async with database.connect() as sql, pool:
        await sql.execute("UPDATE page_snapshots SET made_at = now() - interval '1 minute' WHERE page_id = $1", page)
        await sql.execute("INSERT INTO page_ops (page_id, patch) VALUES ($1, $3), ($2, $3)", page, fresh, patch)
        await snapshots.keep_overdue(pool, Pages())
        found = await sql.fetch("SELECT page_id, version, content FROM page_snapshots ORDER BY page_id")
        assert [(row["page_id"], row["version"]) for row in found] == [(page, 2), (fresh, 1)]
        assert json.loads(found[0]["content"])["components"]["1"]["desc"] == "by psql"
        assert await sql.fetchval("SELECT inverse FROM page_ops WHERE page_id = $1", page) is not None
        told = "SELECT payload ->> 'version' FROM events WHERE kind = 'PageEdited' AND document_id = $1"
        assert [row[0] for row in await sql.fetch(told, page)] == ["2"]


async def test_the_limits_of_the_settings_hold_over_rest_too(database: Database, keys: Path) -> None:
    small = {"page_bytes": 1024, "patch_operations": 2, "depth": 8, "copied_bytes": 1024, "snapshot_patches": 1}
    async with chat_server_on(settings(database.chat_url, keys, pages=small)) as server:
        ada = await server.sign_up("Ada")
        page = await ada.page()
        for limit, operations in (
            ("result", [adding(2, "x" * 2000)]),
            ("operations", [{"op": "test", "path": "/rootId", "value": 1}] * 3),
            ("depth", [{"op": "add", "path": "/x", "value": [[[[[[[[[1]]]]]]]]]}]),
        ):
            refused = problem(await patched(ada, page, *operations, base=1), 413, "too_large")
            assert refused["limit"] == limit
        ok(await patched(ada, page, adding(2), base=1))
        path = f"/api/workspaces/{ada.workspace}/pages"
        large = {"name": "x", "schema": "free", "content": "x" * 2000}
        problem(await ada.api.post(path, json=large), 422, "validation_failed")
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT version FROM page_snapshots") == 2
