"""The HTTP load generator counts what was really answered, and says so where it cannot."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bench import people
from bench.figures.result import BenchError
from bench.load import http
from bench.load.dialogue import Dialogue, Script
from bench.people import Person
from chat_core.tokens import Signer
from tests.support.postgres import Database
from tests.support.servers import ServerProcess

NOBODY = Person(1, 1, "token")


async def test_it_counts_what_the_database_holds(database: Database, keys: Path) -> None:
    async with database.connect() as sql:
        workspace = await people.add_workspace(sql)
        senders = await people.add_people(sql, Signer(keys / "private.pem", "fechatter", 600), workspace, 8)
        chats = await people.add_chats(sql, workspace, 2, senders)
        server = ServerProcess("chat-server", database.chat_url, keys, {})
        await server.start()
        try:
            urls = [f"{server.url}/api/chats/{chat}/messages" for chat in chats]
            posts = [[http.request("POST", url, sender, {"content": "hé"}) for url in urls] for sender in senders]
            load = await http.drive(server.url, posts, 0.3, {"server": server.pid}, warm_seconds=0.1)
            assert load.found.answers == {201: await sql.fetchval("SELECT count(*) FROM messages")}
            assert 0 < load.found.measured <= load.found.answers[201]
            assert load.per_second == load.found.measured / load.found.seconds
            assert 0 < load.found.p50_ms <= load.found.p99_ms
            assert load.shares.keys() == {"server", "machine", "generator"}
            # Every connection has had its turns in every chat.
            spread = await sql.fetch("SELECT count(*) FROM messages GROUP BY chat_id, sender_id")
            assert len(spread) == len(senders) * len(chats)

            stranger = Person(1, 1, "not.a.token")
            with pytest.raises(BenchError, match="401"):
                await http.drive(server.url, [[http.request("GET", urls[0], stranger)]], 0.1, {})
        finally:
            await server.stop()


async def test_an_answer_in_pieces_is_one_answer() -> None:
    answered = 0

    async def answer(writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        await _in_pieces(writer, b"HTTP/1.1 200 OK\r\nContent-", b"Length: 10\r\n\r", b"\n1234", b"567", b"890")
        answered += 1

    async with _server(answer) as url:
        load = await http.drive(url, [[http.request("GET", url + "/", NOBODY)]] * 2, 0.1, {}, warm_seconds=0)
    assert load.found.answers == {200: answered}


async def test_a_lost_connection_is_an_error() -> None:
    answered = 0

    async def answer_some(writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        answered += 1
        if answered > 100:
            writer.close()
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with _server(answer_some) as url:
        with pytest.raises(BenchError, match="lost a connection"):
            await http.drive(url, [[http.request("GET", url + "/", NOBODY)]], 5, {"us": os.getpid()}, warm_seconds=0)


async def test_an_answer_that_it_cannot_read_is_an_error() -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")

    async with _server(answer) as url:
        with pytest.raises(BenchError, match="lost a connection"):
            await http.drive(url, [[http.request("GET", url + "/", NOBODY)]], 5, {})


async def test_a_dialogue_is_held_however_the_bytes_arrive() -> None:
    """Nothing is asked before every connection is through its opening."""
    opened, answered, early = 0, 0, 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened, answered, early
        assert await reader.readline() == b"hello\n"
        await _in_pieces(writer, b"wel", b"come\n")
        opened += 1
        while await reader.readline():
            early += opened < 2
            await _in_pieces(writer, b"what others say, o", b"k\n")
            answered += 1
        writer.close()

    script = Script([b"ask\n"], Dialogue(((b"hello\n", b"welcome\n"),), b"ok\n", b"no\n"))
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = "any://{}:{}".format(*server.sockets[0].getsockname())
        load = await http.drive(url, [script] * 2, 0.1, {}, warm_seconds=0)
    assert load.found.answers == {200: answered}
    assert not early


async def test_what_is_refused_in_a_dialogue_is_an_error() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await _in_pieces(writer, b"n", b"o\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = "any://{}:{}".format(*server.sockets[0].getsockname())
        with pytest.raises(BenchError, match="lost a connection"):
            await http.drive(url, [Script([b"ask\n"], Dialogue((), b"ok\n", b"no\n"))], 5, {})


async def _in_pieces(writer: asyncio.StreamWriter, *pieces: bytes) -> None:
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)


@asynccontextmanager
async def _server(answer: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """Answers each request as `answer` does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                await reader.readuntil(b"\r\n\r\n")
                await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"
