"""Whose pages may connect, and what the others are told."""

import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from structlog.testing import capture_logs

from chat_core.settings import Settings
from notify_server.app import Notify, build
from notify_server.websocket.origins import Origins
from tests.support.clients.plain_http import plain_http

PUBLIC = {"server": {"public_url": "https://chat.example.com/"}}
NAMED = {"notify": {"cors_origins": ["https://other.example"]}}
# The settings, the page's origin, the Host of its request, and whether it may.
CASES: list[tuple[dict[str, Any], str, str, bool]] = [
    ({}, "http://127.0.0.1:6688", "127.0.0.1:6687", True),
    ({}, "http://localhost:6688", "127.0.0.1:6687", True),
    ({}, "http://[::1]:6688", "elsewhere:6687", True),
    # By any name, if it is the same one and the page is from chat_server's port.
    ({}, "http://10.1.2.3:6688", "10.1.2.3:6687", True),
    ({}, "http://box.lan:6688", "BOX.lan:6687", True),
    ({}, "http://[fd00::7]:6688", "[fd00::7]:6687", True),
    ({}, "http://box.lan:6688", "other.lan:6687", False),
    ({}, "http://box.lan:8080", "box.lan:6687", False),  # another service on the same machine
    ({}, "http://box.lan:6687", "box.lan:6687", False),
    ({}, "http://box.lan", "box.lan:6687", False),
    ({}, "https://box.lan:6688", "box.lan:6687", False),  # chat_server speaks no TLS
    ({}, "http://box.lan.evil.example:6688", "box.lan:6687", False),
    ({}, "http://evil.example:6688", "127.0.0.1:6687", False),
    ({}, "http://box.lan:6688", "", False),
    ({}, "null", "null", False),
    ({}, "file://", "", False),
    ({}, "http://box.lan:6688/", "box.lan:6687", False),
    ({}, "http://user@box.lan:6688", "box.lan:6687", False),
    ({}, "http://box.lan:99999999", "box.lan:6687", False),
    ({"server": {"port": 80}}, "http://localhost", "x", True),
    ({"server": {"port": 80}}, "http://box.lan", "box.lan:6687", True),
    (PUBLIC, "https://chat.example.com", "live.example.com", True),
    (PUBLIC, "http://localhost:6688", "live.example.com", False),
    (PUBLIC, "https://other.name", "other.name", True),  # on its public port
    (PUBLIC, "http://other.name", "other.name", False),
    (PUBLIC, "http://10.1.2.3:6688", "10.1.2.3:6687", True),  # past its proxy
    (NAMED, "https://other.example", "box.lan:6687", True),
    (NAMED, "https://sub.other.example", "box.lan:6687", False),
]


@pytest.mark.parametrize(("settings", "origin", "host", "may"), CASES, ids=range(len(CASES)))
def test_pages_of_chat_server_and_those_that_are_named(
    settings: dict[str, Any], origin: str, host: str, may: bool
) -> None:
    origins = Origins(Settings.model_validate(settings))
    assert origins.allows(origin, host) is may
    refusal = origins.refusal(Headers({"origin": origin, "host": host}))
    assert (refusal is None) is may
    assert origins.refusal(Headers({"host": host})) is None  # no browser


def test_a_refused_origin_is_logged_once_in_a_while_escaped_and_cut() -> None:
    origins = Origins(Settings())

    def refused(origin: str) -> None:
        assert origins.refusal(Headers({"origin": origin, "host": "b\x1b[2Jx"})) is not None

    with capture_logs() as lines:
        for _ in range(1000):
            refused("http://box.lan:6688")
        refused("a\x1b[31m\x85" + "x" * 5000)
        for number in range(1000):
            refused(f"http://{number}.example")
    assert len(lines) == 20
    assert lines[0] == {
        "event": "origin refused",
        "log_level": "warning",
        "origin": "http://box.lan:6688",
        "host": "b\\x1b[2Jx",
        "mend": "add it to notify.cors_origins",
    }
    assert lines[1]["origin"] == "a\\x1b[31m\\x85" + "x" * 193


@pytest.fixture
def app() -> Starlette:
    return build(Notify(Settings(), verifier=None))  # type: ignore[arg-type]  # nobody signs in here


async def test_a_page_that_may_not_connect_reads_why_and_nothing_else(app: Starlette) -> None:
    evil = {"Origin": "https://evil.example"}
    async with plain_http(transport=httpx.ASGITransport(app), base_url="http://box.lan:6687") as http:
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        for path in ("/api/notifications/events", "/health/live", "/metrics", "/nowhere"):
            preflight = await http.options(path, headers={**evil, **asked})
            assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, evil["Origin"])
            answer = await http.get(path, headers=evil)
            problem = json.loads(answer.content)
            assert (answer.status_code, problem["code"]) == (403, "origin_not_allowed")
            assert "add this origin to notify.cors_origins" in problem["detail"]
            assert answer.headers["access-control-allow-origin"] == evil["Origin"]
            assert "access-control-allow-credentials" not in answer.headers
        ours = await http.get("/health/live", headers={"Origin": "http://box.lan:6688", "Host": "box.lan:6687"})
        assert (ours.status_code, ours.text) == (200, "ok\n")
        assert ours.headers["access-control-allow-origin"] == "http://box.lan:6688"
