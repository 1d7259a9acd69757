"""The events of a client: in order, each once, whatever happens to its connections."""

import asyncio
import signal

import msgspec
import pytest
from fechatter_client import ChatSnapshot, Event, NewMessage, Problem, Ready, SignInNeeded, Snapshot

from tests.client.conftest import People
from tests.client.following import contents, until_kind, until_message
from tests.end_to_end.system import System
from tests.support.clients.plain_http import plain_http
from tests.support.services.proxy import Proxy


def texts(taken: list[Event]) -> list[str]:
    """Of the chats' messages in a snapshot and of the events that follow it."""
    first = taken[0].data
    assert isinstance(first, Snapshot)
    return [message.content for message in first.chats[0].messages] + contents(taken)


async def test_snapshot_and_events_leave_no_hole(people: People) -> None:
    ada, grace = await people.sign_up("Ada"), await people.sign_up("Grace")
    chat = await people.chat(ada, grace)
    await ada.messages.post(chat.id, "before")
    events = grace.events(snapshot=True)
    taken = [await anext(events)]
    await ada.messages.post(chat.id, "between")  # after the snapshot, before the stream
    taken += await until_message(events, "between")
    await ada.messages.post(chat.id, "live")
    taken += await until_message(events, "live")
    assert texts(taken) == ["before", "between", "live"]
    assert [event.kind for event in taken] == ["Snapshot", "ready", "NewMessage", "NewMessage"]
    assert isinstance(taken[2].data, NewMessage)
    assert events.cursor == taken[-1].cursor


async def test_a_cursor_goes_on_where_it_stopped(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    events = ada.events()
    assert isinstance((await anext(events)).data, Ready)
    await ada.messages.post(chat.id, "1")
    await until_message(events, "1")
    await events.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(events)
    for text in "23":
        await ada.messages.post(chat.id, text)
    assert contents(await until_message(ada.events(events.cursor), "3")) == ["2", "3"]


async def test_giving_up_a_wait_loses_nothing(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    events = ada.events()
    await until_kind(events, "ready")
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await ada.messages.post(chat.id, "still here")
    assert contents(await until_message(events, "still here")) == ["still here"]


@pytest.mark.system(notify__retry_milliseconds=20)
async def test_a_server_that_is_killed_and_one_that_stops_cost_no_event(people: People, system: System) -> None:
    ada, grace = await people.sign_up("Ada"), await people.sign_up("Grace")
    chat = await people.chat(ada, grace)
    events = grace.events()
    taken = await until_kind(events, "ready")
    for number, number_of_signal in enumerate((signal.SIGKILL, signal.SIGTERM)):
        await ada.messages.post(chat.id, f"{number} before")
        taken += await until_message(events, f"{number} before")
        system.notify.signal(number_of_signal)
        await system.notify.wait()
        await ada.messages.post(chat.id, f"{number} away")
        await system.notify.start()
        await ada.messages.post(chat.id, f"{number} back")
        taken += await until_message(events, f"{number} back")
    expected = [f"{number} {when}" for number in (0, 1) for when in ("before", "away", "back")]
    assert contents(taken) == expected


@pytest.mark.system(notify__retry_milliseconds=20, notify__heartbeat_seconds=0.2)
async def test_a_silent_connection_is_noticed_by_its_heartbeat(people: People, system: System) -> None:
    async with Proxy(system.notify.port) as proxy:
        ada = await people.sign_up("Ada", notify_url=f"http://127.0.0.1:{proxy.port}", timeout_seconds=2)
        chat = await people.chat(ada)
        events = ada.events()
        await until_kind(events, "ready")
        proxy.silence()  # keeps the connection open and passes nothing
        await ada.messages.post(chat.id, "unheard")
        taking = asyncio.ensure_future(until_message(events, "unheard"))
        while len(proxy._tasks) < 2:  # the client has come with another one, which is as silent
            assert not taking.done()
            await asyncio.sleep(0.01)
        proxy.heal()
        taken = await taking
        assert [event.kind for event in taken] == ["ready", "NewMessage"]


@pytest.mark.system(notify__retry_milliseconds=20)
async def test_a_moved_epoch_gives_a_snapshot_and_goes_on(people: People, system: System) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    events = ada.events()
    await until_kind(events, "ready")
    async with system.sql() as connection:
        epoch = await connection.fetchval("SELECT log_move_epoch()")
    [snapshot] = await until_kind(events, "Snapshot")
    assert isinstance(snapshot.data, Snapshot)
    assert snapshot.cursor.startswith(f"{epoch}.")
    assert [seen.id for seen in snapshot.data.chats if isinstance(seen, ChatSnapshot)] == [chat.id]
    await ada.messages.post(chat.id, "in the new epoch")
    taken = await until_message(events, "in the new epoch")
    assert [event.kind for event in taken] == ["ready", "NewMessage"]


async def test_a_cursor_that_cannot_be_honoured_gives_a_snapshot_first(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    await ada.messages.post(chat.id, "known")
    events = ada.events("00000000.1")
    taken = [await anext(events)]
    await ada.messages.post(chat.id, "news")
    taken += await until_message(events, "news")
    assert texts(taken) == ["known", "news"]


@pytest.mark.system(auth__access_token_seconds=2, notify__retry_milliseconds=20)
async def test_streams_outlive_their_access_tokens(people: People) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    events = ada.events()
    taken = await until_kind(events, "ready")
    for number in range(3):
        await ada.messages.post(chat.id, str(number))
        taken += await until_kind(events, "ready")  # the stream has ended with its token
    await ada.messages.post(chat.id, "last")
    taken += await until_message(events, "last")
    assert contents(taken) == ["0", "1", "2", "last"]


async def test_events_end_with_the_session(people: People) -> None:
    ada = await people.sign_up("Ada")
    elsewhere = await people.client()
    await elsewhere.sign_in(people.users[ada].email, "correct horse battery")
    events = ada.events()
    await until_kind(events, "ready")
    await elsewhere.log_out_everywhere()
    assert (await until_kind(events, "SessionRevoked"))[-1].data.reason == "logout_all"
    with pytest.raises(SignInNeeded):
        await until_kind(events, "NewMessage")
    with pytest.raises(SignInNeeded):
        await ada.sync()


@pytest.mark.system(notify__streams_per_user=1, notify__retry_milliseconds=20)
async def test_a_stream_too_many_waits_for_its_turn(people: People) -> None:
    ada = await people.sign_up("Ada")
    first, second = ada.events(), ada.events()
    await until_kind(first, "ready")
    waiting = asyncio.ensure_future(until_kind(second, "ready"))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await first.aclose()
    assert (await waiting)[-1].kind == "ready"


async def test_a_refusal_that_lasts_is_raised(people: People, system: System) -> None:
    ada = await people.sign_up("Ada", notify_url=f"{system.notify.url}/nowhere")
    with pytest.raises(Problem, match="404"):
        await anext(ada.events())


async def test_what_comes_twice_is_told_once_and_unknown_kinds_are_passed_on(people: People) -> None:
    """A real stream cannot be made to say such things, so these bytes are the test's own."""
    gone = msgspec.json.encode({"id": 1})
    frames = [
        b'id: e.1\nevent: ready\ndata: {"cursor": "e.1", "user_id": 1, "heartbeat_seconds": 15.0}\n\n',
        b"id: e.3\nevent: WorkspaceDeleted\ndata: %b\n\n" % gone,
        b"id: e.3\nevent: WorkspaceDeleted\ndata: %b\n\n" % gone,
        b"id: e.2\nevent: WorkspaceDeleted\ndata: %b\n\n" % gone,
        b'event: FromTomorrow\ndata: {"user_id": 7}\n\n',
        b"id: e.4\nevent: WorkspaceDeleted\ndata: %b\n\n" % gone,
    ]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + b"".join(frames))
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ada = await people.sign_up("Ada", notify_url=url, http=plain_http())
        events = ada.events()
        taken = [await anext(events) for _ in range(4)]
        await events.aclose()
    assert [(event.kind, event.cursor) for event in taken] == [
        ("ready", "e.1"),
        ("WorkspaceDeleted", "e.3"),
        ("FromTomorrow", "e.3"),
        ("WorkspaceDeleted", "e.4"),
    ]
    assert taken[2].data == {"user_id": 7}


async def test_own_messages_that_a_failover_has_lost_are_posted_again_and_others_stay(
    people: People, system: System
) -> None:
    """What is lost is taken away by hand, and these bytes are the test's own: a failover takes half a minute
    (`make drill NAME=failover_async`)."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        writer.write(b'id: f.1\nevent: reset\ndata: {"cursor": "f.1", "reason": "lost", "last": "e.1"}\n\n')
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ada = await people.sign_up("Ada", notify_url=url, http=plain_http())
        chat = await people.chat(ada)
        kept, lost = [await ada.messages.post(chat.id, text) for text in ("kept", "lost")]
        async with system.sql() as sql:
            await sql.execute("SET session_replication_role = replica")
            await sql.execute("DELETE FROM idempotency_keys WHERE message_id = $1", lost.id)
            await sql.execute("DELETE FROM messages WHERE id = $1", lost.id)
        events = ada.events("e.2")
        await until_kind(events, "Snapshot")
        await events.aclose()
        now = [message async for message in ada.messages.newest(chat.id)]
    assert [message.content for message in now] == ["lost", "kept"]
    assert now[1].id == kept.id
    assert now[0].id != lost.id


@pytest.mark.parametrize("by", ["call", "event"])
async def test_own_messages_that_were_deleted_or_edited_are_not_posted_again_after_a_failover(
    people: People, system: System, by: str
) -> None:
    """It loses the messages together with what became of them."""
    told: list[tuple[str, bytes]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for position, (kind, data) in enumerate(told, 3):
            writer.write(b"id: e.%d\nevent: %b\ndata: %b\n\n" % (position, kind.encode(), data))
        writer.write(b'id: f.1\nevent: reset\ndata: {"cursor": "f.1", "reason": "lost", "last": "e.1"}\n\n')
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ada = await people.sign_up("Ada", notify_url=url, http=plain_http())
        chat = await people.chat(ada)
        deleted, edited, lost = [await ada.messages.post(chat.id, text) for text in ("deleted", "edited", "lost")]
        if by == "call":
            await ada.messages.delete(chat.id, deleted.id)
            await ada.messages.edit(chat.id, edited.id, "better")
        else:
            tombstone = {**msgspec.to_builtins(deleted), "removed": False}
            told += [
                ("MessageDeleted", msgspec.json.encode(tombstone)),
                ("MessageUpdated", msgspec.json.encode(edited)),
            ]
        async with system.sql() as sql:
            ids = [deleted.id, edited.id, lost.id]
            await sql.execute("SET session_replication_role = replica")
            await sql.execute("DELETE FROM idempotency_keys WHERE message_id = ANY($1)", ids)
            await sql.execute("DELETE FROM messages WHERE id = ANY($1)", ids)
        events = ada.events("e.2")
        await until_kind(events, "Snapshot")
        await events.aclose()
        now = [message.content async for message in ada.messages.newest(chat.id)]
    assert now == ["lost"]
