"""The code of sql/ in a database: functions, triggers, views and grants. It has no data, so it is never altered: all of
it is dropped and created anew, in one transaction, whenever a file of it has changed.

Only what we have made is dropped. The comment of each such object ends with the name of its file, such as
`sql/functions/rules.sql`: that goes along when a table is renamed, and into a backup. What others have made stays, and
so do their grants on ours. Where it depends on ours, nothing is changed, and the error says on what (ADR 27).
"""

import re
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from chat_core.database import lock_waits, queries, resources, scripts
from chat_core.database.pool import Connection
from chat_core.database.scripts import MigrationError, Report, Script

_FILE = Path(__file__).with_name("code.sql")
_SQL = queries.parse(_FILE.read_text(), _FILE.name)
_DROP_ORDER = ("trigger", "view", "function", "type")  # each may depend on those after it
_CREATE = re.compile(r"CREATE (?:CONSTRAINT )?(FUNCTION|TRIGGER|TYPE|VIEW) ([\w.]+)(?:[^;$]*? ON (\w+))?")
_NAME_IS_TAKEN = (asyncpg.DuplicateFunctionError, asyncpg.DuplicateTableError, asyncpg.DuplicateObjectError)


async def replace(connection: Connection, report: Report) -> None:
    """Drops what there is of it, and creates all that the files have; the ledger follows. MigrationError, with nothing
    changed, where that cannot be done."""

    async def change(lock_timeout: str) -> None:
        async with connection.transaction():
            await _lock_tables(connection, lock_timeout)
            await _replace(connection)

    await lock_waits.until_free(connection, report, change)


async def missing(connection: Connection) -> list[tuple[str, str]]:
    """What the files make and the database does not have, such as a dropped trigger: its file, its name."""
    there = {(kind, _without_arguments(identity)) for kind, identity in await _objects(connection)}
    return [(file, made[1]) for made, file in _makers(scripts.code()).items() if made not in there]


async def drop(connection: Connection) -> None:
    """All that sql/ has made, and the schema ops unless others have put something there. The ledger forgets it."""
    async with connection.transaction():
        await _drop(connection, _DROP_ORDER)
        await connection.execute("DELETE FROM schema_migrations WHERE name LIKE 'sql/%'")
        if await _SQL["ops_is_empty"].value(connection):
            await connection.execute("DROP SCHEMA IF EXISTS ops")


async def drop_views(connection: Connection) -> None:
    """A column that a view shows cannot be altered. The ledger forgets all of sql/: the next `up` replaces it."""
    await _drop(connection, ["view"])
    await connection.execute("DELETE FROM schema_migrations WHERE name LIKE 'sql/%'")


async def views(connection: Connection) -> set[str]:
    """The names of those that `drop_views` drops."""
    return {identity.rpartition(".")[2] for kind, identity in await _objects(connection) if kind == "view"}


async def adopt(connection: Connection) -> None:
    """Marks what versions have made that did not mark it."""
    async with connection.transaction():
        await connection.execute(resources.ADOPTION.read_text())


async def _lock_tables(connection: Connection, timeout: str) -> None:
    """All that will be needed, at once: so a transaction that is under way ends, and none that begins is in between."""
    await connection.execute(f"SET LOCAL lock_timeout = '{timeout}'; SET LOCAL statement_timeout = '{timeout}'")
    to_be = [table for file in scripts.code() for *_, table in _CREATE.findall(file.up) if table]
    if tables := await _SQL["tables_to_lock"].value(connection, more=to_be):
        try:
            await connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        except asyncpg.QueryCanceledError as error:  # each of them was free in time, and all together were not
            raise asyncpg.LockNotAvailableError(str(error)) from error
    await connection.execute("SET LOCAL statement_timeout TO DEFAULT")


async def _replace(connection: Connection) -> None:
    *files, grants = scripts.code()
    granted = await _SQL["granted_by_hand"].rows(connection)
    await _drop(connection, _DROP_ORDER)
    for script in files:
        await _create(connection, script)
    await _mark(connection, files)
    given = await _SQL["given_to_servers"].value(connection)
    if given:
        await connection.execute(await _SQL["closing"].value(connection))
    if granted:
        there = set(await _objects(connection))
        again = [row["statements"] for row in granted if (row["type"], row["identity"]) in there]
        await connection.execute("; ".join(again))
    if given:
        await scripts.execute(connection, grants)
    await connection.execute("DELETE FROM schema_migrations WHERE name LIKE 'sql/%'")
    await scripts.note(connection, [*files, grants])


async def _create(connection: Connection, script: Script) -> None:
    try:
        await scripts.execute(connection, script)
    except MigrationError as error:
        if isinstance(error.__cause__, _NAME_IS_TAKEN):
            mine = f"no comment says that it is ours ('{script.name}')"
            raise MigrationError(f"{error}, and {mine}: rename it, or comment on it so") from error
        raise


async def _mark(connection: Connection, files: Sequence[Script]) -> None:
    """Ends the comment of all that this transaction has made with the name of the file that made it."""
    makers = _makers(files)
    marks = []
    for row in await _SQL["made_now"].rows(connection):
        file = makers[row["type"], _without_arguments(row["identity"])]
        comment = "\n".join(filter(None, (row["comment"], file))).replace("'", "''")
        marks.append(f"COMMENT ON {row['type']} {row['identity']} IS '{comment}'")
    await connection.execute("; ".join(marks))


def _makers(files: Sequence[Script]) -> dict[tuple[str, str], str]:
    """The file of each object that the files make, such as (view, ops.chats), (trigger, p90_log on public.chats)."""
    makers = {}
    for file in files:
        for kind, name, table in _CREATE.findall(file.up):
            qualified = name if "." in name else f"public.{name}"
            makers[kind.lower(), f"{name} on public.{table}" if kind == "TRIGGER" else qualified] = file.name
    return makers


def _without_arguments(identity: str) -> str:
    return identity.partition("(")[0]


async def _drop(connection: Connection, kinds: Sequence[str]) -> None:
    objects = await _objects(connection)
    for kind in kinds:
        names = [identity for of_kind, identity in objects if of_kind == kind]
        try:
            if names and kind == "trigger":
                await connection.execute("; ".join(f"DROP TRIGGER {name}" for name in names))
            elif names:
                await connection.execute(f"DROP {kind} {', '.join(names)}")
        except asyncpg.DependentObjectsStillExistError as error:
            depends = "; ".join((error.detail or str(error)).splitlines())
            raise MigrationError(f"{depends}: drop what is yours, and make it anew afterwards") from error


async def _objects(connection: Connection) -> list[tuple[str, str]]:
    return [(row["type"], row["identity"]) for row in await _SQL["objects"].rows(connection)]
