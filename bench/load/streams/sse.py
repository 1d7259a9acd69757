"""`python -m bench.load.streams.sse`: a process that holds thousands of SSE streams, and hardly examines what it gets.
WebSockets too, if the path is theirs: they are held, and answer pings.

Raw protocols on uvloop, one object a stream, one receive buffer for all of them. Of each chunk only its length is read
(RFC 9112, 7.1); its bytes are compared with those that other streams of the same chat got (tape.py).

A command is a line of JSON on stdin, its answer one on stdout; see listeners.py, which sends them.
"""

import asyncio
import socket
import struct
import sys
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import uvloop

from bench.load.commands import obey
from bench.load.streams.tape import Frame, Tape, delays, faults

Json = dict[str, Any]

_BUFFER = bytearray(1 << 20)
_VIEW = memoryview(_BUFFER)
_READY = b"event: ready\n"
_HEARTBEAT = b":\n\n"
_SOCKETS = "/api/ws"
_HANDSHAKE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
_PING, _PONG = b"\x89\0", b"\x8a\x80\0\0\0\0"
_ENDLESS = sys.maxsize
_LONGEST_HEAD = 8192
_RECEIVE_BUFFER_BYTES = 262_144
# Closed with this, a socket is reset: nothing is sent any more, and no port is kept waiting.
_RESET = struct.pack("ii", 1, 0)


class Target(NamedTuple):
    """`ready`: the stream's own first event says that it is open; otherwise the head of the answer does."""

    host: str
    port: int
    path: str
    ready: bool


class Stream(asyncio.BufferedProtocol):
    """One stream: how far it has come on its tape. `times` and `ends` tell when it was where, if it is timed."""

    __slots__ = (
        "answered",
        "cursor",
        "ends",
        "group",
        "left",
        "offset",
        "opening",
        "ready_at",
        "reset",
        "rest",
        "status",
        "tape",
        "target",
        "times",
        "token",
        "transport",
    )

    def __init__(self, target: Target, token: str, group: int, tape: Tape) -> None:
        self.target, self.token, self.group, self.tape = target, token, group, tape
        self.offset = 0
        self.transport: asyncio.Transport | None = None
        self.times: array[float] | None = None
        self.ends: array[int] = array("q")
        self.ready_at = 0.0
        self.reset = False
        self.cursor = ""

    # -- the connection

    async def connect(self, cursor: str = "") -> None:
        """Returns once the stream is open or was refused."""
        self.begin()
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, sock=await self._socket())
        except OSError:
            return
        head = [f"GET {self.target.path} HTTP/1.1", f"Host: {self.target.host}", "Accept: text/event-stream"]
        if self.target.path == _SOCKETS:
            head += [*_HANDSHAKE, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        if self.token:
            head.append(f"Authorization: Bearer {self.token}")
        if cursor:
            head.append(f"Last-Event-ID: {cursor}")
        if self.transport is not None:
            self.transport.write(("\r\n".join(head) + "\r\n\r\n").encode())
            await self.answered

    async def _socket(self) -> socket.socket:
        """Connected, and with a bounded buffer: all streams share this machine's memory with the server."""
        connecting = socket.socket()
        try:
            connecting.setblocking(False)
            connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            await asyncio.get_running_loop().sock_connect(connecting, (self.target.host, self.target.port))
        except BaseException:
            connecting.close()
            raise
        return connecting

    def begin(self) -> None:
        """Nothing has come on this connection yet."""
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status = 0
        self.left = 0
        self.rest = b""
        self.opening: bytearray | None = bytearray()

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's says only that it is a BaseTransport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if not self.answered.done():
            self.answered.set_result(None)

    # -- the bytes

    def get_buffer(self, sizehint: int) -> memoryview:
        """The shared buffer, behind what this stream could not use of its last piece."""
        if not self.rest:
            return _VIEW
        _BUFFER[: len(self.rest)] = self.rest
        return _VIEW[len(self.rest) :]

    def buffer_updated(self, nbytes: int) -> None:
        if self.rest:
            nbytes += len(self.rest)
            self.rest = b""
        start = 0 if self.status else self._head(nbytes)
        left = self.left
        while start < nbytes:
            if not left:
                # Behind a chunk is a line break, then the next one's length.
                line = _BUFFER.find(b"\r\n", start + 2, nbytes)
                if line < 0:
                    self.rest = bytes(_VIEW[start:nbytes])
                    break
                left = int(_BUFFER[start:line], 16)
                start = line + 2
                if not left:
                    break
            end = min(start + left, nbytes)
            left -= end - start
            self.take(_VIEW[start:end])
            start = end
        self.left = left
        if self.times is not None:
            self.times.append(time.time())
            self.ends.append(self.offset)

    def _head(self, nbytes: int) -> int:
        """Reads the head of the answer; where the body starts, or `nbytes` while the head is not complete."""
        end = _BUFFER.find(b"\r\n\r\n", 0, nbytes)
        if end < 0:
            self.rest = bytes(_VIEW[:nbytes])
            return nbytes
        head = bytes(_VIEW[:end])
        self.status = int(head[9:12])
        chunked = b"transfer-encoding: chunked" in head.lower()
        self.left = 0 if chunked else _ENDLESS
        if self.status != (101 if self.target.path == _SOCKETS else 200):
            self.cut()
        elif not self.target.ready:
            self._opened()
        return end + 2 if chunked else end + 4  # the first length has its line break in front like the others

    def _opened(self) -> None:
        self.opening = None
        self.ready_at = time.time()
        if not self.answered.done():
            self.answered.set_result(None)

    def take(self, piece: memoryview) -> None:
        """The next bytes of the stream itself."""
        if self.opening is not None:
            self._open(piece)
            return
        if len(piece) == len(_PING) and piece == _PING and self.transport is not None:
            self.transport.write(_PONG)
            return
        tape = self.tape.data
        over = self.offset + len(piece) - len(tape)
        if over <= 0:
            if tape.startswith(piece, self.offset):
                self.offset += len(piece)
            else:
                self._differ(piece)
            return
        known = len(piece) - over
        if len(piece) == len(_HEARTBEAT) and piece == _HEARTBEAT:
            return
        if tape.startswith(piece[:known], self.offset):
            tape += piece[known:]
            self.offset += len(piece)
        else:
            self._differ(piece)

    def _open(self, piece: memoryview) -> None:
        """Up to and with the event `ready`; what came with it goes on."""
        assert self.opening is not None
        self.opening += piece
        at = self.opening.find(_READY)
        end = self.opening.find(b"\n\n", at) + 2 if at >= 0 else 1
        if end < 2:
            return
        self.reset |= b"event: reset\n" in self.opening[:end]
        self.cursor = Tape(bytes(self.opening[:end])).resume(end)[1]
        behind = bytes(self.opening[end:])
        self._opened()
        if behind:
            self.take(memoryview(behind))

    def resume(self) -> tuple[int, str]:
        """How far it has come in whole events, and the id of the last one, which may be from before the mark."""
        offset, cursor = self.tape.resume(self.offset)
        return offset, cursor or self.cursor

    def _differ(self, piece: memoryview) -> None:
        """Not what the others got, or a heartbeat that they did not get: from here on a tape of one's own."""
        if piece == _HEARTBEAT:
            return
        self.tape = Tape(bytes(self.tape.data[: self.offset]))
        self.tape.data += piece
        self.offset += len(piece)


class Generator:
    """All streams of this process, and the commands."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.tapes: dict[int, Tape] = defaultdict(Tape)

    async def open(
        self, host: str, port: int, path: str, ready: bool, people: Sequence[tuple[str, int]], at_once: int
    ) -> Json:
        """Opens a stream for each user: a token, and the group of those who get the same."""
        target = Target(host, port, path, ready)
        new = [Stream(target, token, group, self.tapes[group]) for token, group in people]
        self.streams += new
        return await self._connect([(stream, "") for stream in new], at_once)

    async def _connect(self, streams: Sequence[tuple[Stream, str]], at_once: int) -> Json:
        free = asyncio.Semaphore(at_once)

        async def connect(stream: Stream, cursor: str) -> None:
            async with free:
                await stream.connect(cursor)

        started = time.time()
        await asyncio.gather(*(connect(stream, cursor) for stream, cursor in streams))
        statuses = Counter(stream.status for stream, _ in streams)
        opened = statuses.pop(200, 0) + statuses.pop(101, 0)
        return {"seconds": time.time() - started, "open": opened, "refused": statuses}

    async def cut(self) -> Json:
        """All connections are reset, without a word."""
        at = time.time()
        for stream in self.streams:
            stream.cut()
        while any(stream.transport for stream in self.streams):  # noqa: ASYNC110 - a turn or two of the loop
            await asyncio.sleep(0)
        return {"at": at}

    async def back(self, at_once: int) -> Json:
        """All come back with the id of the last event that they have got in full."""
        returning = []
        for stream in self.streams:
            stream.offset, cursor = stream.resume()
            returning.append((stream, cursor))
        return await self._connect(returning, at_once)

    async def mark(self, timed: int) -> Json:
        """Discards what was received; every `timed`-th stream records the times from here, none for 0."""
        self.tapes.clear()
        for number, stream in enumerate(self.streams):
            stream.cursor = stream.resume()[1]
            stream.tape, stream.offset = self.tapes[stream.group], 0
            stream.times = array("d") if timed and number % timed == 0 else None
            stream.ends = array("q")
        return {}

    async def rewind(self) -> Json:
        """For streams that are cut: what was received since the mark is discarded, and `back` requests it again."""
        self.tapes.clear()
        for stream in self.streams:
            stream.tape, stream.offset = self.tapes[stream.group], 0
        return {}

    async def received(self, amounts: Sequence[tuple[int, int]], seconds: float) -> Json:
        """Waits until every stream has as many messages as its group is to get since the mark; when that was."""
        expected = dict(amounts)
        deadline = time.time() + seconds
        waiting = [stream for stream in self.streams if expected.get(stream.group)]
        while waiting and time.time() < deadline:
            # The tapes first: as long as the one that is ahead has not got all, nobody has.
            if all(self.tapes[group].messages() >= amount for group, amount in amounts):
                waiting = [stream for stream in waiting if not has(stream, expected[stream.group])]
            if waiting:
                await asyncio.sleep(0.002)
        return {"at": time.time(), "missing": len(waiting)}

    async def report(self, expected: Sequence[tuple[int, int, int]]) -> Json:
        """What each stream got, held against (group, first number, amount); and the delays of those that are timed."""
        amounts = {group: (first, amount) for group, first, amount in expected}
        frames = _FramesOf()
        total: Counter[str] = Counter()
        arrivals = []
        caught_up = 0.0
        for stream in self.streams:
            got = frames.of(stream)
            found = faults(got, *amounts.get(stream.group, (0, 0)))
            total += Counter(found._asdict())
            total["faulty"] += any(found)
            total["messages"] += len(got)
            total["ended"] += stream.transport is None
            total["reset"] += stream.reset
            if stream.times is not None:
                received = list(delays(got, stream.times, stream.ends))
                arrivals += [(frame.number, frame.sent, at) for frame, at in received]
                behind = [at for frame, at in received if frame.sent <= stream.ready_at]
                caught_up = max(caught_up, stream.ready_at, *behind[-1:])
        return {**total, "streams": len(self.streams), "caught_up": caught_up, "arrivals": arrivals}

    async def close(self) -> Json:
        await self.cut()
        self.streams.clear()
        self.tapes.clear()
        return {}


def has(stream: Stream, amount: int) -> bool:
    """The one that is ahead may have got more than messages: presence, which a slow reader is not told."""
    return stream.tape.messages() >= amount and not stream.tape.has_messages_after(stream.offset)


class _FramesOf:
    """Parses each tape once for all the streams that came equally far on it."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], list[Frame]] = {}

    def of(self, stream: Stream) -> list[Frame]:
        key = (id(stream.tape), stream.offset)
        if key not in self._known:
            self._known[key] = stream.tape.frames(stream.offset)
        return self._known[key]


async def main() -> None:
    await obey(Generator())


if __name__ == "__main__":
    uvloop.run(main())
