"""A document is of one kind, and its id leads to nothing where another kind is asked for."""

import json
from typing import Any

import httpx
import pytest

from chat_core.tokens import hash_secret
from chat_server.http.openapi import FILE
from tests.chat_server.people import ChatServer, Person, ok
from tests.support.postgres import Database

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
BODIES: dict[str, Any] = {
    "patch /boards/{board_id}": {"name": "mine"},
    "post /boards/{board_id}/members": {"user_id": 2},
    "patch /boards/{board_id}/members/{user_id}": {"role": "viewer"},
    "post /boards/{board_id}/transfer": {"user_id": 2},
    "post /boards/{board_id}/versions": {"name": "mine"},
    "patch /boards/{board_id}/versions/{version_id}": {"name": "mine"},
    "post /boards/{board_id}/invites": {},
}
ROUTES = [
    f"{method} {path.removeprefix('/api')}"
    for path, methods in json.loads(FILE.read_text())["paths"].items()
    for method in methods
    if path.startswith("/api/boards/{board_id}")
]
TOKEN = "of a page"
# Everything of a page that a call could change.
ALL = """
SELECT (SELECT json_agg(d) FROM documents d WHERE kind = 'page')::text,
       (SELECT json_agg(m) FROM document_members m WHERE kind = 'page')::text,
       (SELECT json_agg(v) FROM document_versions v)::text,
       (SELECT json_agg(t) FROM document_thumbnails t)::text,
       (SELECT json_agg(i) FROM invites i)::text,
       (SELECT count(*) FROM board_updates)
"""


@pytest.fixture
async def page(chat_server: ChatServer, database: Database) -> tuple[Person, Person, int]:
    """Its owner, one of its editors, and its id."""
    ada, bob = await chat_server.team("Ada", "Bob")
    async with database.connect() as sql:
        made = await sql.fetchval("SELECT create_document($1, $2, 'page', 'notes')", ada.id, ada.workspace)
        page = int(json.loads(made)["id"])
        for statement in (
            "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, 'editor')",
            "INSERT INTO document_versions (document_id, created_by, name, seq, state) "
            "VALUES ($1, $2, 'v', 0, '\\x0000')",
        ):
            await sql.execute(statement, page, bob.id)
        await sql.execute("INSERT INTO document_thumbnails (document_id, data) VALUES ($1, $2)", page, PNG)
        invite = (
            "INSERT INTO invites (document_id, token_hash, role, created_by, expires_at) VALUES ($1, $2, 'viewer', $3, "
        )
        await sql.execute(invite + "now() + interval '1 day')", page, hash_secret(TOKEN), ada.id)
    return ada, bob, page


async def call(who: Person, route: str, board: int, other: int) -> httpx.Response:
    method, path = route.split()
    url = "/api" + path.format(board_id=board, user_id=other, version_id=1, invite_id=1, file_id=1)
    if path.endswith("/thumbnail") and method == "put":
        return await who.api.put(url, content=PNG)
    return await who.api.request(method, url, json=BODIES.get(route))


async def test_a_page_is_no_board_whatever_is_asked(page: tuple[Person, Person, int], database: Database) -> None:
    ada, bob, id_ = page
    assert len(ROUTES) > 20
    assert BODIES.keys() < set(ROUTES)
    async with database.connect() as sql:
        before = await sql.fetchrow(ALL)
        for who in (ada, bob):
            for route in ROUTES:
                answer = await call(who, route, id_, bob.id)
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), f"{route}: {answer.text}"
                assert "board" in answer.json()["detail"], route
        assert await sql.fetchrow(ALL) == before


async def test_a_page_is_in_no_list_of_boards(page: tuple[Person, Person, int]) -> None:
    ada, _, _ = page
    board = await ada.board()
    for deleted in (False, True):
        listed = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/boards", params={"deleted": deleted}))
        assert [one["id"] for one in listed] == ([] if deleted else [board])
    assert [one["id"] for one in ok(await ada.api.get("/api/sync"))["boards"]] == [board]
    entries = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit"))
    assert {entry["board_id"] for entry in entries if entry["action"].startswith("page_")} == {None}
    assert {entry["board_id"] for entry in entries if entry["action"] == "board_created"} == {board}


async def test_what_is_told_of_a_page_has_its_kind(page: tuple[Person, Person, int], database: Database) -> None:
    ada, _, id_ = page
    async with database.connect() as sql:
        await sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", id_)
        events = await sql.fetch("SELECT kind, audience, payload FROM events WHERE document_id = $1", id_)
        with pytest.raises(Exception, match="page 1 would be left without an owner") as error:
            await sql.execute("DELETE FROM document_members WHERE document_id = $1 AND user_id = $2", id_, ada.id)
    assert error.value.constraint_name == "page_keeps_owner"  # type: ignore[attr-defined]
    kinds = {
        "NewPage",
        "UserJoinedPage",
        "PageThumbnailUpdated",
        "PageVersionUpdated",
        "PageInviteUpdated",
        "PageDeleted",
    }
    assert {event["kind"] for event in events} == kinds
    assert {event["audience"] for event in events} == {"user", "document", "admins"}
    payloads = [
        json.loads(event["payload"]) for event in events if not event["kind"].startswith(("NewPage", "PageDel"))
    ]
    assert {payload.get("page_id") for payload in payloads} == {id_}
    assert not any("board_id" in event["payload"] for event in events)
