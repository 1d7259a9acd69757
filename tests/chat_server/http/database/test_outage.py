"""The database goes away and comes back: 503 meanwhile, with a bounded wait, and no restart."""

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path

import httpx

from chat_core.database.embedded import EmbeddedPostgres
from tests.chat_server.people import ChatServer, chat_server_on, ok, problem, settings
from tests.support.postgres import clone
from tests.support.services.proxy import Proxy


def unavailable(answer: httpx.Response) -> None:
    problem(answer, 503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_restarted_database(own_postgres: EmbeddedPostgres, keys: Path) -> None:
    async with clone(own_postgres) as database, chat_server_on(settings(database.chat_url, keys)) as server:
        ada = await server.sign_up("Ada")
        chat = await ada.chat()
        await own_postgres.stop()
        for _ in range(3):
            unavailable(await ada.api.get("/api/auth/me"))
            unavailable(await ada.api.post(f"/api/chats/{chat}/messages", json={"content": "x"}))
            unavailable(await server.sign_in(ada))
            unavailable(await server.anybody.get("/health/ready"))
        ok(await server.anybody.get("/health/live"))
        await own_postgres.start()
        await ada.say(chat, "back again")
        ok(await server.anybody.get("/health/ready"))
        ok(await server.sign_in(ada))


async def test_a_database_that_falls_silent(own_postgres: EmbeddedPostgres, keys: Path) -> None:
    """No connection is closed and no byte comes: requests wait for so long, those that queue for a connection too."""
    socket = own_postgres.dsn().partition("host=")[2].replace("%2F", "/") + "/.s.PGSQL.5432"
    async with clone(own_postgres) as database, Proxy(socket) as proxy:
        url = f"postgresql://fechatter_chat@127.0.0.1:{proxy.port}/{database.name}?sslmode=disable"
        impatient = {"pool_min": 2, "pool_max": 2, "connect_timeout_seconds": 0.5, "statement_timeout_seconds": 0.5}
        async with chat_server_on(settings(url, keys, database=impatient)) as server:
            ada = await server.sign_up("Ada")
            proxy.silence()
            answers = await asyncio.gather(*(timed(ada.api.get("/api/auth/me")) for _ in range(5)))
            for answer, _ in answers:
                unavailable(answer)
            waits = sorted(seconds for _, seconds in answers)
            # Who had a connection waited for an answer (0.5 s and five more); the others gave up before. One of the two
            # may be the server's own, for what it measures.
            assert waits[2] < 4 < waits[4] < 15
            unavailable(await server.anybody.get("/health/ready"))
            proxy.heal()
            await recovered(server)
            ok(await ada.api.get("/api/auth/me"))


async def timed(call: Awaitable[httpx.Response]) -> tuple[httpx.Response, float]:
    started = time.monotonic()
    return await call, time.monotonic() - started


async def recovered(server: ChatServer) -> None:
    async with asyncio.timeout(60):
        while (await server.anybody.get("/health/ready")).status_code != 200:
            pass
