"""The database in use: the configured one, else the embedded PostgreSQL of the data directory."""

import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from chat_core.database import connecting, migrations, pooler, resources, scripts
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import wheel_programs
from chat_core.database.pool import Connection
from chat_core.settings import Settings, database_url, require
from fechatter.errors import CommandError

NAME = "fechatter"
OLDEST_SUPPORTED = 15

Report = Callable[[str], None]


@asynccontextmanager
async def in_use(settings: Settings, report: Report, make: bool = False) -> AsyncIterator[str]:
    """The owner's URL of the database in use. If the embedded PostgreSQL is not running, it is started for the
    duration of the block. A missing one is created only with `make`, since the cause is usually a mistyped
    directory."""
    if settings.database.url or settings.mode == "production":
        yield configured(settings)
        return
    postgres = EmbeddedPostgres(settings.data_dir, report=report)
    if postgres.is_running():
        yield postgres.dsn(NAME)
        return
    if not make and not (settings.data_dir / "postgres").exists():
        raise CommandError(
            f"there is no database in {settings.data_dir}: `fechatter up` creates one; or choose another --data-dir"
        )
    report(f"starting the embedded PostgreSQL of {settings.data_dir} for this command")
    async with postgres:
        await create(postgres)
        yield postgres.dsn(NAME)


def configured(settings: Settings) -> str:
    """database.url in clear text. Raises SettingsError if there is none."""
    require(settings, ["database.url"], "this command")
    return settings.database.url.get_secret_value() if settings.database.url else ""


async def create(postgres: EmbeddedPostgres) -> None:
    """Creates the database in an embedded PostgreSQL unless it exists."""
    connection = await connect(postgres.dsn())
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", NAME):
            await connection.execute(f"CREATE DATABASE {NAME}")
    finally:
        await connection.close()


async def connect(url: str, timeout: float = 10) -> Connection:
    """A connection. Raises CommandError with one sentence that names the place but no password."""
    try:
        connection = await connecting.connect(url, timeout=timeout, server_settings={"application_name": "fechatter"})
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = " ".join(str(error).split()) or f"no response within {timeout:g} s"
        raise CommandError(
            f"the database {database_url.place(url)} cannot be reached ({reason}): check database.url and PostgreSQL"
        ) from None
    if (version := connection.get_server_version().major) < OLDEST_SUPPORTED:
        await connection.close()
        raise CommandError(
            f"the database is PostgreSQL {version}, but {OLDEST_SUPPORTED} or newer is required: upgrade it"
        )
    return connection


async def migrate(url: str, report: Report) -> list[str]:
    """Migrates the database to the newest schema. Returns the names of what was applied."""
    connection = await connect(url)
    try:
        if await pooler.shares_sessions(url, 10):
            raise CommandError(f"the database {database_url.place(url)} cannot be migrated: {pooler.REFUSAL}")
        return await migrations.up(connection, report)
    except (asyncpg.PostgresError, scripts.MigrationError) as error:
        raise CommandError(f"the migration failed: {error}") from None
    finally:
        await connection.close()


def make_roles(url: str, with_passwords: bool = False) -> None:
    """Creates the servers' roles unless they exist, and grants their rights: sql/roles.sql and sql/grants.sql. Sets
    their passwords, if $CHAT_ROLE_PASSWORD, $NOTIFY_ROLE_PASSWORD and $DELIVERY_ROLE_PASSWORD are set. Raises
    CommandError if that fails, as it does without a superuser."""
    bare, password = database_url.without_secret(url)
    files = [resources.ROLES, resources.GRANTS, *([resources.PASSWORDS] if with_passwords else [])]
    done = subprocess.run(
        [wheel_programs() / "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", *(f"-f{file}" for file in files), bare],
        check=False,
        capture_output=True,
        text=True,
        start_new_session=True,
        env=environment(password),
    )
    if done.returncode != 0:
        raise CommandError(f"the servers' roles could not be created: {done.stderr.strip()}")


def connections(settings: Settings) -> int:
    """The most connections that the servers open: each worker a pool, and one that listens; and one that indexes.
    With a relay each may be its leader for a moment."""
    workers = settings.server.workers + settings.notify.workers
    if settings.delivers:
        workers += settings.delivery.workers
    leaders = settings.notify.workers if settings.nats.servers else 0
    return workers * (settings.database.pool_max + 1) + leaders + 1


def environment(password: str | None) -> dict[str, str]:
    """Our environment for a program of PostgreSQL. Its arguments are visible to all, so a password goes into the
    environment."""
    return {**os.environ} if password is None else {**os.environ, "PGPASSWORD": password}
