"""chat_core.database.migrations against a real database: up, down, twice, at once, and files that do not fit."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from chat_core.database import migrations, scripts
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from tests.sql.schema.migrating import append, up, whole

pytestmark = pytest.mark.slow

EVERYTHING = 1000


async def test_up_applies_everything_once_and_says_so(sql: Connection) -> None:
    said: list[str] = []
    applied = await migrations.up(sql, said.append)
    names = [script.name for script in (*scripts.migrations(), *scripts.code())]
    assert applied == names
    assert said == [f"up {name}" for name in names]
    assert {entry.state for entry in await migrations.status(sql)} == {"applied"}
    assert await migrations.verify(sql) == []
    assert await up(sql) == []


@pytest.mark.postgres_15
async def test_down_takes_back_all_of_it_and_up_gives_the_same_again(sql: Connection, empty: str) -> None:
    nothing = await whole(sql, empty)
    await up(sql)
    everything = await whole(sql, empty)
    taken_back = await migrations.down(sql, lambda _: None, EVERYTHING)
    assert taken_back == [script.name for script in reversed(scripts.migrations())]
    left = await sql.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    assert [row[0] for row in left] == ["schema_migrations"]
    await sql.execute("DROP TABLE schema_migrations")
    assert await whole(sql, empty) == nothing
    await up(sql)
    assert await whole(sql, empty) == everything
    assert await migrations.verify(sql) == []


async def test_one_step_down_and_up_again_is_the_whole_schema(sql: Connection, empty: str) -> None:
    await up(sql)
    everything = await whole(sql, empty)
    newest = scripts.migrations()[-1].name
    assert await migrations.down(sql, lambda _: None) == [newest]
    assert newest in (await up(sql))
    assert await whole(sql, empty) == everything


async def test_two_at_once_do_the_work_once(sql: Connection, empty: str) -> None:
    other: Connection = await asyncpg.connect(empty)
    try:
        done = await asyncio.gather(up(sql), up(other))
    finally:
        await other.close()
    assert sorted(map(bool, done)) == [False, True]
    assert await migrations.verify(sql) == []


async def test_a_changed_migration_is_noticed_and_refused(migrated: Connection, files: Path) -> None:
    append(files / "migrations" / "0001_identity.sql", "-- changed\n")
    [problem] = await migrations.verify(migrated)
    assert "0001_identity.sql differs" in problem
    with pytest.raises(scripts.MigrationError, match=r"0001_identity\.sql has been changed"):
        await up(migrated)


async def test_older_code_refuses_a_newer_database(migrated: Connection, files: Path) -> None:
    newer = files / "migrations" / "9999_later.sql"
    newer.write_text("-- migrate:up\nCREATE TABLE later ();\n-- migrate:down\nDROP TABLE later;\n")
    assert (await up(migrated))[0] == "migrations/9999_later.sql"
    newer.unlink()
    with pytest.raises(scripts.MigrationError, match=r"9999_later\.sql.*newer"):
        await up(migrated)
    [problem] = await migrations.verify(migrated)
    assert "9999_later.sql was applied, but there is no such file" in problem


async def test_a_migration_that_fails_leaves_nothing_of_itself(migrated: Connection, files: Path) -> None:
    broken = files / "migrations" / "9999_broken.sql"
    broken.write_text("-- migrate:up\nCREATE TABLE half ();\nSELECT 1 / 0;\n-- migrate:down\n")
    with pytest.raises(scripts.MigrationError, match=r"9999_broken\.sql: division by zero; nothing was changed$"):
        await up(migrated)
    assert await migrated.fetchval("SELECT count(*) FROM ops.help") > 0
    assert await migrated.fetchval("SELECT to_regclass('half')") is None
    assert "migrations/9999_broken.sql has not been applied" in (await migrations.verify(migrated))[0]
    broken.unlink()
    await up(migrated)
    assert await migrations.verify(migrated) == []


async def test_an_error_in_the_middle_says_what_stays_and_what_does_not(sql: Connection, files: Path) -> None:
    names = [script.name for script in scripts.migrations()]
    broken = files / names[2]
    text = broken.read_text()
    broken.write_text(text.replace("-- migrate:up", "-- migrate:up\nSELECT 1 / 0;"))
    said = (
        rf"{names[2]}: division by zero; 2 migrations were applied \(up to {names[1]}\), {len(names) - 2} and the "
        r"files of sql/ were not: fix the error and run `fechatter migrate up` again$"
    )
    with pytest.raises(scripts.MigrationError, match=said):
        await up(sql)
    assert [entry.name for entry in await migrations.status(sql) if entry.state == "applied"] == names[:2]
    broken.write_text(text)
    code = files / "sql" / "functions" / "rules.sql"
    text = code.read_text()
    append(code, "SELECT 1 / 0;")
    stay = rf"{len(names) - 2} migrations were applied \(up to {names[-1]}\): "
    said = rf"rules\.sql: division by zero; nothing of sql/ was applied, {stay}"
    with pytest.raises(scripts.MigrationError, match=said):
        await up(sql)
    with pytest.raises(scripts.MigrationError, match=r"rules\.sql: division by zero; nothing was changed$"):
        await up(sql)
    code.write_text(text)
    await up(sql)
    assert await migrations.verify(sql) == []


@pytest.mark.postgres_15
async def test_what_is_applied_is_durable_when_an_error_is_raised(sql: Connection, empty: str, files: Path) -> None:
    names = [script.name for script in scripts.migrations()]
    (files / names[2]).write_text("-- migrate:up\nSELECT 1 / 0;\n-- migrate:down\n")
    database = await sql.fetchval("SELECT current_database()")
    await sql.execute(f"ALTER DATABASE {database} SET synchronous_commit = on")
    connection: Connection = await asyncpg.connect(empty)
    try:
        with pytest.raises(scripts.MigrationError, match="2 migrations were applied"):
            await up(connection)
        left = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn()")
        assert left < 10_000  # bytes; these migrations write far more, and PostgreSQL itself a few thousand at any time
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
    finally:
        await connection.close()


async def test_an_extension_that_is_not_there_is_found_before_the_first_migration(sql: Connection, files: Path) -> None:
    (files / "migrations" / "9999_more.sql").write_text(
        "-- migrate:up\nCREATE EXTENSION IF NOT EXISTS no_such;\n-- migrate:down\n"
    )
    with pytest.raises(scripts.MigrationError, match=r"extension no_such is not installed .*; nothing was changed$"):
        await up(sql)
    assert {entry.state for entry in await migrations.status(sql)} == {"pending"}


async def test_a_file_that_is_no_migration_is_named(migrated: Connection, files: Path) -> None:
    (files / "migrations" / "9999_empty.sql").write_text("SELECT 1;\n")
    with pytest.raises(scripts.MigrationError, match=r"9999_empty\.sql: expected '-- migrate:up'"):
        await up(migrated)


async def test_a_migration_may_alter_what_a_view_shows(migrated: Connection, files: Path) -> None:
    alter = "ALTER TABLE streams ALTER address TYPE varchar(100)"
    with pytest.raises(asyncpg.FeatureNotSupportedError, match="used by a view"):
        await migrated.execute(alter)
    (files / "migrations" / "9999_alter.sql").write_text(f"-- migrate:up\n{alter};\n-- migrate:down\n")
    await up(migrated)
    assert await migrated.fetch("SELECT * FROM ops.online") == []
    assert await migrations.verify(migrated) == []


async def test_what_a_migration_takes_away_of_the_code_comes_back(migrated: Connection, files: Path) -> None:
    """A trigger has to be dropped before a column that it looks at can be altered; without it, events would be lost."""
    (files / "migrations" / "9999_alter.sql").write_text(
        "-- migrate:up\nDROP TRIGGER p90_log ON users; DROP TRIGGER p20_touch ON users;\n"
        "DROP TRIGGER p20_unverify ON users; DROP TRIGGER p30_final_deletion ON users;\n"
        "DROP TRIGGER p95_bounce ON users;\n"
        "ALTER TABLE users ALTER email TYPE varchar(254);\n-- migrate:down\n"
    )
    await up(migrated)
    triggers = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'users'::regclass"
    assert {"p90_log", "p20_touch", "p20_unverify", "p95_bounce"} <= {row[0] for row in await migrated.fetch(triggers)}


@pytest.mark.postgres_15
async def test_a_backup_does_not_stop_it(migrated: Connection, postgres_any: EmbeddedPostgres) -> None:
    days = await migrated.fetch("SELECT partition FROM ops.log_days() WHERE partition <> 'events_default'")
    await migrated.execute(f"DROP TABLE {days[-1][0]}")
    reader = await asyncpg.connect(postgres_any.dsn(await migrated.fetchval("SELECT current_database()")))
    try:
        await reader.execute("BEGIN; SELECT FROM events")
        assert await up(migrated) == []
    finally:
        await reader.close()
