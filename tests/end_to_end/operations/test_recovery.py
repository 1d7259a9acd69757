"""Connections are cut, servers killed, transactions overlap: nothing is lost. All of it at random: test_oracle.py."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.system import System, contents
from tests.support.postgres import Database
from tests.support.servers import ServerProcess
from tests.support.services.proxy import Proxy


async def test_a_listening_connection_cut_without_a_word_is_noticed(database: Database, keys: Path) -> None:
    """The cable between notify_server and Postgres is cut: no FIN, no RST. Within 10 s it reads on, over a new one."""
    socket = database.url.partition("host=")[2].replace("%2F", "/") + "/.s.PGSQL.5432"
    async with Proxy(socket) as proxy:
        url = f"postgresql://fechatter_notify@127.0.0.1:{proxy.port}/{database.name}"
        chat = ServerProcess("chat-server", database.chat_url, keys, {})
        notify = ServerProcess("notify-server", url, keys, {"FECHATTER_NOTIFY__DRAIN_SECONDS": "0.2"})
        async with AsyncExitStack() as stack:
            for server in (chat, notify):
                stack.push_async_callback(server.stop)
                await server.start()
            system = System(database.url, chat, notify)
            stack.push_async_callback(system.forget_people)
            ada, grace = await system.team("Ada", "Grace")
            lunch = await system.group(ada, grace)
            async with grace.listen() as stream:
                await ada.messages.post(lunch, "before")
                await stream.until_kind("NewMessage")
                proxy.silence()
                await ada.messages.post(lunch, "during")
                cut = asyncio.get_running_loop().time()
                while not notify.events("log connection lost"):
                    await asyncio.sleep(0.05)
                    assert asyncio.get_running_loop().time() - cut < 10, "not noticed within 10 s"
                proxy.heal()
                await stream.until_kind("NewMessage", 2)
                assert contents(stream) == ["before", "during"]


@pytest.mark.system
async def test_postgres_restarts_under_open_streams(system: System, database: Database) -> None:
    """Every connection to the database is cut at once, as by a restart: streams stay open and catch up."""
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream, system.sql() as connection:
        await ada.messages.post(chat, "before")
        await stream.until_kind("NewMessage")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        answers: list[httpx.Response] = []
        while not answers or answers[-1].status_code == 503:
            headers = {"Idempotency-Key": "after"}
            answers.append(
                await ada.request("POST", f"/chats/{chat}/messages", json={"content": "after"}, headers=headers)
            )
        assert answers[-1].status_code in (200, 201), answers[-1].text
        assert all(answer.headers["retry-after"] for answer in answers[:-1])
        await stream.until_kind("NewMessage", 2)
        assert contents(stream) == ["before", "after"]
        assert stream.opens == 1


@pytest.mark.system
async def test_a_killed_notify_server_is_followed_by_its_successor(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.follow() as stream:
        await ada.messages.post(chat, "1")
        await stream.until_kind("NewMessage")
        await system.notify.kill()
        await ada.messages.post(chat, "2")
        await system.notify.start()
        await ada.messages.post(chat, "3")
        await stream.until_kind("NewMessage", 3)
        assert contents(stream) == ["1", "2", "3"]
        assert stream.opens == 2


async def test_interleaved_open_transactions_lose_nothing(system: System) -> None:
    """Four writers in SQL, whose transactions overlap and end in another order than they began."""
    people = await system.team("Ada", "Grace", "Mary", "Joan")
    chats = [await system.group(*people, name=f"chat {number}") for number in range(4)]
    committed: list[str] = []

    async def write(number: int) -> None:
        async with system.sql() as connection:
            for turn in range(25):
                transaction = connection.transaction()
                await transaction.start()
                text = f"{number}/{turn}"
                await connection.execute(
                    "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3)",
                    chats[number],
                    people[number].id,
                    text,
                )
                await asyncio.sleep((turn * 7 + number * 3) % 4 / 1000)  # stays open while others commit
                if turn % 5 == 4:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    committed.append(text)

    async with people[0].listen() as first, people[3].listen() as second:
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(write(number))
        for stream in (first, second):
            await stream.until(lambda s: len(contents(s)) >= len(committed))
            assert sorted(contents(stream)) == sorted(committed)
        assert [e.cursor for e in first.events()] == [e.cursor for e in second.events()]
        for chat in chats:
            seqs = [e.data["seq"] for e in first.events("NewMessage") if e.data["chat_id"] == chat]
            assert seqs == list(range(1, len(seqs) + 1))
