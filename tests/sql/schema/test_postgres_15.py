"""Each statement of each PL/pgSQL function is one that PostgreSQL 15 understands, in branches that no test takes, too.

That is why most tests of sql/ need not run on it (CHECKED_15 in tests/conftest.py): PostgreSQL itself analyses
functions in SQL when they are created, and queries when they are prepared (test_queries.py), but a statement in
PL/pgSQL only when it is executed. plpgsql_check analyses those: https://github.com/okbob/plpgsql_check
"""

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.conftest import CHECKED_15
from tests.support.postgres import clone

pytestmark = pytest.mark.skipif(not CHECKED_15, reason="plpgsql_check is not installed: all tests of sql/ run on 15")

# A trigger's function is analysed with each table that it is of.
FAULTS = """
SELECT format('%s of %s, line %s: %s', function.oid::regprocedure, found.tgrelid::regclass, lineno, message)
FROM pg_proc function
JOIN pg_language ON pg_language.oid = prolang AND lanname = 'plpgsql'
LEFT JOIN pg_trigger found ON found.tgfoid = function.oid AND NOT found.tgisinternal AND found.tgparentid = 0
CROSS JOIN LATERAL plpgsql_check_function_tb(
    function.oid, coalesce(found.tgrelid, 0), fatal_errors => false, other_warnings => false, extra_warnings => false,
    performance_warnings => false, oldtable => found.tgoldtable, newtable => found.tgnewtable
)
WHERE pronamespace IN ('public'::regnamespace, 'ops'::regnamespace)
  AND (prorettype <> 'trigger'::regtype OR found.oid IS NOT NULL)
  AND sqlstate <> '2F005'  -- no RETURN at the end: it does not see that the loop before is left by one alone
ORDER BY 1
"""

# The tables that import_directory() makes for the functions that it calls, which are analysed by themselves.
TEMPORARY = """
CREATE TEMP TABLE import_acts (place bigint GENERATED ALWAYS AS IDENTITY, act text, about text);
CREATE TEMP TABLE import_rows (
    email text, external_id text, department text[], "position" text, is_head boolean, is_primary boolean, manager text,
    user_id bigint, department_id bigint, position_id bigint
);
CREATE TEMP TABLE import_paths (department_id bigint, path text[]);
"""


async def test_each_statement_of_each_function_is_analysed(postgres_15: EmbeddedPostgres) -> None:
    async with clone(postgres_15) as database, database.connect() as sql:
        await sql.execute("CREATE EXTENSION plpgsql_check")
        await sql.execute(TEMPORARY)
        assert [row[0] for row in await sql.fetch(FAULTS)] == []
        # What only a newer one has, in a branch that is never taken.
        await sql.execute(
            "CREATE FUNCTION newer() RETURNS boolean LANGUAGE plpgsql AS "
            "$$BEGIN IF false THEN RETURN casefold('A') = 'a'; END IF; RETURN true; END$$"
        )
        [fault] = [row[0] for row in await sql.fetch(FAULTS)]
        assert "newer() of" in fault
        assert "casefold" in fault
