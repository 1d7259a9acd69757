"""Checks of the database itself, whatever is in it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat_core.embedded import EmbeddedPostgres
from chat_core.pool import Connection
from chat_core.settings import Settings
from fechatter import database
from fechatter.doctor.finding import SQL, Finding
from fechatter.errors import CommandError

MOST_SKEW_SECONDS = 1.0


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Connection]:
    """A connection to the database in use. CommandError where there is none."""
    if settings.database.url is not None:
        connection = await database.connect(settings.database.url.get_secret_value())
    else:
        postgres = EmbeddedPostgres(settings.data_dir)
        if not postgres.is_running():
            raise CommandError(f"the embedded PostgreSQL of {settings.data_dir} is not running: run `fechatter up`")
        connection = await database.connect(postgres.dsn(database.NAME))
    try:
        yield connection
    finally:
        await connection.close()


async def connections_fit(connection: Connection, settings: Settings) -> Finding:
    """What all workers may open has to fit, or some requests fail under load, and only then."""
    wanted = database.connections(settings)
    there = await SQL["connections_for_servers"].value(connection)
    problem = (
        f"the workers of both servers may open {wanted} connections and PostgreSQL has {there} for them: "
        "lower database.pool_max or the workers, or raise its max_connections"
    )
    return Finding("connections", f"{wanted} at most, of {there}", problem if wanted > there else None)


async def clocks_agree(connection: Connection, _: Settings) -> Finding:
    before = time.time()
    theirs = await SQL["database_time"].value(connection)
    after = time.time()
    skew = max(before - theirs, theirs - after, 0.0)
    problem = f"this machine's clock and the database's differ by {skew:.1f} s: synchronise both by NTP"
    return Finding("clock", "this machine and the database agree", problem if skew > MOST_SKEW_SECONDS else None)


async def strangers_kept_out(connection: Connection, _: Settings) -> Finding:
    """Whoever may connect can NOTIFY, and so forge who is typing; no grant keeps them from that."""
    problem = (
        "every role of this PostgreSQL may connect, and so forge who is typing: run docker/roles.sql as a superuser, "
        "or SELECT close_to_strangers() as the database's owner"
    )
    everybody = await SQL["everybody_may_connect"].value(connection)
    return Finding("roles", "only those may connect to which something is granted", problem if everybody else None)
