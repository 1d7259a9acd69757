"""Whatever happens to chats, boards, workspaces and their members: live = replay = what the tables say.

Random transactions against a real Postgres, and two hubs that follow its log, one that replays from its ring and one
that has none. Streams are opened and closed at any moment, at old cursors too, also while a hub is behind the database.
"""

import dataclasses
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from chat_core.log.audience import Access
from chat_core.log.lineage import Lineage
from chat_core.log.page import PAGE_BYTES, Page
from chat_core.log.reader import LOG_AFTER
from chat_core.settings import Settings
from chat_core.tokens import Claims
from notify_server.fan_out import hub
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.ring import Ring
from notify_server.streams.framing import SSE
from notify_server.streams.stream import Stream
from notify_server.subscriptions import replay, subscribe
from notify_server.subscriptions.subscribe import Subscriptions
from tests.notify_server.websocket.test_socket import Wire
from tests.sql.log.test_events_tell_all import STATEMENTS, act, attempt
from tests.sql.world import World, populated
from tests.support.oracle import INSTALL, Faults, Got, History

pytestmark = pytest.mark.anyio

TURNS = 200
# What changes access, and what is for admins alone: every other statement is one of these.
ACCESS = [
    statement
    for statement in STATEMENTS
    if re.search(r"(INTO|UPDATE|FROM) (\w+_members|chat_bans|invites|reports) |deleted_at =|create_", statement)
    and not statement.startswith(("INSERT INTO message", "INSERT INTO thread"))
]
ACCESS += [
    f"UPDATE {place}_members SET role = CASE role WHEN '{high}' THEN '{low}' ELSE '{high}' END "
    f"WHERE ({place}_id, user_id) IN "
    f"(SELECT {place}_id, user_id FROM {place}_members WHERE role <> '{spared}' ORDER BY random() LIMIT 2)"
    for place, high, low, spared in (
        ("chat", "admin", "member", "owner"),
        ("workspace", "admin", "member", "owner"),
        ("document", "owner", "viewer", "editor"),
    )
] * 2
FRAME = re.compile(rb"id: \w+\.(\d+)\nevent: (\w+)\n")
MEMBERSHIPS = """
SELECT 'chats', chat_id, role IN ('owner', 'admin') FROM chat_members WHERE user_id = $1
UNION ALL SELECT 'documents', document_id, role = 'owner' FROM document_members JOIN documents ON id = document_id
WHERE user_id = $1 AND deleted_at IS NULL
UNION ALL SELECT 'workspaces', workspace_id, role IN ('owner', 'admin') FROM workspace_members WHERE user_id = $1
"""


@dataclass(eq=False)
class Client:
    """An open stream, and what it was sent. `replayed_to`: no replay reached further."""

    stream: Stream
    wire: Wire
    knew: int
    replayed_to: int = 0
    replayed: bytearray = field(default_factory=bytearray)

    def got(self) -> Got:
        frames = [(int(position), kind.decode()) for position, kind in FRAME.findall(self.replayed + self.wire.written)]
        assert all(kind != "reset" for _, kind in frames)
        start = next(position for position, kind in frames if kind == "ready")
        told = [(position, kind, self.replayed_to) for position, kind in frames if kind != "ready"]
        return Got(self.stream.user_id, start, self.knew, told, self.replayed_to, self.stream.workspace_id)


class Late(Subscriptions):
    """What a snapshot says may be old when it arrives: `meanwhile` happens in between. `read_to`: the log's end in the
    newest one."""

    meanwhile: Callable[[], Awaitable[None]]
    read_to = 0

    async def _read_snapshots(self, asking: list[Claims]) -> Any:
        rows = await super()._read_snapshots(asking)
        self.read_to = rows[0]["head"]
        await self.meanwhile()
        return rows


async def _nothing() -> None:
    """Happens between a snapshot and its arrival."""


async def _admit(_: int) -> None:
    """No operator limits anybody here."""


class Node:
    """A notify_server's hub and the way into it, without sockets."""

    def __init__(self, sql: Connection, ring_bytes: int) -> None:
        self.sql, self.hub = sql, Hub(Ring(ring_bytes))
        registry: Any = SimpleNamespace(opened=lambda _: None, closed=lambda _: None)
        verifier: Any = None
        pool: Any = sql
        boots: Any = SimpleNamespace(admit=_admit, turn=lambda _: nullcontext())
        self.subscriptions = Late(Settings(), pool, self.hub, verifier, registry, boots)
        self.clients: list[Client] = []
        self.done: list[Client] = []
        # The positions that are cursors: what was rolled back at COMMIT has left others empty.
        self.told: list[int] = []

    async def start(self) -> None:
        row = await self.sql.fetchrow("SELECT epoch, log_head() AS head FROM log_state")
        assert row is not None
        self.hub.start(Lineage(row["epoch"]), row["head"], row["head"], ())
        self.told.append(row["head"])
        self.hub.following = True

    async def catch_up(self, amount: int = 500) -> None:
        rows = await LOG_AFTER.rows(self.sql, position=self.hub.position, amount=amount, bytes=PAGE_BYTES)
        page = Page.of([row for row in rows if row["position"] != self.hub.position], self.hub.lineage, amount)
        if page.events:
            self.hub.dispatch(page.events)
            self.told += [event.position for event in page.events]

    async def open(self, claims: Claims, cursor: int | None, rng: random.Random) -> None:
        wire, number = Wire(), self.subscriptions.next_number()
        stream = Stream(
            number=number, claims=claims, address="", transport=wire, buffer_bytes=1 << 30, framing=SSE["1.0"]
        )
        asked = None if cursor is None else f"{self.hub.epoch}.{cursor}"
        opening = await self.subscriptions.subscribe(stream, claims, asked)
        client = Client(stream, wire, max(self.hub.position, self.subscriptions.read_to))
        async for page in opening.frames():
            client.replayed += page
            if rng.random() < 0.3:  # the log goes on meanwhile
                await self.catch_up(rng.randint(1, 5))
        client.replayed_to = max(self.hub.position, opening.access.position)
        stream.go_live()
        self.clients.append(client)

    def close(self, client: Client) -> None:
        self.clients.remove(client)
        client.stream.over()
        self.done.append(client)


@asynccontextmanager
async def scene(postgres: EmbeddedPostgres) -> AsyncIterator[tuple[World, list[Node], list[Claims]]]:
    """The team in two workspaces, under the oracle's eyes, with a session for each of them, and both hubs."""
    async with populated(postgres) as world, world.database.connect("fechatter_notify") as sql:
        await world.sql.execute("INSERT INTO workspaces (name) VALUES ('second')")
        await world.sql.execute(
            "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'owner'), ($1, $3, 'admin')",
            world.acme + 1,
            world.dave,
            world.eve,
        )
        await world.sql.execute(INSTALL)
        # Each of them with a session, and with tokens that are bound to either workspace.
        claims = [
            Claims(user, await world.add_session(user), int(time.time()) + 3600, workspace_id=bound_to)
            for user in world.people.values()
            for bound_to in (None, None, world.acme, world.acme + 1)
        ]
        nodes = [Node(sql, 8 << 20), Node(sql, 0)]
        for node in nodes:
            await node.start()
        yield world, nodes, claims


async def transaction(world: World, rng: random.Random, name: str) -> None:
    async with attempt(world.sql, kept=True):
        for step in range(rng.choice([1, 1, 1, 2, 3])):
            await act(world.sql, rng, world, f"{name}-{step}", rng.choice([STATEMENTS, ACCESS]))


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
async def test_live_is_replay_is_what_the_tables_say(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(subscribe, "REACH_SECONDS", 0.0)
    monkeypatch.setattr(replay, "WRITE_BYTES", 2000)
    monkeypatch.setattr(replay, "PAGE", 10)
    monkeypatch.setattr(hub, "KEPT_SECONDS", 0.0)
    rng = random.Random(seed)
    async with scene(postgres) as (world, nodes, people):
        await world.sql.execute("SELECT setseed($1)", seed / 10)
        begun = nodes[0].hub.position
        for node in nodes:

            async def meanwhile(node: Node = node) -> None:
                if rng.random() < 0.5:
                    await transaction(world, rng, f"{seed}-meanwhile")
                    if rng.random() < 0.5:
                        await node.catch_up()

            node.subscriptions.meanwhile = meanwhile
        for turn in range(TURNS):
            await transaction(world, rng, f"{seed}-{turn}")
            for node in nodes:
                if rng.random() < 0.7:
                    await node.catch_up()
                if rng.random() < 0.4 and len(node.clients) < 12:
                    node.hub.following = rng.random() < 0.7  # else everybody is looked up
                    cursor = rng.choice([None, rng.choice(node.told)])
                    await node.open(rng.choice(people), cursor, rng)
                if node.clients and rng.random() < 0.3:
                    node.close(rng.choice(node.clients))
                if rng.random() < 0.2:
                    node.hub.forget_the_gone()  # who comes back is read afresh
        for node in nodes:
            await node.catch_up()
            for claims in people:
                for _ in range(3):
                    await node.open(claims, rng.choice(node.told), rng)
        for node in nodes:
            await node.catch_up()
        history = await History.read(world.sql)
        assert history.untold == []
        found = Faults()
        for node in nodes:
            for client in [*node.clients, *node.done]:
                found.add(history.faults(client.got(), to=node.hub.position if client in node.clients else 0))
            for claims in people:
                await holds_what_the_tables_say(world, node.hub.subscribers[claims.user_id])
        assert not found.any(), found
        assert len(history.events) - begun > TURNS / 2
        # Something was seen by all means of access, and by some and not by others.
        told = {event.audience for event in history.events if event.position > begun}
        assert told >= {"chat", "document", "workspaces", "contacts", "admins", "user"}


async def test_nothing_is_replayed_from_where_a_user_is_no_longer_though_the_server_is_behind(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash of the database, before its log is read again: what is read of a user to let them in says more
    than the server knows of the log."""
    monkeypatch.setattr(subscribe, "REACH_SECONDS", 0.0)
    async with scene(postgres) as (world, nodes, people):
        carol = next(claims for claims in people if claims.user_id == world.carol)
        for node in nodes:
            node.subscriptions.meanwhile = _nothing
            await node.open(carol, None, random.Random(0))
        begun = nodes[0].hub.position
        await world.post()
        for node in nodes:
            await node.catch_up()
            node.hub.following = False
        await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.carol)
        for node in nodes:
            await node.open(carol, begun, random.Random(0))
            await node.catch_up()
            told = [kind for _, kind, _ in node.clients[-1].got().frames]
            assert "NewMessage" not in told
            assert told.count("UserLeftChat") == 1
        history = await History.read(world.sql)
        for node in nodes:
            for client in node.clients:
                faults = history.faults(client.got(), to=node.hub.position)
                assert not faults.any(), faults


async def test_nothing_is_replayed_from_before_a_user_was_added_though_they_are_removed_meanwhile(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribe, "REACH_SECONDS", 0.0)
    async with scene(postgres) as (world, nodes, people):
        dave = next(claims for claims in people if claims.user_id == world.dave)

        async def removed() -> None:
            await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.dave)

        for node in nodes:
            begun = await world.sql.fetchval("SELECT log_head()")
            await node.catch_up()
            await world.post("before dave")
            await world.sql.execute(
                "INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave
            )
            node.subscriptions.meanwhile = removed
            await node.open(dave, begun, random.Random(0))
            await node.catch_up()
            told = [kind for _, kind, _ in node.clients[-1].got().frames]
            assert "NewMessage" not in told
            assert told.count("UserLeftChat") == 1
        history = await History.read(world.sql)
        for node in nodes:
            faults = history.faults(node.clients[-1].got(), to=node.hub.position)
            assert not faults.any(), faults


async def holds_what_the_tables_say(world: World, access: Access) -> None:
    rows = await world.sql.fetch(MEMBERSHIPS, access.user_id)
    for places in ("chats", "documents", "workspaces"):
        assert getattr(access.member_of, places).keys() == {row[1] for row in rows if row[0] == places}
        assert getattr(access.administers, places).keys() == {row[1] for row in rows if row[0] == places and row[2]}


async def test_one_who_was_let_in_and_taken_out_by_one_commit_gets_what_the_log_has_of_that_and_no_more(
    postgres: EmbeddedPostgres,
) -> None:
    """SET CONSTRAINTS in psql has the log written in the middle of a transaction."""
    async with scene(postgres) as (world, nodes, people):
        dave = next(claims for claims in people if claims.user_id == world.dave)
        for node in nodes:
            node.subscriptions.meanwhile = _nothing
            await node.open(dave, None, random.Random(0))
        async with world.sql.transaction():
            await world.sql.execute(
                "INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave
            )
            await world.sql.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.dave)
        await world.post()
        history = await History.read(world.sql)
        for node in nodes:
            await node.catch_up()
            got = node.clients[-1].got()
            assert [kind for _, kind, _ in got.frames] == ["NewChat", "UserJoinedChat", "UserLeftChat"]
            assert not history.faults(got, to=node.hub.position).any()
            after = (history.positions[-1], "NewMessage", history.positions[-1])
            assert len(history.faults(dataclasses.replace(got, frames=[*got.frames, after])).leaked) == 1
