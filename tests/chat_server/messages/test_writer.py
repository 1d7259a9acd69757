"""The batching writer: what comes at once is one transaction, and each message still has an outcome of its own."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat_core.database.pool import Connection
from chat_server.parts import writer
from tests.chat_server.people import ChatServer, Person, blocked, chat_server_on, ok, problem, settings
from tests.support.postgres import Database

LOG_LOCK = "SELECT pg_advisory_xact_lock(hashtext('fechatter.log'))"


def send(person: Person, chat: int, content: str, key: str | None = None) -> "asyncio.Task[httpx.Response]":
    headers = {"Idempotency-Key": key} if key else {}
    return asyncio.create_task(
        person.api.post(f"/api/chats/{chat}/messages", json={"content": content}, headers=headers)
    )


async def queued(server: ChatServer, number: int) -> None:
    """Until so many messages wait for the batch before theirs."""
    async with asyncio.timeout(60):
        while f"chat_posts_waiting {number}.0" not in (await server.anybody.get("/metrics")).text:
            pass


async def transactions(sql: Connection) -> list[tuple[str, list[str]]]:
    """What each transaction has written, in order."""
    rows = await sql.fetch(
        "SELECT xmin::text, array_agg(content ORDER BY id) FROM messages GROUP BY 1 ORDER BY min(id)"
    )
    return [(row[0], row[1]) for row in rows]


async def batches(sql: Connection) -> list[list[str]]:
    return [contents for _, contents in await transactions(sql)]


async def one_batch(server: ChatServer, sql: Connection, *sends: tuple[Any, ...]) -> list[httpx.Response]:
    """The answers to the first message, which is on its way alone, and to the others, which are one batch."""
    async with sql.transaction():
        await sql.execute(LOG_LOCK)
        first = send(*sends[0])
        await blocked(sql)
        rest = []
        for number, message in enumerate(sends[1:], start=1):
            rest.append(send(*message))
            await queued(server, number)
    return list(await asyncio.gather(first, *rest))


async def test_what_comes_during_a_commit_is_the_next_transaction(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat, other = await ada.chat(bob), await bob_chat(ada, bob)
    async with database.connect() as sql:
        answers = await one_batch(
            chat_server, sql, (ada, chat, "1"), (bob, other, "2"), (ada, chat, "3"), (bob, chat, "4")
        )
        assert await batches(sql) == [["1"], ["2", "3", "4"]]
        kinds = await sql.fetch("SELECT payload ->> 'content' FROM events WHERE kind = 'NewMessage' ORDER BY position")
        assert [row[0] for row in kinds] == ["1", "2", "3", "4"]
        markers = await sql.fetch("SELECT user_id, last_read_seq FROM chat_members WHERE chat_id = $1", chat)
        assert dict(map(tuple, markers)) == {ada.id: 2, bob.id: 3}
    assert [(ok(answer, 201)["content"], answer.json()["seq"]) for answer in answers] == [
        ("1", 1),
        ("2", 1),
        ("3", 2),
        ("4", 3),
    ]
    metrics = (await chat_server.anybody.get("/metrics")).text
    assert "chat_post_batch_size_sum 4.0" in metrics
    assert "chat_post_batch_size_count 2.0" in metrics


async def bob_chat(ada: Person, bob: Person) -> int:
    return await ada.chat(bob, name="tea")


async def test_an_idle_server_commits_each_at_once(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    for content in "abc":
        await ada.say(chat, content)
    async with database.connect() as sql:
        assert await batches(sql) == [["a"], ["b"], ["c"]]


async def test_each_of_a_batch_has_its_own_outcome(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    group, channel = await ada.chat(), await ada.chat(type="PublicChannel")
    async with database.connect() as sql:
        answers = await one_batch(
            chat_server,
            sql,
            (ada, group, "first"),
            (ada, group, "good"),
            (bob, group, "stranger"),
            (bob, channel, "not joined"),
            (ada, group, "kept", "k"),
            (ada, group, "kept", "k"),
            (ada, group, "changed", "k"),
            (ada, channel, "last"),
        )
        assert await batches(sql) == [["first"], ["good", "kept", "last"]]
    assert [answer.status_code for answer in answers] == [201, 201, 404, 403, 201, 200, 409, 201]
    assert answers[4].json() == answers[5].json()
    problem(answers[6], 409, "idempotency_conflict")


async def test_one_that_breaks_a_rule_of_the_table_fails_alone(chat_server: ChatServer, database: Database) -> None:
    """A rule that the server does not know: it is found out by the whole batch's failure."""
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    async with database.connect() as sql:
        await sql.execute("ALTER TABLE messages ADD CONSTRAINT polite CHECK (content <> 'rude')")
        answers = await one_batch(
            chat_server, sql, (ada, chat, "1"), (ada, chat, "2"), (ada, chat, "rude"), (ada, chat, "3")
        )
        assert await batches(sql) == [["1"], ["2"], ["3"]]
    assert [answer.status_code for answer in answers] == [201, 201, 422, 201]
    assert [ok(answers[n], 201)["seq"] for n in (0, 1, 3)] == [1, 2, 3]


async def test_more_than_may_wait_are_told_to_come_back(
    database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 2)
    async with chat_server_on(settings(database.chat_url, keys)) as server, database.connect() as sql:
        ada = await server.sign_up("Ada")
        chat = await ada.chat()
        async with sql.transaction():
            await sql.execute(LOG_LOCK)
            taken = [send(ada, chat, "1")]
            await blocked(sql)
            taken += [send(ada, chat, "2"), send(ada, chat, "3")]
            await queued(server, 2)
            refused = await send(ada, chat, "4")
            problem(refused, 503, "overloaded")
            assert int(refused.headers["retry-after"]) >= 1
        for answer in await asyncio.gather(*taken):
            ok(answer, 201)
        await ada.say(chat, "5")
        assert {row[0] for row in await sql.fetch("SELECT content FROM messages")} == {"1", "2", "3", "5"}


async def test_a_client_that_leaves_harms_nobody(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute(LOG_LOCK)
            first = send(ada, chat, "1")
            await blocked(sql)
            leaver, stayer = send(ada, chat, "2"), send(ada, chat, "3")
            await queued(chat_server, 2)
            first.cancel()
            leaver.cancel()
            await asyncio.wait([first, leaver])
        ok(await stayer, 201)
        await ada.say(chat, "4")
        contents = {row[0] for row in await sql.fetch("SELECT content FROM messages")}
        assert {"1", "3", "4"} <= contents


async def test_a_chat_that_somebody_locks_holds_up_no_other(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    locked, free = await ada.chat(), await ada.chat()
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute("UPDATE chats SET name = 'renamed' WHERE id = $1", locked)
            waiting = [send(ada, locked, str(number)) for number in range(3)]
            await blocked(sql)
            for _ in range(3):
                await ada.say(free, "goes on")
            # By now the ones that wait do so out of the way.
            assert not any(task.done() for task in waiting)
        assert sorted(ok(answer, 201)["seq"] for answer in await asyncio.gather(*waiting)) == [1, 2, 3]
        await ada.say(locked, "after")


@pytest.mark.parametrize("path", ["messages", "read"])
async def test_a_deadlock_is_tried_again(
    chat_server: ChatServer, database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Of posts, and of acts in a batch."""
    monkeypatch.setattr(writer, "PATIENCE_MS", 0)  # or it would let go before Postgres looks for deadlocks
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    await bob.say(chat, "hello")
    body = {"messages": {"content": "x"}, "read": {"seq": 1}}[path]
    async with database.connect() as sql:
        await sql.execute("SET deadlock_timeout = '1h'")  # so that it is the server's statement that is ended
        async with sql.transaction():
            await sql.execute("SELECT FROM chat_members WHERE user_id = $1 FOR UPDATE", ada.id)
            answer = asyncio.create_task(ada.api.post(f"/api/chats/{chat}/{path}", json=body))
            await blocked(sql)
            await sql.execute("UPDATE chats SET description = 'mine' WHERE id = $1", chat)
        assert (await answer).is_success
        assert await sql.fetchval("SELECT last_read_seq FROM chat_members WHERE user_id = $1", ada.id) > 0
        await sql.execute("SELECT pg_stat_clear_snapshot()")
        # Its second try may meet the same transaction again.
        assert await sql.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") >= 1


async def test_one_key_at_once_on_two_servers_is_one_message(
    chat_server: ChatServer, database: Database, keys: Path
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    async with chat_server_on(settings(database.chat_url, keys)) as other:
        there = Person(ada.id, ada.email, ada.token, ada.refresh_token, await other.client(ada.token))
        answers = await asyncio.gather(*(send(who, chat, "x", "k") for who in [ada, there] * 8))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_two_servers_and_many_chats_never_deadlock(
    chat_server: ChatServer, database: Database, keys: Path
) -> None:
    ada = await chat_server.sign_up("Ada")
    chats = [await ada.chat() for _ in range(6)]
    async with chat_server_on(settings(database.chat_url, keys)) as other:
        there = Person(ada.id, ada.email, ada.token, ada.refresh_token, await other.client(ada.token))
        for turn in range(5):
            forth = [send(ada, chat, "x", f"{turn}.{chat}") for chat in chats]
            back = [send(there, chat, "y", f"-{turn}.{chat}") for chat in reversed(chats)]
            for answer in await asyncio.gather(*forth, *back):
                ok(answer, 201)
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
        seqs = await sql.fetch("SELECT array_agg(seq ORDER BY seq) FROM messages GROUP BY chat_id")
        assert [row[0] for row in seqs] == [list(range(1, 11))] * len(chats)


async def test_what_waits_at_the_end_is_written(database: Database, keys: Path) -> None:
    async with database.connect() as sql:
        async with chat_server_on(settings(database.chat_url, keys)) as server:
            ada = await server.sign_up("Ada")
            chat = await ada.chat()
            ending = sql.transaction()
            await ending.start()
            await sql.execute(LOG_LOCK)
            posting = [send(ada, chat, "1")]
            await blocked(sql)
            posting += [send(ada, chat, "2"), send(ada, chat, "3")]
            await queued(server, 2)
            server.stop()
            await ending.rollback()
            answers = await asyncio.gather(*posting)
        assert [answer.status_code for answer in answers] == [201] * 3
        assert [sorted(batch) for batch in await batches(sql)] == [["1"], ["2", "3"]]
