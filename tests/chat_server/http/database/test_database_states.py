"""What the database's own state does to requests and to readiness, on both servers: a true 503, and never a 500."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from chat_core.database import readiness
from chat_core.database.embedded import EmbeddedPostgres
from tests.chat_server.people import Person, chat_server_on, ok, problem, settings
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database, clone, execute
from tests.support.servers import ServerProcess

FAIL = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '{sqlstate}';
END
$$;
CREATE TRIGGER fail BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION fail();
"""


async def post(person: Person, chat: int) -> httpx.Response:
    return await person.api.post(f"/api/chats/{chat}/messages", json={"content": "x"})


def refused(answer: httpx.Response, code: str, words: str) -> None:
    told = problem(answer, 503, code)
    assert words in told["detail"]
    assert int(answer.headers["retry-after"]) >= 1


async def ready_again(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while (await client.get("/health/ready")).status_code != 200:
            pass


# SQLSTATE → the problem's code, words of its detail, and whether the server stays ready.
STATES = {
    "53100": ("database_full", "disk is full", False),
    "53200": ("database_unavailable", "out of memory", False),
    "53300": ("database_unavailable", "no more connections", False),
    "53400": ("database_unavailable", "short of resources", False),
    "58030": ("database_unavailable", "reports a system error", False),
    "25006": ("database_read_only", "accepts no writes", True),  # the probe says that it does
    "57014": ("database_unavailable", "in time", True),
    "57P01": ("database_unavailable", "shutting down", True),
    "57P03": ("database_unavailable", "starting up", True),
    "55P03": ("try_again", "locked", True),
    "40001": ("try_again", "changed the same thing", True),
}


async def test_each_state_is_told_and_what_lasts_takes_readiness_away(
    database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "HELD_SECONDS", 0.2)
    async with database.connect() as sql, chat_server_on(settings(database.chat_url, keys)) as server:
        ada = await server.sign_up("Ada")
        chat = await ada.chat()
        for sqlstate, (code, words, ready) in STATES.items():
            await sql.execute(FAIL.replace("{sqlstate}", sqlstate))
            refused(await post(ada, chat), code, words)
            health = await server.anybody.get("/health/ready")
            if ready:
                ok(health)
            else:
                refused(health, code, words)
            await sql.execute("DROP FUNCTION fail() CASCADE")
            ok(await post(ada, chat), 201)
            await ready_again(server.anybody)


@pytest.fixture
async def notify(own_postgres: EmbeddedPostgres, keys: Path) -> AsyncIterator[tuple[Database, ServerProcess]]:
    async with clone(own_postgres) as database:
        server = ServerProcess("notify-server", database.notify_url, keys, {"FECHATTER_NOTIFY__DRAIN_SECONDS": "0.2"})
        await server.start()
        try:
            yield database, server
        finally:
            await server.stop()


async def test_read_only_a_standby_and_out_of_connections(
    own_postgres: EmbeddedPostgres, notify: tuple[Database, ServerProcess], keys: Path
) -> None:
    database, notify_server = notify
    # One connection each, which another one's session cannot be taken for.
    small = {"pool_min": 1, "pool_max": 2, "connect_timeout_seconds": 2}
    configured = settings(database.chat_url, keys, database=small)
    async with plain_http(base_url=notify_server.url) as listening, chat_server_on(configured) as server:
        ada = await server.sign_up("Ada")
        chat = await ada.chat()
        both = (server.anybody, listening)
        for client in both:
            await ready_again(client)

        await set_read_only(own_postgres, "on")
        for client in both:
            await not_ready(client, "database_read_only")
        for answer in (await post(ada, chat), await server.sign_in(ada)):
            refused(answer, "database_read_only", "accepts no writes")
        ok(await ada.api.get(f"/api/chats/{chat}/messages"))  # what is read is still there
        await set_read_only(own_postgres, "off")
        for client in both:
            await ready_again(client)
        ok(await post(ada, chat), 201)

        await own_postgres.stop()
        (own_postgres.cluster / "standby.signal").touch()
        await own_postgres.start()
        await not_ready(server.anybody, "database_read_only")
        refused(await post(ada, chat), "database_read_only", "accepts no writes")
        assert (await listening.get("/health/ready")).status_code == 503
        connection = await asyncpg.connect(own_postgres.dsn())
        try:
            assert await connection.fetchval("SELECT pg_promote(true, 10)")
            for client in both:
                await ready_again(client)
            ok(await post(ada, chat), 201)

            await connection.execute("ALTER ROLE fechatter_chat CONNECTION LIMIT 0")
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fechatter_chat'"
            )
            await not_ready(server.anybody, "database_unavailable")
            refused(await server.sign_in(ada), "database_unavailable", "no more connections")
        finally:
            await connection.close()
    assert notify_server.events("unexpected error") == []


async def not_ready(client: httpx.AsyncClient, code: str) -> None:
    """A good answer of before holds for a second."""
    async with asyncio.timeout(60):
        while (answer := await client.get("/health/ready")).status_code != 503 or answer.json()["code"] != code:
            pass


async def set_read_only(postgres: EmbeddedPostgres, value: str) -> None:
    await execute(postgres, f"ALTER SYSTEM SET default_transaction_read_only = {value}")
    await execute(postgres, "SELECT pg_reload_conf()")
