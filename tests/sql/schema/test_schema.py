"""sql/schema.sql is what the files make."""

from tests.sql.schema_dump import FILE, dump
from tests.support.postgres import Database


async def test_the_reviewed_schema_is_what_the_files_make(database: Database) -> None:
    assert FILE.read_text() == dump(database.url), "run `make schema` and review what it changes"
