"""chat_core.database.code against a real database: all of sql/ is replaced, and nothing that others have made."""

import asyncio
import lzma
import re
import subprocess
from pathlib import Path

import pytest

from chat_core.database import lock_waits, migrations, scripts
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import wheel_programs
from chat_core.database.pool import Connection
from tests.sql.schema.migrating import append, up, whole
from tests.sql.schema.migrating import code as everything
from tests.support.postgres import Database, clone
from tests.upgrade.fill import FOLDER

RULES = "sql/functions/rules.sql"

# What no file of sql/ has made: extensions have made some, and a migration what an index is made of.
UNMARKED = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace IN ('public'::regnamespace, 'ops'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
  AND coalesce(obj_description(oid, 'pg_proc'), '') !~ '(^|\\n)sql/(functions|triggers|ops)/\\S+\\.sql$'
UNION ALL
SELECT format('%s on %s', tgname, tgrelid::regclass) FROM pg_trigger
WHERE NOT tgisinternal AND tgparentid = 0
  AND coalesce(obj_description(oid, 'pg_trigger'), '') !~ '^sql/triggers/\\S+\\.sql$'
"""
ACL = """
SELECT oid::regprocedure::text AS function, proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY function
"""


async def unmarked(sql: Connection) -> list[str]:
    return [row[0] for row in await sql.fetch(UNMARKED)]


@pytest.mark.postgres_15
async def test_after_a_change_of_one_file_all_is_as_before(
    migrated: Connection, postgres_any: EmbeddedPostgres, files: Path
) -> None:
    url = postgres_any.dsn(await migrated.fetchval("SELECT current_database()"))
    before, rights = await whole(migrated, url), await migrated.fetch(ACL)
    append(files / RULES, "\n-- changed\n")
    [problem] = await migrations.verify(migrated)
    assert f"{RULES} differs" in problem
    assert await up(migrated) == [RULES]
    assert await whole(migrated, url) == before
    assert await migrated.fetch(ACL) == rights
    assert sorted(await unmarked(migrated)) == ["bare_name(text)", "fold_name(text)"]  # which indexes use
    assert await migrations.verify(migrated) == []
    assert await up(migrated) == []


async def test_a_change_of_any_file_is_noticed(migrated: Connection, files: Path) -> None:
    for script in scripts.code():
        append(files / script.name, "\n-- changed\n")
    assert len(await migrations.verify(migrated)) == len(scripts.code())


def test_a_file_says_what_there_is_and_not_what_there_was() -> None:
    """CREATE OR REPLACE would hide that two files make the same."""
    history = re.compile(r"CREATE OR REPLACE|^(?:DROP|DO) ", re.MULTILINE)
    assert [script.name for script in scripts.code() if history.search(script.up)] == ["sql/grants.sql"]


async def test_what_is_in_the_files_no_longer_goes(migrated: Connection, files: Path) -> None:
    pins = files / "sql" / "triggers" / "messages" / "message_pins.sql"
    pins.unlink()
    view = files / "sql" / "ops" / "locks.sql"
    view.unlink()
    assert await up(migrated) == ["sql/ops/locks.sql", "sql/triggers/messages/message_pins.sql"]
    assert await migrated.fetchval("SELECT to_regproc('place_pin')") is None
    assert await migrated.fetchval("SELECT to_regclass('ops.blocked')") is None
    triggers = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'message_pins'::regclass AND NOT tgisinternal"
    assert await migrated.fetchval(triggers) == 0


@pytest.mark.postgres_15
async def test_what_somebody_has_dropped_comes_back(migrated: Connection) -> None:
    await migrated.execute("DROP TRIGGER p90_log ON users; DROP FUNCTION require_consent() CASCADE")
    problems = sorted(await migrations.verify(migrated))
    members = "sql/triggers/workspaces/workspace_members.sql"
    assert problems == [
        f"p30_consent on public.workspace_members is missing, which {members} makes: run `fechatter migrate up`",
        "p90_log on public.users is missing, which sql/triggers/identity/users.sql makes: run `fechatter migrate up`",
        f"public.require_consent is missing, which {members} makes: run `fechatter migrate up`",
    ]
    assert await up(migrated) == ["sql/triggers/identity/users.sql", members]
    assert await migrations.verify(migrated) == []


OF_SOMEBODY = """
CREATE ROLE {role};
CREATE FUNCTION shout(name text) RETURNS text LANGUAGE sql AS 'SELECT upper(name)';
CREATE FUNCTION of_mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER p50_audit_of_mine AFTER INSERT ON drafts FOR EACH ROW EXECUTE FUNCTION of_mine();
CREATE VIEW ops.mine AS SELECT id, shout(name) AS name FROM public.chats;
GRANT USAGE ON SCHEMA ops TO {role};
GRANT SELECT ON ops.online TO {role} WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION ops.suspend TO {role} WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION ops.sign_out FROM PUBLIC;
"""


async def test_what_others_have_made_and_been_granted_stays(sql: Connection, files: Path) -> None:
    await up(sql)
    role = await sql.fetchval("SELECT 'support_' || current_database()")
    await sql.execute(OF_SOMEBODY.format(role=role))
    rights = f"""
        SELECT has_schema_privilege('{role}', 'ops', 'USAGE'),
               has_table_privilege('{role}', 'ops.online', 'SELECT WITH GRANT OPTION'),
               has_function_privilege('{role}', 'ops.suspend(text)', 'EXECUTE WITH GRANT OPTION'),
               has_function_privilege('{role}', 'ops.sign_out(text)', 'EXECUTE')
    """
    try:
        assert tuple(await sql.fetchrow(rights) or ()) == (True, True, True, False)
        append(files / RULES, "\n-- changed\n")
        await up(sql)
        assert {"shout(text)", "of_mine()", "p50_audit_of_mine on drafts"} < set(await unmarked(sql))
        assert await sql.fetch("SELECT * FROM ops.mine") == []
        assert tuple(await sql.fetchrow(rights) or ()) == (True, True, True, False)
    finally:
        await sql.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


# What somebody has made upon ours, what is said of it, and how they take it away.
UPON_OURS = {
    "a view on a view": (
        "CREATE VIEW mine AS SELECT user_id FROM ops.online",
        "view mine depends on view ops.online",
        "DROP VIEW mine",
    ),
    "a view on a function": (
        "CREATE VIEW mine AS SELECT fold_name(name), log_head() FROM chats",
        "view mine depends on function log_head()",
        "DROP VIEW mine",
    ),
    "an index": (
        "CREATE INDEX mine ON users (is_plain(fullname))",
        "index mine depends on function is_plain(text)",
        "DROP INDEX mine",
    ),
    "a trigger": (
        "CREATE TRIGGER mine BEFORE UPDATE ON devices FOR EACH ROW EXECUTE FUNCTION touch_updated_at()",
        "trigger mine on table devices depends on function touch_updated_at()",
        "DROP TRIGGER mine ON devices",
    ),
}


@pytest.mark.parametrize("what", UPON_OURS)
async def test_what_depends_on_ours_is_named_and_nothing_is_changed(database: Database, files: Path, what: str) -> None:
    make, said, take_away = UPON_OURS[what]
    append(files / RULES, "\nCREATE FUNCTION new() RETURNS void LANGUAGE sql AS '';\n")
    async with database.connect() as sql:
        await sql.execute(make)
        with pytest.raises(scripts.MigrationError) as refused:
            await up(sql)
        assert str(refused.value) == f"{said}: drop what is yours, and make it anew afterwards; nothing was changed"
        assert await sql.fetchval("SELECT to_regproc('new')") is None
        assert len(await migrations.verify(sql)) == 1
        await sql.execute(take_away)
        assert await up(sql) == [RULES]


async def test_a_name_that_others_have_taken_is_left_to_them(database: Database, files: Path) -> None:
    append(files / RULES, "\nCREATE FUNCTION mine() RETURNS void LANGUAGE sql AS '';\n")
    async with database.connect() as sql:
        await sql.execute("CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        with pytest.raises(scripts.MigrationError, match=r'"mine" already exists .* no comment says that it is ours'):
            await up(sql)
        assert await sql.fetchval("SELECT mine()") == 1


async def test_the_servers_rights_come_with_the_code_where_they_were_given(database: Database, files: Path) -> None:
    append(files / "sql" / "grants.sql", "\nGRANT SELECT ON schema_migrations TO fechatter_chat;\n")
    granted = "SELECT has_table_privilege('fechatter_chat', 'schema_migrations', 'SELECT')"
    async with database.connect() as sql:
        assert await up(sql) == ["sql/grants.sql"]
        assert await sql.fetchval(granted)
        await sql.execute("DROP OWNED BY fechatter_chat, fechatter_notify")
        append(files / RULES, "\n-- changed\n")
        await up(sql)
        assert not await sql.fetchval(granted)
        assert not await sql.fetchval("SELECT has_table_privilege('fechatter_chat', 'users', 'SELECT')")


async def test_who_uses_the_tables_is_waited_for_and_named(
    database: Database, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(files / RULES, "\n-- changed\n")
    waits = asyncio.Queue[str]()
    async with database.connect() as sql, database.connect() as reader:
        pid = await reader.fetchval("SELECT pg_backend_pid()")
        await reader.execute("SET application_name = 'a report'; BEGIN; SELECT FROM chats")
        monkeypatch.setattr(lock_waits, "PATIENCE", 0)
        with pytest.raises(scripts.MigrationError, match=rf"in use: pid {pid} \(a report, idle in transaction, for"):
            await up(sql)
        assert len(await migrations.verify(sql)) == 1
        monkeypatch.setattr(lock_waits, "PATIENCE", 60)
        waiting = asyncio.create_task(migrations.up(sql, waits.put_nowait))
        while f"pid {pid}" not in await waits.get():
            pass
        await reader.execute("COMMIT")
        assert await waiting == [RULES]


async def test_what_older_versions_made_is_replaced_too(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    """They did not mark it, and named their triggers otherwise."""
    dump = tmp_path / "chat.dump"
    dump.write_bytes(lzma.decompress((FOLDER / "0.1.0.dump.xz").read_bytes()))
    async with clone(postgres, "template0") as database, clone(postgres) as fresh:
        restore = (wheel_programs() / "pg_restore", "--exit-on-error", "--no-owner", "--no-acl", "-d", database.url)
        subprocess.run([*restore, dump], check=True, capture_output=True)
        async with database.connect() as old, fresh.connect() as new:
            await old.execute("CREATE FUNCTION of_mine() RETURNS void LANGUAGE sql AS ''")
            await up(old)
            assert sorted(await unmarked(old)) == ["bare_name(text)", "fold_name(text)", "of_mine()"]
            await old.execute("DROP FUNCTION of_mine()")
            assert await everything(old) == await everything(new)
