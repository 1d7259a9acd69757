"""Posting messages: 64 connections, each a person, post to 10 chats of 100 members, as fast as they are answered.

Beside it, in turns, through the same process and the same load generator (see send_server.py):

- a no-op POST with the same token, body and answer: what the HTTP side of this server can do. 1 × would mean that
  writing, committing and ringing the doorbell cost nothing;
- one transaction per request on a plain table, whose trigger sends the row by pg_notify, its listener connected, with
  the pool size that is best for it: what one writes first, and what NOTIFY's lock over every commit makes of it.

fsync is on. Everything shares this machine: generator, chat_server, PostgreSQL, and notify_server, which reads the log.
Every slice is checked: the database holds as many new messages as the generator has answers.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from bench import people, system
from bench.benchmarks.send_server import PLAIN_SCHEMA
from bench.figures.cpu import limited_by
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load import http
from bench.people import Person
from bench.system import System
from fechatter.progress import say

CONNECTIONS = 64
CHATS = 10
MEMBERS = 100
POOLS = (10, 32, 64)
CONTENT = "message {}, of about fifty bytes, as people write"
POOL_SECONDS = 30


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
    async with system.running() as fechatter:
        return await compare(fechatter, size, least_of_noop=0.6, least_of_plain=2)


async def compare(
    fechatter: System, size: Size, least_of_plain: float, least_of_noop: float | None = None
) -> list[Result]:
    """The comparisons on a Fechatter that is filled for them here; with the no-op if there is a target for it."""
    effort = EFFORT[size]
    workspace = await people.add_workspace(fechatter.sql)
    senders = await people.add_people(fechatter.sql, fechatter.signer, workspace, MEMBERS)
    chats = await people.add_chats(fechatter.sql, workspace, CHATS, senders)
    await fechatter.sql.execute(PLAIN_SCHEMA)
    await people.settle(fechatter.sql)
    listener = await fechatter.connect()
    await listener.add_listener("bench", lambda *_: None)
    try:
        async with system.chat_server(fechatter, module="bench.benchmarks.send_server") as (url, pid):
            sending = _Sending(fechatter, url, pid, senders[:CONNECTIONS], chats, effort.warm_seconds)
            pool = await _best_pool(sending, effort.tuning_seconds)
            measures = {
                "send": lambda: sending.messages(effort.seconds),
                "a commit each": lambda: sending.plain(effort.seconds),
            }
            if least_of_noop is not None:
                measures["no-op"] = lambda: sending.noop(effort.seconds)
            loads = await take_turns(effort.rounds, measures)
    finally:
        await listener.close()
    medians = {name: _median(of_one) for name, of_one in loads.items()}
    results = [_beside(medians, "a commit each", f"a commit each, pool of {pool}", least_of_plain)]
    if least_of_noop is not None:
        results.insert(0, _beside(medians, "no-op", "a no-op POST", least_of_noop))
    return results


def _beside(loads: Mapping[str, http.Load], name: str, peer: str, least: float) -> Result:
    send, other = loads["send"], loads[name]
    return Result(
        "messages posted",
        send.per_second,
        "/s",
        peer,
        other.per_second,
        f"≥ {least:g} ×",
        send.per_second >= least * other.per_second,
        f"Posting: {limited_by(send.shares)}; answered in {_latency(send)}. "
        f"{name.capitalize()}: {limited_by(other.shares)}; answered in {_latency(other)}.",
    )


class _Sending:
    """The three loads on one server."""

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
        self._pids = {"chat-server": pid, "notify-server": fechatter.notify_pid, "postgres": fechatter.postgres_pid}

    async def messages(self, seconds: float) -> http.Load:
        return await self._counted("messages", "/api/chats/{}/messages", seconds)

    async def plain(self, seconds: float) -> http.Load:
        return await self._counted("bench_messages", "/api/bench/plain/{}", seconds)

    async def noop(self, seconds: float) -> http.Load:
        return await self._drive("/api/bench/noop/{}", seconds)

    async def open_pool(self, connections: int) -> None:
        headers = {"Authorization": f"Bearer {self._senders[0].token}"}
        async with httpx.AsyncClient(trust_env=False, timeout=POOL_SECONDS) as client:
            opened = await client.post(f"{self._url}/api/bench/pool/{connections}", headers=headers)
        opened.raise_for_status()

    async def _counted(self, table: str, path: str, seconds: float) -> http.Load:
        count = f"SELECT count(*) FROM {table}"  # noqa: S608 - one of ours
        before = await self._sql.fetchval(count)
        load = await self._drive(path, seconds)
        written, answered = await self._sql.fetchval(count) - before, sum(load.found.answers.values())
        if written != answered:
            raise BenchError(f"{answered} requests were answered, and {table} has {written} new rows")
        return load

    async def _drive(self, path: str, seconds: float) -> http.Load:
        connections = []
        for number, sender in enumerate(self._senders):
            start = number % len(self._chats)  # so that they are not all in one chat at a time
            chats = [*self._chats[start:], *self._chats[:start]]
            body = {"content": CONTENT.format(sender.id)}
            connections.append([http.request("POST", self._url + path.format(chat), sender, body) for chat in chats])
        return await http.drive(self._url, connections, seconds, self._pids, self._warm_seconds)


async def _best_pool(sending: _Sending, seconds: float) -> int:
    """The pool size that gives the peer most, and leaves it with that one."""
    rates: dict[int, float] = {}
    for size in POOLS:
        say(f"a commit each, with a pool of {size}")
        await sending.open_pool(size)
        rates[size] = (await sending.plain(seconds)).per_second
    best = max(rates, key=lambda size: rates[size])
    await sending.open_pool(best)
    return best


def _median(loads: Sequence[http.Load]) -> http.Load:
    """The load of the middle rate, whole, so that its shares and times belong to it."""
    middle = statistics.median_low(load.per_second for load in loads)
    return next(load for load in loads if load.per_second == middle)


def _latency(load: http.Load) -> str:
    return f"p50 {load.found.p50_ms:.1f} ms, p99 {load.found.p99_ms:.1f} ms"
