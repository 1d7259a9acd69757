"""Receipt: from posting a message over HTTP to having its event, with 1,000 streams in 100 chats of 10 members.

100 posts/s at an even rate, to the chats in turn, each chat's on a connection of its own. A post's time starts at the
moment it is due, not when it was sent: what a slow answer or a late timer delays is counted, and nothing is left out.
It ends when the frame is at a stream; every 5th stream is timed, so of each message some receivers are.

Beside it: the round trip of a bare `SELECT 1`, 20 a second on a connection of their own in the same seconds.
"""

import asyncio
import json
import socket
import statistics
import time
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import people, system
from bench.cpu import Meter, limited_by
from bench.fan_out import EVENTS
from bench.load.listeners import Listeners, Percentiles, listeners, percentiles
from bench.load.tape import content
from bench.messages import Chat, evenly
from bench.people import Person
from bench.result import BenchError, Result, Size
from bench.system import System
from chat_core.pool import Connection
from fechatter.progress import say

MEMBERS = 10
TIMED = 5
PATIENCE_SECONDS = 30
P50_MILLISECONDS, P99_MILLISECONDS = 3, 12


@dataclass(frozen=True, slots=True)
class Effort:
    chats: int
    per_second: float
    rounds: int
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(5, 20, 1, 1),
    "normal": Effort(100, 100, 3, 8),
    "full": Effort(100, 100, 5, 20),
}


@dataclass(frozen=True, slots=True)
class Round:
    receipt: Percentiles
    floor: Percentiles
    shares: dict[str, float]


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with system.running() as fechatter, listeners() as listening:
        rooms, _ = await open_rooms(fechatter, listening, effort.chats)
        floor = await fechatter.connect("fechatter_notify")
        try:
            await measure(fechatter, listening, rooms, effort.per_second, 1, floor)  # plans, caches, connections
            rounds = []
            for number in range(1, effort.rounds + 1):
                say(f"round {number} of {effort.rounds}")
                rounds.append(await measure(fechatter, listening, rooms, effort.per_second, effort.seconds, floor))
        finally:
            await floor.close()
    return _results(rounds)


def _results(rounds: Sequence[Round]) -> list[Result]:
    p50 = statistics.median(found.receipt.p50 for found in rounds)
    p99 = statistics.median(found.receipt.p99 for found in rounds)
    floor = statistics.median(found.floor.p50 for found in rounds)
    highest = max(found.receipt.highest for found in rounds)
    return [
        Result(
            *("due to received, p50", p50, "ms", "SELECT 1, p50", floor),
            target=f"≤ {P50_MILLISECONDS} ms",
            reached=p50 <= P50_MILLISECONDS,
            note=limited_by(rounds[-1].shares),
        ),
        Result(
            *("due to received, p99", p99, "ms", "SELECT 1, p50", floor),
            target=f"≤ {P99_MILLISECONDS} ms",
            reached=p99 <= P99_MILLISECONDS,
            note=f"highest {highest:.1f} ms; SELECT 1 itself: p99 "
            f"{statistics.median(found.floor.p99 for found in rounds):.2f} ms",
        ),
    ]


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


async def open_rooms(fechatter: System, listening: Listeners, chats: int) -> tuple[list[Room], list[Person]]:
    """So many chats, and their members in order, each with a stream."""
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, chats * MEMBERS)
    rooms = [await _room(fechatter, workspace, group, members) for group in range(chats)]
    await people.settle(fechatter.sql)
    streams = [(person.token, number // MEMBERS) for number, person in enumerate(members)]
    await listening.open(fechatter.notify + EVENTS, streams)
    return rooms, members


async def _room(fechatter: System, workspace: int, group: int, members: Sequence[Person]) -> Room:
    some = members[group * MEMBERS : (group + 1) * MEMBERS]
    [chat] = await people.add_chats(fechatter.sql, workspace, 1, some)
    where = urllib.parse.urlsplit(fechatter.chat)
    address = (where.hostname or "", where.port or 80)
    return Room(Chat(chat, some[0].id, group), f"/api/chats/{chat}/messages", some[0].token, address)


async def measure(
    fechatter: System, listening: Listeners, rooms: Sequence[Room], per_second: float, seconds: float, floor: Connection
) -> Round:
    for room in rooms:
        room.chat.mark()
        room.connect()
    await listening.mark(TIMED)
    times: list[float] = []

    async def select_1(_: int) -> None:
        started = time.perf_counter()
        await floor.fetchval("SELECT 1")
        times.append(time.perf_counter() - started)

    meter = Meter(
        chat=fechatter.chat_pid, notify=fechatter.notify_pid, postgres=fechatter.postgres_pid, generator=listening.pid
    )
    await asyncio.gather(asyncio.to_thread(_post, rooms, per_second, seconds), evenly(20, seconds, select_1))
    expected = [room.chat.expected for room in rooms]
    await listening.received(expected, PATIENCE_SECONDS)
    shares = meter.stop()
    report = await listening.report(expected)
    report.check()
    return Round(report.delays(), percentiles(times), shares)


def _post(rooms: Sequence[Room], per_second: float, seconds: float) -> None:
    """In a thread of its own: a blocking sleep is exact to some 0.1 ms, an event loop's timer to 1 ms."""
    started = time.time()
    for turn in range(round(per_second * seconds)):
        due = started + turn / per_second
        time.sleep(max(0.0, due - time.time()))
        rooms[turn % len(rooms)].post(due)
    for room in rooms:
        room.answered()
