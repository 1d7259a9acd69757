"""Uploads and downloads: how many at a time, and how slow they may be."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.chat_core.http.test_connection import Running, get, serving

PIECE = bytes(262_144)
DOWNLOAD_BYTES = 200 * len(PIECE)
UPLOAD = b"PATCH /up HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n"


class Transferring(Running):
    """Of a body for /up it counts what has `arrived`; the response to /down is large, and sent in pieces."""

    def __init__(self, **connections: Any) -> None:
        super().__init__(**connections)
        self.arrived = 0
        self.admission.streams = lambda method, path: path == "/up"

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") == "/up":
            self.asked.append(scope)
            while (message := await receive()).get("more_body"):
                self.arrived += len(message["body"])
        elif scope.get("path") == "/down":
            self.asked.append(scope)
            length = b"%d" % DOWNLOAD_BYTES
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
            for left in range(DOWNLOAD_BYTES // len(PIECE), 0, -1):
                await send({"type": "http.response.body", "body": PIECE, "more_body": left > 1})
        else:
            await super()._answer(scope, receive, send)

    @asynccontextmanager
    async def download(self) -> AsyncIterator[socket.socket]:
        """A socket with a small buffer, to whose client the response has stopped."""
        with socket.socket() as connected:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            connected.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(connected, ("127.0.0.1", self.port))
            await loop.sock_sendall(connected, get("/down"))
            await self.until(lambda: any(connection.flow.write_paused for connection in self.connections()))
            yield connected


async def read(connected: socket.socket, size: int) -> None:
    while size:
        data = await asyncio.get_running_loop().sock_recv(connected, size)
        assert data
        size -= len(data)


async def test_a_streamed_body_has_a_least_rate() -> None:
    async with serving(Transferring()) as server, server.client() as client:
        await client.send(UPLOAD)
        sent = 0
        for size in (*[10_240] * 30, 1, 1):
            assert server.connections()
            await client.send(b"a" * size)
            sent += size
            await server.until(lambda sent=sent: server.arrived == sent)  # type: ignore[misc]
            server.pass_seconds(5)
        await server.until(lambda: not server.connections())


async def test_what_a_client_was_faster_before_does_not_count() -> None:
    async with serving(Transferring()) as server, server.client() as client:
        await client.send(UPLOAD + bytes(5_000_000))
        await server.until(lambda: server.arrived == 5_000_000)
        server.pass_seconds(11)
        await server.until(lambda: not server.connections())


async def test_a_response_has_a_least_rate() -> None:
    async with serving(Transferring()) as server, server.download() as slow:
        for _ in range(30):
            await read(slow, 40_000)  # 4 kB a second
            server.pass_seconds(10)
            assert server.connections()
        for _ in range(9):
            await read(slow, 100)
            server.pass_seconds(10)
        await server.until(lambda: not server.connections())
        await server.until(lambda: not server.server.server_state.tasks)
    assert server.admission.transfers.running == 0


async def test_transfers_have_limits_of_their_own() -> None:
    async with serving(Transferring(transfers=3, transfers_per_address=2)) as server, AsyncExitStack() as stack:
        upload = await stack.enter_async_context(server.client())
        await upload.send(UPLOAD)
        await server.until(lambda: server.admission.transfers.running == 1)
        slow = await stack.enter_async_context(server.download())
        for request in (UPLOAD, get("/down")):
            async with server.client() as third:
                await third.send(request)
                assert await third.refused() == (429, "too_many_transfers")
                assert b"\r\nRetry-After: 5\r\n" in third.got
        other = await stack.enter_async_context(server.client("127.0.0.2"))
        await other.send(UPLOAD)
        await server.until(lambda: server.admission.transfers.running == 3)
        for request in (UPLOAD, get("/down")):
            async with server.client("127.0.0.3") as fourth:
                await fourth.send(request)
                assert await fourth.refused() == (503, "overloaded")
        async with server.client() as ordinary:
            assert await ordinary.answered(get()) == 200

        slow.close()
        await server.until(lambda: server.admission.transfers.running == 2)
        async with server.client() as again:
            for _ in range(3):  # its place is free with each response
                await again.send(get("/down"))
                await again.received(DOWNLOAD_BYTES)
        upload.writer.transport.abort()
        other.writer.transport.abort()
        await server.until(lambda: server.admission.transfers.running == 0)


async def test_behind_a_proxy_addresses_are_those_of_its_clients() -> None:
    async with serving(Transferring(transfers_per_address=1)) as server, AsyncExitStack() as stack:
        server.admission.transfers._trusted = ("127.0.0.0/8",)
        for number in range(2):
            client = await stack.enter_async_context(server.client())
            await client.send(UPLOAD.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.%d\r\n\r\n" % number))
            await server.until(lambda number=number: server.admission.transfers.running == number + 1)  # type: ignore[misc]
        async with server.client() as again:
            await again.send(UPLOAD.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"))
            assert await again.refused() == (429, "too_many_transfers")
