"""Checks of the standbys that reads are sent to, `database.read_url`."""

import time
from typing import NamedTuple

import asyncpg
from asyncpg import Record

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
    """Each host is a standby of this database, and replays what was written a moment ago. One that is the primary at
    the time is none, which is a problem where no other one is."""
    if settings.database.read_url is None:
        return Finding("standby", "none is set, the primary is read (database.read_url)")
    reached = await LOG_REACHED.row(connection)
    if reached is None:
        return Finding("standby", "", "no epoch has begun on this timeline yet: start the servers")
    urls = database_url.each_host(settings.database.read_url.get_secret_value())
    found = [await _about(url, reached, settings.database.connect_timeout_seconds) for url in urls]
    problems = [one.problem for one in found if one.problem and not (one.is_primary and len(urls) > 1)]
    details = [one.detail for one in found if one.detail]
    if not problems and not details:
        problems = [one.problem for one in found if one.problem]
    return Finding("standby", "; ".join(details), "; ".join(problems) or None)


class _About(NamedTuple):
    detail: str
    problem: str | None = None
    is_primary: bool = False


async def _about(url: str, reached: Record, connect_seconds: float) -> _About:
    place = database_url.place(url)
    try:
        standby = await connect(url, timeout=connect_seconds, command_timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        problem = f"{place}: no standby answers ({reason}), so the primary is read: check the URL"
        return _About("", problem, isinstance(error, asyncpg.TargetServerAttributeNotMatched))
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
        return _About("", f"{place}: it is no copy of this database ({error})")
    finally:
        standby.terminate()
    problems: dict[str, str] = {
        "promoted": f"{place}: it is no standby, so the primary is read: database.read_url names one",
        "behind": f"{place}: it did not have what is here within {PATIENCE_MS / 1000:.0f} s, so the primary is read: "
        "look at pg_stat_replication here, and whether it replays (pg_get_wal_replay_pause_state())",
    }
    if found in problems:
        return _About("", problems[found])
    return _About(f"{place}: it had all that is here after {(time.monotonic() - began) * 1000:.0f} ms")
