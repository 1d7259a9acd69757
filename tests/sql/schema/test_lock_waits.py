"""Migrations of tables that others use: they wait for moments, say for whom, and give up with nothing changed."""

import asyncio
import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

from chat_core.database import lock_waits, migrations, scripts
from tests.sql.schema.migrating import up
from tests.sql.world import until
from tests.support.postgres import Database

pytestmark = pytest.mark.slow

# The views go with the first migration, so that one waits for whoever reads a view, too.
MIGRATION = """-- migrate:up
CREATE TABLE wide ();
ALTER TABLE {table} ADD wide integer;
-- migrate:down
ALTER TABLE {table} DROP wide;
DROP TABLE wide;
"""


@pytest.mark.parametrize(("read", "table"), [("chats", "chats"), ("ops.chats", "wide")])
async def test_a_held_table_is_waited_for_in_moments_and_its_holder_is_named(
    database: Database, files: Path, monkeypatch: pytest.MonkeyPatch, read: str, table: str
) -> None:
    (files / "migrations" / "9999_wide.sql").write_text(MIGRATION.format(table=table))
    clock = SimpleNamespace(monotonic=itertools.count().__next__)  # which a busy machine does not put forward
    monkeypatch.setattr(lock_waits, "time", clock)
    monkeypatch.setattr(lock_waits, "PATIENCE", 1)  # for two attempts
    said: list[str] = []
    async with database.connect() as sql, database.connect() as holder, database.connect() as other:
        pid = await holder.fetchval("SELECT pg_backend_pid()")
        await holder.execute(f"SET application_name = 'a report'; BEGIN; SELECT FROM {read}")
        migrating = asyncio.create_task(migrations.up(sql, said.append))
        waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock')"
        await until(lambda: other.fetchval(waits, sql.get_server_pid()), "the migration waits")
        async with asyncio.timeout(30):
            await other.execute(f"SELECT FROM {read}")  # behind the migration's lock, until that gives up
        holds = rf"pid {pid} \(a report, idle in transaction, for \d+ s\).*"
        expected = rf"^the tables are in use: {holds}; end that and run it again; nothing was changed$"
        with pytest.raises(scripts.MigrationError, match=expected):
            await migrating
        assert [line for line in said if f"waiting for the tables, which are in use: pid {pid} (a report" in line]
        assert await other.fetchval("SELECT to_regclass('wide')") is None
        await holder.execute("COMMIT")
        assert "migrations/9999_wide.sql" in await up(sql)
        assert await migrations.verify(sql) == []


async def test_a_statement_that_takes_too_long_is_ended_unless_its_file_allows_it(
    database: Database, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "STATEMENT_TIMEOUT", "20ms")
    long = files / "migrations" / "9999_long.sql"
    statements = "CREATE TABLE long ();\nSELECT pg_sleep(0.1);\n-- migrate:down\nDROP TABLE long;\n"
    async with database.connect() as sql:
        long.write_text(f"-- migrate:up\n{statements}")
        expected = r"9999_long\.sql: a statement took longer than 20ms: .*; nothing was changed$"
        with pytest.raises(scripts.MigrationError, match=expected):
            await up(sql)
        assert await sql.fetchval("SELECT to_regclass('long')") is None
        long.write_text(f"-- migrate:up\n-- migrate:statement_timeout 1h\n{statements}")
        assert (await up(sql))[0] == "migrations/9999_long.sql"
        assert await sql.fetchval("SHOW statement_timeout") == "0"
        assert await sql.fetchval("SHOW lock_timeout") == "0"


@pytest.mark.parametrize("directive", ["statement_timeout soon", "statement_timeout 0s", "lock_timeout 1h", "upp"])
def test_a_directive_that_is_none_is_refused(files: Path, directive: str) -> None:
    (files / "migrations" / "9999_odd.sql").write_text(f"-- migrate:up\n-- migrate:{directive}\n-- migrate:down\n")
    with pytest.raises(scripts.MigrationError, match=rf"^9999_odd\.sql: expected .*, not '-- migrate:{directive}'$"):
        scripts.migrations()
