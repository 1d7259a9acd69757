"""From a request to a live stream: whatever a client does on the way, and whatever happens meanwhile."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chat_core.database.pool import Connection
from tests.end_to_end.raw import RawClient, nothing_is_left, raw_client, stream_request, until_figures
from tests.end_to_end.system import Person, System, contents, from_ring_and_database
from tests.support.clients.listener import refusal

LISTENER = "application_name = 'fechatter notify log' AND datname = current_database()"
SNAPSHOT = "application_name = 'fechatter notify' AND datname = current_database() AND query ~ 'streams_open'"


@asynccontextmanager
async def _opening(system: System, person: Person, sql: Connection) -> AsyncIterator[RawClient]:
    """A client for whom notify_server has read a snapshot, and waits for the log to get there: it goes on after the
    block, or after a second."""
    chat = await system.group(person)
    listener: int = await sql.fetchval(f"SELECT pid FROM pg_stat_activity WHERE {LISTENER}")
    os.kill(listener, signal.SIGSTOP)
    try:
        await person.messages.post(chat, "the hub has not read this")
        began = await sql.fetchval("SELECT clock_timestamp()")
        read = f"SELECT true FROM pg_stat_activity WHERE {SNAPSHOT} AND state = 'idle' AND query_start > $1"
        async with raw_client(system) as client:
            await client.send(stream_request(person.token))
            async with asyncio.timeout(10):
                while not await sql.fetchval(read, began):
                    pass
            yield client
    finally:
        os.kill(listener, signal.SIGCONT)


@pytest.mark.system
async def test_a_session_that_ends_while_its_stream_opens_opens_none(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with system.sql() as sql, _opening(system, ada, sql) as client:
        await sql.execute("UPDATE sessions SET revoked_at = now(), revoked_reason = 'operator'")
        os.kill(await sql.fetchval(f"SELECT pid FROM pg_stat_activity WHERE {LISTENER}"), signal.SIGCONT)
        await client.until(b"HTTP/1.1 ")
        if b"HTTP/1.1 401" not in client.got:
            await client.until_ended()
        await until_figures(system, lambda found: found["fechatter_streams_open"] == 0)
    await nothing_is_left(system)


@pytest.mark.system
async def test_an_epoch_that_moves_while_a_stream_opens_leaves_no_deaf_stream(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with system.sql() as sql, _opening(system, ada, sql) as client:
        await sql.fetchval("SELECT log_move_epoch()")
        os.kill(await sql.fetchval(f"SELECT pid FROM pg_stat_activity WHERE {LISTENER}"), signal.SIGCONT)
        await client.until(b"event: ready")
        await ada.messages.post(chat, "heard")
        # It is of the new epoch; or of the old one, of which it must learn at once.
        await client.until(b'"heard"', b"event: reset")
        if b"event: reset" in client.got:
            await client.until_ended()
            assert b"epoch_changed" in client.got
            assert b'"heard"' not in client.got
    await nothing_is_left(system)


@pytest.mark.system(notify__ring_bytes=0)
async def test_clients_that_leave_at_any_moment_of_opening_leave_nothing(system: System) -> None:
    """Before the head is sent, after it, in a long replay, around the hand-over; by FIN, by RST, by half of a FIN."""
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream, system.sql() as sql:
        cursor = stream.cursor
        await sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content) "
            "SELECT $1, $2, repeat('x', 2000) || n FROM generate_series(1, 3000) n",
            chat,
            ada.id,
        )
        await stream.until(lambda s: len(contents(s)) == 3000)
        end = stream.cursor
        pipelined = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
        opening = (None, b"HTTP/1.1 200", b"event: ready")
        replay = (*opening, b"event: NewMessage")
        attacks = [
            (stream_request(ada.token)[:-2], (None,)),
            (stream_request(ada.token), opening),
            (stream_request(ada.token, cursor), replay),
            (stream_request(ada.token, end), opening),
            (stream_request(ada.token) + pipelined, opening),
            (stream_request(ada.token, cursor) + pipelined + stream_request(ada.token), replay),
            (stream_request(ada.token) + b"\x00 no request at all \r\n\r\n", (None,)),
        ]

        async def come_and_go(request: bytes, mark: bytes | None, leave: str) -> None:
            async with raw_client(system) as client:
                await client.send(request)
                if mark:
                    await client.until(mark)
                if leave == "half":
                    client.end_writing()
                    await client.until_ended()
                elif leave == "reset":
                    client.reset()
                else:
                    client.close()

        for request, marks in attacks:
            async with asyncio.TaskGroup() as group:
                for mark in marks:
                    for leave in ("close", "reset", "half"):
                        group.create_task(come_and_go(request, mark, leave))
        await ada.messages.post(chat, "still here")
        await stream.until(lambda s: contents(s)[-1] == "still here")
        assert stream.opens == 1
    await nothing_is_left(system)


@pytest.mark.system
async def test_bytes_on_an_open_stream_change_nothing(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with raw_client(system) as client:
        await client.send(stream_request(ada.token))
        await client.until(b"event: ready")
        await until_figures(system, lambda found: found["fechatter_streams_open"] == 1)
        for number in range(5):
            await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(100_000))
            await ada.messages.post(chat, str(number))
            await client.until(f'"content":"{number}"'.encode())
        assert client.got.count(b"HTTP/1.1") == 1
    await nothing_is_left(system)


@pytest.mark.system(notify__ring_bytes=0, notify__drain_seconds=2)
async def test_sigterm_in_a_long_replay_ends_it_with_a_cursor_to_go_on_from(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream, system.sql() as sql:
        cursor = stream.cursor
        await sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content) "
            "SELECT $1, $2, repeat('x', 9000) || n FROM generate_series(1, 1000) n",
            chat,
            ada.id,
        )
        await stream.until(lambda s: len(contents(s)) == 1000)
    async with raw_client(system, receive_bytes=4096) as client:
        await client.send(stream_request(ada.token, cursor))
        await client.until(b"event: NewMessage")  # and reads no more: most of the replay is still to come
        system.notify.signal(signal.SIGTERM)
        assert await system.notify.wait() == 0
        await client.until_ended()
        frames = client.frames()
    await system.notify.start()
    before = sum(kind == "NewMessage" for _, kind, _ in frames)
    assert 0 < before < 1000
    async with ada.listen(frames[-1][0]) as rest:
        await rest.until(lambda s: len(contents(s)) == 1000 - before)
        assert [event.data["seq"] for event in rest.events("NewMessage")] == list(range(before + 1, 1001))


@from_ring_and_database
async def test_what_happened_to_a_user_who_was_away_is_the_same_from_memory_and_from_the_database(
    system: System,
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    stays, goes, deleted = [await system.group(ada, grace, name=name) for name in ("stays", "goes", "deleted")]
    async with grace.listen() as stream:
        cursor = stream.cursor
    for chat in (stays, goes, deleted):
        await ada.messages.post(chat, f"of {chat}")
    await ada.chats.remove_member(goes, grace.id)
    await ada.chats.delete(deleted)
    new = await system.group(ada)
    await ada.messages.post(new, "before the join")
    await ada.chats.add_member(new, grace.id)
    await ada.messages.post(new, "after the join")
    await ada.messages.post(goes, "not hers")
    async with grace.listen(cursor) as stream:
        await stream.until(lambda s: "after the join" in contents(s))
        assert contents(stream) == [f"of {stays}", "after the join"]
        assert [kind for kind in stream.kinds() if kind != "NewMessage"] == [
            "UserLeftChat",
            "ChatDeleted",
            "NewChat",
            "UserJoinedChat",
        ]


@from_ring_and_database
async def test_a_user_who_is_suspended_while_away_does_not_come_back(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with grace.listen() as stream:
        cursor = stream.cursor
    async with ada.listen() as marker, system.sql() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", grace.id)
        await ada.users.update_me(fullname="Ada L.")
        await marker.until_kind("UserUpdated")
        assert (await refusal(grace.notify_url, grace.token, cursor=cursor)).status == 401


@pytest.mark.system(notify__ring_bytes=0)
async def test_who_is_let_in_during_a_long_replay_gets_nothing_of_before(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat, other = await system.group(ada, grace), await system.group(ada)
    async with grace.listen() as stream, ada.listen() as marker, system.sql() as sql:
        cursor = stream.cursor
        for number in range(20):
            await sql.execute(
                "INSERT INTO messages (chat_id, sender_id, content) "
                "SELECT $1, $2, repeat('x', 9000) FROM generate_series(1, 100)",
                chat,
                ada.id,
            )
            await ada.messages.post(other, f"before {number}")
        async with raw_client(system) as client:
            await client.send(stream_request(grace.token, cursor))
            await client.until(b"event: NewMessage")  # most of the replay is still to come
            await ada.chats.add_member(other, grace.id)
            await marker.until_kind("UserJoinedChat")
            await ada.messages.post(other, "after")
            await client.until(b'"after"')
            messages = [data for _, kind, data in client.frames() if kind == "NewMessage"]
            assert len(messages) == 2001
            assert not [data for data in messages if '"before' in data]
            positions = [int(cursor.partition(".")[2]) for cursor, _, _ in client.frames()]
            assert positions == sorted(positions)
    await nothing_is_left(system)


@from_ring_and_database
async def test_a_workspace_that_is_deleted_while_a_member_is_away_is_over(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        cursor = stream.cursor
    await ada.messages.post(chat, "soon gone")
    async with system.sql() as sql:
        await sql.execute("DELETE FROM workspaces WHERE id = $1", ada.workspace)
    await grace.users.update_me(fullname="Still here")
    async with grace.listen(cursor) as stream:
        await stream.until_kind("UserUpdated")
        assert not contents(stream)
        assert {"WorkspaceDeleted", "ChatDeleted"} <= set(stream.kinds())
