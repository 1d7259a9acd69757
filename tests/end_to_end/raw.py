"""A client of bytes, for what no good client does; and what notify_server says of itself meanwhile."""

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fechatter_client.stream import PATH

from tests.end_to_end.system import System
from tests.support.clients.plain_http import plain_http

TIMEOUT_SECONDS = 20.0
Figures = dict[str, float]

# A frame is never cut by a chunk's end, so the lengths of chunks are only between frames.
_FRAME = re.compile(rb"id: (\S+)\nevent: (\w+)\ndata: ([^\n]*)\n\n")


def stream_request(token: str, cursor: str | None = None) -> bytes:
    lines = [f"GET {PATH} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, *([f"Last-Event-ID: {cursor}"] if cursor else []), "", ""]).encode()


class RawClient:
    """One connection: what it sends, when it reads and how it leaves is the test's to say. `got` is all it has read."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.got = bytearray()

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def until(self, *marks: bytes) -> None:
        """Reads until it has got one of these."""
        looked = 0
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while all(self.got.find(mark, looked) < 0 for mark in marks):
                looked = max(0, len(self.got) - max(map(len, marks)))
                assert await self._read(), f"{marks!r} has not come before the end: {self.got[-500:]!r}"

    async def until_ended(self) -> None:
        """Reads until the server has closed or reset the connection."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while await self._read():
                pass

    async def _read(self) -> bool:
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, 1 << 20)
        except ConnectionResetError:
            return False
        self.got += data
        return bool(data)

    def frames(self) -> list[tuple[str, str, str]]:
        """The complete ones so far: id, kind, data."""
        return [(m[1].decode(), m[2].decode(), m[3].decode()) for m in _FRAME.finditer(self.got)]

    def end_writing(self) -> None:
        """Says that nothing more will be sent (FIN); goes on reading."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Leaves with a RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        """Leaves with a FIN, or with a RST if there is something it has not read."""
        self._socket.close()


@asynccontextmanager
async def raw_client(system: System, *, receive_bytes: int | None = None) -> AsyncIterator[RawClient]:
    """Connected to notify_server; with a receive buffer of this size, if one is given."""
    with socket.socket() as connecting:
        connecting.setblocking(False)
        if receive_bytes is not None:
            connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        await asyncio.get_running_loop().sock_connect(connecting, ("127.0.0.1", system.notify.port))
        yield RawClient(connecting)


# Nobody is told when a figure changes. Asked without a pause, the servers would have less time for what changes it.
POLL_SECONDS = 0.02


async def figures(system: System) -> Figures:
    """What notify_server's /metrics has, by name and labels."""
    async with plain_http() as http:
        text = (await http.get(f"{system.notify.url}/metrics")).text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def until_figures(system: System, satisfied: Callable[[Figures], bool]) -> Figures:
    """Asks until the figures satisfy; the failure shows what there is of streams."""
    found: Figures = {}
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while True:
                if satisfied(found := await figures(system)):
                    break
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        about_streams = {name: value for name, value in found.items() if "streams" in name}
        raise AssertionError(f"not within {TIMEOUT_SECONDS:g} s: {about_streams}") from None
    return found


async def nothing_is_left(system: System) -> None:
    """Once all clients have left: no stream is open, no byte waits, and the log has no complaint."""
    found = await until_figures(system, lambda found: found["fechatter_streams_open"] == 0)
    assert found["fechatter_streams_queued_bytes"] == 0
    complaints = [line for line in system.notify.log if re.search(r'"level": "(error|critical)"|Traceback', line)]
    assert not complaints, complaints
