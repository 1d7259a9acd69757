"""A mix of writes: 64 connections, each a person, in 10 chats of 100 members, as fast as they are answered. Of 20
requests 12 post, 4 move the read marker, 3 react and 1 edits. And memberships: each joins a public channel and leaves
it again.

Beside it, in turns, the same on a chat_server in which each act commits by itself (mixed_server.py). All of it on this
disk; on a slow one, as in send_slow_disk.py; and with a synchronous standby on this machine that is 1 ms away, there
and back: PostgreSQL's own replication through a proxy that holds back what it forwards.
"""

import itertools
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from bench import people, system
from bench.benchmarks.send import median
from bench.cells import copying
from bench.figures.cpu import limited_by
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load import http
from bench.peers import standby
from bench.people import Person
from bench.system import System

CONNECTIONS, CHATS, MEMBERS = 64, 10, 100
MIX = ["post"] * 12 + ["read"] * 4 + ["react"] * 3 + ["edit"]
SLOW_DISK_MICROSECONDS, AWAY_MS = 2000, 1.0
COMMITS = 20
LEAST_TIMES = 5
PUBLIC = "UPDATE chats SET type = 'PublicChannel' WHERE id = ANY ($1)"
POST = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'to be edited') RETURNING id"


# The requests of a connection, by the server's address and its number.
Script = Callable[[str, int], list[bytes]]


@dataclass(frozen=True, slots=True)
class Effort:
    rounds: int
    warm_seconds: float
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(1, 0.1, 0.2),
    "normal": Effort(3, 0.5, 3),
    "full": Effort(7, 0.5, 6),
}


@dataclass(frozen=True, slots=True)
class Mixed:
    """The loads: `servers` are the address and process id of each chat_server, by name. `own` is a message of each
    person, with its chat; all of them are members of `channels`, too."""

    fechatter: System
    servers: dict[str, tuple[str, int]]
    senders: Sequence[Person]
    chats: Sequence[int]
    own: Sequence[tuple[int, int]]
    channels: Sequence[int]
    effort: Effort

    async def measure(self, name: str, script: Script) -> http.Load:
        """BenchError unless as many messages were stored meanwhile as were answered with 201."""
        url, pid = self.servers[name]
        scripts = [script(url, number) for number in range(CONNECTIONS)]
        pids = {
            "chat-server": pid,
            "notify-server": self.fechatter.notify_pid,
            "postgres": self.fechatter.postgres_pid,
        }
        before = await self._stored()
        load = await http.drive(url, scripts, self.effort.seconds, pids, self.effort.warm_seconds)
        stored, posted = await self._stored() - before, load.found.answers.get(201, 0)
        if stored != posted:
            raise BenchError(f"{posted} posts were answered, and {stored} were stored")
        return load

    async def turns(self, script: Script) -> dict[str, http.Load]:
        measures = {name: lambda name=name: self.measure(name, script) for name in self.servers}
        found = await take_turns(self.effort.rounds, measures)
        return {name: median(loads) for name, loads in found.items()}

    async def commit_ms(self) -> float:
        """Of one row on an idle server."""
        await self.fechatter.sql.execute("CREATE TABLE IF NOT EXISTS bench_commits (number integer)")
        times = []
        for number in range(COMMITS):
            started = time.perf_counter()
            await self.fechatter.sql.execute("INSERT INTO bench_commits VALUES ($1)", number)
            times.append((time.perf_counter() - started) * 1000)
        return statistics.median(times)

    async def _stored(self) -> int:
        return int(await self.fechatter.sql.fetchval("SELECT count(*) FROM messages"))

    def memberships(self, url: str, number: int) -> list[bytes]:
        path = f"{url}/api/chats/{self.channels[number % CHATS]}"
        return [http.request("POST", f"{path}/{act}", self.senders[number]) for act in ("join", "leave")]

    def writes(self, url: str, number: int) -> list[bytes]:
        """Two rounds of the mix: the second takes back what the first has done, so that each act changes something."""
        sender, (chat, message) = self.senders[number], self.own[number]
        chance = random.Random(number)
        requests = []
        for turn in range(2):
            emojis = itertools.count()
            reads = itertools.count()
            for act in chance.sample(MIX, len(MIX)):
                path = f"{url}/api/chats/{chat}"
                if act == "post":
                    of_all = f"{url}/api/chats/{chance.choice(self.chats)}/messages"
                    requests.append(http.request("POST", of_all, sender, {"content": f"a message of {sender.id}"}))
                elif act == "read":
                    back = next(reads) % 2 == 0
                    body = {"seq": 1 if back else 1000}
                    requests.append(http.request("POST", f"{path}/{'unread' if back else 'read'}", sender, body))
                elif act == "react":
                    at = f"{path}/messages/{message}/reactions/:mixed_{next(emojis)}:"
                    requests.append(http.request("DELETE" if turn else "PUT", at, sender))
                else:
                    edit = {"content": f"edited, turn {turn}"}
                    requests.append(http.request("PATCH", f"{path}/messages/{message}", sender, edit))
        return requests


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    results = []
    async with system.running() as fechatter, _mixed(fechatter, effort) as mixed:
        places: dict[str, Callable[[], AbstractAsyncContextManager[None]]] = {
            "this disk": lambda: _as_it_is(),
            "slow disk": lambda: _slow_disk(fechatter),
            "synchronous standby": lambda: _standby(fechatter),
        }
        for name, place in places.items():
            async with place():
                commit = await mixed.commit_ms()
                loads, joins = await mixed.turns(mixed.writes), await mixed.turns(mixed.memberships)
            results += [Result(f"one commit, {name}", commit, "ms"), _rate(name, loads), _memberships(name, joins)]
    return results


def _rate(name: str, loads: dict[str, http.Load]) -> Result:
    ours, other = loads["batched"], loads["each act commits"]
    is_slow = name != "this disk"
    return Result(
        *(f"writes, {name}", ours.per_second, "/s", "each act commits", other.per_second),
        target=f"≥ {LEAST_TIMES} ×" if is_slow else "",
        reached=ours.per_second >= LEAST_TIMES * other.per_second if is_slow else None,
        note=_note(ours, other),
    )


def _memberships(name: str, loads: dict[str, http.Load]) -> Result:
    ours, other = loads["batched"], loads["each act commits"]
    return Result(
        *(f"memberships, {name}", ours.per_second, "/s", "each act commits", other.per_second),
        note=_note(ours, other),
    )


def _note(ours: http.Load, other: http.Load) -> str:
    return (
        f"{limited_by(ours.shares)}; {ours.servers_cpu_us:.0f} µs of CPU a write, answered in "
        f"p50 {ours.found.p50_ms:.1f} ms, p99 {ours.found.p99_ms:.1f}; each by itself {other.servers_cpu_us:.0f} µs, "
        f"p50 {other.found.p50_ms:.1f} ms, p99 {other.found.p99_ms:.1f}"
    )


@asynccontextmanager
async def _mixed(fechatter: System, effort: Effort) -> AsyncIterator[Mixed]:
    workspace = await people.add_workspace(fechatter.sql)
    senders = await people.add_people(fechatter.sql, fechatter.signer, workspace, MEMBERS)
    chats = await people.add_chats(fechatter.sql, workspace, CHATS, senders)
    channels = await people.add_chats(fechatter.sql, workspace, CHATS, senders)
    async with fechatter.sql.transaction():
        await fechatter.sql.execute(copying.QUIETLY)
        await fechatter.sql.execute(PUBLIC, channels)
    writing = senders[1 : CONNECTIONS + 1]  # the first owns the chats
    own = []
    for number, sender in enumerate(writing):
        chat = chats[number % CHATS]
        own.append((chat, await fechatter.sql.fetchval(POST, chat, sender.id)))
    await people.settle(fechatter.sql)
    async with (
        system.chat_server(fechatter, arguments=["chat-server"]) as batched,
        system.chat_server(fechatter, module="bench.benchmarks.mixed_server") as by_itself,
    ):
        servers = {"batched": batched, "each act commits": by_itself}
        yield Mixed(fechatter, servers, writing, chats, own, channels, effort)


@asynccontextmanager
async def _as_it_is() -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _slow_disk(fechatter: System) -> AsyncIterator[None]:
    async with standby.configured(fechatter.sql, {"commit_delay": str(SLOW_DISK_MICROSECONDS), "commit_siblings": "0"}):
        yield


@asynccontextmanager
async def _standby(fechatter: System) -> AsyncIterator[None]:
    async with (
        standby.running(fechatter, AWAY_MS),
        standby.configured(fechatter.sql, {"synchronous_standby_names": "*"}),
    ):
        yield
