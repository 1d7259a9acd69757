"""The storm's count of queries is complete: no session of notify_server goes on without its statements in the log."""

import asyncio

import asyncpg
import pytest

from bench.benchmarks import storm
from chat_core.database.embedded import EmbeddedPostgres
from tests.support.postgres import Database

pytestmark = pytest.mark.anyio
STARTING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'starting' AND usename IS NULL"


async def test_every_session_is_logged(postgres: EmbeddedPostgres, database: Database) -> None:
    log = postgres.cluster.parent / "postgres.log"
    async with database.connect() as sql, database.connect("fechatter_notify") as before:
        # It waits between the reading of its role's settings and the telling of who it is.
        starting = asyncio.create_task(asyncpg.connect(database.notify_url, server_settings={"post_auth_delay": "1"}))
        try:
            while not await sql.fetchval(STARTING):
                assert not starting.done()
            start = log.stat().st_size
            await storm.log_queries(sql)
            await sql.execute("/* log_after */ SELECT 1")
            await before.execute("/* log_after */ SELECT 2")
            late = await starting
            await late.fetchval("/* log_after */ SELECT 3")
            await late.close()
        finally:
            await sql.execute("ALTER SYSTEM RESET ALL")
            await sql.execute("SELECT pg_reload_conf()")
    assert storm.queries_logged(log, start) == {"log_after": 2}
