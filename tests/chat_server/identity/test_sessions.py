"""Good sessions are remembered, and nobody gets in by what is remembered of one that has ended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection, open_pool
from chat_core.settings import Database as DatabaseSettings
from chat_server.identity.sessions import Sessions
from tests.chat_server.people import PASSWORD, ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database
from tests.support.services.proxy import Proxy


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            held = condition()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.002)


@asynccontextmanager
async def memory(listening_at: str, database: Database) -> AsyncIterator[Sessions]:
    """A memory that asks the database and listens at an address of its own."""
    pool = await open_pool(DatabaseSettings.model_validate({"url": database.url}), "test")
    sessions = Sessions(DatabaseSettings.model_validate({"url": listening_at, "connect_timeout_seconds": 0.5}), pool)
    running = asyncio.create_task(sessions.run())
    try:
        await until(lambda: sessions.listening)
        yield sessions
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await pool.close()


async def add_session(sql: Connection) -> tuple[int, int]:
    """A session and its user."""
    number = await sql.fetchval("SELECT count(*) FROM users")
    user = await sql.fetchval("SELECT id FROM create_user('Ada', $1)", f"ada{number}@example.com")
    return await renewed(sql, user), user


async def renewed(sql: Connection, user: int) -> int:
    session: int = await sql.fetchval(
        "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id", user
    )
    return session


async def answers_without_asking(sessions: Sessions, sql: Connection, session: int, user: int) -> bool:
    """Whether it says that a session is good while the database answers nobody."""
    async with sql.transaction():
        await sql.execute("LOCK TABLE sessions")
        try:
            return await asyncio.wait_for(sessions.is_good(session, user), 0.2)
        except TimeoutError:
            return False


ENDINGS = [
    "UPDATE sessions SET revoked_at = now(), revoked_reason = 'operator'",
    "UPDATE users SET status = 'suspended'",
    "UPDATE sessions SET expires_at = now()",
    "DELETE FROM sessions",
    "DELETE FROM users",
]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_session_that_is_ended_in_psql_is_forgotten(database: Database, ending: str) -> None:
    async with memory(database.url, database) as sessions, database.connect() as sql:
        session, user = await add_session(sql)
        assert await sessions.is_good(session, user)
        assert await answers_without_asking(sessions, sql, session, user)
        if ending == "DELETE FROM users":
            await sql.execute("DELETE FROM workspaces")
        await sql.execute(ending)
        await until(lambda: sessions.remembered == 0)
        assert not await sessions.is_good(session, user)


async def test_a_session_lasts_no_longer_than_it_says(database: Database) -> None:
    async with memory(database.url, database) as sessions, database.connect() as sql:
        _, user = await add_session(sql)
        session = await sql.fetchval(
            "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '300 ms') RETURNING id", user
        )
        assert await sessions.is_good(session, user)

        async def refused() -> bool:
            return not await sessions.is_good(session, user)

        await until(refused)


async def test_an_answer_that_an_ending_overtook_is_not_remembered(database: Database) -> None:
    """The query saw the session good, and its answer comes after the notice of the end."""
    async with memory(database.url, database) as sessions, database.connect() as sql:
        session, user = await add_session(sql)
        asking = asyncio.create_task(sessions.is_good(session, user))
        await asyncio.sleep(0)  # it has begun
        sessions.forget(user)
        assert await asking
        assert sessions.remembered == 0
        assert await sessions.is_good(session, user)
        assert sessions.remembered == 1


async def test_without_ears_nothing_is_remembered(database: Database, postgres: EmbeddedPostgres) -> None:
    socket = postgres.dsn().partition("host=")[2].replace("%2F", "/") + "/.s.PGSQL.5432"
    async with Proxy(socket) as proxy, database.connect() as sql:
        through = f"postgresql://postgres@127.0.0.1:{proxy.port}/{database.name}?sslmode=disable"
        async with memory(through, database) as sessions:
            session, user = await add_session(sql)
            assert await sessions.is_good(session, user)
            assert await answers_without_asking(sessions, sql, session, user)
            proxy.silence()
            await sql.execute(ENDINGS[0])  # which it does not hear of
            await until(lambda: not sessions.listening)
            assert not await sessions.is_good(session, user)
            other = await renewed(sql, user)
            assert await sessions.is_good(other, user)
            assert not await answers_without_asking(sessions, sql, other, user)
            proxy.heal()
            await until(lambda: sessions.listening)
            assert await sessions.is_good(other, user)
            assert await answers_without_asking(sessions, sql, other, user)


async def test_the_memory_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_server.identity.sessions.MOST_USERS", 2)
    monkeypatch.setattr("chat_server.identity.sessions.MOST_SESSIONS_OF_A_USER", 2)
    async with memory(database.url, database) as sessions, database.connect() as sql:
        known = [await add_session(sql) for _ in range(3)]
        for session, user in known:
            assert await sessions.is_good(session, user)
        assert sessions.remembered == 2
        assert [await answers_without_asking(sessions, sql, *one) for one in known] == [False, True, True]
        last = known[-1][1]
        more = [await renewed(sql, last) for _ in range(2)]
        for session in more:
            assert await sessions.is_good(session, last)
        assert [await answers_without_asking(sessions, sql, session, last) for session in more] == [False, True]


async def me(person: Person) -> httpx.Response:
    return await person.api.get("/api/auth/me")


@pytest.fixture
async def deaf_server(database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChatServer]:
    """One that remembers and hears of nothing: what it ends itself it has to know by itself."""
    monkeypatch.setattr("chat_server.identity.sessions.CHANNEL", "elsewhere")
    async with chat_server_on(settings(database.chat_url, keys)) as server:
        ada = await server.sign_up()

        async def remembers() -> bool:
            ok(await me(ada))
            return "chat_users_remembered 1.0" in (await server.anybody.get("/metrics")).text

        await until(remembers)
        yield server


async def test_what_this_server_ends_is_over_with_its_answer(deaf_server: ChatServer) -> None:
    async def log_out(person: Person) -> None:
        ok(await person.api.post("/api/auth/logout"), 204)

    async def log_out_everywhere(person: Person) -> None:
        ok(await person.api.post("/api/auth/logout-all"), 204)

    async def reuse(person: Person) -> None:
        body = {"refresh_token": person.refresh_token}
        newer = body
        for _ in range(3):  # a tab may be one behind another, and no more
            token = ok(await deaf_server.anybody.post("/api/auth/refresh", json=newer))["refresh_token"]
            newer = {"refresh_token": token}
        problem(await deaf_server.anybody.post("/api/auth/refresh", json=body), 401, "token_reused")

    async def change_password_elsewhere(person: Person) -> None:
        elsewhere = await deaf_server.client(ok(await deaf_server.sign_in(person))["token"])
        body = {"current_password": PASSWORD, "new_password": "another long password"}
        ok(await elsewhere.post("/api/users/me/password", json=body), 204)

    for end in (log_out, log_out_everywhere, reuse, change_password_elsewhere):
        person = await deaf_server.sign_up()
        ok(await me(person))
        await end(person)
        problem(await me(person), 401, "unauthorized")


async def test_what_another_server_ends_is_soon_over(chat_server: ChatServer, database: Database, keys: Path) -> None:
    ada = await chat_server.sign_up("Ada")
    ok(await me(ada))
    async with chat_server_on(settings(database.chat_url, keys)) as other:
        ok(await (await other.client(ada.token)).post("/api/auth/logout"), 204)

    async def refused() -> bool:
        return (await me(ada)).status_code == 401

    await until(refused)
