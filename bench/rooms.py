"""Messages to many rooms at an even rate, beside an idle query, while every member of every room has a stream.

What `receipt` and `typing` measure. A message's time starts at the moment it is due, not when it was sent: what a slow
answer or a late timer delays is counted, and nothing is left out. It ends when the frame is at a stream; every 5th
stream is timed, so of each message some receivers are.
"""

import asyncio
import json
import socket
import time
import urllib.parse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.figures.cpu import Meter
from bench.figures.result import BenchError
from bench.load.listeners import Listeners, Percentiles, listeners, percentiles
from bench.load.tape import content
from bench.messages import Chat, evenly
from bench.people import Person
from bench.system import System
from chat_core.database.pool import Connection

MEMBERS = 10
TIMED = 5
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Effort:
    chats: int
    per_second: float
    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Round:
    receipt: Percentiles
    floor: Percentiles
    shares: dict[str, float]


@dataclass(slots=True)
class Room:
    """A chat, and the connection on which its owner posts: one a round, since chat_server closes an idle one."""

    chat: Chat
    path: str
    token: str
    address: tuple[str, int]
    connection: socket.socket = field(default_factory=socket.socket)
    unanswered: bool = False

    def connect(self) -> None:
        self.connection.close()
        self.unanswered = False  # what the last round left behind went with its connection
        self.connection = socket.create_connection(self.address, timeout=PATIENCE_SECONDS)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, due: float) -> None:
        """Sends the chat's next message. BenchError unless the one before was created."""
        self.answered()
        body = json.dumps({"content": content(self.chat.next, due)}).encode()
        self.chat.next += 1
        head = f"POST {self.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.connection.sendall(head.encode() + body)
        self.unanswered = True

    def answered(self) -> None:
        """Reads the answer that is due: it has arrived long ago, or is waited for."""
        if not self.unanswered:
            return
        answer = b""
        while b"}" not in answer:  # the end of the message's JSON, which has none inside
            if not (part := self.connection.recv(65536)):
                raise BenchError("chat_server closed a connection")
            answer += part
        if not answer.startswith(b"HTTP/1.1 201 "):
            raise BenchError(f"chat_server refused a post: {answer[:400].decode()}")
        self.unanswered = False


@dataclass(frozen=True, slots=True)
class Rooms:
    """`members` are in the order of their rooms; `floor` is a connection for queries that wait for nothing."""

    fechatter: System
    listening: Listeners
    rooms: Sequence[Room]
    members: Sequence[Person]
    floor: Connection

    async def measure(self, per_second: float, seconds: float) -> Round:
        """Posts to the rooms in turn. Every stream is checked: each message once and in order."""
        for room in self.rooms:
            room.chat.mark()
            room.connect()
        await self.listening.mark(TIMED)
        times: list[float] = []

        async def select_1(_: int) -> None:
            started = time.perf_counter()
            await self.floor.fetchval("SELECT 1")
            times.append(time.perf_counter() - started)

        meter = Meter(
            chat=self.fechatter.chat_pid,
            notify=self.fechatter.notify_pid,
            postgres=self.fechatter.postgres_pid,
            generator=self.listening.pid,
        )
        await asyncio.gather(asyncio.to_thread(_post, self.rooms, per_second, seconds), evenly(20, seconds, select_1))
        expected = [room.chat.expected for room in self.rooms]
        await self.listening.received(expected, PATIENCE_SECONDS)
        shares = meter.stop()
        report = await self.listening.report(expected)
        report.check()
        return Round(report.delays(), percentiles(times), shares)


@asynccontextmanager
async def open_rooms(chats: int) -> AsyncIterator[Rooms]:
    """A system with so many chats."""
    async with system.running() as fechatter, listeners() as listening:
        workspace = await people.add_workspace(fechatter.sql)
        members = await people.add_people(fechatter.sql, fechatter.signer, workspace, chats * MEMBERS)
        rooms = [await _room(fechatter, workspace, group, members) for group in range(chats)]
        await people.settle(fechatter.sql)
        streams = [(person.token, number // MEMBERS) for number, person in enumerate(members)]
        await listening.open(fechatter.notify + EVENTS, streams)
        floor = await fechatter.connect("fechatter_notify")
        try:
            yield Rooms(fechatter, listening, rooms, members, floor)
        finally:
            await floor.close()


async def _room(fechatter: System, workspace: int, group: int, members: Sequence[Person]) -> Room:
    some = members[group * MEMBERS : (group + 1) * MEMBERS]
    [chat] = await people.add_chats(fechatter.sql, workspace, 1, some)
    where = urllib.parse.urlsplit(fechatter.chat)
    address = (where.hostname or "", where.port or 80)
    return Room(Chat(chat, some[0].id, group), f"/api/chats/{chat}/messages", some[0].token, address)


def _post(rooms: Sequence[Room], per_second: float, seconds: float) -> None:
    """In a thread of its own: a blocking sleep is exact to some 0.1 ms, an event loop's timer to 1 ms."""
    started = time.time()
    for turn in range(round(per_second * seconds)):
        due = started + turn / per_second
        time.sleep(max(0.0, due - time.time()))
        rooms[turn % len(rooms)].post(due)
    for room in rooms:
        room.answered()
