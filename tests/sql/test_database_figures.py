"""What /metrics says of the whole database: to a server's role, which sees none of it itself."""

import asyncpg
import pytest

from tests.support.postgres import Database

FIGURES = "SELECT transaction_seconds, sync_standbys, sync_standbys_wanted FROM database_figures()"


async def test_a_server_sees_the_age_of_others_transactions(database_any: Database) -> None:
    async with database_any.connect() as psql, database_any.connect("fechatter_notify") as server:
        before = await server.fetchrow(FIGURES)
        assert before is not None
        assert tuple(before) == (0, 0, 0)
        async with psql.transaction():
            began = await psql.fetchval("SELECT now()")
            found = await server.fetchval(FIGURES)
            age = await server.fetchval("SELECT extract(epoch FROM clock_timestamp() - $1)::float8", began)
            assert 0 < found <= age
        assert await server.fetchval(FIGURES) == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database_any.connect("fechatter_chat") as other:
                await other.fetchrow(FIGURES)


async def test_what_the_owner_may_not_see_is_null(database_any: Database) -> None:
    async with database_any.connect() as psql, psql.transaction():
        await psql.execute("GRANT EXECUTE ON FUNCTION standbys_wanted TO fechatter_notify")
        await psql.execute("ALTER FUNCTION database_figures OWNER TO fechatter_notify")
        found = await psql.fetchrow(FIGURES)
        assert found is not None
        assert tuple(found) == (None, None, 0)


async def test_how_many_standbys_a_commit_waits_for(database_any: Database) -> None:
    wanted = {
        "": 0,
        "*": 1,
        "paris, rome": 1,
        "2 (paris, rome)": 2,
        "ANY 2 (paris, rome, oslo)": 2,
        " first 3(*)": 3,
        '"any 2 (odd)"': 1,
    }
    async with database_any.connect() as psql:
        found = {names: await psql.fetchval("SELECT standbys_wanted($1)", names) for names in wanted}
    assert found == wanted
