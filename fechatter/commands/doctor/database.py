"""Checks of the database itself, independent of its content."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chat_core.database import migrations, pooler
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from chat_core.database.readiness import DATABASE_TAKES_WRITES
from chat_core.settings import Settings
from fechatter import database
from fechatter.commands.doctor.finding import SQL, Finding
from fechatter.errors import CommandError

MOST_SKEW_SECONDS = 1.0


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Connection]:
    """A connection to the database in use. Raises CommandError if there is none."""
    connection = await database.connect(_url(settings))
    try:
        yield connection
    finally:
        await connection.close()


def _url(settings: Settings) -> str:
    if settings.database.url is not None:
        return settings.database.url.get_secret_value()
    postgres = EmbeddedPostgres(settings.data_dir)
    if not postgres.is_running():
        raise CommandError(f"the embedded PostgreSQL of {settings.data_dir} is not running: run `fechatter up`")
    return postgres.dsn(database.NAME)


async def sessions_stay(_: Connection, settings: Settings) -> Finding:
    shared = await pooler.shares_sessions(_url(settings), settings.database.connect_timeout_seconds)
    return Finding("sessions", "connections keep their session", pooler.REFUSAL if shared else None)


async def writes_succeed(connection: Connection, _: Settings) -> Finding:
    """Writes and rolls back a megabyte: reading alone detects neither a full disk nor a standby."""
    problem = None
    if not await DATABASE_TAKES_WRITES.value(connection):
        problem = "it accepts no writes: promote it if it is a standby, or turn default_transaction_read_only off"
    else:
        try:
            async with connection.transaction():
                await SQL["write_something"].rows(connection)
        except asyncpg.DiskFullError as error:
            problem = f"the database's disk is full ({error}): free some space"
        except asyncpg.PostgresError as error:
            problem = f"a write failed: {error}"
    return Finding("writes", "a megabyte was written and rolled back", problem)


async def encoding_is_utf8(connection: Connection, _: Settings) -> Finding:
    encoding = await SQL["encoding"].value(connection)
    problem = (
        f"the database's encoding is {encoding}: make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    )
    return Finding("encoding", "UTF8", None if encoding == "UTF8" else problem)


async def letters_are_known(connection: Connection, _: Settings) -> Finding:
    """Earlier versions made the embedded cluster with the type of characters of C."""
    letters = await SQL["letters_of_trigrams"].value(connection)
    problem = (
        "pg_trgm knows no letters beyond ASCII here, so names in other scripts are found slowly and typos not: stop "
        "the servers, run `fechatter backup chat.dump` and `fechatter restore chat.dump`"
    )
    return Finding("letters", "pg_trgm knows those of every script", None if letters else problem)


async def extensions_are_there(connection: Connection, _: Settings) -> Finding:
    missing = await migrations.missing_extensions(connection)
    return Finding("extensions", "all are present", migrations.no_extension(missing[0]) if missing else None)


async def connections_fit(connection: Connection, settings: Settings) -> Finding:
    """The connections of all workers must fit; otherwise some requests fail, but only under load."""
    wanted = database.connections(settings)
    there = await SQL["connections_for_servers"].value(connection)
    problem = (
        f"the workers of both servers may open {wanted} connections and PostgreSQL has {there} for them: "
        "lower database.pool_max or the workers, or raise its max_connections"
    )
    return Finding("connections", f"at most {wanted} of {there}", problem if wanted > there else None)


async def clocks_agree(connection: Connection, _: Settings) -> Finding:
    before = time.time()
    theirs = await SQL["database_time"].value(connection)
    after = time.time()
    skew = max(before - theirs, theirs - after, 0.0)
    problem = f"this machine's clock and the database's differ by {skew:.1f} s: synchronise both by NTP"
    return Finding("clock", "this machine and the database agree", problem if skew > MOST_SKEW_SECONDS else None)


async def strangers_kept_out(connection: Connection, _: Settings) -> Finding:
    """Every role that may connect can NOTIFY, and so forge typing; no grant prevents that."""
    problem = (
        "every role of this PostgreSQL may connect, and so forge who is typing: run `fechatter migrate roles` as a "
        "superuser, or SELECT close_to_strangers() as the database's owner"
    )
    everybody = await SQL["everybody_may_connect"].value(connection)
    return Finding("roles", "only roles with grants may connect", problem if everybody else None)
