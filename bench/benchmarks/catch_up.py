"""Catch-up: a cut stream reconnects after 100,000 events and is sent them all; then ten of them at the same time.

The newest events are in notify_server's ring (the note says how many), the others are read from the database. Timed
from reconnecting to the last event at the client. The peak is the growth of notify_server's memory meanwhile, sampled
every 20 ms. The streams are checked: every event, once, in order.

Then what a missed message costs where many return who missed little: 200 members of one room come back, ten at a time,
for 200 messages each. Beside it ejabberd, whose members sign in, join and fetch the room's archive from PostgreSQL. CPU
is that of all servers.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.benchmarks.memory import metric, resident, settled
from bench.figures.cpu import Meter, limited_by, servers
from bench.figures.result import Result, Size
from bench.figures.turns import take_turns
from bench.load.speaker import Speaker
from bench.load.streams.audience import Audience, audience
from bench.load.streams.listeners import Listeners, listeners
from bench.load.streams.tape import content
from bench.messages import Chat, write
from bench.peers import ejabberd
from bench.peers.ejabberd import xmpp
from bench.system import System
from fechatter.progress import say

EVENTS_MISSED: dict[Size, int] = {"tiny": 2000, "normal": 100_000, "full": 100_000}
ROUNDS: dict[Size, int] = {"tiny": 1, "normal": 3, "full": 5}
TOGETHER = 10
RETURNING: dict[Size, tuple[int, int]] = {"tiny": (10, 20), "normal": (200, 200), "full": (400, 200)}  # members, missed
AT_ONCE = 10
OF_EJABBERD = 0.05
BATCH = 500
PATIENCE_SECONDS = 300
SAMPLE_SECONDS = 0.02
ROOM = "return"  # on ejabberd


@dataclass(frozen=True, slots=True)
class Return:
    """Events a second over all the streams, and by how many bytes notify_server grew at most."""

    per_second: float
    growth: int
    shares: dict[str, float]


async def run(size: Size) -> list[Result]:
    missed = EVENTS_MISSED[size]
    async with system.running() as fechatter, listeners() as one, listeners() as ten:
        chat = await _miss(fechatter, one, ten, missed)
        in_ring = await metric(fechatter, "fechatter_ring_events")
        found = await take_turns(
            ROUNDS[size],
            {
                "one stream": lambda: _measure(fechatter, one, chat, 1),
                f"{TOGETHER} streams at once": lambda: _measure(fechatter, ten, chat, TOGETHER),
            },
        )
        results = [result for who, returns in found.items() for result in _results(who, returns, missed, in_ring)]
        return [*results, await _beside_ejabberd(fechatter, size)]


def _results(who: str, returns: list[Return], missed: int, in_ring: float) -> list[Result]:
    rate = statistics.median(found.per_second for found in returns)
    growth = max(found.growth for found in returns) / 2**20
    note = f"{missed:,} events missed by each, {min(in_ring, missed):,.0f} of them in the ring. "
    note += limited_by(returns[-1].shares)
    return [
        Result(f"events to {who}", rate, "/s", note=note),
        Result(f"most that memory grew, {who}", growth, "MiB"),
    ]


async def _miss(fechatter: System, one: Listeners, ten: Listeners, missed: int) -> Chat:
    """Opens the streams, cuts them, and writes what they miss."""
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, 1 + TOGETHER)
    [chat_id] = await people.add_chats(fechatter.sql, workspace, 1, members)
    chat = Chat(chat_id, members[0].id)
    streams = [(person.token, chat.group) for person in members]
    await one.open(fechatter.notify + EVENTS, streams[:1])
    await ten.open(fechatter.notify + EVENTS, streams[1:])
    await write(fechatter.sql, chat, 1)  # the event that they come back after
    for listening in (one, ten):
        await listening.received([chat.expected], PATIENCE_SECONDS)
        await listening.mark()
        await listening.cut()
    chat.mark()
    say(f"writing {missed:,} events")
    for _ in range(0, missed, BATCH):
        await write(fechatter.sql, chat, BATCH)
    await people.settle(fechatter.sql)
    return chat


async def _measure(fechatter: System, listening: Listeners, chat: Chat, streams: int) -> Return:
    before = await settled(fechatter, 0)
    meter = Meter(server=fechatter.notify_pid, postgres=fechatter.postgres_pid, generator=listening.pid)
    started = time.time()
    highest, ended = await _highest(fechatter.notify_pid, _return(listening, chat, streams))
    shares = meter.stop()
    report = await listening.report([chat.expected])
    report.check()
    await listening.cut()
    await listening.rewind()
    return Return(report.messages / (ended - started), highest - before, shares)


async def _return(listening: Listeners, chat: Chat, streams: int) -> float:
    await listening.back(streams)
    return await listening.received([chat.expected], PATIENCE_SECONDS)


async def _highest(pid: int, what: Awaitable[float]) -> tuple[int, float]:
    """The most memory the process had meanwhile, and what came of it."""
    task = asyncio.ensure_future(what)
    highest = 0
    while not task.done():
        highest = max(highest, resident(pid))
        await asyncio.wait([task], timeout=SAMPLE_SECONDS)
    return highest, await task


async def _beside_ejabberd(fechatter: System, size: Size) -> Result:
    members, missed = RETURNING[size]
    async with AsyncExitStack() as stack:
        streams = await stack.enter_async_context(listeners())
        chat = await _miss_few(fechatter, streams, members, missed)
        measures = {"fechatter": lambda: _return_to_fechatter(fechatter, streams, chat, members)}
        if ejabberd.installed():
            theirs = await stack.enter_async_context(ejabberd.running())
            occupants = await stack.enter_async_context(audience())
            await asyncio.to_thread(_fill_archive, theirs.url, members, missed)
            measures[ejabberd.NAME] = lambda: _return_to_ejabberd(theirs, occupants, members, missed)
        found = await take_turns(ROUNDS[size], measures)
    medians = {name: statistics.median(costs) for name, costs in found.items()}
    ours, beside = medians["fechatter"], medians.get(ejabberd.NAME)
    return Result(
        *("CPU of a missed message, all processes", ours, "µs", ejabberd.NAME, beside),
        target=f"≤ {OF_EJABBERD} ×",
        reached=ours <= OF_EJABBERD * beside if beside else None,
        note=f"{members} members missed {missed} each" + ("" if beside else f". {ejabberd.NAME}: {ejabberd.INSTALL}"),
    )


async def _miss_few(fechatter: System, listening: Listeners, members: int, missed: int) -> Chat:
    workspace = await people.add_workspace(fechatter.sql)
    persons = await people.add_people(fechatter.sql, fechatter.signer, workspace, members)
    [chat_id] = await people.add_chats(fechatter.sql, workspace, 1, persons)
    chat = Chat(chat_id, persons[0].id)
    await listening.open(fechatter.notify + EVENTS, [(person.token, chat.group) for person in persons])
    await write(fechatter.sql, chat, 1)  # the event that they come back after
    await listening.received([chat.expected], PATIENCE_SECONDS)
    await listening.mark()
    await listening.cut()
    chat.mark()
    await write(fechatter.sql, chat, missed)
    await people.settle(fechatter.sql)
    return chat


async def _return_to_fechatter(fechatter: System, listening: Listeners, chat: Chat, members: int) -> float:
    """Microseconds of CPU for a message."""
    await settled(fechatter, 0)
    meter = Meter(fechatter=fechatter.pid)
    await listening.back(members, at_once=AT_ONCE)
    await listening.received([chat.expected], PATIENCE_SECONDS)
    shares = meter.stop()
    (await listening.report([chat.expected])).check()
    await listening.cut()
    await listening.rewind()
    return servers(shares) * meter.seconds / (members * chat.expected.amount) * 1e6


def _fill_archive(url: str, sender: int, amount: int) -> None:
    where = urlsplit(url)
    speaker = Speaker((where.hostname or "", where.port or 0), xmpp.occupant(sender, ROOM))
    speaker.connect()
    for number in range(1, amount + 1):
        speaker.ask(xmpp.message(ROOM, content(number, time.time())))
    speaker.answered()
    speaker.close()


async def _return_to_ejabberd(server: ejabberd.Ejabberd, occupants: Audience, members: int, missed: int) -> float:
    """Microseconds of CPU for a message."""
    where = urlsplit(server.url)
    returning = [xmpp.returning(person, ROOM, missed) for person in range(members)]
    meter = Meter(**server.pids)
    await occupants.open(where.hostname or "", where.port or 0, returning, at_once=AT_ONCE)
    shares = meter.stop()
    await occupants.delays(1, missed)  # everybody has them all
    await occupants.close()
    return servers(shares) * meter.seconds / (members * missed) * 1e6
