"""Checks of the standby that reads are sent to, `database.read_url`."""

import time

import asyncpg

from chat_core.database.connecting import connect
from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.database.standby import LOG_REPLAYED
from chat_core.settings import Settings, database_url
from fechatter.commands.doctor.finding import Finding

# Longer than any read waits for it.
PATIENCE_MS = 3000

LOG_REACHED = query("log_reached")


async def answers(connection: Connection, settings: Settings) -> Finding:
    """It is a standby of this database, and replays what was written a moment ago."""
    if settings.database.read_url is None:
        return Finding("standby", "none is set, the primary is read (database.read_url)")
    url = settings.database.read_url.get_secret_value()
    place = database_url.place(url)
    reached = await LOG_REACHED.row(connection)
    if reached is None:
        return Finding("standby", "", "no epoch has begun on this timeline yet: start the servers")
    try:
        standby = await connect(url, timeout=settings.database.connect_timeout_seconds, command_timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        return Finding("standby", "", f"{place}: no standby answers ({reason}), so the primary is read: check the URL")
    began = time.monotonic()
    try:
        found = await LOG_REPLAYED.value(
            standby,
            epoch=reached["epoch"],
            position=reached["head"],
            flushed=reached["flushed"],
            patience_ms=PATIENCE_MS,
        )
    except asyncpg.PostgresError as error:
        return Finding("standby", "", f"{place}: it is no copy of this database ({error})")
    finally:
        standby.terminate()
    problems = {
        "promoted": f"{place}: it is no standby, so the primary is read: database.read_url names one",
        "behind": f"{place}: it did not have what is here within {PATIENCE_MS / 1000:.0f} s, so the primary is read: "
        "look at pg_stat_replication here, and whether it replays (pg_get_wal_replay_pause_state())",
    }
    waited = f"{(time.monotonic() - began) * 1000:.0f} ms"
    return Finding("standby", f"{place}: it had all that is here after {waited}", problems.get(found))
