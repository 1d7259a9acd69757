"""Fan-out: 1,000 streams in one chat, each a person, who all get every message.

1. 200 messages/s, written from SQL in 20 transactions/s of 10 rows: from sending the INSERT to having the frame, so
   the commit and its fsync are part of it.
2. 40 transactions/s of one row: no two events share a write, so the server's CPU time is that of single deliveries.
3. As fast as it goes: INSERTs of 500 rows, one after the other, until every stream has the last message.

Beside it, in turns, through the same load generator, with frames of the same size at the same rates: the code before;
nginx with nchan; and for 2 and 3 a stock sse-starlette application, which cannot do 1. The latter two get their
messages over HTTP and are measured from the sending of that request. Neither checks who may see an event nor keeps one;
Fechatter reads them from PostgreSQL's log, where they are durable before anybody gets them. nchan's frames are not
chunked, which costs the generator less. The floor of 2 is a bare send() for each stream (peers/floor/writing.py). CPU
is that of the server that writes; benchmarks/room.py has that of all processes.

Every stream is checked after each phase: everything, once, in order.
"""

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from bench import people, system
from bench.code import OURS, Code, beside_before, codes
from bench.figures.cpu import Meter, limited_by
from bench.figures.result import Result, Size
from bench.figures.turns import take_turns
from bench.load.streams.listeners import Listeners, Percentiles, listeners
from bench.messages import Chat, evenly, payload, write
from bench.peers import nchan, stock
from bench.peers.floor import writing

EVENTS = "/api/notifications/events"
PATIENCE_SECONDS = 120
# One stream in this many records when it gets what.
TIMED = 8
TIMES_A_SEND = 1.4


@dataclass(frozen=True, slots=True)
class Effort:
    """`burst`: messages of "as fast as it goes", by who sends them: what takes each about as long."""

    streams: int
    rounds: int
    seconds: float
    burst: dict[str, int]

    def amount(self, name: str) -> int:
        """The code before sends as much as ours."""
        return self.burst.get(name, self.burst[OURS.name])


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(20, 1, 0.2, {OURS.name: 400, "nchan": 100, "stock": 50}),
    "normal": Effort(1000, 3, 4, {OURS.name: 10_000, "nchan": 1000, "stock": 100}),
    "full": Effort(1000, 5, 10, {OURS.name: 20_000, "nchan": 2000, "stock": 200}),
}


class Server(Protocol):
    """What fans out. `chat` numbers the messages."""

    chat: Chat
    batch: int
    listeners: Listeners

    @property
    def pids(self) -> dict[str, int]:
        """For Meter: `server`, `generator`, and what else works for it."""
        ...

    async def send(self, amount: int) -> None:
        """So many messages, together; returns once they have been taken."""
        ...


@dataclass
class Fechatter:
    fechatter: system.System
    chat: Chat
    listeners: Listeners
    batch: int = 500

    @property
    def pids(self) -> dict[str, int]:
        return {
            "server": self.fechatter.notify_pid,
            "postgres": self.fechatter.postgres_pid,
            "generator": self.listeners.pid,
        }

    async def send(self, amount: int) -> None:
        await write(self.fechatter.sql, self.chat, amount)


@dataclass
class Peer:
    peer: nchan.Nchan | stock.Stock
    chat: Chat
    listeners: Listeners
    batch: int = 100

    @property
    def pids(self) -> dict[str, int]:
        return {"server": self.peer.pid, "generator": self.listeners.pid}

    async def send(self, amount: int) -> None:
        first, self.chat.next = self.chat.next, self.chat.next + amount
        sent = time.time()
        await self.peer.publish([payload(number, sent) for number in range(first, self.chat.next)])


@dataclass(frozen=True, slots=True)
class Phase:
    """Deliveries a second, the server's CPU time for each, and how long they took; `shares` as Meter gives them."""

    per_second: float
    microseconds: float
    delays: Percentiles | None
    shares: dict[str, float]


Measure: TypeAlias = Callable[[], Coroutine[Any, Any, Phase]]
Rounds: TypeAlias = dict[str, list[Phase]]


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with AsyncExitStack() as stack:
        servers: dict[str, Server] = {
            code.name: await stack.enter_async_context(_fechatter(code, effort.streams)) for code in codes()
        }
        if nchan.installed():
            servers["nchan"] = await stack.enter_async_context(_peer(nchan.running(), effort.streams))
        alike = dict(servers)
        servers["stock"] = await stack.enter_async_context(_peer(stock.running(), effort.streams))
        batches = await take_turns(
            effort.rounds, {name: partial(_evenly, server, effort, 20, 10) for name, server in alike.items()}
        )
        floor = await stack.enter_async_context(_peer(writing.running(), effort.streams))
        singles = await take_turns(
            effort.rounds,
            {
                name: partial(_evenly, server, effort, 40, 1)
                for name, server in {**servers, writing.NAME: floor}.items()
            },
        )
        bursts = await take_turns(
            effort.rounds,
            {name: partial(_burst, server, effort.streams, effort.amount(name)) for name, server in servers.items()},
        )
    return [
        *_delays(batches),
        *beside_before("sent to received, p50", "ms", batches, _p50),
        *_costs(singles),
        *beside_before("CPU a delivery, each written alone", "µs", singles, lambda phase: phase.microseconds),
        *_rates(bursts),
        *beside_before("deliveries, as fast as it goes", "/s", bursts, lambda phase: phase.per_second),
    ]


def _p50(phase: Phase) -> float:
    assert phase.delays is not None
    return phase.delays.p50


@asynccontextmanager
async def _fechatter(code: Code, streams: int) -> AsyncIterator[Fechatter]:
    async with system.running(code) as fechatter, listeners() as listening:
        workspace = await people.add_workspace(fechatter.sql)
        members = await people.add_people(fechatter.sql, fechatter.signer, workspace, streams)
        [chat] = await people.add_chats(fechatter.sql, workspace, 1, members)
        await people.settle(fechatter.sql)
        await listening.open(fechatter.notify + EVENTS, [(person.token, 0) for person in members])
        yield Fechatter(fechatter, Chat(chat, members[0].id), listening)


@asynccontextmanager
async def _peer(running: AbstractAsyncContextManager[nchan.Nchan | stock.Stock], streams: int) -> AsyncIterator[Peer]:
    async with running as peer, listeners() as listening:
        await listening.open(peer.events, [("", 0)] * streams, ready=False)
        yield Peer(peer, Chat(0, 0), listening)


async def _evenly(server: Server, effort: Effort, per_second: float, amount: int) -> Phase:
    async def send() -> None:
        await evenly(per_second, effort.seconds, lambda _: server.send(amount))

    return await _phase(server, effort.streams, send, timed=TIMED)


async def _burst(server: Server, streams: int, amount: int) -> Phase:
    async def send() -> None:
        for _ in range(0, amount, server.batch):
            await server.send(server.batch)

    return await _phase(server, streams, send)


async def _phase(server: Server, streams: int, send: Callable[[], Awaitable[None]], timed: int = 0) -> Phase:
    """From the first sending to the last message at the last stream."""
    await server.listeners.mark(timed)
    server.chat.mark()
    meter, started = Meter(**server.pids), time.time()
    await send()
    ended = await server.listeners.received([server.chat.expected], PATIENCE_SECONDS)
    shares = meter.stop()
    report = await server.listeners.report([server.chat.expected])
    report.check()
    seconds, deliveries = ended - started, streams * server.chat.expected.amount
    return Phase(
        deliveries / seconds, shares["server"] * seconds / deliveries * 1e6, report.delays() if timed else None, shares
    )


def _delays(rounds: Rounds) -> list[Result]:
    def median(name: str, which: str) -> float | None:
        found = [getattr(phase.delays, which) for phase in rounds.get(name, ())]
        return statistics.median(found) if found else None

    highest = {name: max(phase.delays.highest for phase in phases if phase.delays) for name, phases in rounds.items()}
    note = "; ".join(f"{name}: highest {highest[name]:.1f} ms, {_limit(phases)}" for name, phases in rounds.items())
    p50, p99 = median(OURS.name, "p50"), median(OURS.name, "p99")
    theirs = median("nchan", "p99")
    assert p50 is not None
    assert p99 is not None
    return [
        Result("sent to received, p50", p50, "ms", nchan.NAME, median("nchan", "p50"), note=_missing()),
        Result(
            *("sent to received, p99", p99, "ms", nchan.NAME, theirs),
            target="≤ 1 ×",
            reached=None if theirs is None else p99 <= theirs,
            note=f"200 messages/s. {note}",
        ),
    ]


def _costs(rounds: Rounds) -> list[Result]:
    medians = {name: statistics.median(phase.microseconds for phase in phases) for name, phases in rounds.items()}
    ours, floor = medians[OURS.name], medians[writing.NAME]
    return [
        Result(
            *("CPU a delivery, each written alone", ours, "µs", writing.NAME, floor),
            target=f"≤ {TIMES_A_SEND} ×",
            reached=ours <= TIMES_A_SEND * floor,
        ),
        Result(
            *("CPU a delivery, each written alone", ours, "µs", nchan.NAME, medians.get("nchan")),
            target="≤ 12 µs",
            reached=ours <= 12,
            note=f"User and system time of the server; 40 transactions/s of one row. {_limit(rounds[OURS.name])}",
        ),
        Result("CPU a delivery, each written alone", ours, "µs", stock.NAME, medians["stock"]),
    ]


def _rates(rounds: Rounds) -> list[Result]:
    medians = {name: statistics.median(phase.per_second for phase in phases) for name, phases in rounds.items()}
    ours, theirs = medians[OURS.name], medians.get("nchan")
    cost = {name: statistics.median(phase.microseconds for phase in phases) for name, phases in rounds.items()}
    note = "; ".join(f"{name}: {cost[name]:.2f} µs CPU a delivery, {_limit(phases)}" for name, phases in rounds.items())
    return [
        Result(
            *("deliveries, as fast as it goes", ours, "/s", nchan.NAME, theirs),
            target="≥ 4 ×",
            reached=None if theirs is None else ours >= 4 * theirs,
            note=note,
        ),
        Result("deliveries, as fast as it goes", ours, "/s", stock.NAME, medians["stock"]),
    ]


def _limit(phases: Sequence[Phase]) -> str:
    """Of the last round."""
    return limited_by(phases[-1].shares)


def _missing() -> str:
    return "" if nchan.installed() else f"{nchan.NAME}: {nchan.INSTALL}"
