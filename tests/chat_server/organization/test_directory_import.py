"""`fechatter directory import`: what a file says, and that a dry run changes nothing."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chat_core.database.pool import Connection
from chat_core.settings import Settings
from fechatter.commands import directory
from fechatter.errors import CommandError
from tests.chat_server.people import settings
from tests.support.postgres import Database

Run = Callable[..., Awaitable[tuple[int, list[str]]]]
FILE = """\
Email,external_id,Department,position,head,primary,manager
Ada@example.com,7,Works / Mill,Engineer,yes,yes,
bob@example.com,8,Works,,,,ada@example.com
bob@example.com,8,Works/Mill/Shafts,"Engineer, night",no,yes,ada@example.com
zoe@example.com,9,Works,,,,
"""
PLAN = [
    "person without an account: zoe@example.com",
    *(f"person added: {name}@example.com" for name in ("ada", "bob")),
    *(f"department added: {path}" for path in ("Works", "Works / Mill", "Works / Mill / Shafts")),
    *(f"position added: {name}" for name in ("Engineer", "Engineer, night")),
    "appointment made: ada@example.com in Works / Mill as Engineer",
    "appointment made: bob@example.com in Works",
    "appointment made: bob@example.com in Works / Mill / Shafts as Engineer, night",
    "manager changed: bob@example.com has ada@example.com",
]
STATE = """
    SELECT (SELECT array_agg((m.user_id, m.source, m.external_id, m.manager_id)::text ORDER BY m.user_id)
            FROM organization_members m),
           (SELECT array_agg(array_to_string(department_path(d.id), '/') || d.source ORDER BY d.id) FROM departments d),
           (SELECT array_agg((user_id, department_path(department_id), p.name, is_head, is_primary, source)::text
                             ORDER BY user_id, department_id)
            FROM appointments LEFT JOIN positions p ON p.id = position_id),
           (SELECT count(*) FROM events), (SELECT count(*) FROM audit_log), (SELECT count(*) FROM synchronisations)
"""


async def start(sql: Connection, people: int = 0) -> None:
    """An organisation of ada's, others who have an account, and the feature is on."""
    await sql.execute(
        "INSERT INTO users (email, fullname, password_hash) SELECT name || '@example.com', name, '' "
        "FROM unnest('{owner,ada,bob,eve}'::text[] "
        f"|| ARRAY(SELECT 'p' || n FROM generate_series(1, {people}) n)) name;"
        "INSERT INTO features VALUES ('enable_organizations', true); SELECT create_organization(1, 'Engines')"
    )


@pytest.fixture
def run(database: Database, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    configured: Settings = settings(
        database.url, keys, auth={"scim": {"acme": {"token_sha256": ["0" * 64], "owns_domains": ["acme.example"]}}}
    )
    file = tmp_path / "people.csv"

    async def imported(
        text: str, *, dry: bool = False, forced: bool = False, source: str = "csv"
    ) -> tuple[int, list[str]]:
        file.write_text(text)
        status = await directory.import_file(configured, file, 1, source, dry, forced)
        return status, capsys.readouterr().out.splitlines()

    return imported


async def test_a_dry_run_says_what_the_real_one_does_and_changes_nothing(database: Database, run: Run) -> None:
    async with database.connect() as sql:
        await start(sql)
        before = await sql.fetchrow(STATE)
        assert await run(FILE, dry=True) == (0, [*PLAN, "nothing is changed: this was a dry run"])
        assert await sql.fetchrow(STATE) == before
        assert await run(FILE) == (0, PLAN)
        people, departments, appointments = [*(await sql.fetchrow(STATE) or ())][:3]
        assert people == ["(1,person,,)", "(2,csv,7,)", "(3,csv,8,2)"]
        assert departments == ["Workscsv", "Works/Millcsv", "Works/Mill/Shaftscsv"]
        assert appointments == [
            '(2,"{Works,Mill}",Engineer,t,t,csv)',
            "(3,{Works},,f,f,csv)",
            '(3,"{Works,Mill,Shafts}","Engineer, night",f,t,csv)',
        ]
        assert await run(FILE) == (0, ["person without an account: zoe@example.com"])


async def test_only_its_own_is_touched_and_what_has_no_column_stays(database: Database, run: Run) -> None:
    async with database.connect() as sql:
        await start(sql, people=30)
        crowd = "".join(f"p{n}@example.com,Works,,\n" for n in range(1, 31))
        first = f"email,department,primary,manager\n{crowd}ada@example.com,Works/Mill,yes,owner@example.com\n"
        await run(first)
        await sql.execute(
            "INSERT INTO organization_members (organization_id, user_id) VALUES (1, 3);"
            "INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, 2, 3), (1, 1, 2)"
        )
        # Of ada's appointments one is by hand; bob came by hand; without columns nothing of theirs is said.
        assert await run(f"email\n{crowd.replace(',Works,,', '')}ada@example.com\n") == (0, ["nothing to do"])
        moved = f"email,department,primary,manager\n{crowd}ada@example.com,Works,yes,\nbob@example.com,Works/Mill,,\n"
        assert await run(moved) == (
            0,
            [
                "appointment ended: ada@example.com in Works / Mill",
                "manager changed: ada@example.com has none",
            ],
        )
        own = "SELECT array_agg((user_id, department_id, source)::text ORDER BY id) FROM appointments WHERE user_id < 4"
        assert await sql.fetchval(own) == ["(3,2,person)", "(2,1,person)"]
        assert await run(f"email,department\n{crowd.replace(',,', '')}", source="other") == (0, ["nothing to do"])
        gone = await run(f"email,department,primary,manager\n{crowd}")
        assert gone == (0, ["person removed: ada@example.com"])
        assert await sql.fetchval("SELECT count(*) FROM departments") == 2  # bob is in one of them, by hand
        await sql.execute("DELETE FROM appointments WHERE user_id = 3")
        assert await run(f"email,department,primary,manager\n{crowd}") == (0, ["department removed: Works / Mill"])


async def test_it_stops_if_more_than_a_tenth_would_go(database: Database, run: Run) -> None:
    async with database.connect() as sql:
        await start(sql, people=30)
        people = [f"p{n}@example.com,Works\n" for n in range(1, 31)]
        await run("email,department\n" + "".join(people))
        before = await sql.fetchval("SELECT count(*) FROM organization_members")
        fewer = "email,department\n" + "".join(people[:20])
        stopped = ["stopped: 20 of 60 people and appointments of csv would go"]
        stopped += ["nothing is changed: if that is right, repeat it with --force"]
        assert await run(fewer) == await run(fewer, dry=True) == (1, stopped)
        assert await run("email,department\n") == (1, [stopped[0].replace("20 of", "60 of"), stopped[1]])
        assert await sql.fetchval("SELECT count(*) FROM organization_members") == before
        assert await sql.fetchval("SELECT stopped_at IS NOT NULL FROM synchronisations WHERE source = 'csv'")
        status, acts = await run(fewer, forced=True)
        assert (status, len(acts)) == (0, 20)


@pytest.mark.parametrize("source", ["list-1", "organization-1", "person", "workspace", "Acme", "acme"])
async def test_a_list_is_not_kept_under_the_name_of_something_else(database: Database, run: Run, source: str) -> None:
    """Of these, the last one is a directory's of the settings."""
    async with database.connect() as sql:
        await start(sql)
        before = await sql.fetchrow(STATE)
        with pytest.raises(CommandError, match=rf"^--source {source}: .*expected"):
            await run(FILE, source=source)
        assert await sql.fetchrow(STATE) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "people.csv:1: the column email is missing"),
        ("email,phone\n", "people.csv:1: column 'phone': expected one of email, external_id"),
        ("email,head\n", "people.csv:1: the column department is missing"),
        ("email,department\nada@example.com\n", "people.csv:2: expected 2 cells, got 1"),
        ("email\nada\n", "people.csv:2: column email: expected an e-mail address, got 'ada'"),
        ("email,department,head\na@b.c,x,maybe\n", "people.csv:2: column head: expected yes or no, got 'maybe'"),
        ("email,department\na@b.c,x//y\n", "people.csv:2: column department: expected at most 15 names"),
        ("email,department,position\na@b.c,,Engineer\n", "people.csv:2: column position: expected nothing, since"),
        ("email,manager\n\na@b.c,A@b.c\n", "people.csv:3: column manager: expected somebody else"),
        ("email,department\na@b.c,x\nowner@example.com,\u200b\n", "characters that change the direction|invisible"),
    ],
)
async def test_a_bad_row_is_named_and_nothing_changes(database: Database, run: Run, text: str, said: str) -> None:
    async with database.connect() as sql:
        await start(sql)
        before = await sql.fetchrow(STATE)
        with pytest.raises(CommandError, match=said.replace("(", r"\(")):
            await run(text)
        assert await sql.fetchrow(STATE) == before


async def test_it_needs_the_feature(database: Database, run: Run) -> None:
    async with database.connect() as sql:
        await start(sql)
        await sql.execute("UPDATE features SET enabled = false")
    with pytest.raises(CommandError, match="enable_organizations is off"):
        await run(FILE)


async def test_a_rule_that_is_checked_at_commit_stops_a_dry_run_too(database: Database, run: Run) -> None:
    async with database.connect() as sql:
        await start(sql, people=20)
        crowd = "email\n" + "".join(f"p{n}@example.com\n" for n in range(1, 21))
        await run(f"{crowd}ada@example.com\n")
        await sql.execute(
            "BEGIN; INSERT INTO workspaces (name, organization_id) VALUES ('Works', 1);"
            "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (1, 2, 'owner'); COMMIT"
        )
        for dry in (True, False):
            with pytest.raises(CommandError, match="without an owner"):
                await run(crowd, dry=dry)
