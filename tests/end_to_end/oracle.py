"""A random session under random kills, held against the oracle: what was lost, doubled, leaked or out of order.

`test_oracle.py` runs it for seconds, `make oracle MINUTES=10` for as long as one likes.

Everything is real: Postgres with fsync on, both servers as processes, notify_server with two workers. People do what
tests/end_to_end/streams/test_snapshot_and_events.py has them do over REST and in SQL, and two psql users what
tests/sql/log/test_events_tell_all.py has. Meanwhile each person's followers read the event stream: over SSE by token
and by ticket, over the WebSocket by token and by ticket, and with the client's own `events()`, from where they stopped
or from further back. One part after the other is killed with SIGKILL and started again. Who may see each event is
worked out from the tables before and after each commit (tests/support/oracle.py).
"""

import asyncio
import json
import random
import string
import subprocess
import time
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, get_args

import asyncpg
import psutil
from fechatter_client import Problem, Stream, Unreachable
from fechatter_client.models.events import EPHEMERAL
from fechatter_client.stream import PATH as STREAM_PATH
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.problems import DATABASE_ERRORS
from tests.end_to_end.operations.test_workers import workers
from tests.end_to_end.parts import kill_postgres, parts
from tests.end_to_end.streams.test_snapshot_and_events import WEIGHTED, Scene
from tests.end_to_end.system import Person, System
from tests.sql.log.test_events_tell_all import act, attempt
from tests.support.clients.plain_http import plain_http
from tests.support.clients.ws import PATH as SOCKET_PATH
from tests.support.oracle import INSTALL, Faults, Got, History

# What is killed together: these first, and then any of them or one part alone.
TOGETHER = (("notify_server", "chat_server"), ("a worker of it", "postgres"))
ROUNDS = (*TOGETHER, *((part,) for parts in TOGETHER for part in parts))
FOLLOWERS = 3  # for each person
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

# The last is fechatter-client's `events()`, one connection after the other.
Transport = Literal["sse", "sse by ticket", "websocket", "websocket by ticket", "client"]
Frames = AsyncGenerator[tuple[str, str], None]


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
    """What happened, and what was wrong with it. `untold`: what the tables say and the log does not."""

    seconds: float
    operations: int
    kills: Counter[str]
    events: int
    frames: int
    connections: Counter[str]
    refused: Counter[str]
    faults: Faults
    untold: list[str]
    unkept: set[int]
    resets: list[str]

    def clean(self) -> bool:
        return not (self.faults.any() or self.untold or self.unkept or self.resets)

    def __str__(self) -> str:
        kills = ", ".join(f"{amount} × {part}" for part, amount in self.kills.items()) or "no kills"
        over = ", ".join(f"{amount} × {transport}" for transport, amount in self.connections.items())
        return (
            f"{self.operations} operations and {kills} in {self.seconds:.0f} s: {self.events} events, {self.frames} "
            f"frames over {over}; {len(self.resets)} resets, {len(self.unkept)} acknowledged messages lost, "
            f"{len(self.untold)} commits not told; frames: {self.faults}" + "".join(f"\n  {u}" for u in self.untold[:5])
        )


class Busy(Scene):
    """People to whom it may happen that a server is just being started again."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.acknowledged: set[int] = set()

    async def call(self, person: Person, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with asyncio.timeout(10):
            headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
            answer = await person.request(method, path, json=body, headers=headers)
        assert answer.status_code in (502, 503) or answer.status_code < 500, f"{method} {path}: {answer.text}"
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
    begun: str = ""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)  # one more operation
    reviving: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended_alone: int = 0
    operations: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: set[int] = field(default_factory=set)
    connections: list[Connected] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    # -- those who do something

    async def people_at_work(self) -> None:
        """One after the other, as fast as they are answered."""
        while not self.stop.is_set():
            with suppress(*DATABASE_ERRORS):
                async with self.system.sql() as sql:
                    workspaces = [self.people[0].workspace, self.people[2].workspace]
                    chats = [row["id"] for row in await sql.fetch("SELECT id FROM chats")]
                    busy = Busy(self.system, sql, self.people, chats, workspaces)
                    busy.acknowledged = self.acknowledged
                    while not self.stop.is_set():
                        await self._do(busy)
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
        self._count()

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
        """Kills one part and starts it again."""
        if part == "postgres":
            await kill_postgres(self.postgres)
        elif part == "a worker of it":
            with suppress(psutil.Error):  # it has ended by itself: Postgres is away too
                if found := [*workers(self.system.notify).values()]:
                    self.rng.choice(found).kill()  # notify_server starts it again
        else:
            server = self.system.notify if part == "notify_server" else self.system.chat
            await server.kill()
            await server.start()
        self.kills[part] += 1

    async def revive(self) -> None:
        """Starts again what has ended by itself, as whatever runs the servers does: a notify_server whose worker dies
        while Postgres is away may give up."""
        async with self.reviving:
            for server in (self.system.chat, self.system.notify):
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
                epoch, _, first = self.begun.partition(".")
                cursor = f"{epoch}.{max(newest - back, int(first))}"
            await asyncio.sleep(0.02)  # the client's own backoff

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
        """Until the connection ends, or has brought a position."""
        try:
            async with aclosing(frames(person, connected.transport, connected.asked)) as coming:
                async for told, kind in coming:
                    position = int(told.partition(".")[2])
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
            working = [group.create_task(self.people_at_work()), group.create_task(self.psql("a"))]
            working.append(group.create_task(self.psql("b")))
            while time.monotonic() - began < seconds or rounds < kills or self.operations <= LEAST:
                enough = self.operations + self.rng.randint(20, 80)
                due = seconds * rounds / kills  # over all of the session, and so that they meet traffic
                while self._is_early(time.monotonic() - began, seconds, enough, due, last=rounds == kills):
                    self.done.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.done.wait(), 1)
                if rounds < kills:
                    killed = ROUNDS[rounds] if rounds < len(TOGETHER) else self.rng.choice(ROUNDS)
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
            kept = {row[0] for row in await sql.fetch(MESSAGES)}
        found = Faults()
        for connected in self.connections:
            if connected.start is not None:
                final = connected.opened_at > history.times[-1]
                got = self._got(history, connected, ended if final else {})
                found.add(history.faults(got, to=ended[connected.user] if final else 0))
        return Outcome(
            seconds=time.monotonic() - began,
            operations=self.operations,
            kills=self.kills,
            events=len(history.events),
            frames=sum(len(connected.frames) for connected in self.connections),
            connections=Counter(c.transport for c in self.connections if c.start is not None),
            refused=self.refused,
            faults=found,
            untold=history.untold,
            unkept=self.acknowledged - kept,
            resets=[connected.reset for connected in self.connections if connected.reset],
        )

    async def until_all_is_there(self) -> dict[int, int]:
        """Each person comes back once more over each transport, from the beginning and from further on, and reads up to
        a change of their own that comes last. Returns its position, by person."""
        last: dict[int, int] = {}
        async with self.system.sql() as sql:
            for person in self.people:
                await sql.execute("UPDATE users SET fullname = $1 WHERE id = $2", f"mark {uuid.uuid4()}", person.id)
                last[person.id] = await sql.fetchval(MARK, person.id)
            # A server has told these alone: what was killed in mid-commit has left its position empty.
            told = [row[0] for row in await sql.fetch("SELECT position FROM events ORDER BY position")]
        first, head = int(self.begun.partition(".")[2]), max(last.values())

        async def come_back(person: Person, transport: Transport, cursor: int) -> None:
            asked = f"{self.begun.partition('.')[0]}.{cursor}"
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


async def frames(person: Person, transport: Transport, cursor: str | None) -> Frames:
    """Cursor and kind of each frame that has a cursor of its own; of a reset also why."""
    if transport == "client":
        async with aclosing(person.events(cursor)) as events:
            async for event in events:
                if event.kind not in EPHEMERAL:
                    yield event.cursor, event.kind
        return
    ticket = (await person.add_ticket()).ticket if transport.endswith("by ticket") else None
    if transport.startswith("sse"):
        query = f"?ticket={ticket}" if ticket else ""
        token = None if ticket else await person.access_token()
        async with (
            plain_http() as http,
            Stream(http, person.notify_url + STREAM_PATH + query, token=token, cursor=cursor) as stream,
        ):
            async for frame in stream:
                if frame.kind not in EPHEMERAL:
                    yield frame.cursor, f"reset {frame.data}" if frame.kind == "reset" else frame.kind
        return
    asked = [*([f"ticket={ticket}"] if ticket else []), *([f"last_event_id={cursor}"] if cursor else [])]
    headers = {} if ticket else {"Authorization": f"Bearer {await person.access_token()}"}
    url = f"{person.notify_url.replace('http', 'ws', 1)}{SOCKET_PATH}?{'&'.join(asked)}"
    async with connect(
        url, additional_headers=headers, proxy=None, max_size=None, ping_interval=None, close_timeout=1
    ) as socket:
        async for text in socket:
            told = json.loads(text)
            if "cursor" in told:
                yield told["cursor"], f"reset {told['payload']}" if told["type"] == "reset" else told["type"]


@asynccontextmanager
async def session(keys: Path, seed: str) -> AsyncIterator[Session]:
    """Four people of one workspace, of whom two have one of their own, and an outsider."""
    async with AsyncExitStack() as stack:
        settings = {"notify__retry_milliseconds": 20, "notify__workers": 2}
        postgres, system = await stack.enter_async_context(parts(keys, **settings))
        people = await system.team("Ada", "Grace", "Mary", "Joan")
        people.append(await system.sign_up("Eve"))
        await system.group(*people[:4])
        yield Session(postgres, system, random.Random(seed), people)
