"""Any method on any path is answered: with what the route has, with a 404 or a 405, and never with a fault of ours."""

import asyncio
import itertools
import re

import pytest

from chat_server.http.pages import WEB
from chat_server.http.steps.observe import _headers
from tests.chat_server.people import ChatServer, problem
from tests.support.clients.plain_http import plain_http

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
# Beside those of the OpenAPI page.
PATHS = (
    "/",
    "/api",
    "/api/",
    "//api//chats",
    "/api/nothing",
    "/boards",
    "/board/1",
    "/pages",
    "/pages/",
    "/page/1",
    "/invite/x",
)
FILES = (
    "/pages/documents/shelf.html",
    "/docs",
    "/docs/openapi.json",
    "/pages/docs/docs.js",
    "/health/ready",
    "/metrics",
)


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in (1, 2))])
async def test_any_method_on_any_path_is_answered(chat_server: ChatServer, part: int) -> None:
    ada = await chat_server.sign_up("Ada")
    document = (await chat_server.anybody.get("/docs/openapi.json")).json()
    values = itertools.cycle(("1", "9223372036854775807", "x", "%F0%9F%91%8B", "-1"))
    known = [re.sub(r"\{[^}]*\}", lambda _: next(values), path) for path in document["paths"]]
    tokens = itertools.cycle(({}, {"Authorization": f"Bearer {ada.token}"}, {"Authorization": "Bearer \xff"}))
    bodies = itertools.cycle((None, b"{}", b"\xff"))
    assert len(known) > 60
    async with plain_http(base_url=chat_server.url) as client:
        for path in (*known[part::3], *PATHS, *FILES):
            allowed = set()
            for method in METHODS:
                headers = [(name.encode(), value.encode("latin-1")) for name, value in next(tokens).items()]
                body = None if method == "TRACE" else next(bodies)
                answer = await client.request(method, path, headers=headers, content=body)
                assert answer.status_code < 500, f"{method} {path}: {answer.text}"
                if method == "HEAD":
                    assert answer.content == b""
                if answer.status_code == 405:
                    allowed |= set(answer.headers["allow"].split(", "))
                    assert method not in allowed
            assert ("HEAD" in allowed) == ("GET" in allowed), path


async def test_a_head_is_that_of_the_get(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat(name="lunch")
    for path in ("/api/auth/me", f"/api/chats/{chat}", "/api/sync", "/api/nothing", "/boards", "/docs", *FILES[:4]):
        got, head = await ada.api.get(path), await ada.api.head(path)
        for name in ("content-type", "content-length", "content-security-policy", "cache-control"):
            assert head.headers.get(name) == got.headers.get(name), f"{path}: {name}"
        assert (head.status_code, head.content) == (got.status_code, b"")
    problem(await chat_server.anybody.get("/api/auth/me"), 401, "unauthorized")
    assert (await chat_server.anybody.head("/api/auth/me")).status_code == 401


async def test_every_page_has_a_policy(chat_server: ChatServer) -> None:
    pages = [f"/pages/{file.relative_to(WEB)}" for folder in WEB.iterdir() for file in folder.rglob("*.html")]
    assert len(pages) >= 4
    browser = {"Accept": "text/html"}
    for path in (
        *pages,
        "/",
        "/chat/1",
        "/docs",
        "/docs/",
        "/boards",
        "/signin",
        "/invite/x",
        "/board/1",
        "/pages",
        "/page/1",
        "/nothing",
    ):
        answer = await chat_server.anybody.get(path, headers=browser)
        assert answer.headers["content-type"].startswith("text/html"), path
        policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["base-uri"] == "'none'"
        beside_a_chat = path in ("/board/1", "/page/1")  # in a frame of our own
        assert policy["frame-ancestors"] == ("'self'" if beside_a_chat else "'none'"), path
        assert "script-src" not in policy or policy["script-src"] == "'self'"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
    # Its one script is a file, and is there.
    page = (await chat_server.anybody.get("/docs")).text
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, flags=re.DOTALL)
    assert scripts
    for attributes, inside in scripts:
        assert inside == ""
        source = re.search(r'src="([^"]+)"', attributes)
        assert source
        assert (await chat_server.anybody.get(source[1])).status_code == 200


def test_a_policy_of_its_own_is_kept() -> None:
    html = (b"content-type", b"text/html; charset=utf-8")
    names = [name for name, _ in _headers([html, (b"content-security-policy", b"x")], "/docs", "1")]
    assert b"content-security-policy" not in names
    assert b"referrer-policy" in names


async def test_unfinished_requests_are_not_in_flight(chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than may be in flight hinder nobody."""
    monkeypatch.setattr("chat_server.http.steps.observe.MOST_IN_FLIGHT", 3)
    ada = await chat_server.sign_up("Ada")
    host, port = chat_server.url.removeprefix("http://").split(":")
    writers = []
    for _ in range(20):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /api/auth/signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: 50\r\n\r\n")
        await writer.drain()
        writers.append(writer)
    assert (await ada.api.get("/api/auth/me")).status_code == 200
    for writer in writers:
        writer.transport.abort()


async def test_overload_logs_no_token(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chat_server.http.steps.observe.MOST_IN_FLIGHT", 0)
    token = "aB3_" * 10 + "xyz"
    for path in (f"/api/invites/{token}", f"/invite/{token}", f"//x/{token}"):
        problem(await chat_server.anybody.get(path), 503, "overloaded")
    shown = capsys.readouterr().out
    assert "[redacted]" in shown
    assert token not in shown
