"""`fechatter doctor`: one line for each check, and for each failure what to do about it."""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from chat_core import migrations, queries
from chat_core.embedded import EmbeddedPostgres
from chat_core.pool import Connection
from chat_core.settings import Settings, SettingsError, config_file, require
from fechatter import database, keys, ports
from fechatter.errors import CommandError
from fechatter.up import SECRETS

MOST_SKEW_SECONDS = 1.0

_TRIGGER = re.compile(
    r"^CREATE (?:OR REPLACE |CONSTRAINT )?TRIGGER (?P<name>\w+) [^;]*? ON (?P<table>\w+)", re.MULTILINE
)

_FILE = Path(__file__).with_name("doctor.sql")
_SQL = queries.parse(_FILE.read_text(), _FILE.name)


@dataclass(frozen=True)
class Finding:
    """What one check found. `problem` says what is wrong and what to do; None: all is well, and `detail` says how."""

    check: str
    detail: str
    problem: str | None = None


async def doctor(read_settings: Callable[[], Settings]) -> int:
    """Print every finding as it comes. Returns the exit status, 1 if any check failed."""
    failed = 0
    async for finding in _findings(read_settings):
        failed += finding.problem is not None
        state = "failed" if finding.problem else "ok"
        print(f"{state:7} {finding.check:11} {finding.problem or finding.detail}", flush=True)
    return 1 if failed else 0


async def _findings(read_settings: Callable[[], Settings]) -> AsyncIterator[Finding]:
    try:
        settings = read_settings()
        if settings.mode == "production":
            require(settings, SECRETS, "production mode")
    except SettingsError as error:
        yield Finding("config", "", str(error))
        return
    yield Finding("config", str(config_file() or "no file, all defaults"))
    try:
        async with _connected(settings) as connection:
            yield Finding("database", f"PostgreSQL {connection.get_settings().server_version}")
            async for finding in _database_findings(connection, settings):
                yield finding
    except (CommandError, asyncpg.PostgresError, OSError) as error:
        yield Finding("database", "", str(error))
    private, public = keys.paths(settings)
    yield Finding("keys", f"{private} and {public} are a pair", keys.problem(private, public))
    for name, host, port, option in (
        ("chat-server", settings.server.host, settings.server.port, "server.port"),
        ("notify-server", settings.notify.host, settings.notify.port, "notify.port"),
    ):
        yield await _port_finding(name, host, port, option)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Connection]:
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


async def _database_findings(connection: Connection, settings: Settings) -> AsyncIterator[Finding]:
    problems = await migrations.verify(connection)
    more = f" (and {len(problems) - 1} more: fechatter migrate verify)" if len(problems) > 1 else ""
    yield Finding(
        "migrations",
        "every file has been applied, and none has changed since",
        f"{problems[0]}{more}" if problems else None,
    )
    yield await _trigger_finding(connection)
    yield await _connections_finding(connection, settings)
    before = time.time()
    theirs = await _SQL["database_time"].value(connection)
    after = time.time()
    skew = max(before - theirs, theirs - after, 0.0)
    yield Finding(
        "clock",
        "this machine and the database agree",
        f"this machine's clock and the database's differ by {skew:.1f} s: synchronise both by NTP"
        if skew > MOST_SKEW_SECONDS
        else None,
    )


async def _trigger_finding(connection: Connection) -> Finding:
    """The rules and the event log live in triggers: each one that sql/triggers/ makes has to be there and to fire."""
    expected = _declared_triggers()
    tables, names = [table for table, _ in expected], [name for _, name in expected]
    off = await _SQL["triggers_off"].rows(connection, tables=tables, triggers=names)
    role = await _SQL["replication_role"].value(connection)
    problem = None
    if role != "origin":
        problem = f"session_replication_role is {role}, so no trigger fires: reset it for this database and role"
    elif missing := [row for row in off if row["missing"]]:
        files = " ".join(f"-f sql/triggers/{table}.sql" for table in sorted({row["on_table"] for row in missing}))
        problem = f"{_listed(missing)} missing, so events or rules are lost: fechatter psql {files}"
    elif off:
        commands = "; ".join(f"ALTER TABLE {row['on_table']} ENABLE TRIGGER {row['name']}" for row in off)
        problem = f"{_listed(off)} disabled, so events or rules are lost: {commands}"
    return Finding("triggers", f"all {len(expected)} are there and fire", problem)


async def _connections_finding(connection: Connection, settings: Settings) -> Finding:
    """What all workers may open has to fit, or some requests fail under load, and only then."""
    wanted = database.connections(settings)
    there = await _SQL["connections_for_servers"].value(connection)
    problem = (
        f"the workers of both servers may open {wanted} connections and PostgreSQL has {there} for them: "
        "lower database.pool_max or the workers, or raise its max_connections"
    )
    return Finding("connections", f"{wanted} at most, of {there}", problem if wanted > there else None)


def _declared_triggers() -> list[tuple[str, str]]:
    """(table, trigger) of each CREATE TRIGGER in sql/triggers/."""
    files = sorted((migrations.ROOT / "sql" / "triggers").glob("*.sql"))
    return [(found["table"], found["name"]) for file in files for found in _TRIGGER.finditer(file.read_text())]


def _listed(rows: list[asyncpg.Record]) -> str:
    shown = [f"{row['on_table']}.{row['name']}" for row in rows]
    return f"{', '.join(shown)} {'is' if len(shown) == 1 else 'are'}"


async def _port_finding(name: str, host: str, port: int, setting: str) -> Finding:
    """Free is well, and so is a server of ours that answers there."""
    url = ports.url(host, port)
    try:
        ports.choose([ports.Wanted(host, port, "--port", setting)])
    except CommandError as error:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                answer = await client.get(f"{url}/health/ready")
        except httpx.HTTPError:
            return Finding(name, "", str(error))
        if answer.status_code == httpx.codes.OK:
            return Finding(name, f"ready at {url}")
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return Finding(name, "", f"{url} runs but is not ready: see its log")
        return Finding(name, "", str(error))
    return Finding(name, f"not running; port {port} on {host} is free")
