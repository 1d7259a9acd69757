"""Scale: what a further notify_server costs Postgres, with the relay (ADR 91) and without.

Somebody commits five messages at a time, at an even rate. Nodes read the log, each over connections of its own, as
notify_servers do (streams/log_nodes.py); the one of `fechatter up` is kept out meanwhile. Each row is in one run
with the others, in turns. All nodes are in one process, so a node's delay includes the others' turns before it.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bench import people, system
from bench.figures.cpu import Meter
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load.generator import Generator, generator
from bench.load.streams.listeners import percentiles
from bench.peers import nats
from bench.system import System

EVENTS = 5
MOST_TIMES, MOST_TIMES_DELAY = 1.3, 2.0
POST = "INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, 'message ' || n FROM generate_series(1, $3) n"


@dataclass(frozen=True)
class Effort:
    nodes: tuple[int, ...]
    commits_per_second: int
    rounds: int
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort((1, 2), 20, 1, 0.5),
    "normal": Effort((1, 4, 16), 40, 3, 5),
    "full": Effort((1, 4, 16, 64), 40, 5, 10),
}


@dataclass(frozen=True)
class Found:
    """Of one turn: CPU of Postgres in µs an event, commits and deliveries in milliseconds."""

    cpu: float
    commit: float
    p99: float


@dataclass(frozen=True)
class Load:
    fechatter: System
    nodes: Generator
    chat: int
    sender: int
    effort: Effort

    async def measure(self, amount: int, bus: str | None) -> Found:
        """With so many nodes, all of which have come and got everything."""
        if amount:
            await self.nodes.do("open", url=self.fechatter.url(), nats=bus, amount=amount)
        await self._commit(1)  # plans and caches
        await self.nodes.do("reached", position=await self._head())
        await self.nodes.do("mark")
        meter = Meter(postgres=self.fechatter.postgres_pid)
        commits = await self._commit(self.effort.seconds)
        answer = await self.nodes.do("reached", position=await self._head())
        used = meter.stop()["postgres"] * meter.seconds
        await self.nodes.do("close")
        events = len(commits) * EVENTS
        if answer["wrong"] or (amount and answer["got"] < events):
            raise BenchError(f"{answer['wrong']} nodes did not get the {events} events once and in order")
        p99 = percentiles(answer["delays"]).p99 if amount else 0.0
        return Found(used / events * 1e6, statistics.median(commits) * 1000, p99)

    async def _head(self) -> int:
        return int(await self.fechatter.sql.fetchval("SELECT max(position) FROM events"))

    async def _commit(self, seconds: float) -> list[float]:
        """How long each took."""
        began, took = time.monotonic(), []
        for number in range(max(2, round(seconds * self.effort.commits_per_second))):
            due = began + number / self.effort.commits_per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            before = time.monotonic()
            await self.fechatter.sql.execute(POST, self.chat, self.sender, EVENTS)
            took.append(time.monotonic() - before)
        return took


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    if not nats.installed():
        raise BenchError(f"nats-server is {nats.INSTALL}")
    async with (
        system.running() as fechatter,
        nats.running() as bus,
        generator("bench.load.streams.log_nodes") as nodes,
        _alone(fechatter),
    ):
        workspace = await people.add_workspace(fechatter.sql)
        members = await people.add_people(fechatter.sql, fechatter.signer, workspace, 2)
        [chat] = await people.add_chats(fechatter.sql, workspace, 1, members)
        load = Load(fechatter, nodes, chat, members[0].id, effort)
        turns: dict[str, Callable[[], Awaitable[Found]]] = {"no node": partial(load.measure, 0, None)}
        for amount in effort.nodes:
            turns[f"{amount} alone"] = partial(load.measure, amount, None)
            turns[f"{amount} relayed"] = partial(load.measure, amount, bus.url)
        found = await take_turns(effort.rounds, turns)
    return _results(effort, {name: _median(rounds) for name, rounds in found.items()})


@asynccontextmanager
async def _alone(fechatter: System) -> AsyncIterator[None]:
    """Its own notify_server cannot connect, unless others need it in the same run."""
    if system.is_shared():
        yield
        return
    await fechatter.sql.execute("ALTER ROLE fechatter_notify NOLOGIN")
    try:
        await fechatter.sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fechatter_notify'"
        )
        yield
    finally:
        await fechatter.sql.execute("ALTER ROLE fechatter_notify LOGIN")


def _median(rounds: list[Found]) -> Found:
    return Found(*(statistics.median(getattr(one, name) for one in rounds) for name in ("cpu", "commit", "p99")))


def _results(effort: Effort, found: dict[str, Found]) -> list[Result]:
    one, most = effort.nodes[0], effort.nodes[-1]
    results = [Result("Postgres' CPU an event, no node", found["no node"].cpu, "µs")]
    for amount in effort.nodes:
        relayed, alone = found[f"{amount} relayed"], found[f"{amount} alone"]
        is_goal = amount == most
        times = relayed.cpu / found[f"{one} relayed"].cpu
        results.append(
            Result(
                *(f"Postgres' CPU an event, {_nodes(amount)} with the relay", relayed.cpu, "µs"),
                *("without the relay", alone.cpu),
                target=f"≤ {MOST_TIMES} × of {_nodes(one)}" if is_goal else "",
                reached=times <= MOST_TIMES if is_goal else None,
                note=f"{times:.2f} × of what {_nodes(one)} with it cost; without it "
                f"{alone.cpu / found[f'{one} alone'].cpu:.2f} ×",
            )
        )
    first, last = found[f"{one} relayed"], found[f"{most} relayed"]
    return [
        *results,
        Result(
            *(f"commit, p50, {_nodes(most)} with the relay", last.commit, "ms", f"with {_nodes(one)}", first.commit),
            note=f"without the relay {found[f'{most} alone'].commit:.2f} ms, without nodes "
            f"{found['no node'].commit:.2f} ms",
        ),
        Result(
            *(f"commit to node, p99, {_nodes(most)} with the relay", last.p99, "ms", f"with {_nodes(one)}", first.p99),
            target=f"≤ {MOST_TIMES_DELAY:.0f} ×",
            reached=last.p99 <= MOST_TIMES_DELAY * first.p99,
            note=f"without the relay {found[f'{most} alone'].p99:.1f} ms",
        ),
    ]


def _nodes(amount: int) -> str:
    return "1 node" if amount == 1 else f"{amount} nodes"
