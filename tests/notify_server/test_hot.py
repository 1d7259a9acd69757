"""Streams are opened before Starlette: whatever is asked, the answer is the one that Starlette gives."""

from typing import Any

import asyncpg
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

from chat_core.problems import Problem
from chat_core.settings import Settings
from notify_server import app as application
from notify_server import hot
from notify_server.app import Notify, build
from tests.support.clients.plain_http import plain_http

OUTCOMES: list[Exception | None] = [
    None,
    Problem(429, "too_many_streams", "Close one.", headers={"Retry-After": "5"}),
    Problem(401, "unauthorized", "No token.", headers={"WWW-Authenticate": "Bearer"}),
    asyncpg.TooManyConnectionsError("too many"),
    asyncpg.InterfaceError("closed"),
    ConnectionRefusedError("no database"),
    TimeoutError(),
    ValueError("a bug"),
]
EVENTS = "/api/notifications/events"
ASKED = [EVENTS, EVENTS + "?ticket=x", EVENTS + "/", EVENTS + "%0A", "/api//notifications/events", "/api/ws"]
REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    *(("GET", path, {}) for path in ASKED),
    *((method, EVENTS, {}) for method in ("HEAD", "POST", "OPTIONS")),
    ("GET", EVENTS, {"Origin": "http://box.lan:6688"}),
    ("GET", EVENTS, {"Origin": "http://box.lan:1"}),
    ("GET", "/api/ws", {"Origin": "http://box.lan:1", "Upgrade": "websocket"}),
]


class Endpoints(Notify):
    """Its streams end as they are told to."""

    outcome: Exception | None = None
    asked = 0

    async def events(self, request: Request) -> Response:
        self.asked += 1
        if self.outcome is not None:
            raise self.outcome
        return Response(f"{request.url.path} {request.query_params}", headers={"X-Accel-Buffering": "no"})

    socket = events


@pytest.fixture
def notify() -> Endpoints:
    notify = Endpoints(Settings(), verifier=None)  # type: ignore[arg-type]  # nobody signs in here
    notify.readiness = type("", (), {"report": lambda *_: None})()
    return notify


@pytest.fixture
def ways(notify: Endpoints, monkeypatch: pytest.MonkeyPatch) -> dict[str, ASGIApp]:
    before = build(notify)
    monkeypatch.setattr(application, "Hot", lambda app, endpoints, handlers: app)
    return {"hot": before, "Starlette": build(notify)}


@pytest.mark.parametrize("outcome", OUTCOMES, ids=[type(outcome).__name__ for outcome in OUTCOMES])
async def test_both_ways_answer_alike(notify: Endpoints, ways: dict[str, ASGIApp], outcome: Exception | None) -> None:
    notify.outcome = outcome
    answers: dict[str, list[Any]] = {}
    for name, app in ways.items():
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        with capture_logs():  # a bug has a long traceback
            http = plain_http(transport=transport, base_url="http://box.lan:6687")
            for method, path, headers in REQUESTS:
                answer = await http.request(method, path, headers=headers)
                answers.setdefault(name, []).append((answer.status_code, answer.headers.raw, answer.content))
            await http.aclose()
    for request, mine, theirs in zip(REQUESTS, answers["hot"], answers["Starlette"], strict=True):
        assert mine == theirs, request
    assert notify.asked >= 2 * 4


async def test_only_plain_requests_are_answered_before_starlette(notify: Endpoints) -> None:
    passed: list[str] = []

    async def rest(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(f"{scope['method']} {scope['path']}")
        await Response("")(scope, receive, send)

    app = hot.Hot(rest, {EVENTS: notify.events}, {})
    async with plain_http(transport=httpx.ASGITransport(app), base_url="http://box.lan") as http:
        for method, path in (("GET", EVENTS), ("POST", EVENTS), ("HEAD", EVENTS), ("GET", "/health")):
            await http.request(method, path)
    assert (notify.asked, passed) == (1, [f"POST {EVENTS}", f"HEAD {EVENTS}", "GET /health"])
