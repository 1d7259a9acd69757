"""Every field of every operation at the ends of what JSON, msgspec, Python and Postgres can hold.

One field at a time, all others being good: the fields are those of the OpenAPI page, and a value is chosen by what the
page says of the field and by what it does not. Each is answered by a 2xx or by a 4xx with a problem. `make test` asks
every fifth of these questions, `make fuzz` all of them.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from structlog.testing import capture_logs

from chat_server.parts.features import FEATURES
from tests.chat_server.people import ChatServer, Json, Person, chat_server_on, ok, settings
from tests.support.postgres import Database

CONNECTIONS = 4
# Method, path with its query, body.
Asked = tuple[str, str, bytes | None]

# Written into JSON as they stand: numbers that Python's encoder would write otherwise, or not at all.
RAW = {"«1e400»": "1e400", "«-1e400»": "-1e400", "«-0»": "-0.0", "«1.5»": "1.5"}
INTEGERS = [0, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**400]
NUMBERS: list[Any] = [*INTEGERS, *RAW, float("nan"), float("inf")]
TIMES = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59.999999-23:59",
    "9999-12-31T23:59:60Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01T00:00:00.123456789012345Z",
    "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "infinity",
]
TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "x\udc00",
    "\ud83d",
    "\u202e\u2066",
    "\uffff",
    "𝕏",
    "e\u0301" * 20,
    "%00",
    "x" * 70_000,
]
OTHERS: list[Any] = [None, True, [], {}, [[]], {"": None}, "«1e400»"]
# In a path or a query string, percent-encoded.
ENCODED = ["%00", "%FF", "%ED%A0%80", "%F0%9F%91%8D", "%", "-1", "0", str(2**63 - 1), str(2**63), "9" * 400]
ENCODED += ["1e5", "1_0", "%D9%A3", "NaN", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59", ""]
IN_PATHS = ["%00", "%ED%A0%80", str(2**63 - 1), str(2**63), "9" * 400]


class Page:
    """The OpenAPI page: operations, their fields, and a good value for each."""

    def __init__(self, document: Json, known: Json) -> None:
        self._schemas = document["components"]["schemas"]
        self.known = known
        self.operations = [
            (method.upper(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
        ]

    def resolved(self, schema: Json) -> Json:
        if "$ref" in schema:
            return self.resolved(self._schemas[schema["$ref"].rpartition("/")[2]])
        choices: list[Json] = schema.get("oneOf") or schema.get("anyOf") or []
        choices = [part for part in choices if part.get("type") != "null"]
        return self.resolved(choices[0]) if choices else schema

    def properties(self, schema: Json) -> dict[str, Json]:
        found: dict[str, Json] = self.resolved(schema).get("properties", {})
        return found

    def good(self, schema: Json, name: str = "", *, full: bool = False) -> Any:
        """What fits; of an object what is required, or all that there is."""
        if name in self.known:
            return self.known[name]
        schema = self.resolved(schema)
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                properties = self.properties(schema)
                wanted: list[str] = list(properties) if full else schema.get("required", [])
                return {key: self.good(properties[key], key, full=full) for key in wanted}
            case "array":
                return [self.good(schema["items"])] * schema.get("minItems", 0)
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case "string" if schema.get("format") == "date-time":
                return "2030-01-01T00:00:00Z"
        return "x" * max(8, schema.get("minLength", 0))

    def edges(self, schema: Json) -> list[Any]:
        """What to try in place of a good value: the ends that the page gives, and what it does not speak of."""
        schema = self.resolved(schema)
        ends: list[Any]
        match schema.get("type"):
            case "integer" | "number":
                ends = [schema[end] for end in ("minimum", "maximum") if end in schema]
                return [*NUMBERS, *ends, *(end + step for end in ends for step in (-1, 1)), "", None]
            case "string" if schema.get("format") == "date-time":
                return [*TIMES, "\x00", 0, None]
            case "string":
                longest = schema.get("maxLength", 100)
                return [*TEXTS, "x" * longest, "𝕏" * longest, "é" * (longest + 1), *schema.get("enum", []), 0, None]
            case "array":
                items = schema["items"]
                good = self.good(items)
                ends = [[], [good, good], [good] * 1000, [good] * 1001, None]
                return [*ends, *([edge] for edge in self.edges(items)[:12])]
        deep: Any = "x"
        for _ in range(200):
            deep = {"x": deep}
        return [*OTHERS, deep, {"\x00": 1}, {"\ud800": 1}, {"x": "\x00"}, {"x": float("nan")}, {"x": 10**400}]


def encoded(body: Any) -> bytes:
    text = json.dumps(body)
    for mark, raw in RAW.items():
        text = text.replace(json.dumps(mark), raw)
    return text.encode()


def requests(page: Page) -> Iterator[Asked]:
    """Those that read first and those that take away last."""
    order = {"GET": 0, "POST": 1, "PUT": 1, "PATCH": 1, "DELETE": 2}
    for method, path, operation in sorted(page.operations, key=lambda entry: order[entry[0]]):
        parameters = operation.get("parameters", [])
        in_path = [one for one in parameters if one["in"] == "path"]
        given = {one["name"]: quote(str(page.good(one["schema"], one["name"])), safe="") for one in in_path}
        good_path = path.format(**given)
        content = operation.get("requestBody", {}).get("content", {})
        schema: Json | None = content.get("application/json", {}).get("schema")
        sent = encoded(page.good(schema)) if schema else None
        for one in parameters:
            if one["in"] == "path":
                for edge in IN_PATHS:
                    yield method, path.format(**{**given, one["name"]: edge}), sent
            elif one["in"] == "query" and method != "DELETE":
                for edge in ENCODED:
                    yield method, f"{good_path}?{one['name']}={edge}", sent
        if schema is None:
            continue
        # Some fields are looked at only beside others, and some exclude each other.
        least: Json = page.good(schema)
        most: Json = page.good(schema, full=True)
        for field, of in page.properties(schema).items():
            for edge in page.edges(of):
                yield method, good_path, encoded({**most, field: edge})
                if len(most) > len(least) + (field not in least):
                    yield method, good_path, encoded({**least, field: edge})


async def world(server: ChatServer) -> tuple[Person, Json]:
    """Somebody with all there is, and it by the names of its ids."""
    ada, bob = await server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    board = await ada.board(bob)
    message = await ada.say(chat, "hello")
    return ada, {
        "workspace_id": ada.workspace,
        "organization_id": ok(await ada.api.post("/api/organizations", json={"name": "Engines"}), 201)["id"],
        "chat_id": chat,
        "board_id": board,
        "user_id": bob.id,
        "message_id": message["id"],
        "thread_id": message["id"],
        "emoji": "👍",
    }


async def content_of(head: str, reader: asyncio.StreamReader) -> bytes:
    """Of a length that is known, or in chunks (RFC 9112, 7.1)."""
    if length := re.search(r"content-length: (\d+)", head):
        return await reader.readexactly(int(length[1]))
    content = b""
    while "transfer-encoding: chunked" in head:
        size = int((await reader.readline()).strip(), 16)
        content += (await reader.readexactly(size + 2))[:size]
        if not size:
            break
    return content


async def faults_of(asked: list[Asked], url: str, token: str) -> list[str]:
    """What is wrong with the answers, one after the other on a connection. httpx would take most of the time."""
    place = url.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*place.split(":"))
    faults = []
    for method, path, body in asked:
        head = f"{method} {path} HTTP/1.1\r\nHost: {place}\r\nAuthorization: Bearer {token}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + (body or b""))
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        content = await content_of(answer, reader)
        status = int(answer.split(" ", 2)[1])
        if "connection: close" in answer:
            writer.close()
            reader, writer = await asyncio.open_connection(*place.split(":"))
        if status >= 500 or (status >= 400 and "content-type: application/problem+json" not in answer):
            faults.append(f"{status} {method} {path[:200]} {(body or b'')[:200]!r}: {content[:200]!r}")
    writer.close()
    return faults


async def test_no_field_at_its_ends_is_answered_by_a_fault_of_the_server(database: Database, keys: Path) -> None:
    unlimited = {
        "signups_per_address": 10**9,
        "signin_attempts_per_address": 10**9,
        "signin_attempts_per_account": 10**9,
    }
    configured = settings(
        database.chat_url, keys, auth=unlimited, limits={"window_seconds": 0}, features=dict.fromkeys(FEATURES, True)
    )
    async with chat_server_on(configured) as server:
        document = (await server.anybody.get("/docs/openapi.json")).json()
        ada, known = await world(server)
        asked = list(requests(Page(document, known)))[:: 1 if "FUZZ_SECONDS" in os.environ else 5]
        assert len(asked) > 2000
        with capture_logs():  # a line for each request would take as long as the request
            faults = [
                fault
                for found in await asyncio.gather(
                    *(faults_of(asked[number::CONNECTIONS], server.url, ada.token) for number in range(CONNECTIONS))
                )
                for fault in found
            ]
        kinds = {re.sub(r"\d+", "N", fault[:60]): fault for fault in faults}
        assert not faults, f"{len(faults)} faults:\n" + "\n".join(kinds.values())
