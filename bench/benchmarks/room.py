"""Messages that are stored, to 500 members of one room, each of whom has a connection and gets every message.

One of them posts, at an even rate: 50 messages a second for the CPU that a delivery takes, and 10 a second for how long
it takes, from the moment that a message is due. The CPU is that of all servers, storing included.

Beside it, in turns, through the same load generator, each with fsync before anybody gets the message: NATS JetStream,
where the members subscribe to what the stream republishes once it has stored it, and ejabberd with its archive in
PostgreSQL. NATS knows no members: everybody gets what they ask for. Frames are of about the same size.

Every member is checked after each phase: everything, once, in order.
"""

import asyncio
import statistics
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.figures.cpu import Meter, servers
from bench.figures.result import Result, Size
from bench.figures.turns import take_turns
from bench.load import http
from bench.load.dialogue import Dialogue
from bench.load.speaker import HTTP, Speaker, speak
from bench.load.streams.audience import Audience, audience
from bench.load.streams.listeners import Percentiles
from bench.load.streams.tape import content
from bench.messages import payload
from bench.peers import ejabberd, nats
from bench.peers.ejabberd import xmpp
from bench.peers.nats import wire

OURS = "fechatter"
OF_NATS, OF_EJABBERD = 1, 0.3
PATIENCE_SECONDS = 120
NAME = "room"  # on the peers


@dataclass(frozen=True, slots=True)
class Effort:
    """`quick` and `slow` are how long messages are posted at either rate, in seconds."""

    members: int
    rounds: int
    quick: float
    slow: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(20, 1, 0.2, 1),
    "normal": Effort(500, 3, 4, 8),
    "full": Effort(500, 5, 10, 20),
}
QUICK_PER_SECOND, SLOW_PER_SECOND = 50, 10


@dataclass(slots=True)
class Room:
    """A server with its listeners. `request` makes the message of that number, due at that time."""

    members: int
    pids: Mapping[str, int]
    listening: Audience
    speaker: Speaker
    request: Callable[[int, float], bytes]
    next: int = 1


@dataclass(frozen=True, slots=True)
class Phase:
    """Microseconds of CPU of all servers for a delivery, and how long deliveries took; `shares` as Meter gives them."""

    microseconds: float
    delays: Percentiles
    shares: Mapping[str, float]


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with AsyncExitStack() as stack:
        rooms = {OURS: await stack.enter_async_context(_fechatter(effort.members))}
        if nats.installed():
            rooms[nats.NAME] = await stack.enter_async_context(_nats(effort.members))
        if ejabberd.installed():
            rooms[ejabberd.NAME] = await stack.enter_async_context(_ejabberd(effort.members))
        slow = await take_turns(
            effort.rounds, {name: partial(_phase, room, SLOW_PER_SECOND, effort.slow) for name, room in rooms.items()}
        )
        quick = await take_turns(
            effort.rounds, {name: partial(_phase, room, QUICK_PER_SECOND, effort.quick) for name, room in rooms.items()}
        )
    return [
        _cost(quick, slow, nats.NAME, OF_NATS, nats.INSTALL),
        _cost(quick, slow, ejabberd.NAME, OF_EJABBERD, ejabberd.INSTALL),
        _delay(slow, "p50"),
        _delay(slow, "p99"),
    ]


@asynccontextmanager
async def _fechatter(members: int) -> AsyncIterator[Room]:
    async with system.running() as fechatter:
        workspace = await people.add_workspace(fechatter.sql)
        persons = await people.add_people(fechatter.sql, fechatter.signer, workspace, members)
        [chat] = await people.add_chats(fechatter.sql, workspace, 1, persons)
        await people.settle(fechatter.sql)
        url = f"{fechatter.chat}/api/chats/{chat}/messages"
        streams = [
            Dialogue(((http.request("GET", fechatter.notify + EVENTS, person), b"event: ready\n"),))
            for person in persons
        ]

        def request(number: int, due: float) -> bytes:
            return http.request("POST", url, persons[0], {"content": content(number, due)})

        pids = {"fechatter": fechatter.pid}
        async with _room(fechatter.notify, streams, pids, _speaker(fechatter.chat, HTTP), request) as room:
            yield room


@asynccontextmanager
async def _nats(members: int) -> AsyncIterator[Room]:
    async with nats.running() as server:

        def request(number: int, due: float) -> bytes:
            return wire.publish(f"room.{NAME}", payload(number, due), wire.inbox(0))

        subscribers = [wire.subscriber(f"stored.{NAME}")] * members
        speaker = _speaker(server.url, wire.publisher(0))
        async with _room(server.url, subscribers, server.pids, speaker, request) as room:
            yield room


@asynccontextmanager
async def _ejabberd(members: int) -> AsyncIterator[Room]:
    async with ejabberd.running() as server:

        def request(number: int, due: float) -> bytes:
            return xmpp.message(NAME, content(number, due))

        occupants = [xmpp.occupant(person, NAME) for person in range(members)]
        speaker = _speaker(server.url, xmpp.occupant(members, NAME))
        async with _room(server.url, occupants, server.pids, speaker, request) as room:
            yield room


def _speaker(url: str, dialogue: Dialogue) -> Speaker:
    where = urlsplit(url)
    return Speaker((where.hostname or "", where.port or 80), dialogue)


@asynccontextmanager
async def _room(
    url: str,
    members: Sequence[Dialogue],
    pids: Mapping[str, int],
    speaker: Speaker,
    request: Callable[[int, float], bytes],
) -> AsyncIterator[Room]:
    async with audience() as listening:
        where = urlsplit(url)
        await listening.open(where.hostname or "", where.port or 80, members)
        try:
            yield Room(len(members), pids, listening, speaker, request)
        finally:
            speaker.close()


async def _phase(room: Room, per_second: float, seconds: float) -> Phase:
    """From the first message to the last one at the last member."""
    await room.listening.mark()
    first, amount = room.next, round(per_second * seconds)
    room.next += amount
    await asyncio.to_thread(room.speaker.connect)
    meter = Meter(**room.pids, generator=room.listening.pid)
    await asyncio.to_thread(
        speak, [room.speaker], per_second, seconds, lambda turn, due: room.request(first + turn, due)
    )
    await room.listening.received(amount, PATIENCE_SECONDS)
    shares = meter.stop()
    delays = await room.listening.delays(first, amount)
    return Phase(servers(shares) * meter.seconds / (amount * room.members) * 1e6, delays, shares)


def _cost(
    quick: Mapping[str, Sequence[Phase]], slow: Mapping[str, Sequence[Phase]], name: str, most: float, install: str
) -> Result:
    def median(phases: Mapping[str, Sequence[Phase]], name: str) -> float | None:
        return statistics.median(phase.microseconds for phase in phases[name]) if name in phases else None

    ours, theirs = median(quick, OURS), median(quick, name)
    assert ours is not None
    note = f"At {SLOW_PER_SECOND} messages/s: {median(slow, OURS):.1f} µs. "
    if theirs:
        p50 = statistics.median(phase.delays.p50 for phase in quick[name])
        note += f"{name}: {median(slow, name):.1f} µs; at {QUICK_PER_SECOND}/s its p50 is {p50:,.1f} ms."
    else:
        note += f"{name}: {install}"
    return Result(
        *(f"CPU of a stored delivery, {QUICK_PER_SECOND} messages/s", ours, "µs", name, theirs),
        target=f"≤ {most:g} ×",
        reached=ours <= most * theirs if theirs else None,
        note=note,
    )


def _delay(slow: Mapping[str, Sequence[Phase]], which: str) -> Result:
    def median(name: str) -> float:
        return float(statistics.median(getattr(phase.delays, which) for phase in slow[name]))

    ours, theirs = median(OURS), median(ejabberd.NAME) if ejabberd.NAME in slow else None
    return Result(
        *(f"due to received, {SLOW_PER_SECOND} messages/s, {which}", ours, "ms", ejabberd.NAME, theirs),
        target="≤ 1 ×",
        reached=None if theirs is None else ours <= theirs,
        note="; ".join(f"{name} {median(name):.1f} ms" for name in slow),
    )
