"""The suite's Postgres: one server per test session and version, a migrated template, a clone of it per test."""

import itertools
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from chat_core.database import migrations, resources
from chat_core.database.embedded import EmbeddedPostgres

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = "fechatter_template"
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

# Durability is what the recovery tests are about; they start a server of their own.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}

_numbers = itertools.count(1)


def fast_folder() -> str | None:
    """Memory where there is plenty: cloning a database is mostly copying files, and there it is twenty times faster."""
    memory = Path("/dev/shm")  # noqa: S108 - TemporaryDirectory makes a private folder in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30
    return str(memory) if roomy else None


@dataclass(frozen=True)
class Database:
    """One test's database. `url` is the owner's; the servers connect as the roles of sql/roles.sql."""

    name: str
    url: str
    chat_url: str
    notify_url: str

    @asynccontextmanager
    async def connect(self, user: str | None = None) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection as the owner, or as `fechatter_chat` or `fechatter_notify`."""
        url = {None: self.url, "fechatter_chat": self.chat_url, "fechatter_notify": self.notify_url}[user]
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()


async def make_template(postgres: EmbeddedPostgres) -> None:
    """Migrates the database that every test's is a copy of."""
    await execute(postgres, f"CREATE DATABASE {TEMPLATE}")
    connection = await asyncpg.connect(postgres.dsn(TEMPLATE))
    try:
        await migrations.up(connection, lambda _: None)
        await apply_roles(connection)
    finally:
        await connection.close()


async def apply_roles(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for file in (resources.ROLES, resources.GRANTS):
        await connection.execute(file.read_text())


@asynccontextmanager
async def clone(postgres: EmbeddedPostgres, template: str = TEMPLATE) -> AsyncIterator[Database]:
    """A database of one's own, dropped at the end whoever is still connected."""
    name = f"test_{next(_numbers)}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")  # twice as fast
    try:
        yield Database(
            name,
            postgres.dsn(name),
            postgres.dsn(name, "fechatter_chat"),
            postgres.dsn(name, "fechatter_notify"),
        )
    finally:
        await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def execute(postgres: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
