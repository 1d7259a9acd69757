"""Posting messages: 64 connections, each a person, post to 10 chats of 100 members, as fast as they are answered.

Beside it, in turns, through the same load generator, each with fsync before the answer:

- the floor: the smallest server that takes the same POST and commits it (peers/floor/posting.py);
- ejabberd with its archive in PostgreSQL: 64 occupants of 10 rooms, each of whom has its message back once it is
  archived; it also delivers it to the others of the room, six of them on average;
- NATS JetStream, which knows no members: 64 publishers on 10 subjects, each message acknowledged once it is on disk;
- the code before, with people and chats of its own;
- one transaction per request on a plain table, whose trigger sends the row by pg_notify, its listener connected, with
  the pool size that is best for it: what one writes first, and what NOTIFY's lock over every commit makes of it. It
  runs in the same process as ours (see send_server.py).

CPU is that of all servers, PostgreSQL and notify_server, which reads the log, among them. Everything shares this
machine. Every slice is checked: what was stored is what was answered.
"""

import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from bench import people, system
from bench.benchmarks.send_server import PLAIN_SCHEMA
from bench.code import OURS, Code, beside_before, code_before
from bench.figures.cpu import limited_by
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load import http
from bench.load.dialogue import Script
from bench.messages import payload
from bench.peers import ejabberd, nats
from bench.peers.ejabberd import xmpp
from bench.peers.floor import posting
from bench.peers.nats import wire
from bench.peers.programs import Program
from bench.people import Person
from bench.system import System
from fechatter.progress import say

CONNECTIONS = 64
CHATS = 10
MEMBERS = 100
POOLS = (10, 32, 64)
CONTENT = "message {}, of about fifty bytes, as people write"
POOL_SECONDS = 30
TIMES_THE_FLOOR, OF_EJABBERD, OF_PLAIN, OF_BEFORE = 6, 0.3, 2, 0.333
CPU, RATE = "CPU of a post, all processes", "messages posted"


@dataclass(frozen=True, slots=True)
class Effort:
    rounds: int
    warm_seconds: float
    seconds: float
    tuning_seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(1, 0.1, 0.2, 0.1),
    "normal": Effort(5, 0.5, 3, 1.5),
    "full": Effort(9, 0.5, 6, 3),
}


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with AsyncExitStack() as stack:
        fechatter = await stack.enter_async_context(system.running())
        ours = await stack.enter_async_context(sending(fechatter, effort))
        floor = await stack.enter_async_context(posting.running(fechatter))
        measures = {
            OURS.name: lambda: ours.messages(effort.seconds),
            posting.NAME: lambda: ours.floor(floor, effort.seconds),
            "a commit each": lambda: ours.plain(effort.seconds),
        }
        if other := code_before():
            before = await stack.enter_async_context(_sending_to(other, effort))
            measures[other.name] = lambda: before.messages(effort.seconds)
        if ejabberd.installed():
            chats = await stack.enter_async_context(ejabberd.running())
            measures[ejabberd.NAME] = lambda: _ejabberd(chats, effort)
        if nats.installed():
            bus = await stack.enter_async_context(nats.running())
            measures[nats.NAME] = lambda: _nats(bus, effort)
        found = await take_turns(effort.rounds, measures)
    loads = {name: median(of_one) for name, of_one in found.items()}
    middle = {name: [load] for name, load in loads.items()}
    return [
        _cpu(loads, posting.NAME, TIMES_THE_FLOOR),
        _cpu(loads, ejabberd.NAME, OF_EJABBERD, ejabberd.INSTALL),
        _cpu(loads, nats.NAME, None, nats.INSTALL),
        _rate(loads, nats.NAME, nats.NAME, 1),
        beside_plain(loads, ours.pool, OF_PLAIN),
        *beside_before(CPU, "µs", middle, lambda load: load.servers_cpu_us, at_most=OF_BEFORE),
        *beside_before(RATE, "/s", middle, lambda load: load.per_second),
    ]


def beside_plain(loads: Mapping[str, http.Load], pool: int, least: float) -> Result:
    return _rate(loads, "a commit each", f"a commit each, pool of {pool}", least)


def _cpu(loads: Mapping[str, http.Load], name: str, most: float | None, install: str = "") -> Result:
    ours, theirs = loads[OURS.name].servers_cpu_us, loads[name].servers_cpu_us if name in loads else None
    return Result(
        *(CPU, ours, "µs", name, theirs),
        target=f"≤ {most:g} ×" if most else "",
        reached=ours <= most * theirs if most and theirs else None,
        note=f"{name}: {_shares(loads[name])}" if name in loads else f"{name}: {install}",
    )


def _rate(loads: Mapping[str, http.Load], name: str, peer: str, least: float) -> Result:
    send, other = loads[OURS.name], loads.get(name)
    note = f"Posting: {limited_by(send.shares)}; answered in {_latency(send)}."
    if other:
        note += f" {name}: {_shares(other)}; answered in {_latency(other)}."
    return Result(
        *(RATE, send.per_second, "/s", peer, other.per_second if other else None),
        target=f"≥ {least:g} ×",
        reached=send.per_second >= least * other.per_second if other else None,
        note=note,
    )


def _shares(load: http.Load) -> str:
    return ", ".join(f"{name} {share:.2f}" for name, share in load.shares.items()) + " cores"


@asynccontextmanager
async def sending(fechatter: System, effort: Effort) -> AsyncIterator["Sending"]:
    """A Fechatter filled for it, with the listener and the pool that are best for a commit each."""
    await fechatter.sql.execute(PLAIN_SCHEMA)
    senders, chats = await _fill(fechatter)
    listener = await fechatter.connect()
    await listener.add_listener("bench", lambda *_: None)
    try:
        async with system.chat_server(fechatter, module="bench.benchmarks.send_server") as (url, pid):
            made = Sending(fechatter, url, pid, senders, chats, effort.warm_seconds)
            await made.choose_pool(effort.tuning_seconds)
            yield made
    finally:
        await listener.close()


@asynccontextmanager
async def _sending_to(code: Code, effort: Effort) -> AsyncIterator["Sending"]:
    """Another code's Fechatter, whose chat_server has none of our routes for a commit each."""
    async with system.running(code) as fechatter:
        senders, chats = await _fill(fechatter)
        async with system.chat_server(fechatter, arguments=["chat-server"]) as (url, pid):
            yield Sending(fechatter, url, pid, senders, chats, effort.warm_seconds)


async def _fill(fechatter: System) -> tuple[list[Person], list[int]]:
    """The senders, and chats with more people than that."""
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, MEMBERS)
    chats = await people.add_chats(fechatter.sql, workspace, CHATS, members)
    await people.settle(fechatter.sql)
    return members[:CONNECTIONS], chats


class Sending:
    """The loads on Fechatter's chat_server, and on the floor. `pool` is the size that is best for a commit each."""

    pool = 0

    def __init__(
        self,
        fechatter: System,
        url: str,
        pid: int,
        senders: Sequence[Person],
        chats: Sequence[int],
        warm_seconds: float,
    ) -> None:
        self._sql = fechatter.sql
        self._warm_seconds = warm_seconds
        self._url, self._senders, self._chats = url, senders, chats
        self._postgres = {"postgres": fechatter.postgres_pid}
        self._pids = {"chat-server": pid, "notify-server": fechatter.notify_pid} | self._postgres

    async def messages(self, seconds: float) -> http.Load:
        return await self._counted("messages", self._url + "/api/chats/{}/messages", seconds, self._pids)

    async def plain(self, seconds: float) -> http.Load:
        return await self._counted("bench_messages", self._url + "/api/bench/plain/{}", seconds, self._pids)

    async def floor(self, floor: Program, seconds: float) -> http.Load:
        return await self._counted("bench_floor", floor.url + "/{}", seconds, {"floor": floor.pid} | self._postgres)

    async def choose_pool(self, seconds: float) -> None:
        rates: dict[int, float] = {}
        for size in POOLS:
            say(f"a commit each, with a pool of {size}")
            await self._open_pool(size)
            rates[size] = (await self.plain(seconds)).per_second
        self.pool = max(rates, key=lambda size: rates[size])
        await self._open_pool(self.pool)

    async def _open_pool(self, connections: int) -> None:
        headers = {"Authorization": f"Bearer {self._senders[0].token}"}
        async with httpx.AsyncClient(trust_env=False, timeout=POOL_SECONDS) as client:
            opened = await client.post(f"{self._url}/api/bench/pool/{connections}", headers=headers)
        opened.raise_for_status()

    async def _counted(self, table: str, url: str, seconds: float, pids: Mapping[str, int]) -> http.Load:
        count = f"SELECT count(*) FROM {table}"  # noqa: S608 - one of ours
        connections = []
        for number, sender in enumerate(self._senders):
            start = number % len(self._chats)  # so that they are not all in one chat at a time
            chats = [*self._chats[start:], *self._chats[:start]]
            body = {"content": CONTENT.format(sender.id)}
            connections.append([http.request("POST", url.format(chat), sender, body) for chat in chats])
        return await _checked(
            lambda: self._sql.fetchval(count),
            lambda: http.drive(url, connections, seconds, pids, self._warm_seconds),
        )


async def _ejabberd(server: ejabberd.Ejabberd, effort: Effort) -> http.Load:
    scripts = []
    for number in range(CONNECTIONS):
        room = f"send{number % CHATS}"
        scripts.append(Script([xmpp.message(room, CONTENT.format(number))], xmpp.occupant(number, room)))
    return await _checked(
        server.archived,
        lambda: http.drive(server.url, scripts, effort.seconds, server.pids, effort.warm_seconds),
    )


async def _nats(server: nats.Nats, effort: Effort) -> http.Load:
    message = payload(1, 0)
    scripts = []
    for number in range(CONNECTIONS):
        publishing = [
            wire.publish(f"room.{(number + turn) % CHATS}", message, wire.inbox(number)) for turn in range(CHATS)
        ]
        scripts.append(Script(publishing, wire.publisher(number)))
    return await _checked(
        server.stored,
        lambda: http.drive(server.url, scripts, effort.seconds, server.pids, effort.warm_seconds),
    )


async def _checked(stored: Callable[[], Awaitable[int]], drive: Callable[[], Awaitable[http.Load]]) -> http.Load:
    """BenchError unless as many were stored meanwhile as were answered."""
    before = await stored()
    load = await drive()
    grown, answered = await stored() - before, sum(load.found.answers.values())
    if grown != answered:
        raise BenchError(f"{answered} requests were answered, and {grown} were stored")
    return load


def median(loads: Sequence[http.Load]) -> http.Load:
    """The load of the middle rate, whole, so that its shares and times belong to it."""
    middle = statistics.median_low(load.per_second for load in loads)
    return next(load for load in loads if load.per_second == middle)


def _latency(load: http.Load) -> str:
    return f"p50 {load.found.p50_ms:.1f} ms, p99 {load.found.p99_ms:.1f} ms"
