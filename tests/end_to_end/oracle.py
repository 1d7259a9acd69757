"""A random session under random kills, held against the oracle: what was lost, doubled, leaked or out of order.

`test_oracle.py` runs it for seconds, `make oracle MINUTES=10` for as long as one likes, and drills (tests/drills) with
the log over NATS and other faults.

Everything is real: Postgres with fsync on, both servers as processes, each with two workers. People do what
tests/end_to_end/streams/test_snapshot_and_events.py has them do over REST and in SQL; others do several things at the
same moment (bursts.py), and two psql users what tests/sql/log/test_events_tell_all.py has. Meanwhile each person's
followers read the event stream: over SSE by token and by ticket, over the WebSocket by token and by ticket, and with
the client's own `events()`, from where they stopped or from further back. One part after the other is killed with
SIGKILL and started again. Who may see each event is worked out from the tables before and after each commit
(tests/support/oracle.py).
"""

import asyncio
import random
import string
import subprocess
import time
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import asyncpg
import psutil
from fechatter_client import Problem, Unreachable
from websockets.exceptions import InvalidHandshake, WebSocketException

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.problems import DATABASE_ERRORS
from tests.end_to_end.bursts import REACTED, burst
from tests.end_to_end.operations.test_workers import workers
from tests.end_to_end.parts import Cluster, kill_postgres, parts
from tests.end_to_end.streams.test_snapshot_and_events import WEIGHTED, Scene
from tests.end_to_end.system import Person, System
from tests.end_to_end.transports import Transport, frames
from tests.sql.log.test_events_tell_all import act, attempt
from tests.support.oracle import INSTALL, Faults, Got, History
from tests.support.servers import ServerProcess
from tests.support.services.balancer import Balancer
from tests.support.services.nats import LossyNats, NatsServer, nats_server

# What is killed together: these first, and then any of them or one part alone.
TOGETHER = (("notify_server", "chat_server"), ("a worker of it", "postgres"))
ROUNDS = (*TOGETHER, *((part,) for parts in TOGETHER for part in parts), ("a worker of chat_server",))
# Where the log comes over NATS; what is frozen stays so for longer than the relay waits for a heartbeat.
RELAY_ROUNDS = (("NATS",), ("NATS, frozen",), ("a worker of it, frozen",), ("a worker of it", "NATS, frozen"))
FROZEN_SECONDS = 3.5
FOLLOWERS = 3  # for each person
# Positions that everybody reads once more in the end, over each transport: all of them, unless the run was a long one;
# those before were read while they were written.
MOST_READ_AGAIN = 30_000
LEAST = 100  # operations of a session, on however slow a machine
# How long after its beginning a connection may still be replaying, and how far a server may be behind the log.
REPLAY_SECONDS, BEHIND_SECONDS = 5.0, 10.0
# How far back a follower goes at most, in events.
BACK = 3000

MARK = "SELECT max(position) FROM events WHERE kind = 'UserUpdated' AND user_id = $1"
MESSAGES = """
SELECT message_id FROM events WHERE message_id IS NOT NULL
UNION SELECT (payload ->> 'id')::bigint FROM events WHERE kind = 'MessageDeleted'
"""


@dataclass
class Connected:
    """One connection of a follower. `frames` are position, kind and time of each."""

    user: int
    transport: Transport
    asked: str | None
    opened_at: float
    start: int | None = None
    reset: str | None = None
    frames: list[tuple[int, str, float]] = field(default_factory=list)


@dataclass
class Outcome:
    """What happened, and what was wrong with it. `untold`: what the tables say and the log does not.
    `unkept`: messages that were acknowledged, and emoji of reactions; `repeated`: what was done more than once."""

    seconds: float
    operations: int
    acts: Counter[str]
    kills: Counter[str]
    events: int
    frames: int
    connections: Counter[str]
    refused: Counter[str]
    faults: Faults
    untold: list[str]
    unkept: set[int | str]
    repeated: list[str]
    resets: list[str]

    def clean(self) -> bool:
        return not (self.faults.any() or self.untold or self.unkept or self.repeated or self.resets)

    def short(self) -> str:
        """In a row of a table."""
        return (
            f"{self.kills.total()} faults in {self.seconds:.0f} s, {self.operations} operations, {self.events} events, "
            f"{self.frames} frames: {self.faults.counts()}, {len(self.unkept)} acknowledged lost, {len(self.resets)} "
            f"resets, {len(self.repeated)} repeated"
        )

    def __str__(self) -> str:
        kills = ", ".join(f"{amount} × {part}" for part, amount in self.kills.items()) or "no kills"
        over = ", ".join(f"{amount} × {transport}" for transport, amount in self.connections.items())
        return (
            f"{self.operations} operations, in bursts {dict(self.acts)}, "
            f"and {kills} in {self.seconds:.0f} s: {self.events} events, {self.frames} "
            f"frames over {over}; {len(self.resets)} resets, {len(self.unkept)} acknowledged messages and reactions "
            f"lost, {len(self.repeated)} repeated, {len(self.untold)} commits not told; frames: {self.faults}"
            + "".join(f"\n  {one}" for one in [*self.untold[:5], *self.repeated[:5], *self.resets[:5]])
        )


class Busy(Scene):
    """People to whom it may happen that a server is just being started again."""

    away = (502, 503)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.acknowledged: set[int | str] = set()
        self.statuses: Counter[int] = Counter()
        self.acts: Counter[str] = Counter()

    async def call(self, person: Person, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with asyncio.timeout(10):
            headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
            answer = await person.request(method, path, json=body, headers=headers)
        self.statuses[answer.status_code] += 1
        assert answer.status_code in self.away or answer.status_code < 500, f"{method} {path}: {answer.text}"
        made = answer.json() if answer.is_success and answer.content else None
        if made and method == "POST" and path.endswith("/messages"):
            self.acknowledged.add(made["id"])
        return made


@dataclass
class Session:
    postgres: EmbeddedPostgres
    system: System
    rng: random.Random
    people: list[Person]
    nats: NatsServer | None = None
    nodes: list[ServerProcess] = field(default_factory=list)  # notify_servers beside the system's
    chats: list[ServerProcess] = field(default_factory=list)  # all chat_servers
    faults: dict[str, Callable[[], Awaitable[None]]] = field(
        default_factory=dict
    )  # a drill's own, instead of those above
    statuses: Counter[int] = field(default_factory=Counter)
    begun: str = ""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)  # one more operation
    reviving: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended_alone: int = 0
    operations: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: set[int | str] = field(default_factory=set)
    acts: Counter[str] = field(default_factory=Counter)  # in bursts, those that were acknowledged
    connections: list[Connected] = field(default_factory=list)
    # The epochs that were seen, in order, each with the newest position of it.
    epochs: dict[str, int] = field(default_factory=dict)
    # The positions that servers have told somebody, in order.
    told: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    # -- those who do something

    async def people_at_work(self, do: Callable[[Busy], Awaitable[None]]) -> None:
        """One thing after the other, as fast as they are answered."""
        while not self.stop.is_set():
            with suppress(*DATABASE_ERRORS):
                async with self.system.sql() as sql:
                    workspaces = [self.people[0].workspace, self.people[2].workspace]
                    chats = [row["id"] for row in await sql.fetch("SELECT id FROM chats")]
                    busy = Busy(self.system, sql, self.people, chats, workspaces)
                    busy.acknowledged, busy.statuses, busy.acts = self.acknowledged, self.statuses, self.acts
                    while not self.stop.is_set():
                        await do(busy)
                        self._count()
            await asyncio.sleep(0.02)  # the writer's own backoff

    async def _do(self, busy: Busy) -> None:
        action = self.rng.choice([action for action in WEIGHTED if action != "reconnect"])
        text = "".join(self.rng.choices(string.ascii_lowercase, k=self.rng.randint(1, 8)))
        who, whom, where = (self.rng.randrange(len(self.people)) for _ in range(3))
        with suppress(Unreachable, TimeoutError, Problem):
            try:
                await busy.act(action, who, whom, where, text)
            except asyncpg.PostgresError as error:
                if isinstance(error, DATABASE_ERRORS):
                    raise

    async def _burst(self, busy: Busy) -> None:
        await burst(busy, self.rng)
        await asyncio.sleep(0.02)  # where there is no chat

    def _count(self) -> None:
        self.operations += 1
        self.done.set()

    async def psql(self, name: str) -> None:
        """Transactions of several statements, some rolled back."""
        world: Any = SimpleNamespace(people={p.id: p.id for p in self.people}, acme=self.people[0].workspace)
        while not self.stop.is_set():
            with suppress(*DATABASE_ERRORS):
                async with self.system.sql() as sql:
                    while not self.stop.is_set():
                        async with attempt(sql, kept=self.rng.random() < 0.85):
                            for _ in range(self.rng.randint(1, 3)):
                                await act(sql, self.rng, world, f"{name}-{self.operations}")
                        self._count()
                        await asyncio.sleep(0)
            await asyncio.sleep(0.02)

    async def kill(self, part: str) -> None:
        """Kills one part and starts it again, or freezes it for a while."""
        if part in self.faults:
            await self.faults[part]()
        elif part == "postgres":
            await kill_postgres(self.postgres)
        elif part in ("a worker of it", "a worker of chat_server"):
            of = self.system.chat if part == "a worker of chat_server" else self.system.notify
            with suppress(psutil.Error):  # it has ended by itself: Postgres is away too
                if found := [*workers(of).values()]:
                    self.rng.choice(found).kill()  # its server starts it again
        elif part == "a worker of it, frozen":
            with suppress(psutil.Error):
                if found := [*workers(self.system.notify).values()]:
                    frozen = self.rng.choice(found)
                    frozen.suspend()
                    await asyncio.sleep(FROZEN_SECONDS)
                    frozen.resume()
        elif part == "NATS":
            assert self.nats is not None
            await self.nats.kill()
            await self.nats.start()
        elif part == "NATS, frozen":
            assert self.nats is not None
            self.nats.freeze()
            await asyncio.sleep(FROZEN_SECONDS)
            self.nats.thaw()
        else:
            server = self.system.notify if part == "notify_server" else self.system.chat
            await server.kill()
            await server.start()
        self.kills[part] += 1

    async def revive(self) -> None:
        """Starts again what has ended by itself, as whatever runs the servers does: a notify_server whose worker dies
        while Postgres is away may give up."""
        async with self.reviving:
            for server in (*self.chats, self.system.notify, *self.nodes):
                with suppress(subprocess.TimeoutExpired):
                    await server.wait(0)
                    self.ended_alone += 1
                    await server.start()

    # -- those who listen

    async def follow(self, person: Person) -> None:
        """One connection after the other, without end."""
        cursor: str | None = self.begun
        while True:
            connected = await self.connection(person, cursor, self.rng.expovariate(1 / 4))
            if connected is not None and connected.frames:
                newest = connected.frames[-1][0]
                back = self.rng.randint(0, BACK) if self.rng.random() < 0.15 else 0
                cursor = self._cursor(max(self._told_by(newest - back), int(self.begun.partition(".")[2])))
            await asyncio.sleep(0.02)  # the client's own backoff

    def _told_by(self, position: int) -> int:
        """The last position up to there that is a cursor. What was killed in mid-commit has left others empty: of such
        a one the log says that it does not reach back to it."""
        number = bisect_right(self.told, position)
        return self.told[number - 1] if number else 0

    def _learn(self, position: int) -> None:
        number = bisect_right(self.told, position)
        if not number or self.told[number - 1] != position:
            self.told.insert(number, position)

    def _cursor(self, position: int) -> str:
        """Of the epoch in which it was seen; else of the newest one."""
        newest = next(reversed(self.epochs), self.begun.partition(".")[0])
        seen = (epoch for epoch, last in self.epochs.items() if position <= last)
        return f"{next(seen, newest)}.{position}"

    async def connection(self, person: Person, cursor: str | None, seconds: float) -> Connected | None:
        """What comes over a connection in some seconds, unless it ends before. None where there was none."""
        transport = self.rng.choice(get_args(Transport))
        connected = Connected(person.id, transport, cursor, time.time())
        self.connections.append(connected)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.read(person, connected)
        return connected if connected.start is not None else None

    async def read(self, person: Person, connected: Connected, to: int | None = None) -> None:
        """Until the connection ends, or has brought a position. Any notify_server will do."""
        person.notify_url = self.rng.choice([self.system.notify, *self.nodes]).url
        try:
            async with aclosing(frames(person, connected.transport, connected.asked)) as coming:
                async for told, kind in coming:
                    epoch, _, place = told.partition(".")
                    position = int(place)
                    self.epochs[epoch] = max(position, self.epochs.get(epoch, 0))
                    self._learn(position)
                    if kind.startswith(("reset", "Snapshot")):
                        connected.reset = f"{kind}: asked for {connected.asked}, came to {told}"
                    elif kind == "ready":
                        connected.start = position if connected.start is None else connected.start
                    else:
                        connected.frames.append((position, kind, time.time()))
                        if to is not None and position >= to:
                            return
        except Problem as problem:
            self.refused[problem.code] += 1
        except (Unreachable, OSError, WebSocketException, InvalidHandshake):
            self.refused["cut"] += 1

    # -- the session

    async def run(self, seconds: float, kills: int, report: Callable[[str], None]) -> Outcome:
        """So many seconds, or longer, until there were so many rounds of kills and LEAST operations; then all is
        counted."""
        began, rounds = time.monotonic(), 0
        async with self.system.sql() as sql:
            await sql.execute(INSTALL)
            self.begun = await sql.fetchval("SELECT log_cursor()")
        async with asyncio.TaskGroup() as group:
            following = [group.create_task(self.follow(p)) for p in self.people for _ in range(FOLLOWERS)]
            at_work = self.people_at_work(self._do), self.people_at_work(self._burst), self.psql("a"), self.psql("b")
            working = [group.create_task(one) for one in at_work]
            while time.monotonic() - began < seconds or rounds < kills or self.operations <= LEAST:
                enough = self.operations + self.rng.randint(20, 80)
                due = seconds * rounds / kills  # over all of the session, and so that they meet traffic
                while self._is_early(time.monotonic() - began, seconds, enough, due, last=rounds == kills):
                    self.done.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.done.wait(), 1)
                if rounds < kills:
                    killed = self._round(rounds)
                    rounds += 1
                    await asyncio.gather(*map(self.kill, killed))
                    await self.revive()
                    report(f"{time.monotonic() - began:.0f} s: {self.operations} operations; killed {killed}")
            self.stop.set()
            await asyncio.gather(*working)
            for task in following:
                task.cancel()
        ended = await self.until_all_is_there()
        async with self.system.sql() as sql:
            history = await History.read(sql)
            kept: set[int | str] = {row[0] for row in await sql.fetch(MESSAGES)}
            reacted = dict(map(tuple, await sql.fetch(REACTED)))
        found = Faults()
        for connected in self.connections:
            if connected.start is not None:
                final = connected.opened_at > history.times[-1]
                got = self._got(history, connected, ended if final else {})
                found.add(history.faults(got, to=ended[connected.user] if final else 0))
        return Outcome(
            seconds=time.monotonic() - began,
            operations=self.operations,
            acts=self.acts,
            kills=self.kills,
            events=len(history.events),
            frames=sum(len(connected.frames) for connected in self.connections),
            connections=Counter(c.transport for c in self.connections if c.start is not None),
            refused=self.refused,
            faults=found,
            untold=history.untold,
            unkept=self.acknowledged - kept - reacted.keys(),
            repeated=[f"{one}: {reacted[one]} times" for one in self.acknowledged & reacted.keys() if reacted[one] > 1],
            resets=[connected.reset for connected in self.connections if connected.reset],
        )

    async def until_all_is_there(self) -> dict[int, int]:
        """Each person comes back once more over each transport, from the beginning (of a long log, from where its end
        begins) and from further on, and reads up to a change of their own that comes last. Returns its position, by
        person."""
        last: dict[int, int] = {}
        async with self.system.sql() as sql:
            for person in self.people:
                await sql.execute("UPDATE users SET fullname = $1 WHERE id = $2", f"mark {uuid.uuid4()}", person.id)
                last[person.id] = await sql.fetchval(MARK, person.id)
            # A server has told these alone: what was killed in mid-commit has left its position empty.
            told = [row[0] for row in await sql.fetch("SELECT position FROM events ORDER BY position")]
        head = max(last.values())
        long_ago = told[max(0, bisect_right(told, head - MOST_READ_AGAIN) - 1)]
        first = max(int(self.begun.partition(".")[2]), long_ago)

        async def come_back(person: Person, transport: Transport, cursor: int) -> None:
            asked = self._cursor(cursor)
            deadline = time.monotonic() + 60
            while True:
                connected = Connected(person.id, transport, asked, time.time())
                with suppress(TimeoutError):
                    async with asyncio.timeout(10):
                        await self.read(person, connected, to=last[person.id])
                reached = connected.frames and connected.frames[-1][0] >= last[person.id]
                if reached or (connected.start is not None and time.monotonic() > deadline):
                    self.connections.append(connected)  # what has not come by now is lost
                    return
                await self.revive()
                assert time.monotonic() < deadline, f"{person.id} cannot connect over {transport}"
                await asyncio.sleep(0.02)  # the client's own backoff

        async with asyncio.TaskGroup() as group:
            for person in self.people:
                for transport in get_args(Transport):
                    for cursor in (first, self.rng.randint(first, head - 1)):
                        newest = told[bisect_right(told, min(cursor, last[person.id] - 1)) - 1]
                        group.create_task(come_back(person, transport, max(first, newest)))
        return last

    def _round(self, number: int) -> tuple[str, ...]:
        if self.faults:  # each once, and then any
            names = list(self.faults)
            return (names[number] if number < len(names) else self.rng.choice(names),)
        choice = ROUNDS if self.nats is None else ROUNDS + RELAY_ROUNDS
        return ROUNDS[number] if number < len(TOGETHER) else self.rng.choice(choice)

    def _is_early(self, elapsed: float, seconds: float, enough: int, due: float, *, last: bool) -> bool:
        """Whether to wait before the next round of kills, or after the last one before the end."""
        if elapsed >= seconds:  # a slow machine: the rounds follow each other, and then the least of operations
            return last and self.operations <= LEAST
        return self.operations < enough or elapsed < due

    def _got(self, history: History, connected: Connected, ended: dict[int, int]) -> Got:
        assert connected.start is not None
        told = [(position, kind, history.head_at(at)) for position, kind, at in connected.frames]
        # Those who came back in the end came to servers that had read the whole log.
        knew = ended.get(connected.user) or history.head_at(connected.opened_at - BEHIND_SECONDS)
        replayed = float("inf") if connected.transport == "client" else connected.opened_at + REPLAY_SECONDS
        return Got(connected.user, connected.start, knew, told, history.head_at(replayed))


@asynccontextmanager
async def session(
    keys: Path,
    seed: str,
    *,
    relayed: bool = False,
    nodes: int = 0,
    chats: int = 1,
    cluster: Cluster | None = None,
    **others: object,
) -> AsyncIterator[Session]:
    """Four people of one workspace, of whom two have one of their own, and an outsider. `relayed`: the log comes over
    NATS, which loses some frames and doubles others. `nodes`: notify_servers beside the first one, each of one worker;
    without any that one has two. `chats`: chat_servers, with more than one behind a balancer; one alone has two
    workers. `others` are settings."""
    async with AsyncExitStack() as stack:
        settings: dict[str, object] = {
            "notify__retry_milliseconds": 20,
            "notify__workers": 1 if nodes else 2,
            "server__workers": 1 if chats > 1 else 2,
            **others,
        }
        nats = None
        if relayed:
            nats = await stack.enter_async_context(nats_server())
            settings["nats__servers"] = (await stack.enter_async_context(LossyNats(nats))).url
        postgres, system = await stack.enter_async_context(parts(keys, cluster, **settings))
        servers = [system.chat, *(system.chat.twin() for _ in range(chats - 1))]
        for server in servers[1:]:
            stack.push_async_callback(server.stop)
            await server.start()
        if chats > 1:
            balancer = Balancer([server.port for server in servers])
            system.chat.url = (await stack.enter_async_context(balancer)).url
        people = await system.team("Ada", "Grace", "Mary", "Joan")
        people.append(await system.sign_up("Eve"))
        await system.group(*people[:4])
        more_nodes = [system.notify.twin() for _ in range(nodes)]
        for node in more_nodes:
            stack.push_async_callback(node.stop)
            await node.start()
        yield Session(postgres, system, random.Random(seed), people, nats, more_nodes, servers)
