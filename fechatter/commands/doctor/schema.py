"""Checks of what our migrations and SQL files have put into the database."""

import re

import asyncpg

from chat_core.database import migrations, resources
from chat_core.database.pool import Connection
from chat_core.settings import Settings
from fechatter.commands.doctor.finding import SQL, Finding

_TRIGGER = re.compile(r"^CREATE (?:CONSTRAINT )?TRIGGER (?P<name>\w+) [^;]*? ON (?P<table>\w+)", re.MULTILINE)


async def migrations_applied(connection: Connection) -> Finding:
    status = await migrations.status(connection)
    if all(entry.state == "pending" for entry in status):
        return Finding("migrations", "", "the database is not migrated: run `fechatter migrate up`")
    problems = await migrations.verify(connection)
    more = f" (and {len(problems) - 1} more: fechatter migrate verify)" if len(problems) > 1 else ""
    return Finding(
        "migrations",
        "every file has been applied, and none has changed since",
        f"{problems[0]}{more}" if problems else None,
    )


async def triggers_fire(connection: Connection, _: Settings) -> Finding:
    """The rules and the event log live in triggers: every trigger of sql/triggers/ must be enabled."""
    expected = _declared_triggers()
    tables, names = [table for table, _ in expected], [name for _, name in expected]
    off = await SQL["triggers_off"].rows(connection, tables=tables, triggers=names)
    role = await SQL["replication_role"].value(connection)
    problem = None
    if role != "origin":
        problem = f"session_replication_role is {role}, so no trigger fires: reset it for this database and role"
    elif off:
        commands = "; ".join(f"ALTER TABLE {row['on_table']} ENABLE TRIGGER {row['name']}" for row in off)
        problem = f"{_listed(off)} disabled, so events or rules are lost: {commands}"
    return Finding("triggers", f"all {len(expected)} fire", problem)


def _declared_triggers() -> list[tuple[str, str]]:
    """(table, trigger) of each CREATE TRIGGER in sql/triggers/."""
    files = sorted((resources.SQL / "triggers").rglob("*.sql"))
    return [(found["table"], found["name"]) for file in files for found in _TRIGGER.finditer(file.read_text())]


def _listed(rows: list[asyncpg.Record]) -> str:
    shown = [f"{row['on_table']}.{row['name']}" for row in rows]
    return f"{', '.join(shown)} {'is' if len(shown) == 1 else 'are'}"
