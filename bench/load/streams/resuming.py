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
from typing import Any

import uvloop

from bench.load.commands import obey

Json = dict[str, Any]
_FRAME = re.compile(rb"(?:retry: (\d+)\n)|id: (\S+)\nevent: (\w+)\ndata: ([^\n]*)\n\n")
_SEQ = re.compile(rb'"seq":(\d+)')
_AFTER = re.compile(rb"(?i)\r\nretry-after: (\d+)")
_NO_PORT_YET = 24  # IP_BIND_ADDRESS_NO_PORT of linux/in.h
_AT_ONCE = 200  # that wait for an answer when all begin
_MOST_READ = 65_536


class Client:
    """`seq` is the number of the last message. `away` are the times without a stream, in seconds.

    It reads its socket by itself: a transport of asyncio's would take as much of a core as the server does."""

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
        "socket",
        "status",
        "tail",
        "token",
    )

    def __init__(self, ours: "Clients", token: str, group: int) -> None:
        self.ours, self.token, self.group = ours, token.encode(), group
        self.node, self.seq, self.cursor = 0, 0, b""
        self.lost = self.doubled = self.disordered = self.reset = 0
        self.away: list[float] = []
        self.left_at = 0.0
        self.socket: socket.socket | None = None
        self._anew()

    def _anew(self) -> None:
        self.status, self.tail, self.retry_seconds = 0, b"", 1.0
        self.answered = False

    def connect(self) -> None:
        """Once more after a while if that does not succeed."""
        self._anew()
        self.socket = made = socket.socket()
        try:
            made.setblocking(False)
            made.setsockopt(socket.IPPROTO_IP, _NO_PORT_YET, 1)
            made.bind((self.ours.source, 0))
            made.connect_ex(self.ours.nodes[self.node])
            self.ours.loop.add_reader(made, self._read)
            self._ask()
        except BlockingIOError:  # it is not connected yet
            self.ours.loop.add_writer(made, self._connected)
        except OSError:
            self._ended()

    def _connected(self) -> None:
        assert self.socket is not None
        self.ours.loop.remove_writer(self.socket)
        try:
            self._ask()
        except OSError:
            self._ended()

    def _ask(self) -> None:
        assert self.socket is not None
        resume = b"Last-Event-ID: %b\r\n" % self.cursor if self.cursor else b""
        self.socket.send(
            b"GET /api/notifications/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n%b\r\n"
            % (self.token, resume)
        )

    def _read(self) -> None:
        assert self.socket is not None
        try:
            data = self.socket.recv(_MOST_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._received(data)
        else:
            self._ended()

    def _received(self, data: bytes) -> None:
        come = self.tail + data
        if not self.status:
            if (end := come.find(b"\r\n\r\n")) < 0:
                self.tail = come
                return
            self.status = int(come[9:12])
            if self.status != 200:
                if after := _AFTER.search(come[:end]):
                    self.retry_seconds = int(after[1])
                self._ended()
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

    def _ended(self) -> None:
        self.close()
        if self.answered:
            self.ours.at[self.node] -= 1
            self.left_at = time.time()
            self.node = (self.node + 1) % len(self.ours.nodes)
        self.ours.loop.call_later(self.retry_seconds * random.uniform(1.0, 1.2), self.connect)

    def close(self) -> None:
        if self.socket is not None:
            self.ours.loop.remove_reader(self.socket)
            self.ours.loop.remove_writer(self.socket)
            self.socket.close()
            self.socket = None

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
        self.source = "127.0.0.1"
        self.nodes: list[tuple[str, int]] = []
        self.at: list[int] = []
        self.loop = asyncio.get_running_loop()
        self._clients: list[Client] = []
        self._opening: asyncio.Task[None] | None = None

    async def open(self, nodes: Sequence[Sequence[Any]], source: str, people: Sequence[tuple[str, int]]) -> Json:
        """Opens a stream for each (token, group) at the first server."""
        self.source, self.nodes = source, [(host, port) for host, port in nodes]
        self.at = [0] * len(nodes)
        self._clients = [Client(self, token, group) for token, group in people]
        self._opening = asyncio.create_task(self._open())
        return {}

    async def _open(self) -> None:
        for begun, client in enumerate(self._clients):
            while begun - sum(self.at) >= _AT_ONCE:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            client.connect()

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
        for client in self._clients:
            client.close()
        return {}


async def main() -> None:
    await obey(Clients())


if __name__ == "__main__":
    uvloop.run(main())
