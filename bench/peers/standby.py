"""A standby of a Fechatter's PostgreSQL: copied by pg_basebackup, fed by streaming replication, as far as asked."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
import urllib.parse
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench.figures.result import BenchError
from bench.system import System
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import account_for, programs
from chat_core.database.pool import Connection

PATIENCE_SECONDS = 60


@asynccontextmanager
async def running(fechatter: System, away_ms: float) -> AsyncIterator[EmbeddedPostgres]:
    """Once it streams. Nothing waits for it yet: see `configured`."""
    folder = Path(tempfile.mkdtemp(prefix="fechatter-standby-"))
    folder.chmod(0o711)
    copy = EmbeddedPostgres(folder / "data")
    try:
        async with _proxy(_socket(fechatter), away_ms) as port:
            copy.prepare()
            await asyncio.to_thread(_copy, copy, fechatter, port)
            async with copy:
                await _until(fechatter.sql, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')")
                yield copy
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def configured(sql: Connection, settings: Mapping[str, str]) -> AsyncIterator[None]:
    """PostgreSQL's own settings, until the end."""
    try:
        for name, value in settings.items():
            await sql.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        await sql.execute("SELECT pg_reload_conf()")
        await _shown(sql, settings)
        yield
    finally:
        for name in settings:
            await sql.execute(f"ALTER SYSTEM RESET {name}")
        await sql.execute("SELECT pg_reload_conf()")


async def _shown(sql: Connection, settings: Mapping[str, str]) -> None:
    """A reload reaches a session at its next statements."""
    for name, value in settings.items():
        await _until(sql, "SELECT setting = $2 FROM pg_settings WHERE name = $1", name, value)


async def _until(sql: Connection, condition: str, *arguments: str) -> None:
    """BenchError if it does not hold in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await sql.fetchval(condition, *arguments):
        if time.monotonic() > deadline:
            raise BenchError(f"it did not come true: {condition} {arguments}")
        await asyncio.sleep(0.02)


def _socket(fechatter: System) -> Path:
    folder = urllib.parse.parse_qs(urllib.parse.urlsplit(fechatter.url()).query)["host"][0]
    return Path(folder) / ".s.PGSQL.5432"


def _copy(copy: EmbeddedPostgres, fechatter: System, port: int) -> None:
    account = account_for(fechatter.postgres.cluster, lambda _: None)
    copy.cluster.mkdir()
    account.give(copy.cluster)
    done = account.run(
        programs(account, None) / "pg_basebackup",
        *("--pgdata", copy.cluster, "--checkpoint=fast", "--wal-method=stream"),
        *("--dbname", f"host={_socket(fechatter).parent} user=postgres"),
    )
    if done.returncode:
        raise BenchError(f"pg_basebackup: {done.stderr.strip()}")
    (copy.cluster / "standby.signal").touch()
    with (copy.cluster / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"\nprimary_conninfo = 'host=127.0.0.1 port={port} user=postgres sslmode=disable'\n")
    if account.uid is not None and account.gid is not None:
        os.chown(copy.cluster / "standby.signal", account.uid, account.gid)


@asynccontextmanager
async def _proxy(target: Path, away_ms: float) -> AsyncIterator[int]:
    """A process that forwards connections to a Unix socket: its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load.delay_proxy", str(target), str(away_ms / 2), stdout=PIPE
    )
    assert process.stdout is not None
    try:
        yield int(await asyncio.wait_for(process.stdout.readline(), PATIENCE_SECONDS))
    finally:
        process.terminate()
        await process.wait()
