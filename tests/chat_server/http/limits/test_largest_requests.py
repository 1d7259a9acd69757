"""The largest request of every operation that has a body: none holds the event loop for long, from its head to its
answer. The operations and their bounds are those of the OpenAPI page, so that a new one is covered. What a body may be
that is read and refused, test_largest_bodies.py has."""

import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from chat_core.settings import Server
from chat_server.parts.features import FEATURES
from tests.chat_server.people import PASSWORD, Json, chat_server_on, settings
from tests.fuzz.test_edges import Page, world
from tests.support.clients.plain_http import plain_http
from tests.support.holds import holds
from tests.support.postgres import Database

LONGEST_SECONDS = 0.05
LARGEST = Server().max_body_bytes
# These come last: the caller loses what the others take.
LAST = ("/transfer", "/bans/{user_id}", "/decline", "/auth/reset", "/me/password", "/me/deactivate")


# Not beside another field of the same body.
ALONE = {"forward_of"}


def largest(page: Page, schema: Json, name: str = "") -> Any:
    """All there is of an object, and as much of each as may be; ids are good ones."""
    if name in page.known:
        return page.known[name]
    schema = {**page.resolved(schema), **schema}
    if "enum" in schema:
        return schema["enum"][-1]  # of roles the least, of chats a channel
    length = schema.get("maxLength", 100)
    match schema.get("type"):
        case "object" if properties := page.properties(schema):
            return {key: largest(page, of, key) for key, of in properties.items() if key not in ALONE}
        case "object":
            return {f"{number:x}": [] for number in range(450)}  # metadata has at most 4096 bytes
        case "array":
            return [largest(page, schema["items"], "user_id")] * schema.get("maxItems", 1)
        case "integer" | "number":
            return int(schema.get("minimum", 1))
        case "string" if "format" in schema:
            return page.good(schema)
        case "string" if name == "email":
            return "@example.com".rjust(length, "x")
        case "string" if name == "content":
            return ("@bob " * length)[:length]
        case "string":
            return "x" * length
    return page.good(schema, name)


# Larger bodies are handed on while they arrive.
LARGEST_BYTES = 8 << 20
PATCH = "application/json-patch+json"
# As many operations and bytes as one may have.
LARGEST_PATCH = [{"op": "add", "path": f"/components/1/{'x' * 900}{number}", "value": "y"} for number in range(1000)]


def bodies(page: Page) -> list[tuple[str, str, str, bytes]]:
    """Method, path, media type and body. White space fills what JSON leaves of the largest body."""
    found = []
    for method, path, operation in page.operations:
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if media_type == PATCH:
                body = json.dumps(LARGEST_PATCH).encode()
                path += "?version=1"
            elif media_type == "application/json":
                body = json.dumps(largest(page, content["schema"])).encode()
                body = body[:-1] + b" " * (LARGEST - len(body)) + body[-1:]
            else:
                body = b"\x89PNG\r\n\x1a\n".ljust(min(content["schema"]["maxLength"], LARGEST_BYTES), b"x")
            found.append((method, path, media_type, body))
    return sorted(found, key=lambda one: one[1].endswith(LAST))


@pytest.mark.long
async def test_no_request_holds_the_loop_for_long(database: Database, keys: Path) -> None:
    configured = settings(database.chat_url, keys, limits={"window_seconds": 0}, features=dict.fromkeys(FEATURES, True))
    async with chat_server_on(configured) as server:
        ada, known = await world(server)
        document = json.loads((await server.anybody.get("/docs/openapi.json")).content)
        page = Page(document, known | {"current_password": PASSWORD})
        asked, slow, statuses = bodies(page), {}, {}
        assert len({(method, path) for method, path, _, _ in asked}) >= 45
        headers = {"Authorization": f"Bearer {ada.token}"}
        async with plain_http(base_url=server.url, headers=headers, timeout=60) as client:
            with capture_logs(), holds() as seen:
                for number, (method, path, media_type, body) in enumerate(asked):
                    place = path.format(**{name: page.good({"type": "integer"}, name) for name in names(path)})
                    sent = {"Content-Type": media_type, "Idempotency-Key": f"{number}"}
                    seen.longest = 0.0
                    answer = await client.request(method, place, content=body, headers=sent)
                    statuses[method, path, media_type] = answer.status_code
                    if seen.longest > LONGEST_SECONDS:
                        slow[method, path] = f"{seen.longest * 1000:.0f} ms: {seen.what}"
    assert not slow
    assert max(statuses.values()) < 500
    assert sum(status < 300 for status in statuses.values()) > 30, statuses


def names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]
