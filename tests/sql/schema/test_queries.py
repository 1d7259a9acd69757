"""Every named query is one that Postgres understands, on each supported version."""

import pytest

from chat_core.database import queries
from tests.support.postgres import Database

pytestmark = pytest.mark.postgres_15


async def test_every_query_can_be_prepared(database_any: Database) -> None:
    async with database_any.connect() as sql:
        for query in queries.load().values():
            prepared = await sql.prepare(query.sql)
            assert len(prepared.get_parameters()) == len(query.parameters), query.name
