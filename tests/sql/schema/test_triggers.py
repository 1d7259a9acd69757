"""sql/triggers: each trigger stands in the file of its table, and its name says when it fires (sql/README.md)."""

import re

import pytest

from chat_core.database import resources
from tests.support.postgres import Database

pytestmark = pytest.mark.postgres_15

_CREATED = re.compile(r"^CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s[^;]*?\sON (\w+)", re.MULTILINE)

# tgtype: 1 a row's, 2 BEFORE.
_OURS = """
SELECT relname, tgname, tgfoid::regproc::text AS function,
       CASE WHEN tginitdeferred THEN 'COMMIT' WHEN tgtype & 2 = 2 THEN 'BEFORE' ELSE 'AFTER' END AS time,
       tgtype & 1 = 1 AS of_row
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgparentid = 0 AND relnamespace = 'public'::regnamespace
"""

# What a condition compares of the old row and the new.
_COMPARED = re.compile(r"old\.(\w+)\)? (?:IS DISTINCT FROM|<>) \(?new\.\1\b")

# Each phase of sql/README.md: its time, and whether all of its triggers are a row's.
PHASES = {
    "p10": ("BEFORE", False),
    "p20": ("BEFORE", True),
    "p30": ("BEFORE", False),
    "p40": ("BEFORE", True),
    "p50": ("AFTER", True),
    "p55": ("AFTER", False),
    "p60": ("AFTER", False),
    "p70": ("AFTER", False),
    "p80": ("COMMIT", True),
    "p90": ("COMMIT", True),
    "p95": ("AFTER", False),
    "p99": ("COMMIT", True),
}


async def test_each_trigger_stands_in_the_file_of_its_table(database: Database) -> None:
    files = list((resources.SQL / "triggers").rglob("*.sql"))
    stands = {(file.stem, name): table for file in files for name, table in _CREATED.findall(file.read_text())}
    assert {of_file: table for (of_file, _), table in stands.items() if table != of_file} == {}
    async with database.connect() as sql:
        there = {(row["relname"], row["tgname"]) for row in await sql.fetch(_OURS)}
    assert there == set(stands)


async def test_each_name_begins_with_the_phase_in_which_the_trigger_fires(database_any: Database) -> None:
    async with database_any.connect() as sql:
        triggers = await sql.fetch(_OURS)
    out_of_phase = []
    for trigger in triggers:
        phase, _, name = trigger["tgname"].partition("_")
        time, of_row = PHASES.get(phase, (None, False))
        if not name or time != trigger["time"] or (of_row and not trigger["of_row"]):
            out_of_phase.append((trigger["relname"], trigger["tgname"], trigger["time"]))
    assert out_of_phase == []
    flushes = [(trigger["relname"], trigger["tgname"]) for trigger in triggers if trigger["function"] == "log_flush"]
    assert flushes == [("log_pending", max(trigger["tgname"] for trigger in triggers))]


async def test_foreign_keys_are_checked_and_followed_before_our_triggers(database: Database) -> None:
    """Their names are PostgreSQL's, and sort before ours."""
    async with database.connect() as sql:
        theirs = await sql.fetch("SELECT DISTINCT tgname FROM pg_trigger WHERE tgisinternal")
        ours = await sql.fetch(_OURS)
    assert theirs
    assert max(row["tgname"] for row in theirs) < min(row["tgname"] for row in ours)


async def test_what_is_deferred_again_for_members_is_all_that_the_log_gathers(database: Database) -> None:
    async with database.connect() as sql:
        named = await sql.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'defer_log'")
        gathering = await sql.fetch("SELECT DISTINCT tgname FROM pg_trigger WHERE tgdeferrable AND tgname ~ '^p9[09]_'")
    assert set(re.findall(r"p\d+_\w+", named)) == {name for (name,) in gathering}


async def test_what_a_condition_compares_fires_the_trigger(database: Database) -> None:
    """An UPDATE OF columns is not fired by a statement that names others, whatever its condition says."""
    async with database.connect() as sql:
        written = await sql.fetch(
            "SELECT tgrelid::regclass || ': ' || tgname AS name, pg_get_triggerdef(oid) AS definition,"
            " ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = tgrelid AND attnum = ANY (tgattr)) AS columns"
            " FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0 AND cardinality(tgattr::smallint[]) > 0"
        )
    missing = {}
    for trigger in written:
        condition = trigger["definition"].partition(" WHEN ")[2]
        needed = condition.partition(" AND (NOT (")[0]  # what must be the same fires nothing
        missing[trigger["name"]] = set(_COMPARED.findall(needed)) - set(trigger["columns"])
    assert len(missing) > 50
    assert {name: columns for name, columns in missing.items() if columns} == {}
