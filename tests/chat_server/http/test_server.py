"""chat_server as a process: how it starts, what it writes, how it stops."""

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.chat_server.people import blocked
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database
from tests.support.servers import ServerProcess

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"


@asynccontextmanager
async def running(database: Database, keys: Path) -> AsyncIterator[ServerProcess]:
    server = ServerProcess("chat-server", database.chat_url, keys, {})
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def test_sigterm_lets_running_requests_finish(database: Database, keys: Path) -> None:
    async with (
        running(database, keys) as server,
        database.connect() as sql,
        plain_http(base_url=server.url) as client,
    ):
        body = {"fullname": "Ada", "email": "ada@example.com", "password": PASSWORD}
        signed_up = (await client.post("/api/auth/signup", json=body)).json()
        headers = {"Authorization": f"Bearer {signed_up['token']}"}
        # A request that has to wait for this row is running when the signal comes.
        locked = sql.transaction()
        await locked.start()
        await sql.execute("SELECT FROM users FOR UPDATE")
        request = asyncio.create_task(client.patch("/api/users/me", json={"fullname": "Ada L."}, headers=headers))
        await blocked(sql)
        server.signal(signal.SIGTERM)
        await refuses_connections(server.port)
        assert not request.done()
        await locked.rollback()
        assert (await request).json()["fullname"] == "Ada L."
        assert await server.wait() == 0
    assert len(server.events("stopped")) == 1


async def refuses_connections(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                return
            writer.close()
            await writer.wait_closed()


async def test_the_log_has_one_line_a_request_and_no_secret(database: Database, keys: Path) -> None:
    async with (
        running(database, keys) as server,
        plain_http(base_url=server.url) as client,
    ):
        body = {"fullname": "Ada", "email": "ada@example.com", "password": PASSWORD}
        signed_up = (await client.post("/api/auth/signup", json=body)).json()
        headers = {"Authorization": f"Bearer {signed_up['token']}"}
        answer = await client.get("/api/auth/me?token=hidden-in-the-query", headers=headers)
        await client.post("/api/auth/signin", json={**body, "password": "hidden password"})
        ticket = (await client.post("/api/auth/tickets", headers=headers)).json()["ticket"]
    me = next(entry for entry in server.events("request") if entry["path"] == "/api/auth/me")
    assert (me["method"], me["status"], me["request_id"]) == ("GET", 200, answer.headers["x-request-id"])
    assert isinstance(me["ms"], float)
    assert len(server.events("request")) == 4
    everything = "\n".join(server.log)
    for secret in (signed_up["token"], signed_up["refresh_token"], ticket, PASSWORD, "hidden"):
        assert secret not in everything


async def fails(server: ServerProcess) -> str:
    """Starts a server that cannot run: its exit status is 1, and what it says is one line."""
    with suppress(AssertionError):  # if it saw the end in time
        await server.start()
    assert await server.wait() == 1
    lines = [line for line in server.log if not line.startswith("{") or json.loads(line)["level"] == "error"]
    assert len(lines) == 1, lines
    return lines[0]


async def test_a_database_that_is_not_there_is_said_at_once(keys: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"postgresql://nobody:hidden-password@127.0.0.1:{port}/nothing"
    line = await fails(ServerProcess("chat-server", url, keys, {}))
    assert str(port) in line
    assert "hidden-password" not in line


async def test_a_taken_port_is_said_at_once(database: Database, keys: Path) -> None:
    server = ServerProcess("chat-server", database.chat_url, keys, {})
    with socket.create_server(("127.0.0.1", server.port)):
        line = await fails(server)
    assert "address already in use" in line.lower()
