"""What one connection may send, and for how long: raw bytes to a real server with an application of a few lines."""

import asyncio
import json
import re
import resource
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import prometheus_client
import psutil
import pytest
import uvloop
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from chat_core.http.admission import RESERVE, Admission, raise_descriptors
from chat_core.http.connection import PIPELINED_BYTES, Connection
from chat_core.http.refusals import HEAD_BYTES
from chat_core.http.serving import ACCEPTED_AT_ONCE, Server, listening_socket
from chat_core.settings import Settings

MOST_BODY = 65_536
TIMEOUT_SECONDS = 20
Json = dict[str, Any]


class Client:
    """One connection. `got` is all that has come over it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self.got = b""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until(self, mark: bytes) -> None:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while mark not in self.got:
                data = await self._reader.read(65_536)
                assert data, f"{mark!r} has not come before the end: {self.got!r}"
                self.got += data

    async def received(self, size: int) -> None:
        """A response with a body of this size has come."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            assert (await self._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            await self._reader.readexactly(size)

    async def end(self) -> bytes:
        """All that comes until the server has closed the connection."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            try:
                self.got += await self._reader.read()
            except ConnectionError:
                self.got += b"(reset)"
        return self.got

    async def refused(self) -> tuple[int, str]:
        """The status and the code of the problem that ends the connection."""
        answer = re.split(rb"HTTP/1\.1 (?=\d)", await self.end())[-1]
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"application/problem+json" in head, self.got
        assert b"\r\nconnection: close" in head
        problem: Json = json.loads(body)
        assert problem["status"] == int(head[:3])
        return problem["status"], problem["code"]

    async def answered(self, request: bytes) -> int:
        """The status of the answer to a request, in a connection that stays open."""
        self.got = b""
        await self.send(request)
        await self.until(b"\r\n\r\n")
        return int(self.got[9:12])


class Running:
    """`asked` are the requests that the application has been called with, `bodies` what came with them. It answers when
    `may_answer` is set."""

    def __init__(self, **connections: Any) -> None:
        self.asked: list[Json] = []
        self.bodies: list[bytes] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        settings = Settings.model_validate({"connections": connections})
        self.registry = prometheus_client.CollectorRegistry()
        self.admission = Admission(settings, MOST_BODY, self.registry)

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await self._answer(scope, receive, send)

        self.server = Server(application, self.admission, 1)
        self.port = 0

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        self.asked.append(scope)
        message = await receive()
        assert not message["more_body"]
        self.bodies.append(message["body"])
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
        await send({"type": "http.response.body", "body": b"ok\n"})

    @asynccontextmanager
    async def client(self, source: str = "127.0.0.1") -> AsyncIterator[Client]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        try:
            yield Client(reader, writer)
        finally:
            writer.transport.abort()

    def connections(self) -> set[Connection]:
        return self.server.server_state.connections  # type: ignore[return-value]

    def pass_seconds(self, seconds: int) -> None:
        """The sweeps of so many seconds, at once."""
        for _ in range(seconds):
            self.admission.sweep(self.connections())

    async def until(self, satisfied: Callable[[], bool]) -> None:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not satisfied():  # noqa: ASYNC110 - of what has no event
                await asyncio.sleep(0)


Kind = TypeVar("Kind", bound=Running)


@asynccontextmanager
async def running(**connections: Any) -> AsyncIterator[Running]:
    async with serving(Running(**connections)) as run:
        yield run


@asynccontextmanager
async def serving(run: Kind) -> AsyncIterator[Kind]:
    with listening_socket("127.0.0.1", 0) as bound:
        run.port = bound.getsockname()[1]
        serves = asyncio.create_task(run.server.serve([bound]))
        try:
            await run.until(lambda: run.server.started)
            yield run
        finally:
            run.may_answer.set()
            run.server.should_exit = True
            await serves


@pytest.fixture
async def server() -> AsyncIterator[Running]:
    async with running() as run:
        yield run


def get(path: str = "/", *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def post(body: bytes, *headers: str) -> bytes:
    lines = ["POST / HTTP/1.1", "Host: x", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def test_a_crowd_is_accepted_several_at_a_time() -> None:
    """On the loop that servers have. Whom the kernel has no place for comes back much later."""
    crowd = 400

    async def turns() -> int:
        async with running() as server:
            clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(crowd)]
            turns = 0
            while server.admission.open < crowd:
                turns += 1
                await asyncio.sleep(0)
            for client in clients:
                client.close()
        return turns

    assert uvloop.run(turns()) <= crowd / ACCEPTED_AT_ONCE + 10


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


# -- sizes


async def test_a_head_has_a_largest_size_to_the_byte(server: Running) -> None:
    smallest = len(get("/", "X: "))
    for cut in (1, 999, HEAD_BYTES):
        for excess in (0, 1):
            request = get("/", "X: " + "a" * (HEAD_BYTES - smallest + excess))
            async with server.client() as client:
                for start in range(0, len(request), cut if cut > 1 else len(request) - 1):
                    await client.send(request[start : start + (cut if cut > 1 else len(request) - 1)])
                if excess:
                    assert await client.refused() == (431, "headers_too_large")
                else:
                    await client.until(b"ok\n")


@pytest.mark.parametrize(
    ("begins", "goes_on", "refusal"),
    [
        (b"GET / HTTP/1.1\r\n", b"X: a\r\n", (431, "headers_too_large")),
        (b"GET / HTTP/1.1\r\nX: ", b"aaaa", (431, "headers_too_large")),
        (b"GET / HTTP/1.1\r\n", b"aaaa", (431, "headers_too_large")),
        (b"GET /", b"aaaa", (414, "url_too_large")),
        (b"GET /?", b"a=b&", (414, "url_too_large")),
        (b"", b"\r\n", (431, "headers_too_large")),
        (CHUNKED + b"1;", b"aaaa", (400, "bad_http")),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"T: a\r\n", (400, "bad_http")),
        (CHUNKED + b"1\r\na\r\n0\r\nT: ", b"aaaa", (400, "bad_http")),
        (CHUNKED, b"4\r\naaaa\r\n", (413, "body_too_large")),
    ],
)
async def test_whatever_has_no_end_is_refused_and_not_kept(
    server: Running, begins: bytes, goes_on: bytes, refusal: tuple[int, str]
) -> None:
    """Tens of megabytes are sent: what the server does not close it at least does not keep."""
    before = psutil.Process().memory_info().rss
    flood = goes_on * (65_536 // len(goes_on))
    async with server.client() as client:
        await client.send(begins)
        told = asyncio.create_task(client.refused())
        for _ in range(400):
            await client.send(flood)
        assert await told == refusal
    assert psutil.Process().memory_info().rss - before < 8 << 20
    assert server.asked == []


async def test_a_body_has_a_largest_size(server: Running) -> None:
    async with server.client() as client:
        await client.send(post(b"a" * MOST_BODY))
        await client.until(b"ok\n")
        assert server.bodies == [b"a" * MOST_BODY]
        # What is told before the body is sent is refused then.
        await client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1))
        assert await client.refused() == (413, "body_too_large")


async def test_a_body_in_the_smallest_chunks_passes(server: Running) -> None:
    async with server.client() as client:
        await client.send(CHUNKED + b"1\r\na\r\n" * MOST_BODY + b"0\r\n\r\n")
        await client.until(b"ok\n")
    assert server.bodies == [b"a" * MOST_BODY]


async def test_unfinished_bodies_have_a_bound_together(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.admission, "most_unfinished_bytes", 3 * MOST_BODY)
    unfinished = post(b"a" * MOST_BODY)[:-1]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(server.client()) for _ in range(4)]
        for number, client in enumerate(clients[:3], 1):
            await client.send(unfinished)
            await server.until(lambda held=number * (MOST_BODY - 1): server.admission.unfinished_bytes == held)  # type: ignore[misc]
        await clients[3].send(unfinished)
        assert await clients[3].refused() == (503, "overloaded")
        await clients[0].send(b"a")
        await clients[0].until(b"ok\n")
        clients[1].writer.transport.abort()
        await server.until(lambda: server.admission.unfinished_bytes == MOST_BODY - 1)
    await server.until(lambda: server.admission.unfinished_bytes == 0)


async def test_a_trailer_is_no_header(server: Running) -> None:
    async with server.client() as client:
        await client.send(CHUNKED + b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
        await client.until(b"ok\n")
    assert b"authorization" not in dict(server.asked[0]["headers"])


# -- what is behind another request


async def test_requests_behind_one_another_are_answered_in_order(server: Running) -> None:
    async with server.client() as client:
        await client.send(b"".join(get(f"/{number}") for number in range(300)))
        await client.send(get("/last", "Connection: close"))
        assert (await client.end()).count(b"ok\n") == 301
    assert [scope["path"] for scope in server.asked] == [*(f"/{number}" for number in range(300)), "/last"]


async def test_no_more_than_so_much_waits_behind_a_request(server: Running) -> None:
    server.may_answer.clear()
    async with server.client() as client:
        await client.send(get() + post(b"a" * PIPELINED_BYTES) * 3)
        await server.until(lambda: len(server.asked) == 1)
        (connection,) = server.connections()
        await server.until(lambda: connection._last_word is not None)
        server.may_answer.set()
        assert await client.refused() == (429, "too_many_pipelined")
        assert client.got.startswith(b"HTTP/1.1 200")
    assert len(server.asked) <= 2


async def test_what_is_wrong_behind_a_request_is_told_after_its_answer(server: Running) -> None:
    async with server.client() as client:
        await client.send(get() + b"\x00\r\n\r\n")
        assert await client.refused() == (400, "bad_http")
        assert client.got.index(b"ok\n") < client.got.index(b"HTTP/1.1 400")


# -- time


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (b"", None),
        (b"GET / HT", (408, "head_too_slow")),
        (get()[:-2], (408, "head_too_slow")),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n", (408, "body_too_slow")),
        (CHUNKED + b"2\r\na", (408, "body_too_slow")),
    ],
)
async def test_what_does_not_come_is_not_waited_for(
    server: Running, sent: bytes, refusal: tuple[int, str] | None
) -> None:
    async with server.client() as client:
        await client.send(sent)
        await server.until(lambda: bool(server.connections()))
        (connection,) = server.connections()
        await server.until(lambda: connection._fed == len(sent))
        server.pass_seconds(10)
        server.pass_seconds(1)
        if refusal is None:
            assert await client.end() == b""
        else:
            assert await client.refused() == refusal
    assert server.asked == []


async def test_a_body_has_a_least_rate(server: Running) -> None:
    async with server.client() as client:
        body = b"a" * 40_000
        request = post(body)
        sent = len(request) - len(body) + 20_480  # twenty seconds' worth
        await client.send(request[:sent])
        await server.until(lambda: server.admission.unfinished_bytes == 20_480)
        server.pass_seconds(29)
        await client.send(request[sent:-1])
        await server.until(lambda: server.admission.unfinished_bytes == 39_999)
        server.pass_seconds(18)
        server.pass_seconds(3)
        assert await client.refused() == (408, "body_too_slow")


async def test_a_connection_may_be_idle_between_requests_for_longer(server: Running) -> None:
    async with server.client() as client:
        assert await client.answered(get()) == 200
        server.pass_seconds(70)
        assert await client.answered(get()) == 200
        server.pass_seconds(78)
        assert (await client.end()).endswith(b"ok\n")


async def test_what_is_being_answered_has_no_deadline(server: Running) -> None:
    server.may_answer.clear()
    async with server.client() as client:
        await client.send(get())
        await server.until(lambda: len(server.asked) == 1)
        server.pass_seconds(1000)
        server.may_answer.set()
        await client.until(b"ok\n")


async def test_a_refused_client_that_stays_is_cut_off(server: Running) -> None:
    async with server.client() as client:
        await client.send(b"no HTTP\r\n\r\n")
        await client.until(b"bad_http")
        await client.send(b"and more of it")
        assert len(server.connections()) == 1
        server.pass_seconds(7)
        await server.until(lambda: not server.connections())


async def test_time_goes_on_by_itself() -> None:
    async with running(head_seconds=1) as server, server.client() as client:
        await client.send(b"GET")
        assert await client.refused() == (408, "head_too_slow")


# -- clients that leave


async def test_a_client_that_leaves_is_no_error(server: Running, capfd: pytest.CaptureFixture[str]) -> None:
    for sent in (b"", b"GET", post(b"aaaa")[:-1], CHUNKED + b"1", get(), get() + get()):
        server.may_answer.clear()
        async with server.client() as client:
            await client.send(sent)
            await server.until(lambda: bool(server.connections()))
            (connection,) = server.connections()
            await server.until(lambda sent=sent, its=connection: its._fed == len(sent) or bool(its._answering))  # type: ignore[misc]
        await server.until(lambda: not server.connections())
        server.may_answer.set()
        await server.until(lambda: not server.server.server_state.tasks)
    assert server.admission.open == 0
    shown = capfd.readouterr()
    assert "Traceback" not in shown.out + shown.err
    assert "error" not in shown.out + shown.err


# -- how many


async def test_an_address_has_a_share_of_connections() -> None:
    async with running(per_address=3) as server, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(server.client()) for _ in range(3)]
        await server.until(lambda: server.admission.open == 3)
        async with server.client() as one_more:
            await one_more.send(get())
            assert await one_more.refused() == (429, "too_many_connections")
        async with server.client() as watcher:
            await watcher.send(get("/health/live"))
            assert (await watcher.end()).startswith(b"HTTP/1.1 200")
        async with server.client("127.0.0.2") as other:
            assert await other.answered(get()) == 200
        clients[0].writer.transport.abort()
        await server.until(lambda: server.admission.open == 2)
        async with server.client() as again:
            assert await again.answered(get()) == 200


async def test_trusted_proxies_have_none() -> None:
    settings = Settings.model_validate(
        {"connections": {"per_address": 2}, "server": {"trusted_proxies": ["10.0.0.0/8"]}}
    )
    admission = Admission(settings, MOST_BODY, prometheus_client.CollectorRegistry())
    for peer in ("10.0.0.1", "::ffff:10.0.0.1", None):
        places = [admission.enter(peer) for _ in range(5)]
        assert all(hasattr(place, "leave") for place in places), peer
    # An IPv6 client has its /64 to choose from.
    entered = [admission.enter(f"2001:db8:1:2::{number}") for number in range(3)]
    assert [hasattr(place, "leave") for place in entered] == [True, True, False]
    assert hasattr(admission.enter("2001:db8:1:3::1"), "leave")


async def test_who_watches_is_answered_when_the_server_is_full(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.admission, "most_open", 5)
    async with AsyncExitStack() as stack:
        for _ in range(5 + 2 * RESERVE):  # they fill the reserve too, and send nothing
            await stack.enter_async_context(server.client())
        await server.until(lambda: len(server.connections()) == 5 + RESERVE)
        async with server.client() as watcher:
            await watcher.send(get("/health/ready"))
            assert (await watcher.end()).startswith(b"HTTP/1.1 200")
            assert b"connection: close" in watcher.got
        async with server.client() as other:
            await other.send(get("/api"))
            assert await other.refused() == (503, "overloaded")
        server.pass_seconds(3)
        await server.until(lambda: len(server.connections()) == 5)


def test_a_process_may_open_what_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 200), hard))
        assert raise_descriptors() == hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# -- addresses


@pytest.mark.parametrize("target", ["/%ff", "/a%C3", "/%ED%A0%80", "/?q=%ff", "/?a=b&%80=c", "/a?q=\udcff"])
async def test_what_is_percent_encoded_is_utf8(server: Running, target: str) -> None:
    async with server.client() as client:
        await client.send(get(target.replace("\udcff", "%f0%9f%91")))
        assert await client.refused() == (400, "malformed_url")
    async with server.client() as client:
        await client.send(b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await client.refused())[0] == 400
        assert server.asked == []


async def test_what_is_utf8_passes(server: Running) -> None:
    async with server.client() as client:
        assert await client.answered(get("/%F0%9F%91%8B%20?q=%C3%A9&r=%zz")) == 200
    assert server.asked[0]["path"] == "/👋 "
    assert server.asked[0]["query_string"] == b"q=%C3%A9&r=%zz"


def test_uvicorn_is_the_one_that_this_is_written_for() -> None:
    """What `UnchunkedCycle` sets is there."""
    assert {"chunked_encoding", "expected_content_length"} <= set(RequestResponseCycle.__init__.__code__.co_names)
