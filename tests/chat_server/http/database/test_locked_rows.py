"""A row that another transaction keeps locked holds up whoever needs it, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat_core.database.pool import Connection
from chat_server.parts import changes
from tests.chat_server.people import PASSWORD, Person, blocked, chat_server_on, ok, problem, settings
from tests.support.postgres import Database

CLIENTS = 20

Call = Callable[[], Coroutine[Any, Any, httpx.Response]]


@asynccontextmanager
async def locked_by(psql: Connection, chat: int) -> AsyncIterator[None]:
    async with psql.transaction():
        await psql.execute("SELECT FROM chats WHERE id = $1 FOR UPDATE", chat)
        await psql.execute("SELECT FROM chat_members WHERE chat_id = $1 FOR UPDATE", chat)
        yield


def changes_of(ada: Person, bob: Person, chat: int, message: int) -> list[Call]:
    """Ada is in it, and Bob is not."""
    path = f"/api/chats/{chat}"
    return [
        lambda: ada.api.patch(f"{path}/messages/{message}", json={"content": "edited"}),
        lambda: ada.api.post(f"{path}/read", json={"seq": 1}),
        lambda: bob.api.post(f"{path}/join"),
        lambda: ada.api.put(path, json={"description": "ours"}),
    ]


async def test_one_locked_chat_holds_up_nothing_else(
    database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 clients wait for it, for as long as the test takes; meanwhile everything else is answered."""
    monkeypatch.setattr(changes, "LOCK_SECONDS", 60.0)
    async with chat_server_on(settings(database.chat_url, keys)) as server:
        ada, bob = await server.team("Ada", "Bob")
        chat, other = await ada.chat(type="PublicChannel"), await ada.chat(bob)
        first = await ada.say(chat, "first")
        async with database.connect() as psql, database.connect() as operator:
            async with locked_by(psql, chat):
                calls = changes_of(ada, bob, chat, first["id"]) * (CLIENTS // 4)
                waiting = [asyncio.create_task(call()) for call in calls]
                waiting.append(asyncio.create_task(ada.api.post(f"/api/chats/{chat}/messages", json={"content": "x"})))
                await blocked(operator, 3)  # two of the changes, and who posts
                async with asyncio.timeout(20):
                    ok(await ada.api.get(f"/api/chats/{chat}/messages"))
                    ok(await ada.api.get(f"/api/chats/{other}/messages"))
                    ok(await ada.api.put(f"/api/chats/{other}", json={"description": "ours"}))
                    said = await ada.say(other, "goes on")
                    ok(await bob.api.post(f"/api/chats/{other}/read", json={"seq": said["seq"]}))
                    ok(await server.sign_in(bob, PASSWORD))
                assert not any(task.done() for task in waiting)
                shown = await operator.fetch("SELECT waits_for, by_query FROM ops.blocked")
                assert any(row["waits_for"].startswith("chats, row at (") for row in shown)
                assert any(row["by_query"].startswith("SELECT FROM chat_members") for row in shown)
            assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200, 201}


async def test_who_waits_in_vain_is_told_the_cause(
    database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those who did not get as far as Postgres."""
    monkeypatch.setattr(changes, "LOCK_SECONDS", 0.3)
    async with chat_server_on(settings(database.chat_url, keys)) as server:
        ada, bob = await server.team("Ada", "Bob")
        chat = await ada.chat(type="PublicChannel")
        first = await ada.say(chat, "first")
        calls = changes_of(ada, bob, chat, first["id"])
        async with database.connect() as psql, locked_by(psql, chat):
            for answer in await asyncio.gather(*(call() for call in calls * (CLIENTS // 4))):
                told = problem(answer, 503, "try_again")
                assert "Another transaction holds a row lock" in told["detail"]
                assert "ops.blocked" in told["detail"]
                assert int(answer.headers["retry-after"]) >= 1
            ok(await server.anybody.get("/health/ready"))
        for call in calls:
            ok(await call())
