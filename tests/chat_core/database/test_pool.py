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


async def test_what_was_left_on_a_connection_is_gone_when_it_is_given_to_the_next(database: Database) -> None:
    """A connection with nothing to put in order is given back at once; one with a transaction, after its end."""
    settings = Settings(url=SecretStr(database.chat_url), pool_min=1, pool_max=1)
    async with await open_pool(settings, "a test") as pool:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # asyncpg reports the transaction there
        connection = await pool.acquire()
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        await connection.execute("BEGIN")
        await connection.execute("CREATE TEMPORARY TABLE left_behind ()")
        await pool.release(connection)
        await pool.release(connection)  # a second time is none
        assert await pool.fetchval("SELECT pg_backend_pid()") == backend
        assert await pool.fetchval("SELECT to_regclass('left_behind')") is None
        with pytest.raises(asyncpg.InterfaceError):
            await connection.execute("SELECT 1")


async def test_a_connection_that_was_lost_is_replaced(database: Database) -> None:
    settings = Settings(url=SecretStr(database.chat_url), pool_min=1, pool_max=1)
    async with database.connect() as sql, await open_pool(settings, "a test") as pool:
        async with pool.acquire() as connection:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            backend = await connection.fetchval("SELECT pg_backend_pid()")
        await sql.execute("SELECT pg_terminate_backend($1)", backend)
        await lost.wait()
        assert await pool.fetchval("SELECT pg_backend_pid()") != backend
        assert pool.get_size() == 1
