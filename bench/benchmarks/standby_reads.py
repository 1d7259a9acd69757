"""Reads from a standby: what a read costs the primary with `database.read_url` and without it.

Two chat_servers next to one Fechatter, in turns: one reads from a standby, which PostgreSQL's own replication feeds,
and one from the primary. 16 connections, each a person, in ten chats of 2,000 messages: of ten requests seven are the
newest messages of a chat, two the newest replies of a thread, and one a lean snapshot. Then the same with a post in
each ten requests, which the standby has to replay before it may answer; and one connection alone.
"""

import random
import re
import statistics
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from bench import people, system
from bench.figures.cpu import limited_by
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load import http
from bench.peers import standby
from bench.people import Person
from bench.system import System

CONNECTIONS, CHATS, MEMBERS = 16, 10, 20
THREADS, REPLIES = 10, 500
READS = ["messages"] * 7 + ["thread"] * 2 + ["sync"]
POSTING = [*READS[1:], "post"]
WITH, WITHOUT = "with read_url", "without"
# What the primary may answer of the reads all the same, on a busy machine.
MOST_MISSED = 0.2
OUTCOMES = re.compile(r'^chat_standby_reads_total\{.*outcome="(\w+)".*\} (\S+)$', re.MULTILINE)
LOADS = {
    "16 at a time": (CONNECTIONS, READS),
    "16 at a time, a tenth of them posts": (CONNECTIONS, POSTING),
    "one at a time": (1, READS),
}


@dataclass(frozen=True, slots=True)
class Effort:
    messages: int
    rounds: int
    warm_seconds: float
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(1_000, 1, 0.2, 0.3),
    "normal": Effort(2_000, 5, 0.5, 3),
    "full": Effort(2_000, 9, 0.5, 6),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """`servers` are the address and process id of each chat_server, by name; `threads` are messages with replies."""

    servers: Mapping[str, tuple[str, int]]
    postgres: Mapping[str, int]
    readers: Sequence[Person]
    chats: Sequence[int]
    threads: Sequence[tuple[int, int]]
    effort: Effort

    async def measure(self, name: str, load: str) -> http.Load:
        """BenchError if the standby has not answered most reads of the server that asks it."""
        url, pid = self.servers[name]
        connections, mix = LOADS[load]
        scripts = [self._script(url, number, mix) for number in range(connections)]
        before = await self._outcomes(url)
        found = await http.drive(
            url, scripts, self.effort.seconds, {"chat-server": pid, **self.postgres}, self.effort.warm_seconds
        )
        reads = {outcome: amount - before.get(outcome, 0) for outcome, amount in (await self._outcomes(url)).items()}
        if name == WITH and reads.get("standby", 0) < (1 - MOST_MISSED) * sum(reads.values()):
            raise BenchError(f"the primary was read instead of the standby: {reads}")
        return found

    def _script(self, url: str, number: int, mix: Sequence[str]) -> list[bytes]:
        chance = random.Random(number)
        return [self._request(url, what, self.readers[number], chance) for what in chance.sample([*mix] * 10, 100)]

    def _request(self, url: str, what: str, reader: Person, chance: random.Random) -> bytes:
        chat = chance.choice(self.chats)
        match what:
            case "messages":
                return http.request("GET", f"{url}/api/chats/{chat}/messages", reader)
            case "thread":
                of, root = chance.choice(self.threads)
                return http.request("GET", f"{url}/api/chats/{of}/messages/{root}/thread", reader)
            case "sync":
                return http.request("GET", f"{url}/api/sync?shape=lean", reader)
        return http.request("POST", f"{url}/api/chats/{chat}/messages", reader, {"content": "a post among reads"})

    async def _outcomes(self, url: str) -> dict[str, float]:
        async with httpx.AsyncClient(trust_env=False) as client:
            told = (await client.get(f"{url}/metrics")).text
        return {outcome: float(amount) for outcome, amount in OUTCOMES.findall(told) if float(amount)}


async def run(size: Size) -> list[Result]:
    results = []
    async with _reading(EFFORT[size]) as reading:
        for load in LOADS:
            measures = {name: partial(reading.measure, name, load) for name in reading.servers}
            results += _results(load, await take_turns(reading.effort.rounds, measures))
    return results


def _results(load: str, found: Mapping[str, Sequence[http.Load]]) -> list[Result]:
    def row(name: str, unit: str, figure: Mapping[str, float], note: str = "") -> Result:
        return Result(f"{name}, {load}", figure[WITH], unit, WITHOUT, figure[WITHOUT], note=note)

    def cpu(*names: str) -> dict[str, float]:
        return {side: statistics.median(one.cpu_ms(*names) for one in rounds) for side, rounds in found.items()}

    p50 = {side: statistics.median(one.found.p50_ms for one in rounds) for side, rounds in found.items()}
    return [
        row("the primary's CPU of a request", "ms", cpu("primary")),
        row("CPU of a request", "ms", cpu("primary", "standby", "chat-server"), "Of both PostgreSQLs and chat_server."),
        row("until the answer, p50", "ms", p50, limited_by(found[WITH][-1].shares)),
    ]


@asynccontextmanager
async def _reading(effort: Effort) -> AsyncIterator[Reading]:
    async with system.running() as fechatter:
        readers, chats, threads = await _filled(fechatter, effort.messages)
        async with (
            standby.running(fechatter, 0) as copy,
            system.chat_server(
                fechatter,
                arguments=["chat-server"],
                FECHATTER_DATABASE__READ_URL=copy.dsn("fechatter", "fechatter_chat"),
            ) as reads,
            system.chat_server(fechatter, arguments=["chat-server"]) as does_not,
        ):
            postgres = {"primary": fechatter.postgres_pid, "standby": copy.pid}
            yield Reading({WITH: reads, WITHOUT: does_not}, postgres, readers, chats, threads, effort)


async def _filled(fechatter: System, messages: int) -> tuple[list[Person], list[int], list[tuple[int, int]]]:
    workspace = await people.add_workspace(fechatter.sql)
    readers = await people.add_people(fechatter.sql, fechatter.signer, workspace, MEMBERS)
    chats = await people.add_chats(fechatter.sql, workspace, CHATS, readers)
    await people.add_messages(fechatter.sql, chats, messages)
    await people.add_threads(fechatter.sql, chats, THREADS, REPLIES)
    roots = "SELECT chat_id, id FROM messages WHERE thread IS NOT NULL AND chat_id = ANY ($1) ORDER BY id"
    threads = [(row["chat_id"], row["id"]) for row in await fechatter.sql.fetch(roots, chats)]
    await people.settle(fechatter.sql)
    return readers, chats, threads
