"""Connections of the servers: their settings, whatever the database's own are, and what becomes of those given up."""

import asyncio
from functools import partial

import asyncpg
import pytest
from pydantic import SecretStr

from chat_core.database.pool import connection_options, open_pool
from chat_core.settings import Database as Settings
from tests.sql.world import until
from tests.support.postgres import Database


async def test_a_databases_own_defaults_do_not_reach_the_servers(database: Database) -> None:
    async with database.connect() as sql:
        for setting in ("default_transaction_isolation = 'serializable'", "timezone = 'Asia/Kolkata'"):
            await sql.execute(f"ALTER DATABASE {database.name} SET {setting}")
    connection = await asyncpg.connect(**connection_options(Settings(url=SecretStr(database.chat_url)), "a test"))
    try:
        assert await connection.fetchval("SHOW transaction_isolation") == "read committed"
        assert await connection.fetchval("SHOW timezone") == "UTC"
        assert await connection.fetchval("SHOW application_name") == "a test"
        await connection.execute("SELECT create_user('Ada', 'ada@example.com', '')")
    finally:
        await connection.close()


async def test_a_statement_that_is_given_up_gives_its_connection_back(database: Database) -> None:
    """Whoever is cancelled ends, and whoever waits too long learns so; the pool has all of its connections again."""
    settings = Settings(url=SecretStr(database.chat_url), pool_min=1, pool_max=1)
    running = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE $1 AND datname = current_database())"
    async with database.connect() as sql, await open_pool(settings, "a test") as pool:
        for seconds in range(600, 605):
            given_up = asyncio.create_task(pool.execute(f"SELECT pg_sleep({seconds})"))
            await until(partial(sql.fetchval, running, f"SELECT pg_sleep({seconds})"), "it sleeps")
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
            assert await pool.fetchval("SELECT 1") == 1
        with pytest.raises(TimeoutError):
            await pool.execute("SELECT pg_sleep(600)", timeout=0.1)
        assert await pool.fetchval("SELECT 1") == 1
