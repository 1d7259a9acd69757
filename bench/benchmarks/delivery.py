"""Delivery: what it costs to send an event of the log to a webhook, and to a stream of NATS JetStream.

Messages are posted first; then a subscription, or a sink, begins at a cursor before them and is sent all of them as
fast as it goes, in order or 16 at a time. The CPU is that of delivery_server and of Postgres, and with NATS of
nats-server. The floor, in turns with it, sends the same body as often: by httpx with an HMAC and nothing around it, or
by nats-py; its CPU is that of its process, and of nats-server. Receivers run in a process of their own, which counts
nowhere. Ids are checked: each event once, and in order where that is asked for.
"""

import asyncio
import contextlib
import json
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

from nats import connect
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from bench import people, system
from bench.figures.cpu import Meter, cpu_seconds
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load.generator import Generator, generator
from bench.peers import nats
from bench.system import System

CHATS = 4
WAIT_SECONDS = 300
AT_A_TIME = 16
SINK, STREAM = "bench", "FECHATTER"
EFFORT: dict[Size, tuple[int, int]] = {"tiny": (40, 1), "normal": (2_000, 3), "full": (10_000, 5)}
POST = """
    INSERT INTO messages (chat_id, sender_id, content)
    SELECT ($1::bigint[])[1 + n % cardinality($1::bigint[])], $2, 'message ' || n FROM generate_series(1, $3) n
"""
FEATURE = """
    INSERT INTO features (name, enabled) VALUES ('enable_bot_messages', true)
    ON CONFLICT (name) DO UPDATE SET enabled = true
"""
SUBSCRIBE = """
    INSERT INTO subscriptions (bot_id, name, address, kinds, ordered, epoch, position, disabled_at, disabled_because)
    VALUES ($1, 'bench', $2, '{NewMessage}', $3, $4, $5, now(), 'owner') RETURNING id
"""
HELD = "SELECT EXISTS (SELECT FROM sinks WHERE node IS NOT NULL)"
SENT = "SELECT sum(sent) >= $1 FROM sinks"
ENABLE = "UPDATE subscriptions SET disabled_at = NULL, disabled_because = NULL WHERE id = $1"


@dataclass(frozen=True)
class Found:
    """Of one turn: events a second, and µs of CPU an event."""

    rate: float
    cpu: float


@dataclass(frozen=True)
class Load:
    fechatter: System
    delivery_pid: int
    stream: "Stream"
    receiver: Generator
    sender: Generator
    url: str
    bot: int
    epoch: str
    before: int
    amount: int
    body: str = ""

    def meter(self, **more: int) -> Meter:
        return Meter(delivery=self.delivery_pid, postgres=self.fechatter.postgres_pid, **more)

    async def webhooks(self, ordered: bool) -> Found:
        sql = self.fechatter.sql
        await self.receiver.do("clear", amount=self.amount)
        subscription = await sql.fetchval(SUBSCRIBE, self.bot, self.url, ordered, self.epoch, self.before)
        await sql.execute("SELECT add_secret($1, 'v1', $2)", subscription, b"k" * 32)
        meter = self.meter()
        began = monotonic()
        await sql.execute(ENABLE, subscription)
        answer = await self.receiver.do("received")
        seconds = monotonic() - began
        used = sum(meter.stop()[name] for name in ("delivery", "postgres")) * meter.seconds
        await sql.execute("DELETE FROM subscriptions WHERE id = $1", subscription)
        positions = [int(each.partition("-")[2]) for each in answer["ids"]]
        if len(set(positions)) < self.amount or (ordered and positions != sorted(set(positions))):
            raise BenchError("the receiver did not get each event once, and in order")
        return Found(self.amount / seconds, used / self.amount * 1e6)

    async def posts(self, at_a_time: int) -> Found:
        await self.receiver.do("clear", amount=self.amount)
        before = cpu_seconds(self.sender.pid)
        answer = await self.sender.do("post", url=self.url, body=self.body, amount=self.amount, at_a_time=at_a_time)
        used = cpu_seconds(self.sender.pid) - before
        await self.receiver.do("received")
        return Found(self.amount / answer["seconds"], used / self.amount * 1e6)

    async def sink(self) -> Found:
        await self.stream.anew()
        sent = await self.fechatter.sql.fetchval("SELECT sum(sent)::integer FROM sinks")
        meter = self.meter(**self.stream.bus.pids)
        began = monotonic()
        await self.fechatter.sql.execute("SELECT ops.move_sink($1, $2)", SINK, f"{self.epoch}.{self.before}")
        await _until(self.fechatter, SENT, sent + self.amount)
        seconds = monotonic() - began
        shares = meter.stop()
        used = sum(shares[name] for name in ("delivery", "postgres", *self.stream.bus.pids)) * meter.seconds
        if (stored := await self.stream.amount()) != self.amount:
            raise BenchError(f"{stored} of {self.amount} events are in the stream")
        return Found(self.amount / seconds, used / self.amount * 1e6)

    async def publishing(self, subjects: list[str]) -> Found:
        await self.stream.anew()
        meter = Meter(sender=self.sender.pid, **self.stream.bus.pids)
        more = {"subjects": subjects, "body": self.body, "amount": self.amount}
        answer = await self.sender.do("publish", url=self.stream.bus.url, **more)
        shares = meter.stop()
        used = sum(shares[name] for name in ("sender", *self.stream.bus.pids)) * meter.seconds
        return Found(self.amount / answer["seconds"], used / self.amount * 1e6)


@dataclass(frozen=True)
class Stream:
    """What events are stored in: it drops what comes twice, so each turn begins with a new one."""

    bus: nats.Nats
    client: Client

    async def anew(self) -> None:
        with contextlib.suppress(NotFoundError):
            await self.client.jetstream().delete_stream(STREAM)
        await self.client.jetstream().add_stream(name=STREAM, subjects=["fechatter.>"])

    async def amount(self) -> int:
        return (await self.client.jetstream().stream_info(STREAM)).state.messages


@asynccontextmanager
async def _stream() -> AsyncIterator[Stream]:
    async with nats.running() as bus:
        client = await connect(bus.url)
        try:
            stream = Stream(bus, client)
            await stream.anew()
            yield stream
        finally:
            await client.close()


async def run(size: Size) -> list[Result]:
    amount, rounds = EFFORT[size]
    if not nats.installed():
        raise BenchError(f"nats-server is {nats.INSTALL}")
    async with (
        system.running() as fechatter,
        _stream() as stream,
        generator("bench.load.webhooks") as receiver,
        generator("bench.load.webhooks") as sender,
    ):
        port = (await receiver.do("listen"))["port"]
        bot, chats, poster = await _fill(fechatter)
        sink = {"type": "nats", "servers": stream.bus.url, "stream": STREAM, "workspaces": "all"}
        narrow = {"chat_types": ["PrivateChannel"], "kinds": ["NewMessage"]}
        settings = {
            "FECHATTER_INTEGRATIONS__ALLOW_HOSTS": f"127.0.0.1:{port}",
            "FECHATTER_DELIVERY__SINKS": json.dumps({SINK: sink | narrow}),
        }
        async with system.delivery_server(fechatter, settings) as pid:
            epoch = await fechatter.sql.fetchval("SELECT epoch FROM log_state")
            before = await fechatter.sql.fetchval("SELECT log_head()")
            url = f"http://127.0.0.1:{port}/hook"
            load = Load(fechatter, pid, stream, receiver, sender, url, bot, epoch, before, amount)
            await _until(fechatter, HELD)
            await fechatter.sql.execute(POST, chats, poster, amount)
            await _until(fechatter, SENT, amount)
            await load.webhooks(ordered=False)  # plans, caches, connections
            load = replace(load, body=(await receiver.do("received"))["body"])
            subjects = [f"fechatter.chats.{chat}.NewMessage" for chat in chats]
            turns: dict[str, Callable[[], Awaitable[Found]]] = {
                "in order": partial(load.webhooks, ordered=True),
                "posts, one by one": partial(load.posts, 1),
                "at a time": partial(load.webhooks, ordered=False),
                "posts, at a time": partial(load.posts, AT_A_TIME),
                "sink": load.sink,
                "publishing": partial(load.publishing, subjects),
            }
            found = await take_turns(rounds, turns)
    return _results(amount, {name: _median(each) for name, each in found.items()})


async def _fill(fechatter: System) -> tuple[int, list[int], int]:
    """A bot, the chats that it is in, and who posts there."""
    sql = fechatter.sql
    await sql.execute(FEATURE)
    workspace = await people.add_workspace(sql)
    members = await people.add_people(sql, fechatter.signer, workspace, 2)
    chats = await people.add_chats(sql, workspace, CHATS, members)
    name = f"bench{workspace}"
    await sql.execute("SELECT create_bot($1, $2, $3, 'Bench')", members[0].id, workspace, name)
    bot = await sql.fetchval("SELECT id FROM users WHERE username = $1", name)
    await sql.execute("INSERT INTO chat_members (chat_id, user_id) SELECT unnest($1::bigint[]), $2", chats, bot)
    return bot, chats, members[0].id


async def _until(fechatter: System, question: str, *values: int) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            if await fechatter.sql.fetchval(question, *values):
                return
            await asyncio.sleep(0.02)


def _median(rounds: list[Found]) -> Found:
    return Found(*(statistics.median(getattr(one, name) for one in rounds) for name in ("rate", "cpu")))


def _results(amount: int, found: dict[str, Found]) -> list[Result]:
    results = []
    many = f"{AT_A_TIME} at a time"
    for ours, floor, what, beside in (
        ("in order", "posts, one by one", "webhooks, in order", "httpx with an HMAC, one by one"),
        ("at a time", "posts, at a time", f"webhooks, {many}", f"httpx with an HMAC, {many}"),
        ("sink", "publishing", "to JetStream", "nats-py alone"),
    ):
        note = f"{amount:,} messages of {CHATS} chats"
        results += [
            Result(f"events a second, {what}", found[ours].rate, "/s", beside, found[floor].rate, note=note),
            Result(f"CPU of an event, {what}", found[ours].cpu, "µs", beside, found[floor].cpu, note=note),
        ]
    return results
