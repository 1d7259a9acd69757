"""The suite's Postgres: one server per test session and version, a migrated template, a clone of it per test."""

import asyncio
import fcntl
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
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

# Names the folder of clusters that all processes of a test run copy.
CLUSTERS = "TEST_CLUSTERS"

_numbers = itertools.count(1)
# Of each server within `connected`: the connection for CREATE and DROP DATABASE, one statement at a time.
_administrators: dict[EmbeddedPostgres, tuple["asyncpg.Connection[asyncpg.Record]", asyncio.Lock]] = {}


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
    delivery_url: str

    @asynccontextmanager
    async def connect(self, user: str | None = None) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection as the owner, or as a server's role."""
        urls = {None: self.url, "fechatter_chat": self.chat_url, "fechatter_notify": self.notify_url}
        connection = await asyncpg.connect((urls | {"fechatter_delivery": self.delivery_url})[user])
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def server(bin_dir: Path | None) -> AsyncIterator[EmbeddedPostgres]:
    """A Postgres with the template, whose connection for databases stays open (`connected`)."""
    async with copied(bin_dir) as postgres, connected(postgres):
        # A start removes each database's cache of catalogs. The template's next connection writes it, and each clone
        # then has it: its own first connection would take twice as much.
        await (await asyncpg.connect(postgres.dsn(TEMPLATE))).close()
        yield postgres


@asynccontextmanager
async def copied(bin_dir: Path | None, settings: Mapping[str, str] = FAST) -> AsyncIterator[EmbeddedPostgres]:
    """A Postgres with the template, in memory where there is enough: a copy of the one cluster of this test run, which
    a test may stop, kill or spoil."""
    with tempfile.TemporaryDirectory(prefix="fechatter-test-", dir=fast_folder()) as folder:
        Path(folder).chmod(0o711)  # as root, Postgres runs as another user, who has to get in
        data = Path(folder, "data")
        subprocess.run(["cp", "-a", await _cluster(bin_dir), data], check=True)
        async with EmbeddedPostgres(data, settings=settings, bin_dir=bin_dir) as postgres:
            yield postgres


async def _cluster(bin_dir: Path | None) -> Path:
    """A stopped cluster with the template. The first process that needs one makes it while the others wait."""
    folder = Path(os.environ[CLUSTERS])
    made = folder / ("embedded" if bin_dir is None else bin_dir.parent.name)
    with (folder / f"{made.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            new = made.with_suffix(".new")
            async with EmbeddedPostgres(new, settings=FAST, bin_dir=bin_dir) as postgres:
                await make_template(postgres)
            new.rename(made)
    return made


@asynccontextmanager
async def connected(postgres: EmbeddedPostgres) -> AsyncIterator[None]:
    """Within this, `execute` keeps its connection: two for each test's database are a quarter of what a copy costs."""
    _administrators[postgres] = await asyncpg.connect(postgres.dsn()), asyncio.Lock()
    try:
        yield
    finally:
        await _administrators.pop(postgres)[0].close()


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
            postgres.dsn(name, "fechatter_delivery"),
        )
    finally:
        await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def execute(postgres: EmbeddedPostgres, statement: str) -> None:
    if postgres in _administrators:
        connection, lock = _administrators[postgres]
        async with lock:
            await connection.execute(statement)
        return
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
