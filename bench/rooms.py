"""Messages to many rooms at an even rate, beside an idle query, while every member of every room has a stream.

What `receipt` and `typing` measure. A message's time starts at the moment it is due, not when it was sent: what a slow
answer or a late timer delays is counted, and nothing is left out. It ends when the frame is at a stream; every 5th
stream is timed, so of each message some receivers are.
"""

import asyncio
import time
import urllib.parse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.code import OURS, Code
from bench.figures.cpu import Meter, servers
from bench.load import http
from bench.load.speaker import Speaker, speak
from bench.load.streams.listeners import Listeners, Percentiles, listeners, percentiles
from bench.load.streams.tape import content
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
    """`milliseconds` of CPU that all servers took for one message and its deliveries."""

    receipt: Percentiles
    floor: Percentiles
    milliseconds: float
    shares: dict[str, float]


@dataclass(frozen=True, slots=True)
class Room:
    """A chat and its owner, who posts on a connection of a round, since chat_server closes an idle one."""

    chat: Chat
    url: str
    owner: Person
    speaker: Speaker

    def post(self, due: float) -> bytes:
        """The request with the chat's next message."""
        number, self.chat.next = self.chat.next, self.chat.next + 1
        return http.request("POST", self.url, self.owner, {"content": content(number, due)})


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
            room.speaker.connect()
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
        speakers = [room.speaker for room in self.rooms]
        posting = asyncio.to_thread(speak, speakers, per_second, seconds, self._post)
        await asyncio.gather(posting, evenly(20, seconds, select_1))
        expected = [room.chat.expected for room in self.rooms]
        await self.listening.received(expected, PATIENCE_SECONDS)
        shares = meter.stop()
        report = await self.listening.report(expected)
        report.check()
        milliseconds = servers(shares) * meter.seconds / sum(group.amount for group in expected) * 1000
        return Round(report.delays(), percentiles(times), milliseconds, shares)

    def _post(self, turn: int, due: float) -> bytes:
        return self.rooms[turn % len(self.rooms)].post(due)


@asynccontextmanager
async def open_rooms(chats: int, code: Code = OURS) -> AsyncIterator[Rooms]:
    """A system with so many chats."""
    async with system.running(code) as fechatter, listeners() as listening:
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
    speaker = Speaker((where.hostname or "", where.port or 80))
    return Room(Chat(chat, some[0].id, group), f"{fechatter.chat}/api/chats/{chat}/messages", some[0], speaker)
