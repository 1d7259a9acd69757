"""Catch-up: a cut stream reconnects after 100,000 events and is sent them all; then ten of them at the same time.

The newest events are in notify_server's ring (the note says how many), the others are read from the database. Timed
from reconnecting to the last event at the client. The peak is the growth of notify_server's memory meanwhile, sampled
every 20 ms. The streams are checked: every event, once, in order.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable
from dataclasses import dataclass

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.benchmarks.memory import metric, resident, settled
from bench.figures.cpu import Meter, limited_by
from bench.figures.result import Result, Size
from bench.figures.turns import take_turns
from bench.load.listeners import Listeners, listeners
from bench.messages import Chat, write
from bench.system import System
from fechatter.progress import say

EVENTS_MISSED: dict[Size, int] = {"tiny": 2000, "normal": 100_000, "full": 100_000}
ROUNDS: dict[Size, int] = {"tiny": 1, "normal": 3, "full": 5}
TOGETHER = 10
BATCH = 500
PATIENCE_SECONDS = 300
SAMPLE_SECONDS = 0.02


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
    return [result for who, returns in found.items() for result in _results(who, returns, missed, in_ring)]


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
