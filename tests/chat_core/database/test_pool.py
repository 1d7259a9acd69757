"""The settings that every connection of the servers has, whatever the database's own are."""

import asyncpg
from pydantic import SecretStr

from chat_core.database.pool import connection_options
from chat_core.settings import Database as Settings
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
