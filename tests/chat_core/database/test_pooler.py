"""Behind PgBouncer: refused where it shares sessions, at work where it does not (docs/operations/pgbouncer.md)."""

import asyncio
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from chat_core.database import pooler
from chat_core.database.pool import open_pool
from chat_core.process import children
from chat_core.settings import Database as Settings
from tests.support.postgres import ROOT, Database
from tests.support.servers import free_port

DOCUMENT = (ROOT / "docs" / "operations" / "pgbouncer.md").read_text()


def settings(url: str) -> Settings:
    return Settings(url=SecretStr(url), connect_timeout_seconds=5)


@asynccontextmanager
async def pgbouncer(database: Database, folder: Path, options: str) -> AsyncIterator[str]:
    """A URL by which a real PgBouncer leads to the database."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: pgbouncer)")
    host = database.url.partition("host=")[2].replace("%2F", "/")
    port = free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(
        f"[databases]\n{database.name} = host={host} dbname={database.name} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n{options}\n"
    )
    # It refuses to run as root, and PostgreSQL's socket lies in a folder of its owner's alone.
    user = ["-u", pwd.getpwuid(Path(host).stat().st_uid).pw_name] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [program, *user, file],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=children.die_with_parent(signal.SIGKILL),
    )
    try:
        async with asyncio.timeout(60):
            while True:
                with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert process.poll() is None, process.communicate()[0].decode()
                await asyncio.sleep(0)
        yield f"postgresql://postgres@127.0.0.1:{port}/{database.name}?sslmode=disable"
    finally:
        process.kill()
        process.communicate()


async def test_a_direct_connection_keeps_its_session(database: Database) -> None:
    assert not await pooler.shares_sessions(database.url, 5)


async def test_transaction_mode_is_refused_with_the_reason(database: Database, tmp_path: Path) -> None:
    async with pgbouncer(database, tmp_path, "pool_mode = transaction") as url:
        with pytest.raises(ConnectionError) as caught:
            await open_pool(settings(url), "a test")
        assert str(caught.value).endswith(f"cannot be used: {pooler.REFUSAL}")


async def test_transaction_mode_is_noticed_with_others_at_work_too(database: Database, tmp_path: Path) -> None:
    async with pgbouncer(database, tmp_path, "pool_mode = transaction\ndefault_pool_size = 5") as url:
        busy = await asyncpg.connect(url, statement_cache_size=0)
        async with busy.transaction():
            await busy.fetchval("SELECT 1")
            assert await pooler.shares_sessions(url, 5)
        busy.terminate()


async def test_session_mode_works_as_the_document_sets_it_up(database: Database, tmp_path: Path) -> None:
    documented = re.findall(r"^\[pgbouncer\]\n(.*?)```", DOCUMENT, re.MULTILINE | re.DOTALL)
    async with pgbouncer(database, tmp_path, documented[0]) as url:
        pool = await open_pool(settings(url), "a test")
        heard = asyncio.Event()

        def hear(*_: object) -> None:
            heard.set()

        async with pool.acquire() as listening:
            await listening.add_listener("fechatter_log", hear)
            await pool.execute("SELECT pg_notify('fechatter_log', '')")
            await asyncio.wait_for(heard.wait(), 10)
            await listening.remove_listener("fechatter_log", hear)
        await pool.close()


async def test_the_documents_settings_of_roles_can_be_made(database: Database) -> None:
    [statements] = re.findall(r"^```sql\n(.*?)```", DOCUMENT, re.MULTILINE | re.DOTALL)
    async with database.connect() as sql:
        transaction = sql.transaction()
        await transaction.start()
        await sql.execute(statements)
        await transaction.rollback()
