"""HTTP's small print on both servers, with h11 as the judge of every byte that comes back, and what the servers log."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import h11
import pytest

from chat_core.tokens import new_secret
from tests.end_to_end.raw import RawClient, figures, raw_client, stream_request, until_figures
from tests.end_to_end.system import System
from tests.support.servers import ServerProcess

TIMEOUT_SECONDS = 20
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
both = pytest.mark.parametrize("name", ["chat", "notify"])


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    closes: bool  # as its head says


@asynccontextmanager
async def connected(server: ServerProcess) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def judged(reader: asyncio.StreamReader, method: str = "GET") -> Answer:
    """The next answer on a connection. h11 refuses what is no HTTP/1.1, and knows whether the connection goes on."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    answer, body = None, b""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(await reader.read(1))  # no further than its end
            elif isinstance(event, h11.Response):
                answer = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
    assert answer is not None
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert len(headers) == len(answer.headers), "a header came twice"
    return Answer(answer.status_code, headers, body, client.their_state is h11.MUST_CLOSE)


async def asked(server: ServerProcess, request: bytes) -> Answer:
    """The answer to a request; the connection then is or is not closed, as the answer has it."""
    method = request.partition(b" ")[0].decode("ascii", "replace")
    async with connected(server) as (reader, writer):
        writer.write(request)
        answer = await judged(reader, method if method.isalpha() else "GET")
        if answer.closes:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                assert await reader.read() == b""
        else:
            writer.write(LIVE)
            assert (await judged(reader)).status == 200
    return answer


def request(line: str, *headers: str, body: str = "") -> bytes:
    return "\r\n".join([line, "Host: x", *headers, "", body]).encode()


def get(*headers: str) -> bytes:
    return request("GET /health/live HTTP/1.1", *headers)


def post(*headers: str, body: str = "") -> bytes:
    return request("POST /health/live HTTP/1.1", *headers, body=body)


@both
@pytest.mark.parametrize(
    ("sent", "statuses", "closes"),
    [
        (LIVE, {200}, False),
        (b"\r\n" + LIVE, {200}, False),
        (request("HEAD /health/live HTTP/1.1"), {200}, False),
        (request("HEAD /health HTTP/1.1"), {200, 404}, False),
        (request("GET http://x/health/live HTTP/1.1"), {200}, False),
        (get("Connection: close"), {200}, True),
        (get("Connection: Upgrade", "Upgrade: h2c"), {200}, True),
        (request("GET /nothing HTTP/1.1"), {404}, False),
        (post("Content-Length: 2", body="{}"), {405}, False),
        (post("Transfer-Encoding: chunked", body="2;x=y\r\n{}\r\n0\r\nT: v\r\n\r\n"), {405}, False),
        (request("OPTIONS /health/live HTTP/1.1"), {204, 405}, False),
        (request("OPTIONS * HTTP/1.1"), {204, 404}, False),
        (request("TRACE /health/live HTTP/1.1"), {405}, False),
        (b"GET /health/live HTTP/1.0\r\n\r\n", {200}, True),
        (b"GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {200}, True),
        (b"GET /metrics HTTP/1.0\r\n\r\n", {200}, True),
        (b"HEAD /health/live HTTP/1.0\r\n\r\n", {200}, True),
        # What is no good request.
        (b"GET /health/live HTTP/1.1\r\n\r\n", {400}, True),
        (get("Host: y"), {400}, True),
        (b"GET /health/live\r\n\r\n", {400, 505}, True),
        (request("GET /health/live HTTP/2.0"), {400, 505}, True),
        (request("BREW /health/live HTTP/1.1"), {400, 501}, True),
        (request("CONNECT x:443 HTTP/1.1"), {400, 405, 501}, True),
        (get("A B: c"), {400}, True),
        (get("A : c"), {400}, True),
        (get("A: b", " c"), {400}, True),
        (get("A: b\x00"), {400}, True),
        (post("Content-Length: 2", "Content-Length: 3", body="{}"), {400}, True),
        (post("Content-Length: +2", body="{}"), {400}, True),
        (post("Content-Length: 99999999999999999999"), {400, 413}, True),
        (post("Content-Length: 9999999999"), {413}, True),
        (post("Content-Length: 2", "Transfer-Encoding: chunked", body="0\r\n\r\n"), {400}, True),
        (post("Transfer-Encoding: gzip", body="0\r\n\r\n"), {400, 501}, True),
        (post("Transfer-Encoding: chunked", body="z\r\n"), {400}, True),
        (post("Connection: Upgrade", "Upgrade: h2c", "Content-Length: 2", body="{}"), {400}, True),
        (request("GET /health/%ff HTTP/1.1"), {400}, True),
        (request("GET /health/live?a=%ff HTTP/1.1"), {400}, True),
        (request(f"GET /{'a' * 40_000} HTTP/1.1"), {414}, True),
        (request(f"HEAD /{'a' * 40_000} HTTP/1.1"), {414}, True),
        (request("GET / HTTP/1.1", f"A: {'a' * 40_000}"), {431}, True),
    ],
    ids=lambda value: ascii(value)[:50] if isinstance(value, bytes) else "",
)
async def test_what_comes_back_is_http(
    system: System, name: str, sent: bytes, statuses: set[int], closes: bool
) -> None:
    answer = await asked(getattr(system, name), sent)
    assert answer.status in statuses
    assert answer.closes == closes
    if sent.startswith(b"HEAD"):
        assert answer.body == b""
    elif answer.status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["status"] == answer.status


@both
async def test_a_body_is_asked_for(system: System, name: str) -> None:
    async with connected(getattr(system, name)) as (reader, writer):
        writer.write(post("Expect: 100-continue", "Content-Length: 2"))
        async with asyncio.timeout(TIMEOUT_SECONDS):
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"{}")
        assert (await judged(reader)).status == 405


# -- streams


async def test_a_stream_says_that_its_connection_ends_with_it(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with raw_client(system) as client:
        await client.send(stream_request(ada.token))
        await client.until(b"event: ready")
    head = client.got.partition(b"\r\n\r\n")[0].lower()
    assert head.count(b"connection:") == 1
    assert b"\r\nconnection: close" in head
    assert b"\r\ntransfer-encoding: chunked" in head


async def test_a_stream_over_http_1_0_has_no_chunks(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with raw_client(system) as client:
        await client.send(stream_request(ada.token).replace(b"HTTP/1.1", b"HTTP/1.0"))
        await client.until(b"event: ready")
        await ada.messages.post(chat, "hello")
        await client.until(b'"hello"')
        await client.until(b"\n\n")
    head, _, body = bytes(client.got).partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"\r" not in body
    assert re.search(rb"\nevent: NewMessage\ndata: {.*}\n\n", body)


@pytest.mark.parametrize("path", ["/api/notifications/events", "/api/ws", "/api/boards/hocuspocus"])
async def test_the_head_of_a_stream_is_not_to_be_had(system: System, path: str) -> None:
    answer = await asked(system.notify, request(f"HEAD {path}?ticket=x HTTP/1.1"))
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("path", ["/api/ws", "/api/boards/json/1", "/api/boards/hocuspocus"])
async def test_a_handshake_that_fails_says_which_version_is_spoken(system: System, path: str) -> None:
    for line, headers in (
        (f"GET {path} HTTP/1.1", [*UPGRADE, "Sec-WebSocket-Version: 99"]),
        (f"GET {path} HTTP/1.1", UPGRADE),
        (f"GET {path} HTTP/1.1", []),
        (f"GET {path} HTTP/1.0", [*UPGRADE, "Sec-WebSocket-Version: 13"]),
    ):
        answer = await asked(system.notify, request(line, *headers))
        assert answer.status in (400, 426)
        assert answer.headers["sec-websocket-version"] == "13"
        assert (answer.headers.get("upgrade") == "websocket") == (answer.status == 426)


# -- whose connection it is


@asynccontextmanager
async def streaming(system: System, token: str, amount: int) -> AsyncIterator[list[RawClient]]:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(raw_client(system)) for _ in range(amount)]
        for client in clients:
            await client.send(stream_request(token))
            await client.until(b"event: ready")
        yield clients


@pytest.mark.system(connections__per_address=8)
async def test_streams_are_connections_of_their_address(system: System) -> None:
    ada = await system.sign_up("Ada")
    await system.forget_people()
    async with streaming(system, ada.token, 8) as clients:
        async with raw_client(system) as one_more:
            await one_more.send(stream_request(ada.token))
            await one_more.until(b"too_many_connections")
            assert one_more.got.startswith(b"HTTP/1.1 429")
        assert (await figures(system))["fechatter_streams_open"] == 8  # which is a watcher's to ask
        for client in clients[:2]:
            client.close()
        await until_figures(system, lambda found: found["fechatter_streams_open"] == 6)  # who asks has a place itself
        async with raw_client(system) as again:
            await again.send(stream_request(ada.token))
            await again.until(b"event: ready")


@pytest.mark.system(server__trusted_proxies="127.0.0.1", connections__per_address=1)
async def test_behind_a_trusted_proxy_a_stream_is_its_clients(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with raw_client(system) as first, raw_client(system) as second, system.sql() as sql:
        for client, entry in ((first, "203.0.113.7:5123"), (second, "192.0.2.66, [2001:db8::7]:443")):
            head = stream_request(ada.token).removesuffix(b"\r\n")
            await client.send(head + f"X-Forwarded-For: {entry}\r\n\r\n".encode())
            await client.until(b"event: ready")
        shown: set[str] = set()
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while len(shown) < 2:
                shown = {row["address"] for row in await sql.fetch("SELECT address FROM ops.online")}
    assert shown == {"203.0.113.7", "2001:db8::7"}


# -- what is logged


@both
async def test_no_token_of_an_invite_is_logged_on_whatever_way_it_comes(system: System, name: str) -> None:
    server: ServerProcess = getattr(system, name)
    token, _ = new_secret()
    encoded = "".join(f"%{ord(character):02x}" for character in token)
    paths = [
        f"/api/invites/{token}",
        f"/invite/{token}",
        f"//api//invites//{token}",
        f"/api/invites/{token}/accept/",
        f"/api/invites/{token}/nothing",
        f"/nothing/{token}.html",
        f"/api/invites/{encoded}",
        f"/api/invites/{encoded.replace('%', '%25')}",
        f"/api%2finvites%2f{token}",
        f"/api/invites/{token}?token={token}",
    ]
    for path in paths:
        for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE"):
            await asked(server, request(f"{method} {path} HTTP/1.1"))
    await asked(server, request(f"GET /api/invites/{token} HTTP/1.1", f"A: {'a' * 40_000}"))
    await asked(server, request("GET /%ff HTTP/1.1"))  # of which both servers say something
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not any("malformed_url" in line for line in server.log):  # noqa: ASYNC110 - a thread reads it
            await asyncio.sleep(0)
    everything = "\n".join(server.log).replace("%25", "%")
    for part in (token, token[:20], token[20:], encoded[:60], encoded[-60:]):
        assert part not in everything


@both
async def test_a_client_that_leaves_is_not_worth_a_line(system: System, name: str) -> None:
    server: ServerProcess = getattr(system, name)
    said_before = len(server.log)  # by tests that had the system before
    halves = (
        request("POST /api/auth/signin HTTP/1.1", "Content-Type: application/json", "Content-Length: 50"),
        request("POST /api/auth/signin HTTP/1.1", "Transfer-Encoding: chunked", body="9\r\n{"),
        b"GET /health",
        LIVE,
        b"",
    )
    for half in halves * 5:
        async with connected(server) as (_, writer):
            writer.write(half)
            await writer.drain()
    await asked(server, LIVE)
    complaint = re.compile(r'"level": "(error|critical|warning)"|Traceback')
    complaints = [line for line in server.log[said_before:] if complaint.search(line)]
    assert complaints == []
