"""docs/operations/psql.md is true: each command of it is run by psql, in order, and prints what the document shows."""

import asyncio
import os
import re
import shlex
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from prometheus_client.metrics import MetricWrapperBase

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import wheel_programs
from chat_core.database.pool import Connection
from notify_server.documents import metrics as of_documents
from notify_server.documents.pages import metrics as of_pages
from notify_server.documents.yjs import metrics as of_boards
from tests.ops.document import DOCUMENT, pasted, run, shape, steps
from tests.sql.world import until
from tests.support.postgres import TEMPLATE, clone, execute

SEED = Path(__file__).with_name("seed.sql")
BACKUP = DOCUMENT.with_name("backup.md")
BLOCKED = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"


@pytest.fixture
async def seeded(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a database with people at work and one notify_server that follows the log."""
    async with clone(postgres) as database, database.connect() as sql:
        await sql.execute(SEED.read_text())
        listener = await asyncpg.connect(database.url, server_settings={"application_name": "fechatter notify log"})
        try:
            await listener.execute("SELECT log_check_epoch()")
            yield database.url
        finally:
            await listener.close()


@asynccontextmanager
async def log_held_up(url: str) -> AsyncIterator[None]:
    """Somebody sits on the log's lock, and somebody waits for it."""
    async with AsyncExitStack() as stack:
        holder, waiter, watcher = [await _connect(url, stack, name) for name in ("psql", "fechatter chat", "test")]
        await holder.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
        await holder.execute("SELECT ops.post_message(1, '1', 'one moment')")
        posting = asyncio.create_task(waiter.execute("UPDATE users SET fullname = 'Bobby' WHERE id = 2"))
        await until(lambda: watcher.fetchval(BLOCKED), "somebody waits for the log's lock")
        yield
        await posting


async def _connect(url: str, stack: AsyncExitStack, name: str) -> Connection:
    connection: Connection = await asyncpg.connect(url, server_settings={"application_name": name})
    stack.callback(connection.terminate)
    return connection


async def test_every_command_prints_what_the_document_shows(seeded: str) -> None:
    text = DOCUMENT.read_text()
    shown, outputs = steps(text), list[str]()
    assert len(shown) > 20
    async with AsyncExitStack() as stack:
        for step in shown:
            if "ops.log_lock" in step.command and not any(
                "ops.log_lock" in done.command for done in shown[: len(outputs)]
            ):
                await stack.enter_async_context(log_held_up(seeded))
            outputs.append(await asyncio.to_thread(run, step.command, seeded))
    if os.environ.get("PASTE"):
        DOCUMENT.write_text(pasted(text, outputs))
    for step, output in zip(shown, outputs, strict=True):
        assert shape(output) == shape(step.output), f"{step.command}\n{output}\n(PASTE=1 pastes it into the document)"


def test_every_figure_of_documents_is_explained() -> None:
    pattern = r"^\| `(fechatter_(?:board|document|page)_\w+)` \| (.*) \| (.*) \|$"
    shown = re.findall(pattern, DOCUMENT.read_text(), re.MULTILINE)
    found = []
    figures = [vars(of_documents), vars(of_documents.BOARDS), vars(of_documents.PAGES), vars(of_boards), vars(of_pages)]
    for figure in [figure for module in figures for figure in module.values()]:
        if isinstance(figure, MetricWrapperBase):
            [family] = figure.describe()
            name = family.name + ("_total" if family.type == "counter" else "")
            found.append((name, ", ".join(figure._labelnames), family.documentation))
    assert shown == found


async def test_a_restore_is_done_as_the_document_says(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    commands = re.findall(r"^\$ ((?!fechatter|barman).+)$", BACKUP.read_text(), re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["pg_dump", "createdb", "pg_restore", "psql"]
    url = postgres.dsn("fechatter")
    await execute(postgres, f"CREATE DATABASE fechatter TEMPLATE {TEMPLATE}")
    try:
        sql = await asyncpg.connect(url)
        await sql.execute(SEED.read_text())
        await sql.execute("SELECT log_check_epoch()")
        before = await sql.fetch("SELECT * FROM events ORDER BY position")
        await sql.close()
        environment = {"PATH": f"{wheel_programs()}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        environment |= {"PGHOST": url.partition("host=")[2].replace("%2F", "/"), "PGUSER": "postgres"}
        for command in commands:
            done = await asyncio.to_thread(
                subprocess.run, shlex.split(command), cwd=tmp_path, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert done.stdout.split()[:3] == ["moved", "-------", "t"]
        sql = await asyncpg.connect(postgres.dsn("restored"))
        assert await sql.fetch("SELECT * FROM events ORDER BY position") == before
        await sql.execute("SELECT ops.post_message(1, '1', 'after the restore')")
        assert await sql.fetchval("SELECT log_head()") > before[-1]["position"]
        await sql.close()
    finally:
        for name in ("fechatter", "restored"):
            await execute(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
