"""Responses that are written as a whole: raw bytes to a real server, and what only events can answer."""

import asyncio
import re
import socket
from typing import Any

from chat_core.http.cycle import Cycle
from tests.chat_core.http.test_connection import Running, get, serving

BODY = bytes(200_000)
PIPELINED = 100


class Answering(Running):
    """`wholes` has for each request whether its response was written as a whole; None: it has no cycle of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.wholes: list[bool | None] = []
        self.headers = [(b"x-number", b"7")]
        self.body = b"ok\n"

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await super()._answer(scope, receive, send)
            return
        self.asked.append(scope)
        await self.may_answer.wait()
        headers = [*self.headers, (b"content-length", b"%d" % len(self.body))]
        cycle = Cycle.of(send)
        self.wholes.append(cycle.answer(200, headers, self.body) if cycle else None)
        if not self.wholes[-1]:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self.body})


async def test_a_whole_response_is_that_of_events() -> None:
    async with serving(Answering()) as server, server.client() as client:
        await client.send(get("/"))
        await client.until(b"ok\n")
        whole, client.got = client.got, b""
        server.body = bytes(300_000)
        await client.send(get("/"))
        await client.until(b"\r\n\r\n")
    assert server.wholes == [True, False]  # a large one counts as a transfer
    date = rb"date: [^\r]+"
    events = client.got.partition(b"\r\n\r\n")[0].replace(b"300000", b"3")
    assert re.sub(date, b"", whole) == re.sub(date, b"", events) + b"\r\n\r\nok\n"


class Reading(Running):
    """`taken` has the body of each request, and what `receive` gives after it."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[bytes | None, str]] = []

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await super()._answer(scope, receive, send)
            return
        self.asked.append(scope)
        cycle = Cycle.of(receive)
        body = cycle.take_body() if cycle else None
        self.taken.append((body, (await receive())["type"]))


async def test_a_body_is_taken_whole_and_once() -> None:
    async with serving(Reading()) as server:
        async with server.client() as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
            await client.send(b"llo")
            await server.until(lambda: bool(server.asked))
        await server.until(lambda: len(server.taken) == 1)
    assert server.taken == [(b"hello", "http.disconnect")]


async def test_pipelined_requests_are_answered_in_order_and_then_the_connection_stays_open() -> None:
    async with serving(Answering()) as server, server.client() as client:
        server.may_answer.clear()
        await client.send(get("/1") + get("/2") + get("/3"))
        await server.until(lambda: len(server.asked) == 1)
        server.may_answer.set()
        await server.until(lambda: len(server.wholes) == 3)
        assert await client.answered(get("/4")) == 200
    assert [scope["path"] for scope in server.asked] == ["/1", "/2", "/3", "/4"]
    assert server.wholes == [True] * 4


async def test_the_last_response_of_a_connection_says_so() -> None:
    async with serving(Answering()) as server:
        async with server.client() as client:
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"\r\nconnection: close\r\n" in await client.end()
        async with server.client() as old:
            await old.send(b"GET / HTTP/1.0\r\n\r\n")
            assert (await old.end()).endswith(b"ok\n")
        async with server.client() as draining:
            server.may_answer.clear()
            await draining.send(get("/"))
            await server.until(lambda: len(server.asked) == 3)
            for connection in server.connections():
                connection.shutdown()
            server.may_answer.set()
            assert b"\r\nconnection: close\r\n" in await draining.end()
    assert server.wholes == [False, None, False]


async def test_a_header_that_would_be_two_is_not_written() -> None:
    async with serving(Answering()) as server, server.client() as client:
        server.headers = [(b"x-number", b"7\r\nx-other: 8")]
        await client.send(get("/"))
        assert await client.end() == b""
    assert server.wholes == [False]


async def test_whoever_reads_nothing_is_waited_for() -> None:
    async with serving(Answering()) as server:
        server.body = BODY
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            slow.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(slow, ("127.0.0.1", server.port))
            await loop.sock_sendall(slow, get("/") * PIPELINED)
            await server.until(lambda: False in server.wholes)
            asked = len(server.asked)
            assert asked < PIPELINED
            received = 0
            while received < PIPELINED * len(BODY):
                received += len(await loop.sock_recv(slow, 1 << 20))
            await server.until(lambda: len(server.wholes) == PIPELINED)
