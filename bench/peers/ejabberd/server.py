"""ejabberd from Debian's package, in a temporary directory with its own configuration, next to its own PostgreSQL.

Erlang runs without a node's name, so it needs no epmd, and the system's ejabberd is left alone. Accounts and archive
are in an embedded PostgreSQL with Fechatter's settings, fsync on; each message is a transaction there.
"""

import asyncio
import os
import shutil
import signal
import socket
import string
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.peers.programs import listens
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from chat_core.process import children

NAME = "ejabberd"
INSTALL = "not installed; Debian: apt-get install --no-install-recommends ejabberd erlang-p1-pgsql"
START_SECONDS = 60
PEOPLE = 1000
PASSWORD = "secret"  # noqa: S105 - of accounts that live as long as the benchmark
_CONFIG = Path(__file__).with_name("ejabberd.yml")
_SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
_LIBRARIES = Path("/usr/lib/erlang/lib")  # where Debian has ejabberd's own
_ITSELF = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu"
_PEOPLE = "INSERT INTO users (username, password) SELECT 'person' || n, $1 FROM generate_series(0, $2 - 1) n"
_ARCHIVED = "SELECT count(*) FROM archive WHERE kind = 'groupchat'"


def installed() -> bool:
    return shutil.which("erl") is not None and _SCHEMA.exists() and any(_LIBRARIES.glob("p1_pgsql-*"))


@dataclass(frozen=True, slots=True)
class Ejabberd:
    """`pids` are ejabberd's and its PostgreSQL's. There are accounts from person0 to person999."""

    url: str
    pids: dict[str, int]
    sql: Connection

    async def archived(self) -> int:
        """The number of messages of all rooms."""
        return int(await self.sql.fetchval(_ARCHIVED))


class _Postgres(EmbeddedPostgres):
    """Over TCP too, since ejabberd's driver knows no Unix sockets."""

    def __init__(self, data_dir: Path, port: int) -> None:
        super().__init__(data_dir, settings={"listen_addresses": "127.0.0.1", "port": str(port)})
        self._port = port

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"{super().dsn(database, user)}&port={self._port}"


_shared: ContextVar[tuple[AsyncExitStack, list[Ejabberd]]] = ContextVar("_shared")


@asynccontextmanager
async def shared() -> AsyncIterator[None]:
    """Within this, `running()` starts one ejabberd at most: for a run whose figures mean nothing."""
    async with AsyncExitStack() as stack:
        token = _shared.set((stack, []))
        try:
            yield
        finally:
            _shared.reset(token)


@asynccontextmanager
async def running() -> AsyncIterator[Ejabberd]:
    stack, started = _shared.get((None, []))
    if stack is None:
        async with _running() as ejabberd:
            yield ejabberd
    else:
        if not started:
            started.append(await stack.enter_async_context(_running()))
        yield started[0]


@asynccontextmanager
async def _running() -> AsyncIterator[Ejabberd]:
    port, sql_port = _free_ports(2)
    folder = Path(tempfile.mkdtemp(prefix="fechatter-bench-ejabberd-"))
    folder.chmod(0o711)  # as root, Postgres runs as another user, who must be able to enter
    try:
        async with _Postgres(folder / "data", sql_port) as postgres, _filled(postgres) as sql:
            config = string.Template(_CONFIG.read_text()).substitute(PORT=port, SQL_PORT=sql_port)
            (folder / "ejabberd.yml").write_text(config)
            process = await _start(folder)
            try:
                await listens(port, process, START_SECONDS, "ejabberd did not start")
                yield Ejabberd(f"xmpp://127.0.0.1:{port}", {"ejabberd": process.pid, "postgres": postgres.pid}, sql)
            finally:
                await children.end(process.pid, (signal.SIGTERM, 10))
                await process.wait()
    finally:
        shutil.rmtree(folder)


def _free_ports(amount: int) -> list[int]:
    """Held together, so that they differ."""
    held = [socket.socket() for _ in range(amount)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


@asynccontextmanager
async def _filled(postgres: EmbeddedPostgres) -> AsyncIterator[Connection]:
    """A connection to ejabberd's database, with its tables and accounts."""
    first: Connection = await asyncpg.connect(postgres.dsn())
    await first.execute("CREATE DATABASE ejabberd")
    await first.close()
    sql: Connection = await asyncpg.connect(postgres.dsn("ejabberd"))
    try:
        await sql.execute(_SCHEMA.read_text())
        await sql.execute(_PEOPLE, PASSWORD, PEOPLE)
        await sql.execute("VACUUM ANALYZE")
        yield sql
    finally:
        await sql.close()


async def _start(folder: Path) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "EJABBERD_CONFIG_PATH": str(folder / "ejabberd.yml"),
        "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
        "SPOOL_DIR": str(folder),
        "HOME": str(folder),  # where Erlang keeps a cookie
        "ERL_LIBS": str(_ITSELF),
        "ERL_CRASH_DUMP_BYTES": "0",
    }
    return await asyncio.create_subprocess_exec(
        *("erl", "-noinput", "+K", "true", "+P", "250000", "-mnesia", "dir", f'"{folder}/mnesia"', "-s", "ejabberd"),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=children.die_with_parent(signal.SIGTERM),
    )
