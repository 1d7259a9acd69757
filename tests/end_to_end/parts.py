"""The parts of Fechatter as they run for real, to be killed: a Postgres with fsync on, and both servers."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from chat_core.database import migrations
from chat_core.database.embedded import EmbeddedPostgres
from tests.end_to_end.system import System
from tests.support.postgres import apply_roles, execute
from tests.support.servers import ServerProcess


@dataclass(frozen=True)
class Cluster:
    """Where Postgres has its data, if not in a folder of its own, and its settings."""

    folder: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def parts(
    keys: Path, cluster: Cluster | None = None, **settings: object
) -> AsyncIterator[tuple[EmbeddedPostgres, System]]:
    """A Postgres with fsync on, and both servers; `notify__retry_milliseconds=20` sets that."""
    cluster = cluster or Cluster()
    async with AsyncExitStack() as stack:
        folder = cluster.folder
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fechatter-recovery-")))
        folder.chmod(0o711)  # as root, Postgres runs as another user, who has to get in
        postgres = await stack.enter_async_context(EmbeddedPostgres(folder / "data", settings=cluster.settings))
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
