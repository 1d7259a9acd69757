"""Traffic under random kills, and the count of what was lost, doubled or leaked.

`test_recovery.py` runs it for a few kills, `make recovery KILLS=100` for as many as one likes.

Everything is real: Postgres with fsync on, both servers as processes, writers over HTTP (with Idempotency-Key, so that
a retry after a crash is safe) and one in SQL, and two followers for every user: one that takes each connection as it is
and comes back with its cursor, and the client's own `events()`. One part after the other is killed with SIGKILL and
started again. In the end each follower must have received every message
of its chats exactly once and in the order of `seq`, whether or not its writer ever got an answer, and nothing else.
"""

import asyncio
import itertools
import os
import random
import signal
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from fechatter_client import Message, Problem, Unreachable

from chat_core import migrations
from chat_core.embedded import EmbeddedPostgres
from chat_core.problems import DATABASE_ERRORS
from tests.end_to_end.system import Person, System
from tests.support.listener import Listener, take_events
from tests.support.postgres import apply_roles, execute
from tests.support.servers import ServerProcess

PARTS = ("notify_server", "chat_server", "postgres")

# What each person has received.
Followers = dict[Person, list[Listener]]


@dataclass
class Outcome:
    """What the followers received, held against what the database has. Amounts of deliveries."""

    kills: dict[str, int]
    acknowledged: int
    committed: int
    delivered: int
    lost: int
    doubled: int
    leaked: int
    disordered: int
    resets: int
    reconnects: int
    seconds: float

    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.leaked or self.disordered or self.resets)

    def __str__(self) -> str:
        kills = ", ".join(f"{amount} × {part}" for part, amount in self.kills.items())
        return (
            f"{sum(self.kills.values())} kills ({kills}) in {self.seconds:.0f} s: "
            f"{self.acknowledged} messages acknowledged, {self.committed} committed, {self.delivered} deliveries "
            f"over {self.reconnects} connections; {self.lost} lost, {self.doubled} doubled, {self.leaked} leaked, "
            f"{self.disordered} out of order, {self.resets} resets"
        )


@dataclass
class World:
    """The parts, and the people in it: `chats` maps a chat to its members."""

    postgres: EmbeddedPostgres
    chat: ServerProcess
    notify: ServerProcess
    people: list[Person]
    chats: dict[int, list[Person]]
    acknowledged: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def owner_url(self) -> str:
        return self.postgres.dsn("fechatter")

    async def kill(self, part: str) -> None:
        """Kills one part and starts it again."""
        if part == "postgres":
            await kill_postgres(self.postgres)
        else:
            server = self.notify if part == "notify_server" else self.chat
            await server.kill()
            await server.start()


@asynccontextmanager
async def parts(keys: Path, **settings: object) -> AsyncIterator[tuple[EmbeddedPostgres, System]]:
    """A Postgres with fsync on, and both servers; `notify__retry_milliseconds=20` sets that."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fechatter-recovery-")))
        folder.chmod(0o711)  # as root, Postgres runs as another user, who has to get in
        postgres = await stack.enter_async_context(EmbeddedPostgres(folder / "data"))
        await execute(postgres, "CREATE DATABASE fechatter")
        connection = await asyncpg.connect(postgres.dsn("fechatter"))
        try:
            await migrations.up(connection, lambda _: None)
            await apply_roles(connection)
        finally:
            await connection.close()
        environment = {f"FECHATTER_{name.upper()}": str(value) for name, value in settings.items()}
        environment |= {"FECHATTER_AUTH__ACCESS_TOKEN_SECONDS": "86400"}
        chat = ServerProcess("chat-server", postgres.dsn("fechatter", "fechatter_chat"), keys, environment)
        notify = ServerProcess("notify-server", postgres.dsn("fechatter", "fechatter_notify"), keys, environment)
        for server in (chat, notify):
            stack.push_async_callback(server.stop)
        async with asyncio.TaskGroup() as group:
            group.create_task(chat.start())
            group.create_task(notify.start())
        system = System(postgres.dsn("fechatter"), chat, notify)
        stack.push_async_callback(system.forget_people)
        yield postgres, system


async def kill_postgres(postgres: EmbeddedPostgres) -> None:
    """And starts it again."""
    os.kill(postgres.pid, signal.SIGKILL)
    await postgres.wait()
    await postgres.start()


@asynccontextmanager
async def world(keys: Path) -> AsyncIterator[World]:
    """Five people in three chats of one workspace, and one outsider."""
    async with parts(keys, notify__retry_milliseconds=20) as (postgres, system):
        team = await system.team("Ada", "Grace", "Mary", "Joan", "Edith")
        chats = {}
        for members in (team[:3], team[1:4], team[2:]):
            chats[await system.group(*members, workspace=team[0].workspace)] = members
        yield World(postgres, system.chat, system.notify, [*team, await system.sign_up("Eve")], chats)


async def write_over_http(world: World, person: Person, chat: int, stop: asyncio.Event) -> None:
    """Posts until told to stop; each message is tried, under one key, until it is acknowledged."""
    while not stop.is_set():
        message = await _posted(person, chat, str(uuid.uuid4()))
        world.acknowledged[message.id] = (chat, message.seq)


async def _posted(person: Person, chat: int, key: str) -> Message:
    while True:
        try:
            async with asyncio.timeout(5):
                return await person.messages.post(chat, key, idempotency_key=key)
        except Problem as problem:
            if problem.status < 500:
                raise
        except (Unreachable, TimeoutError):
            pass
        await asyncio.sleep(0.02)  # the writer's own backoff


async def write_in_sql(world: World, person: Person, chat: int, stop: asyncio.Event) -> None:
    """A psql user's transactions: open for a while, several messages each, some rolled back."""
    while not stop.is_set():
        with suppress(*DATABASE_ERRORS):
            connection = await asyncpg.connect(world.owner_url, timeout=5, command_timeout=10)
            try:
                while not stop.is_set():
                    async with connection.transaction():
                        for _ in range(random.randint(1, 3)):
                            await connection.execute(
                                "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3)",
                                chat,
                                person.id,
                                str(uuid.uuid4()),
                            )
                            await asyncio.sleep(random.uniform(0, 0.01))
                        if random.random() < 0.2:
                            raise asyncpg.InterfaceError("rolled back on purpose")
            finally:
                connection.terminate()
        # A refused connect fails without ever giving way to others.
        await asyncio.sleep(0.02)


async def run(world: World, kills: int, report: Callable[[str], None] = lambda _: None) -> Outcome:
    """`kills` kills, at random moments, in traffic; then waits for the followers and counts."""
    started = time.monotonic()
    counts = dict.fromkeys(PARTS, 0)
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        followers = {
            person: [
                await stack.enter_async_context(follower)
                for follower in (person.follow(), take_events(person.events()))
            ]
            for person in world.people
        }
        writers = [
            asyncio.create_task(write(world, members[number], chat, stop))
            for chat, members in world.chats.items()
            for number, write in enumerate((write_over_http, write_over_http, write_in_sql))
        ]
        for number in range(kills):
            enough = len(world.acknowledged) + random.randint(5, 30)
            while len(world.acknowledged) < enough:  # so that every kill meets traffic
                failed = [task for task in writers if task.done()]
                if failed:
                    await failed[0]
                await asyncio.sleep(0.005)
            part = random.choice(PARTS)
            await world.kill(part)
            counts[part] += 1
            if number % 10 == 9:
                report(f"{number + 1} of {kills} kills, {len(world.acknowledged)} messages acknowledged")
        stop.set()
        await asyncio.gather(*writers)
        committed = await _committed(world)
        for person, stream in _pairs(followers):
            wanted = {message for chat, ids in committed.items() if person in world.chats[chat] for message in ids}
            with suppress(AssertionError):  # what is missing is counted below
                await stream.until(lambda s, w=wanted: w <= _messages(s).keys(), timeout=60)  # type: ignore[misc]
        return _count(world, followers, committed, counts, time.monotonic() - started)


def _pairs(followers: Followers) -> list[tuple[Person, Listener]]:
    return [(person, stream) for person, streams in followers.items() for stream in streams]


async def _committed(world: World) -> dict[int, list[int]]:
    connection = await asyncpg.connect(world.owner_url)
    try:
        rows = await connection.fetch("SELECT chat_id, id FROM messages ORDER BY chat_id, seq")
    finally:
        await connection.close()
    found: dict[int, list[int]] = {chat: [] for chat in world.chats}
    for row in rows:
        found[row["chat_id"]].append(row["id"])
    return found


def _messages(stream: Listener) -> dict[int, int]:
    """Message → how often it was received."""
    counts: dict[int, int] = {}
    for event in stream.events("NewMessage"):
        counts[event.data["id"]] = counts.get(event.data["id"], 0) + 1
    return counts


def _count(
    world: World, followers: Followers, committed: dict[int, list[int]], kills: dict[str, int], seconds: float
) -> Outcome:
    everything = {message for ids in committed.values() for message in ids}
    lost = len(world.acknowledged.keys() - everything)  # acknowledged, and not even in the database
    doubled = leaked = disordered = 0
    for person, stream in _pairs(followers):
        received = _messages(stream)
        allowed = {message for chat, ids in committed.items() if person in world.chats[chat] for message in ids}
        lost += len(allowed - received.keys())
        leaked += len(received.keys() - allowed)
        doubled += sum(amount - 1 for amount in received.values())
        positions = [event.position for event in stream.events()]
        disordered += sum(later <= earlier for earlier, later in itertools.pairwise(positions))
        for chat in world.chats:
            seqs = [event.data["seq"] for event in stream.events("NewMessage") if event.data["chat_id"] == chat]
            disordered += sum(later != earlier + 1 for earlier, later in itertools.pairwise(seqs))
    return Outcome(
        kills=kills,
        acknowledged=len(world.acknowledged),
        committed=len(everything),
        delivered=sum(sum(_messages(stream).values()) for _, stream in _pairs(followers)),
        lost=lost,
        doubled=doubled,
        leaked=leaked,
        disordered=disordered,
        resets=sum(len(stream.events("reset") + stream.events("Snapshot")) for _, stream in _pairs(followers)),
        reconnects=sum(stream.opens for _, stream in _pairs(followers)),
        seconds=seconds,
    )
