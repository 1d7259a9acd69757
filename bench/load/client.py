"""A client of a WebSocket, as raw as can be, so that it costs little beside the server that is measured.

Of each frame only its length is read when it comes. What a subclass makes of it is its affair.
"""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

TEXT, BINARY = 0x81, 0x82
_PING: Final = 0x89
PONG: Final = b"\x8a\x80\0\0\0\0"
_HANDSHAKE: Final = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
_KEY: Final = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
# uvloop's timers count in these; less would be to spin.
_TICK: Final = 0.001


class Client(asyncio.Protocol):
    """`faults` counts what should not have come. `ready` is done once the server has told all that there was."""

    first_byte: int

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.faults: Counter[str] = Counter()
        self._shaken = False
        self._buffer = bytearray()

    def path(self) -> str:
        raise NotImplementedError

    def token(self) -> str:
        """The access token; empty for a server that asks for none."""
        raise NotImplementedError

    def shaken(self) -> None:
        """The handshake is done: what a client says first."""
        raise NotImplementedError

    def take(self, now: float, content: bytes) -> None:
        """A message has come."""
        raise NotImplementedError

    async def connect(self, host: str, port: int) -> None:
        """Returns once it is ready. ConnectionError if it is refused."""
        connecting = socket.socket()
        connecting.setblocking(False)
        connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connecting, (host, port))
        await loop.create_connection(lambda: self, sock=connecting)
        token = f"Authorization: Bearer {self.token()}\r\n" if self.token() else ""
        self.say(f"GET {self.path()} HTTP/1.1\r\nHost: {host}:{port}\r\n{_HANDSHAKE}{_KEY}{token}\r\n".encode())
        await self.ready

    def say(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def leave(self) -> None:
        """What was written goes out before."""
        if self.transport is not None:
            self.transport.close()

    def fail(self, why: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(why))

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's says only that it is a BaseTransport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.faults["ended"] += 1
        self.fail("the connection has ended")

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        buffer = self._buffer
        buffer += data
        if not self._shaken and not self._shake():
            return
        at, end = 0, len(buffer)
        while end - at >= 2:
            length, start = buffer[at + 1], at + 2
            if length >= 126:
                size = 2 if length == 126 else 8
                start += size
                length = int.from_bytes(buffer[start - size : start], "big") if end >= start else end
            if start + length > end:
                break
            self._frame(buffer[at], now, bytes(buffer[start : start + length]))
            at = start + length
        del buffer[:at]

    def _shake(self) -> bool:
        """Reads the head of the answer. False while it is not complete."""
        end = self._buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        if not self._buffer.startswith(b"HTTP/1.1 101 "):
            self.fail(self._buffer[:200].decode())
        del self._buffer[:end]
        self._shaken = True
        self.shaken()
        return True

    def _frame(self, first: int, now: float, content: bytes) -> None:
        if first == self.first_byte:
            self.take(now, content)
        elif first == _PING:
            self.say(PONG)
        else:
            self.faults[f"frame {first:#x} {content[:60]!r}"] += 1
            self.fail(f"frame {first:#x} {content[:60]!r}")


def frame(first: int, content: bytes) -> bytes:
    """A client's frame. The mask is 0, so nothing has to be masked; the server does its part all the same."""
    length = len(content)
    if length < 126:
        return b"%c%c\0\0\0\0%b" % (first, 0x80 | length, content)
    if length < 65536:
        return b"%c\xfe%b\0\0\0\0%b" % (first, length.to_bytes(2, "big"), content)
    return b"%c\xff%b\0\0\0\0%b" % (first, length.to_bytes(8, "big"), content)


async def evenly(started: float, per_second: float, actions: Sequence[Callable[[], None]]) -> None:
    """Calls each when it is due, `per_second` of them from `started` (perf_counter)."""
    for number, action in enumerate(actions):
        while (wait := started + number / per_second - time.perf_counter()) > 0:  # noqa: ASYNC110 - it is its time
            await asyncio.sleep(max(wait, _TICK))
        action()
