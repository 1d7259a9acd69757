"""A small team to try the rules and events of the tables on, and the log as a test reads it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any, NamedTuple

import asyncpg

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from tests.support.postgres import TEMPLATE, Database, clone, execute

LOCKED = "SELECT cardinality(pg_blocking_pids($1)) > 0"


class Event(NamedTuple):
    """A row of `events`, its payload parsed."""

    kind: str
    audience: str
    chat_id: int | None
    user_id: int | None
    workspace_ids: list[int] | None
    payload: dict[str, Any]
    document_id: int | None = None

    def about(self) -> tuple[str, str, int | None, int | None, list[int] | None]:
        """All but the payload."""
        return self[:5]


@dataclass(eq=False)
class World:
    """Workspace acme: alice owns it, bob is an admin, carol and dave are members; eve is in none.

    `group` is a Group of alice (owner), bob and carol (members). `sql` is the owner's connection, as psql has one.
    """

    database: Database
    sql: Connection
    stack: AsyncExitStack
    people: dict[str, int] = field(default_factory=dict)
    acme: int = 0
    group: int = 0
    position: int = 0

    @property
    def alice(self) -> int:
        return self.people["alice"]

    @property
    def bob(self) -> int:
        return self.people["bob"]

    @property
    def carol(self) -> int:
        return self.people["carol"]

    @property
    def dave(self) -> int:
        return self.people["dave"]

    @property
    def eve(self) -> int:
        return self.people["eve"]

    async def populate(self) -> None:
        for name in ("alice", "bob", "carol", "dave", "eve"):
            self.people[name] = await self.add_user(name)
        self.acme = await self.sql.fetchval("INSERT INTO workspaces (name) VALUES ('acme') RETURNING id")
        await self.sql.executemany(
            "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
            [
                (self.acme, self.people[name], role)
                for name, role in (("alice", "owner"), ("bob", "admin"), ("carol", "member"), ("dave", "member"))
            ],
        )
        self.group = await self.add_chat("Group", "alice", "bob", "carol")

    async def recall(self) -> None:
        """What a database has been populated with."""
        self.people = dict(await self.rows("SELECT split_part(email, '@', 1), id FROM users"))
        self.acme = await self.sql.fetchval("SELECT id FROM workspaces")
        self.group = await self.sql.fetchval("SELECT id FROM chats")
        await self.events()

    async def add_user(self, name: str) -> int:
        return int(
            await self.sql.fetchval(
                "INSERT INTO users (email, fullname, password_hash) VALUES ($1, $2, '') RETURNING id",
                f"{name}@example.com",
                name.capitalize(),
            )
        )

    async def add_chat(self, kind: str, *names: str, connection: Connection | None = None) -> int:
        """A chat whose first member owns it."""
        sql = connection or self.sql
        async with sql.transaction():
            chat: int = await sql.fetchval(
                "INSERT INTO chats (workspace_id, type, name) VALUES ($1, $2, 'lunch') RETURNING id", self.acme, kind
            )
            for name, role in zip(names, ["owner"] + ["member"] * len(names), strict=False):
                await sql.execute(
                    "INSERT INTO chat_members (chat_id, user_id, role) VALUES ($1, $2, $3)",
                    chat,
                    self.people[name],
                    role,
                )
        return chat

    async def add_board(self, *names: str, connection: Connection | None = None) -> int:
        """A board of which the first is the owner, the second an editor, and the others viewers."""
        return await self._add_document("board", names, connection or self.sql)

    async def add_page(self, *names: str) -> int:
        """The same for a page."""
        return await self._add_document("page", names, self.sql)

    async def _add_document(self, kind: str, names: Iterable[str], sql: Connection) -> int:
        async with sql.transaction():
            document: int = await sql.fetchval(
                "INSERT INTO documents (kind, workspace_id, name) VALUES ($2, $1, 'plans') RETURNING id",
                self.acme,
                kind,
            )
            for name, role in zip(names, chain(["owner", "editor"], repeat("viewer")), strict=False):
                await sql.execute(
                    "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, $3)",
                    document,
                    self.people[name],
                    role,
                )
        return document

    async def add_crowd(self, amount: int) -> None:
        """So many more people in the workspace and the group: u1, u2 …"""
        await self.sql.execute(
            "WITH crowd AS ("
            "  INSERT INTO users (email, fullname, password_hash) "
            "  SELECT 'u' || n || '@example.com', 'U', '' FROM generate_series(1, $3) n RETURNING id"
            "), present AS ("
            "  INSERT INTO workspace_members (workspace_id, user_id) SELECT $1, id FROM crowd RETURNING user_id"
            ") INSERT INTO chat_members (chat_id, user_id) SELECT $2, user_id FROM present",
            self.acme,
            self.group,
            amount,
        )

    async def post(self, content: str = "hello", sender: int | None = None, chat: int | None = None) -> int:
        """The id of a new message; alice's in the group if nothing else is said."""
        return int(
            await self.sql.fetchval(
                "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3) RETURNING id",
                chat or self.group,
                sender or self.alice,
                content,
            )
        )

    async def add_session(self, user: int) -> int:
        return int(
            await self.sql.fetchval(
                "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id", user
            )
        )

    async def events(self) -> list[Event]:
        """What the log got since this was last called, in order."""
        rows = await self.sql.fetch(
            "SELECT position, kind, audience, chat_id, user_id, workspace_ids, payload, document_id FROM events "
            "WHERE position > $1 ORDER BY position",
            self.position,
        )
        if rows:
            self.position = rows[-1]["position"]
        return [
            Event(
                row["kind"],
                row["audience"],
                row["chat_id"],
                row["user_id"],
                row["workspace_ids"],
                json.loads(row["payload"]),
                row["document_id"],
            )
            for row in rows
        ]

    async def rows(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.sql.fetch(query, *arguments)]

    async def connect(self) -> Connection:
        """One more connection of the owner, closed with the test."""
        connection: Connection = await asyncpg.connect(self.database.url)
        self.stack.push_async_callback(connection.close)
        return connection

    async def commit_together(self, *connections: Connection) -> None:
        """Commits open transactions so that each has begun to before any has done it, in the order given."""
        gate = await self.connect()
        await gate.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('fechatter.log'))")
        commits = []
        for connection in connections:
            commits.append(asyncio.create_task(connection.execute("COMMIT")))
            await blocked(self, connection)
        await gate.execute("COMMIT")
        await asyncio.gather(*commits)


_templates: set[tuple[EmbeddedPostgres, str]] = set()


@asynccontextmanager
async def populated(postgres: EmbeddedPostgres, name: str = "populated", more: str = "") -> AsyncIterator[World]:
    """The team on a database of its own, which is dropped at the end. `more` is SQL that fills in what else is to be
    there, once for each `name`."""
    if (postgres, name) not in _templates:
        await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        async with _connected(postgres.dsn(name)) as sql, AsyncExitStack() as stack:
            await World(Database(name, "", "", "", ""), sql, stack).populate()
            if more:
                await sql.execute(more)
        _templates.add((postgres, name))
    async with clone(postgres, name) as database, _connected(database.url) as sql, AsyncExitStack() as stack:
        world = World(database, sql, stack)
        await world.recall()
        yield world


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connection]:
    connection: Connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def until(condition: Callable[[], Any], what: str, seconds: float = 20) -> None:
    """Waits until an awaitable condition holds; fails, saying what did not happen."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.005)


async def blocked(world: World, connection: Connection) -> None:
    """Returns once a statement of `connection` waits for another session's lock."""
    pid = connection.get_server_pid()
    await until(lambda: world.sql.fetchval(LOCKED, pid), "the statement waits for a lock")
