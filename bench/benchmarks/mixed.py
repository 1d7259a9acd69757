"""A mix of writes: 64 connections, each a person, in 10 chats of 100 members, as fast as they are answered. Of 20
requests 12 post, 4 move the read marker, 3 react and 1 edits. And memberships: each joins a public channel and leaves
it again.

Beside it, in turns, the same on a chat_server in which each act commits by itself (mixed_server.py), and on that of the
code before, which has a Fechatter of its own. All of it on this disk; on a slow one, as in send_slow_disk.py; and with
a synchronous standby on this machine that is 1 ms away, there and back: PostgreSQL's own replication through a proxy
that holds back what it forwards.
"""

import itertools
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bench import people, system
from bench.benchmarks.send import median
from bench.cells import copying
from bench.code import OURS, Code, beside_before, codes
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
TIMES_BEFORE = 5
BY_ITSELF = "each act commits"
PUBLIC = "UPDATE chats SET type = 'PublicChannel' WHERE id = ANY ($1)"
POST = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'to be edited') RETURNING id"


# The requests of a connection, by the server's address and its number.
Script = Callable[["Mixed", str, int], list[bytes]]


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
        scripts = [script(self, url, number) for number in range(CONNECTIONS)]
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
        """Joining comes first: a member may join, but who has left, as a round may end, may not leave."""
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
    async with AsyncExitStack() as stack:
        sides = [await stack.enter_async_context(_mixed(code, effort)) for code in codes()]
        for place, made in PLACES.items():
            async with AsyncExitStack() as there:
                for mixed in sides:
                    await there.enter_async_context(made(mixed.fechatter))
                commit = await sides[0].commit_ms()
                writes, joins = await _turns(sides, Mixed.writes), await _turns(sides, Mixed.memberships)
            results.append(Result(f"one commit, {place}", commit, "ms"))
            results += _rates(f"writes, {place}", writes, TIMES_BEFORE) + _rates(f"memberships, {place}", joins)
    return results


async def _turns(sides: Sequence[Mixed], script: Script) -> dict[str, list[http.Load]]:
    measures = {name: partial(mixed.measure, name, script) for mixed in sides for name in mixed.servers}
    return await take_turns(sides[0].effort.rounds, measures)


def _rates(rate: str, found: Mapping[str, Sequence[http.Load]], at_least: float | None = None) -> list[Result]:
    middle = {name: [median(loads)] for name, loads in found.items()}
    [ours], [other] = middle[OURS.name], middle[BY_ITSELF]
    note = f"{limited_by(ours.shares)}; " + "; ".join(f"{name}: {_costs(load)}" for name, [load] in middle.items())
    return [
        Result(rate, ours.per_second, "/s", BY_ITSELF, other.per_second, note=note),
        *beside_before(rate, "/s", middle, lambda load: load.per_second, at_least=at_least),
        *beside_before(f"CPU of {rate}", "µs", middle, lambda load: load.servers_cpu_us),
    ]


def _costs(load: http.Load) -> str:
    times = f"p50 {load.found.p50_ms:.1f} ms, p99 {load.found.p99_ms:.1f}"
    return f"{load.servers_cpu_us:.0f} µs of CPU a write, answered in {times}"


@asynccontextmanager
async def _mixed(code: Code, effort: Effort) -> AsyncIterator[Mixed]:
    async with AsyncExitStack() as stack:
        fechatter = await stack.enter_async_context(system.running(code))
        filled = await _fill(fechatter)
        one_more = system.chat_server(fechatter, arguments=["chat-server"])
        servers = {code.name: await stack.enter_async_context(one_more)}
        if code == OURS:
            by_itself = system.chat_server(fechatter, module="bench.benchmarks.mixed_server")
            servers[BY_ITSELF] = await stack.enter_async_context(by_itself)
        yield Mixed(fechatter, servers, *filled, effort)


async def _fill(fechatter: System) -> tuple[list[Person], list[int], list[tuple[int, int]], list[int]]:
    """The senders, the chats, a message of each sender with its chat, and the channels that they leave and join."""
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
    return writing, chats, own, channels


@asynccontextmanager
async def _as_it_is(_: System) -> AsyncIterator[None]:
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


PLACES: dict[str, Callable[[System], AbstractAsyncContextManager[None]]] = {
    "this disk": _as_it_is,
    "slow disk": _slow_disk,
    "synchronous standby": _standby,
}
