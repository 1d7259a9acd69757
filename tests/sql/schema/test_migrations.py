"""chat_core.database.migrations against a real database: up, down, twice, at once, and files that do not fit."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from chat_core.database import migrations, scripts
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from tests.sql.schema.migrating import append, up, whole

pytestmark = [pytest.mark.slow, pytest.mark.postgres_15]

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


async def test_those_who_were_there_before_are_given_user_names(sql: Connection) -> None:
    await up(sql)
    names = [script.name for script in scripts.migrations()]
    await migrations.down(sql, lambda _: None, len(names) - names.index("migrations/0008_usernames.sql"))
    for email in (
        "ada@a.example",
        "ADA@b.example",
        "ada-2@c.example",
        "here@d.example",
        "чат@e.example",
        "_@f.example",
    ):
        await sql.execute("INSERT INTO users (email, fullname, password_hash) VALUES ($1, 'X', '')", email)
    await up(sql)
    given = [row[0] for row in await sql.fetch("SELECT username FROM users ORDER BY id")]
    assert given == ["ada", "ADA-2", "ada-2-3", "here-4", "user", "user-6"]


async def test_of_public_channels_of_one_name_the_oldest_keeps_it(sql: Connection) -> None:
    await up(sql)
    names = [script.name for script in scripts.migrations()]
    await migrations.down(sql, lambda _: None, len(names) - names.index("migrations/0020_public_names.sql"))
    await sql.execute("INSERT INTO workspaces (name) VALUES ('acme'), ('other')")
    long = "x" * 80
    for workspace, kind, name in (
        (1, "PublicChannel", "News"),
        (1, "PublicChannel", "NEWS"),
        (1, "PrivateChannel", "news"),
        (2, "PublicChannel", "news"),
        (1, "PublicChannel", long),
        (1, "PublicChannel", long),
    ):
        await sql.execute("INSERT INTO chats (workspace_id, type, name) VALUES ($1, $2, $3)", workspace, kind, name)
    await up(sql)
    kept = [row[0] for row in await sql.fetch("SELECT name FROM chats ORDER BY id")]
    assert kept == ["News", "NEWS (2)", "news", "news", long, "x" * 76 + " (6)"]


async def test_of_public_channels_whose_names_fold_alike_the_oldest_keeps_it(sql: Connection) -> None:
    await up(sql)
    names = [script.name for script in scripts.migrations()]
    await migrations.down(sql, lambda _: None, len(names) - names.index("migrations/0050_names_fold.sql"))
    await sql.execute("INSERT INTO workspaces (name) VALUES ('acme')")
    for name in ("ΟΔΟΣ", "οδος", "straße", "strasse", "other"):
        await sql.execute("INSERT INTO chats (workspace_id, type, name) VALUES (1, 'PublicChannel', $1)", name)
    await up(sql)
    kept = [row[0] for row in await sql.fetch("SELECT name FROM chats ORDER BY id")]
    assert kept == ["ΟΔΟΣ", "οδος (2)", "straße", "strasse (4)", "other"]


async def test_invites_are_carried_into_one_table_and_back(sql: Connection) -> None:
    """Those of chats with their ids, after which those of boards get new ones."""
    await up(sql)
    names = [script.name for script in scripts.migrations()]
    steps = len(names) - names.index("migrations/0027_invites.sql")
    await migrations.down(sql, lambda _: None, steps)
    await sql.execute(
        "INSERT INTO users (email, username, fullname, password_hash) VALUES ('a@a.example', 'a', 'A', ''); "
        "INSERT INTO workspaces (name) VALUES ('acme')"
    )
    await sql.execute("INSERT INTO chats (workspace_id, type, name) VALUES (1, 'Group', 'lunch')")
    await sql.execute("INSERT INTO boards (workspace_id, name) VALUES (1, 'plans')")
    insert = (
        "INSERT INTO {0}_invites ({0}_id, role, token_hash, created_by, created_at, expires_at, max_uses, uses) "
        "VALUES (1, '{1}', sha256('{1} of a {0}'), 1, '2026-01-01', '2027-01-01', 5, 2)"
    )
    for place, *roles in (("chat", "member", "owner", "admin"), ("board", "viewer", "owner")):
        for role in roles:
            await sql.execute(insert.format(place, role))
    await sql.execute("DELETE FROM chat_invites WHERE id = 1")

    async def carried(table: str, place: str) -> list[tuple[object, ...]]:
        shown = f"SELECT id, {place}, role, token_hash, created_by, created_at, expires_at, max_uses, uses FROM {table}"
        return [tuple(row) for row in await sql.fetch(f"{shown} WHERE {place} IS NOT NULL ORDER BY id")]

    to_chats, to_boards = await carried("chat_invites", "chat_id"), await carried("board_invites", "board_id")
    assert ([row[0] for row in to_chats], [row[0] for row in to_boards]) == ([2, 3], [1, 2])
    await up(sql)
    assert await carried("invites", "chat_id") == to_chats
    renumbered = [(number, *row[1:]) for number, row in zip((4, 5), to_boards, strict=True)]
    assert await carried("invites", "document_id") == renumbered
    await migrations.down(sql, lambda _: None, steps)
    assert await carried("chat_invites", "chat_id") == to_chats
    assert await carried("board_invites", "board_id") == renumbered
    await sql.execute(insert.format("board", "editor"))
    assert (await carried("board_invites", "board_id"))[-1][0] == 6


OF_A_BOARD = """
INSERT INTO users (email, username, fullname, password_hash) VALUES ('a@a.example', 'a', 'A', '');
INSERT INTO workspaces (name) VALUES ('acme');
INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (1, 1, 'owner');
INSERT INTO boards (id, workspace_id, name, member_count, last_seq) OVERRIDING SYSTEM VALUE
VALUES (7, 1, 'plans', 1, 1);
INSERT INTO board_members (board_id, user_id, workspace_id, role) VALUES (7, 1, 1, 'owner');
INSERT INTO board_versions (id, board_id, name, seq, state) OVERRIDING SYSTEM VALUE VALUES (5, 7, 'first', 1, 'ab');
INSERT INTO board_thumbnails (board_id, data) VALUES (7, '\\xffd8ff');
INSERT INTO board_updates (board_id, seq, origin, data) VALUES (7, 1, 'n', 'ab');
INSERT INTO invites (board_id, role, token_hash, created_by, expires_at)
VALUES (7, 'editor', sha256('a'), 1, now() + interval '1 day');
INSERT INTO audit_log (action, board_id) VALUES ('board_created', 7), ('workspace_created', NULL);
INSERT INTO events (position, kind, audience, board_id, user_id, effect, payload, created_at)
VALUES (1, 'NewBoard', 'user', 7, 1, 'grant_admin', '{}', now()),
       (2, 'BoardUpdated', 'board', 7, NULL, NULL, '{"id": 7}', now() - interval '1 day'),
       (3, 'BoardInviteUpdated', 'admins', 7, 1, NULL, '{}', now());
SELECT setval('boards_id_seq', 7), setval('board_versions_id_seq', 5), setval('events_position_seq', 3);
"""


async def test_boards_are_carried_into_documents_and_back(sql: Connection) -> None:
    """With their ids, and the log's events with their positions, in every partition."""
    await up(sql)
    names = [script.name for script in scripts.migrations()]
    steps = len(names) - names.index("migrations/0076_documents.sql")
    await migrations.down(sql, lambda _: None, steps)
    await sql.execute(OF_A_BOARD)

    async def kept(table: str, *columns: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await sql.fetch(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1")]

    log = ("position", "kind", "user_id", "effect", "payload::text")
    of_boards = await kept("events", *log, "board_id", "audience")
    await up(sql)
    assert await kept("documents", "id", "kind", "name", "member_count", "last_seq") == [(7, "board", "plans", 1, 1)]
    assert await kept("document_members", "document_id", "user_id", "kind", "role") == [(7, 1, "board", "owner")]
    assert await kept("document_versions", "id", "document_id", "state") == [(5, 7, b"ab")]
    assert await kept("invites", "id", "document_id", "role") == [(1, 7, "editor")]
    assert await kept("board_updates", "board_id", "data") == [(7, b"ab")]
    assert await kept("audit_log", "id", "document_id", "document_kind") == [(1, 7, "board"), (2, None, None)]
    audiences = {"board": "document"}
    carried = [(*row[:-1], audiences.get(str(row[-1]), row[-1])) for row in of_boards]
    assert await kept("events", *log, "document_id", "audience") == carried
    assert {row[-1] for row in carried} == {"user", "document", "admins"}
    made = await sql.fetchval("SELECT create_document(1, 1, 'board', 'next')::json ->> 'id'")
    assert made == "8"
    with pytest.raises(asyncpg.PostgresError, match="is append-only"):
        await sql.execute("UPDATE audit_log SET action = 'x'")
    await sql.execute("DELETE FROM documents WHERE id = 8")
    await sql.execute("SET fechatter.maintenance = on; DELETE FROM events WHERE position > 3")
    await migrations.down(sql, lambda _: None, steps)
    assert await kept("events", *log, "board_id", "audience") == of_boards
    assert await kept("boards", "id", "name", "last_seq") == [(7, "plans", 1)]
    assert await kept("board_members", "board_id", "user_id", "role") == [(7, 1, "owner")]


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
        assert left < 1000  # bytes; these migrations write far more, and PostgreSQL itself a few at any time
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
        "DROP TRIGGER p20_unverify ON users;\n"
        "ALTER TABLE users ALTER email TYPE varchar(254);\n-- migrate:down\n"
    )
    await up(migrated)
    triggers = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'users'::regclass"
    assert {"p90_log", "p20_touch", "p20_unverify"} <= {row[0] for row in await migrated.fetch(triggers)}


async def test_a_backup_does_not_stop_it(migrated: Connection, postgres_any: EmbeddedPostgres) -> None:
    days = await migrated.fetch("SELECT partition FROM ops.log_days() WHERE partition <> 'events_default'")
    await migrated.execute(f"DROP TABLE {days[-1][0]}")
    reader = await asyncpg.connect(postgres_any.dsn(await migrated.fetchval("SELECT current_database()")))
    try:
        await reader.execute("BEGIN; SELECT FROM events")
        assert await up(migrated) == []
    finally:
        await reader.close()
