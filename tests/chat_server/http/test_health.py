"""Health, metrics and the page of the API."""

import json
import re
from html.parser import HTMLParser

import pytest

from chat_server import app
from chat_server.http import openapi
from tests.chat_server.people import ChatServer, ok, problem


async def test_health(chat_server: ChatServer) -> None:
    for path in ("/health/live", "/health/ready"):
        assert ok(await chat_server.anybody.get(path)) == {"status": "ok"}


@pytest.mark.chat_server
async def test_metrics_count_requests_by_route(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    await ada.say(chat, "one")
    problem(await ada.api.get(f"/api/chats/{chat + 1}"), 404, "not_found")
    await ada.api.get("/made/up/path")
    text = (await chat_server.anybody.get("/metrics")).text
    for line in (
        'chat_requests_total{method="POST",route="/api/chats/{chat_id}/messages",status="201"} 1.0',
        'chat_requests_total{method="GET",route="/api/chats/{chat_id}",status="404"} 1.0',
        'chat_requests_total{method="GET",route="unknown",status="404"} 1.0',
        'chat_request_seconds_count{method="POST",route="/api/chats/{chat_id}/messages"} 1.0',
        "chat_requests_in_flight 1.0",
        "chat_argon2_waiting 0.0",
    ):
        assert line in text.splitlines()
    assert re.search(r"^chat_pool_connections [1-9]", text, re.MULTILINE)
    assert re.search(r"^chat_pool_idle_connections [0-9]", text, re.MULTILINE)
    assert "made/up" not in text


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attributes if name in ("src", "href") and value]


async def test_the_page_of_the_api_needs_no_internet(chat_server: ChatServer) -> None:
    page = (await chat_server.anybody.get("/docs")).text
    links = Links()
    links.feed(page)
    assert links.found
    for link in [*links.found, *re.findall(r'url: "([^"]+)"', page)]:
        if not link.startswith("data:"):
            assert link.startswith("/pages/")
            assert (await chat_server.anybody.get(link)).status_code == 200
    assert not re.search(r"https?://", page)


def test_the_document_is_that_of_the_routes() -> None:
    assert openapi.FILE.read_bytes() == openapi.encoded([app.api()]), "run `make openapi` and review what it changes"


def test_schemas_are_named_by_their_class_alone() -> None:
    """Litestar puts the module's path before the name where two shapes have the same one."""
    schemas = json.loads(openapi.FILE.read_bytes())["components"]["schemas"]
    assert schemas
    assert [name for name in schemas if not name.isalnum()] == []


async def test_every_operation_is_described(chat_server: ChatServer) -> None:
    document = (await chat_server.anybody.get("/docs/openapi.json")).json()
    assert len(document["paths"]) >= 25
    for path, item in document["paths"].items():
        assert path.startswith("/api/")
        for operation in item.values():
            assert "application/problem+json" in operation["responses"]["503"]["content"]
            assert operation["summary"].endswith(".")
            assert "default" not in operation["responses"], "each status is named"
