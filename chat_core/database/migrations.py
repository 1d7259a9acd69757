"""The schema's life: numbered migrations, and functions, triggers and views, which always have the newest version.

`migrations/NNNN_name.sql` has dbmate's format: `-- migrate:up`, SQL, `-- migrate:down`, SQL. Each runs once, in a
transaction of its own, and its sha256 is kept. It waits for locks only for moments (lock_waits.py), and each statement
has a time-out, which a line `-- migrate:statement_timeout 2h` of the file replaces. The code of `sql/` is replaced as a
whole whenever a file of it has changed (code.py), so that a function has one place and not one copy a migration. One
migrator works at a time, and one that is older than the database refuses to touch it.
"""

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from chat_core.database import code, lock_waits, resources, scripts
from chat_core.database.pool import Connection
from chat_core.database.scripts import MigrationError, Report, Script

_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_EXTENSION = re.compile(r"^CREATE EXTENSION IF NOT EXISTS (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """`changed`: the file differs from what was applied; `unknown`: applied, but there is no such file."""

    name: str
    applied_at: datetime | None
    state: Literal["applied", "pending", "changed", "unknown"]


async def up(connection: Connection, report: Report) -> list[str]:
    """Applies what is missing or has changed and returns its names, in order. MigrationError, with no migration half
    done, which says what stays applied."""
    async with _Ledger(connection) as applied:
        versioned = scripts.migrations()
        _refuse_misfits(versioned, applied)
        pending = [script for script in versioned if script.name not in applied]
        await _refuse_missing_extensions(connection, pending)
        if any(name.startswith("sql/") for name in applied) and scripts.name(resources.GRANTS) not in applied:
            await code.adopt(connection)
        done = await _apply(connection, pending, report) if pending else []
        newest = {script.name: script.sha256 for script in scripts.code()}
        before = {name: sha256 for name, sha256 in applied.items() if name.startswith("sql/")}
        # A migration may have taken something of sql/ away; so may somebody in psql.
        missing = set(newest) if pending else {file for file, _ in await code.missing(connection)}
        if missing or newest != before:
            changed = [name for name, sha256 in newest.items() if name in missing or before.get(name) != sha256]
            changed += sorted(before.keys() - newest.keys())  # files that are no more
            for name in changed:
                report(f"up {name}")
            try:
                await code.replace(connection, report)
            except MigrationError as error:
                rest = f"nothing of sql/ was applied, {_stays(done, pending)}" if done else "nothing was changed"
                raise MigrationError(f"{error}; {rest}") from error
            done += changed
        await connection.execute("SELECT log_check_epoch()")
        await connection.execute("SELECT close_to_strangers()")
        with suppress(asyncpg.LockNotAvailableError):  # a backup reads the log: chat_server makes the days later
            await connection.execute("SELECT log_maintain('10 years')")
    return done


async def down(connection: Connection, report: Report, steps: int = 1) -> list[str]:
    """Reverts the newest migrations and returns their names. The functions of sql/ are dropped with the first one."""
    done: list[str] = []
    async with _Ledger(connection) as applied:
        for script in reversed(scripts.migrations()):
            if script.name in applied and len(done) < steps:
                async with connection.transaction():
                    report(f"down {script.name}")
                    await code.drop(connection)
                    await connection.execute(script.down)
                    await connection.execute("DELETE FROM schema_migrations WHERE name = $1", script.name)
                done.append(script.name)
    return done


async def status(connection: Connection) -> list[MigrationStatus]:
    """Every file and every entry of the ledger, in order of application."""
    rows = await _entries(connection)
    found = []
    for script in [*scripts.migrations(), *scripts.code()]:
        sha256, applied_at = rows.pop(script.name, (None, None))
        state: Literal["applied", "pending", "changed"] = (
            "pending" if sha256 is None else "applied" if sha256 == script.sha256 else "changed"
        )
        found.append(MigrationStatus(script.name, applied_at, state))
    return found + [MigrationStatus(name, applied_at, "unknown") for name, (_, applied_at) in rows.items()]


async def verify(connection: Connection) -> list[str]:
    """What does not match, a sentence each; empty if every file has been applied and none has changed since."""
    sentences = {
        "pending": "{} has not been applied: run `fechatter migrate up`",
        "changed": "{} differs from the applied version: run `fechatter migrate up` for sql/, otherwise restore it",
        "unknown": "{} was applied, but there is no such file: this code is older than the database",
    }
    entries = await status(connection)
    problems = [sentences[entry.state].format(entry.name) for entry in entries if entry.state != "applied"]
    if not problems:
        gone = await code.missing(connection)
        problems = [f"{name} is missing, which {file} makes: run `fechatter migrate up`" for file, name in gone]
    return problems


class _Ledger:
    """Holds the migration lock over several transactions; gives name → sha256 of what has been applied."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def __aenter__(self) -> dict[str, str]:
        await self.connection.execute("SELECT pg_advisory_lock(hashtext('fechatter.migrate'))")
        await self.connection.execute(_LEDGER)
        return {name: sha256 for name, (sha256, _) in (await _entries(self.connection)).items()}

    async def __aexit__(self, *_: object) -> None:
        await self.connection.execute("SELECT pg_advisory_unlock(hashtext('fechatter.migrate'))")


async def _apply(connection: Connection, pending: list[Script], report: Report) -> list[str]:
    done: list[str] = []
    async with _one_wait_for_the_disk(connection):
        for script in pending:
            report(f"up {script.name}")
            try:
                await _apply_one(connection, script, report, first=not done)
            except MigrationError as error:
                raise MigrationError(f"{error}; {_stays(done, pending)}") from error
            done.append(script.name)
    return done


async def _apply_one(connection: Connection, script: Script, report: Report, *, first: bool) -> None:
    async def change(lock_timeout: str) -> None:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{lock_timeout}'")
            if first:
                await code.drop_views(connection)
            await connection.execute(f"SET LOCAL statement_timeout = '{script.statement_timeout}'")
            await scripts.execute(connection, script)
            await scripts.note(connection, [script])

    named = set(re.findall(r"\w+", script.up))
    if first:  # the views go, too
        named |= await code.views(connection)
    await lock_waits.until_free(connection, report, change, named)


@asynccontextmanager
async def _one_wait_for_the_disk(connection: Connection) -> AsyncIterator[None]:
    """The block's commits are durable when it ends, also by an error: one wait instead of one for each commit."""
    await connection.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("RESET synchronous_commit")
            # The commit of whatever has been written waits for all of the WAL before it.
            await connection.execute("SELECT pg_logical_emit_message(true, 'fechatter.migrate', '')")


def _refuse_misfits(versioned: list[Script], applied: dict[str, str]) -> None:
    for name, sha256 in applied.items():
        known = next((script for script in versioned if script.name == name), None)
        if known is None and name.startswith("migrations/"):
            raise MigrationError(f"the database has {name}, which this version does not know: use a newer version")
        if known is not None and known.sha256 != sha256:
            raise MigrationError(f"{name} has been changed since it was applied: restore it, and write a new migration")


async def _refuse_missing_extensions(connection: Connection, pending: list[Script]) -> None:
    """Checked before the first migration rather than in the middle of them."""
    names = {name for script in pending for name in _EXTENSION.findall(script.up)}
    if missing := await missing_extensions(connection, names):
        raise MigrationError(f"{no_extension(missing[0])}; nothing was changed")


async def missing_extensions(connection: Connection, names: Collection[str] | None = None) -> list[str]:
    """Those of `names`, or of all that the migrations create, whose files this PostgreSQL lacks."""
    if names is None:
        names = {name for script in scripts.migrations() for name in _EXTENSION.findall(script.up)}
    rows = await connection.fetch(
        "SELECT name FROM unnest($1::text[]) wanted (name) WHERE NOT EXISTS "
        "(SELECT FROM pg_available_extensions there WHERE there.name = wanted.name) ORDER BY name",
        list(names),
    )
    return [row["name"] for row in rows]


def no_extension(name: str) -> str:
    return (
        f"PostgreSQL's extension {name} is not installed on the server: "
        "install the contrib package of the same version (Debian: postgresql-contrib)"
    )


def _stays(done: list[str], pending: list[Script]) -> str:
    """What an error in the middle leaves behind. Each migration is its own transaction."""
    if not done:
        return "nothing was changed"
    count = "1 migration was" if len(done) == 1 else f"{len(done)} migrations were"
    left = len(pending) - len(done)
    more = f", {left} and the files of sql/ were not" if left else ""
    return f"{count} applied (up to {done[-1]}){more}: fix the error and run `fechatter migrate up` again"


async def _entries(connection: Connection) -> dict[str, tuple[str, datetime]]:
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return {}
    rows = await connection.fetch("SELECT name, sha256, applied_at FROM schema_migrations ORDER BY applied_at, name")
    return {row["name"]: (row["sha256"], row["applied_at"]) for row in rows}
