"""`python -m bench.load.streams.resuming`: a process of clients that come back by themselves, as the real ones do.

Each follows one chat over SSE. When its server ends the stream, it waits as long as it was told to and goes to the next
server, with its cursor. Of each message only its number in the chat is read, and compared with the one before.

A command is a line of JSON on stdin, its answer one on stdout.
"""

import asyncio
import random
import re
import socket
import time
from collections.abc import Sequence
from typing import Any, cast

import uvloop

from bench.load.commands import obey

Json = dict[str, Any]
_FRAME = re.compile(rb"(?:retry: (\d+)\n)|id: (\S+)\nevent: (\w+)\ndata: ([^\n]*)\n\n")
_SEQ = re.compile(rb'"seq":(\d+)')
_AFTER = re.compile(rb"(?i)\r\nretry-after: (\d+)")
_NO_PORT_YET = 24  # IP_BIND_ADDRESS_NO_PORT of linux/in.h
_AT_ONCE = 100


class Client(asyncio.Protocol):
    """`seq` is the number of the last message. `away` are the times without a stream, in seconds."""

    __slots__ = (
        "answered",
        "away",
        "cursor",
        "disordered",
        "doubled",
        "group",
        "left_at",
        "lost",
        "node",
        "ours",
        "reset",
        "retry_seconds",
        "seq",
        "status",
        "tail",
        "token",
        "transport",
    )

    def __init__(self, ours: "Clients", token: str, group: int) -> None:
        self.ours, self.token, self.group = ours, token, group
        self.node, self.seq, self.cursor = 0, 0, b""
        self.lost = self.doubled = self.disordered = self.reset = 0
        self.away: list[float] = []
        self.left_at = 0.0
        self.transport: asyncio.Transport | None = None
        self._anew()

    def _anew(self) -> None:
        self.status, self.tail, self.retry_seconds = 0, b"", 1.0
        self.answered = False

    async def connect(self) -> None:
        """Until it is answered; once more after a while if that does not succeed."""
        self._anew()
        async with self.ours.free:
            connecting = socket.socket()
            try:
                connecting.setblocking(False)
                connecting.setsockopt(socket.IPPROTO_IP, _NO_PORT_YET, 1)
                connecting.bind((self.ours.source, 0))
                loop = asyncio.get_running_loop()
                await loop.sock_connect(connecting, self.ours.nodes[self.node])
                await loop.create_connection(lambda: self, sock=connecting)
            except OSError:
                connecting.close()
                self._come_back()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        resume = b"Last-Event-ID: %b\r\n" % self.cursor if self.cursor else b""
        self.transport.write(
            b"GET /api/notifications/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n%b\r\n"
            % (self.token.encode(), resume)
        )

    def data_received(self, data: bytes) -> None:
        come = self.tail + data
        if not self.status:
            if (end := come.find(b"\r\n\r\n")) < 0:
                self.tail = come
                return
            self.status = int(come[9:12])
            if self.status != 200:
                if after := _AFTER.search(come[:end]):
                    self.retry_seconds = int(after[1])
                cast("asyncio.Transport", self.transport).abort()
                return
            come = come[end + 4 :]
        done = 0
        for frame in _FRAME.finditer(come):
            done = frame.end()
            if frame[1]:
                self.retry_seconds = int(frame[1]) / 1000
            else:
                self._take(frame[2], frame[3], frame[4])
        self.tail = come[done:]

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.answered:
            self.ours.at[self.node] -= 1
            self.left_at = time.time()
            self.node = (self.node + 1) % len(self.ours.nodes)
        if not self.ours.over:
            self._come_back()

    def _come_back(self) -> None:
        delay = self.retry_seconds * random.uniform(1.0, 1.2)
        asyncio.get_running_loop().call_later(delay, lambda: self.ours.start(self))

    def _take(self, cursor: bytes, kind: bytes, content: bytes) -> None:
        self.cursor = cursor
        if kind == b"ready":
            self.answered = True
            self.ours.at[self.node] += 1
            if self.left_at:
                self.away.append(time.time() - self.left_at)
        elif kind == b"reset":
            self.reset += 1
        elif kind == b"NewMessage":
            found = _SEQ.search(content)
            seq = int(found[1]) if found else 0
            if seq == self.seq + 1:
                self.seq = seq
            elif seq > self.seq:
                self.lost += seq - self.seq - 1
                self.seq = seq
            elif seq == self.seq:
                self.doubled += 1
            else:
                self.disordered += 1


class Clients:
    """All of this process, and the commands. `at`: how many have a stream at each server."""

    def __init__(self) -> None:
        self.source, self.over = "127.0.0.1", False
        self.nodes: list[tuple[str, int]] = []
        self.at: list[int] = []
        self.free = asyncio.Semaphore(_AT_ONCE)
        self._clients: list[Client] = []
        self._starting: set[asyncio.Task[None]] = set()

    def start(self, client: Client) -> None:
        task = asyncio.create_task(client.connect())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def open(self, nodes: Sequence[Sequence[Any]], source: str, people: Sequence[tuple[str, int]]) -> Json:
        """Opens a stream for each (token, group) at the first server."""
        self.source, self.nodes = source, [(host, port) for host, port in nodes]
        self.at = [0] * len(nodes)
        self._clients = [Client(self, token, group) for token, group in people]
        for client in self._clients:
            self.start(client)
        return {}

    async def where(self) -> Json:
        return {"at": self.at}

    async def report(self, last: Sequence[int]) -> Json:
        """`last`: the number of the last message of each group's chat."""
        clients = self._clients
        return {
            "behind": sum(client.seq < last[client.group] for client in clients),
            "lost": sum(client.lost for client in clients),
            "doubled": sum(client.doubled for client in clients),
            "disordered": sum(client.disordered for client in clients),
            "reset": sum(client.reset for client in clients),
            "away": [seconds for client in clients for seconds in client.away],
        }

    async def close(self) -> Json:
        self.over = True
        for client in self._clients:
            if client.transport is not None:
                client.transport.abort()
        return {}


async def main() -> None:
    await obey(Clients())


if __name__ == "__main__":
    uvloop.run(main())
