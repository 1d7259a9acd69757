"""sql/triggers: each trigger of the database stands in the file of its table."""

import re

from chat_core.database import resources
from tests.support.postgres import Database

_CREATED = re.compile(r"^CREATE (?:OR REPLACE |CONSTRAINT )*TRIGGER (\w+)\s[^;]*?\sON (\w+)", re.MULTILINE)

_OURS = """
SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgparentid = 0 AND relnamespace = 'public'::regnamespace
"""


async def test_each_trigger_stands_in_the_file_of_its_table(database: Database) -> None:
    files = list((resources.SQL / "triggers").rglob("*.sql"))
    stands = {(file.stem, name): table for file in files for name, table in _CREATED.findall(file.read_text())}
    assert {of_file: table for (of_file, _), table in stands.items() if table != of_file} == {}
    async with database.connect() as sql:
        there = {(row["relname"], row["tgname"]) for row in await sql.fetch(_OURS)}
    assert there == set(stands)
