"""Whatever is wrong with a request, the answer is a problem with a code, and shows nothing of the inside."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from chat_core.turns import Turns
from chat_server.http.bodies import field_error
from chat_server.identity.passwords import Passwords
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

JSON = {"Content-Type": "application/json"}


async def post(person: Person, body: bytes, **headers: str) -> httpx.Response:
    chat = await person.chat()
    return await person.api.post(f"/api/chats/{chat}/messages", content=body, headers={**JSON, **headers})


async def test_malformed_json(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for body in (
        b"",
        b"{",
        b'{"content": }',
        b'{"content": "\xff"}',
        b'{"content": "x"} x',
        b"\xff\xfe",
        b"[" * 100_000,
    ):
        answer = await post(ada, body)
        assert answer.status_code in (400, 422), answer.text
        if body[:1] != b"[":
            problem(answer, 400, "malformed_json")


async def test_a_bad_field_is_named(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for body, path in (
        (b"null", "body"),
        (b"[]", "body"),
        (b'"x"', "body"),
        (b"{}", "content"),
        (b'{"content": "x", "colour": "red"}', "colour"),
        (b'{"content": 1}', "content"),
        (b'{"content": "\\u0000"}', "content"),
        (b'{"content": "\\ud800"}', "content"),
        (b'{"content": "ok", "more": ["\\udc00"]}', "more"),
    ):
        refused = problem(await post(ada, body), 422, "validation_failed")
        assert refused["errors"][0]["path"] in (path, f"{path}[0]"), refused
    refused = problem(
        await ada.api.post("/api/chats", content=b'{"type": "Group", "members": ["\\ud800"]}', headers=JSON),
        422,
        "validation_failed",
    )
    assert refused["errors"][0]["path"] == "members[0]"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Expected `int`, got `str`", "a whole number"),
        ("Expected `str | null`, got `int`", "a string or null"),
        ("Expected `str` of length >= 1", "a string of at least 1 character"),
        ("Expected `str` of length <= 80", "a string of at most 80 characters"),
        ("Expected `array` of length <= 1000", "a list of at most 1000 items"),
        ("Expected `int` >= 1", "a whole number of at least 1"),
        ("Object missing required field `name`", "a value: this field is required"),
        ("Invalid RFC3339 encoded datetime", "a time with its zone, such as 2026-01-02T03:04:05Z"),
        ("Expected `datetime | null`, got `int`", "a time with its zone, such as 2026-01-02T03:04:05Z"),
        ("Something new in a later version", "another value"),
    ],
)
def test_the_words_for_what_was_expected(message: str, expected: str) -> None:
    assert field_error(message, "x").expected == expected


async def test_other_media_types(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    path = f"/api/chats/{chat}/messages"
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = await ada.api.post(path, content=b'{"content": "x"}', headers={"Content-Type": media_type})
        problem(answer, 415, "unsupported_media_type")
    charset = {"Content-Type": "application/json; charset=utf-8"}
    ok(await ada.api.post(path, content=b'{"content": "x"}', headers=charset), 201)


@pytest.mark.chat_server(server={"max_body_bytes": 2048})
async def test_bodies_have_a_cap(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    problem(await post(ada, b'{"content": "' + b"x" * 2048 + b'"}'), 413, "body_too_large")

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"content": "'
        for _ in range(64):
            yield b"x" * 64
        yield b'"}'

    chat = await ada.chat()
    answer = await ada.api.post(f"/api/chats/{chat}/messages", content=chunks(), headers=JSON)
    problem(answer, 413, "body_too_large")
    ok(await ada.api.get("/api/auth/me"))


async def test_what_is_not_there(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for path in (
        "/nothing",
        "/api/nothing",
        "/api/chats/lunch",
        "/api/chats/0",
        "/api/chats/-1",
        "/api/chats/1.5",
        f"/api/chats/{2**63}",
        f"/api/chats/{2**63 - 1}",
        f"/api/chats/{10**30}/messages",
        "/api/chats/%00",
        f"/api/workspaces/{2**64}",
        "/pages/lib/../../../app.py",
    ):
        problem(await ada.api.get(path), 404, "not_found")
    answer = await ada.api.put("/api/auth/me", json={})
    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


async def test_every_answer_has_the_headers_that_protect_it(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for path in ("/api/auth/me", "/api/nothing", "/health/live", "/nothing"):
        answer = await ada.api.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.headers["x-request-id"]) == 16
        assert (answer.headers.get("cache-control") == "no-store") == path.startswith("/api")


@pytest.mark.chat_server(server={"cors_origins": ["https://chat.example.com"]})
async def test_configured_origins_may_call(chat_server: ChatServer) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "Authorization,Idempotency-Key"}
    path = "/api/chats/1/messages"
    for origin, allowed in (("https://chat.example.com", "https://chat.example.com"), ("https://evil.example", None)):
        preflight = await chat_server.anybody.options(path, headers={"Origin": origin, **asked})
        assert preflight.headers.get("access-control-allow-origin") == allowed
        answer = await chat_server.anybody.get(path, headers={"Origin": origin})
        problem(answer, 401, "unauthorized")
        assert answer.headers.get("access-control-allow-origin") == allowed
    exposed = (await chat_server.anybody.get(path, headers={"Origin": "https://chat.example.com"})).headers
    assert {"link", "retry-after", "location"} <= {
        name.strip().lower() for name in exposed["access-control-expose-headers"].split(",")
    }


async def test_without_configured_origins_no_page_may_call(chat_server: ChatServer) -> None:
    answer = await chat_server.anybody.get("/api/auth/me", headers={"Origin": "https://chat.example.com"})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_client_that_goes_in_mid_body_harms_nobody(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    host, port = chat_server.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /api/chats/1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ada.token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    ok(await ada.api.get("/api/auth/me"))


@pytest.mark.parametrize(("method", "path"), [("POST", "/messages"), ("POST", "/members")], ids=["hot", "others"])
async def test_a_client_that_goes_while_we_look_its_session_up_is_no_fault_of_ours(
    method: str, path: str, chat_server: ChatServer, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    token = (await chat_server.sign_in(ada)).json()["token"]  # of a session that nobody has looked up yet
    host, port = chat_server.url.removeprefix("http://").split(":")
    async with database.connect() as sql, sql.transaction():
        await sql.execute("LOCK TABLE sessions")
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"{method} /api/chats/{chat}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        while not await sql.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            pass
        writer.close()
        await writer.wait_closed()
    said = ""
    while f"path=/api/chats/{chat}{path} " not in said:
        said += capsys.readouterr().out
        await asyncio.sleep(0)
    assert "status=400" in said, said
    assert "internal error" not in said


async def test_our_own_faults_show_nothing_of_the_inside(
    chat_server: ChatServer, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        await sql.execute("DROP FUNCTION workspace_json")
    answer = await ada.api.get("/api/sync")
    problem(answer, 500, "internal_error")
    assert "workspace_json" not in answer.text
    assert "workspace_json" in capsys.readouterr().out, "the log has it"


async def test_too_many_requests_at_once_are_refused(chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await chat_server.sign_up("Ada")
    monkeypatch.setattr("chat_server.http.steps.observe.MOST_IN_FLIGHT", 0)
    refused = await ada.api.get("/api/auth/me")
    problem(refused, 503, "overloaded")
    assert refused.headers["retry-after"] == "1"


@pytest.mark.parametrize(("each", "everybody", "status"), [(0, 1, 429), (1, 0, 503)])
async def test_too_many_passwords_at_once_are_refused(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch, each: int, everybody: int, status: int
) -> None:
    ada = await chat_server.sign_up("Ada")
    none_free = Turns("sign-ins", 0, waiting_each=each, waiting_all=everybody)
    monkeypatch.setattr(Passwords, "_turns_of", lambda *_: none_free)
    refused = await chat_server.sign_in(ada)
    problem(refused, status, "rate_limited" if status == 429 else "overloaded")
    assert refused.headers["retry-after"] in (["2"] if status == 429 else ["1", "2", "3"])
    ok(await ada.api.get("/api/auth/me"))
