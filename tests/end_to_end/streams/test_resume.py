"""Cursors: what a client that comes back gets, and what it is told when that cannot be."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from fechatter_client.stream import PATH

from tests.end_to_end.system import Person, System, contents, from_ring_and_database
from tests.support.clients.listener import bare_stream, listen
from tests.support.clients.plain_http import plain_http
from tests.support.servers import ServerProcess


async def test_the_first_frame_carries_a_cursor_and_is_ready(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with ada.listen() as stream:
        first = stream.received[0]
        assert first.kind == "ready"
        assert first.cursor == first.data["cursor"]
        assert stream.retry_seconds is not None
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["content-type"].startswith("text/event-stream")


@from_ring_and_database
async def test_reconnecting_yields_exactly_the_missing_suffix(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        await ada.messages.post(chat, "1")
        await stream.until_kind("NewMessage")
        cursor = stream.cursor
    for number in range(2, 6):
        await ada.messages.post(chat, str(number))
    async with grace.listen(cursor) as stream:
        await stream.until(lambda s: len(contents(s)) == 4)
        await ada.messages.post(chat, "6")
        await stream.until(lambda s: len(contents(s)) == 5)
        assert contents(stream) == ["2", "3", "4", "5", "6"]
        assert stream.received[0].cursor == cursor  # ready, from where the client stopped


async def test_the_header_beats_the_parameter_which_works_on_a_first_connect(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream:
        for number in ("1", "2", "3"):
            await ada.messages.post(chat, number)
        await stream.until_kind("NewMessage", 3)
        early, late = (event.cursor for event in stream.events("NewMessage")[:2])
    async with listen(bare_stream(ada.notify_url, ada.token, query=f"?last_event_id={early}")) as stream:
        await stream.until_kind("NewMessage", 2)
        assert contents(stream) == ["2", "3"]
    async with listen(bare_stream(ada.notify_url, ada.token, cursor=late, query=f"?last_event_id={early}")) as stream:
        await stream.until_kind("NewMessage")
        assert contents(stream) == ["3"]


@from_ring_and_database
async def test_replay_hands_over_to_live_while_others_write(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        cursor = stream.cursor
    amount = 1200  # more than two pages of replay
    async with system.sql() as connection:
        await connection.execute(
            "INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, n::text FROM generate_series(1, 700) n",
            chat,
            ada.id,
        )

        async def write() -> None:
            for number in range(701, amount + 1):
                await connection.execute(
                    "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3)", chat, ada.id, str(number)
                )

        writing = asyncio.create_task(write())
        async with grace.listen(cursor) as first, grace.listen(cursor) as second:
            await writing
            for stream in (first, second):
                await stream.until(lambda s: len(contents(s)) >= amount)
                assert contents(stream) == [str(number) for number in range(1, amount + 1)]
                positions = [event.position for event in stream.events()]
                assert positions == sorted(set(positions))


@pytest.mark.system
async def test_every_node_gives_the_same_events_under_the_same_cursors(system: System, keys: Path) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    second = ServerProcess("notify-server", system.owner_url, keys, {"FECHATTER_NOTIFY__DRAIN_SECONDS": "0.2"})
    await second.start()
    try:
        async with grace.listen() as here, listen(bare_stream(second.url, grace.token)) as there:
            for number in range(10):
                await ada.messages.post(chat, str(number))
            for stream in (here, there):
                await stream.until_kind("NewMessage", 10)
            assert here.events() == there.events()
            middle = here.events()[4].cursor
        async with listen(bare_stream(second.url, grace.token, cursor=middle)) as moved:  # from one node to the other
            await moved.until_kind("NewMessage", 5)
            assert moved.events() == here.events()[5:]
    finally:
        await second.stop()


@from_ring_and_database
async def test_a_snapshot_and_a_stream_from_its_cursor_have_no_hole(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    await ada.messages.post(chat, "in the snapshot")
    snapshot = await grace.sync()
    await ada.messages.post(chat, "after it")
    async with grace.listen(snapshot.cursor) as stream:
        await stream.until_kind("NewMessage")
        assert contents(stream) == ["after it"]
        assert [message.content for message in snapshot.chats[0].messages] == ["in the snapshot"]


async def _reset_reason(person: Person, cursor: str) -> str:
    async with person.listen(cursor) as stream:
        assert stream.received[0].kind == "reset"
        await stream.until(lambda s: any(event.kind == "ready" for event in s.received))
        assert stream.received[1].cursor == stream.received[0].data["cursor"]
        return str(stream.received[0].data["reason"])


@pytest.mark.system(notify__ring_bytes=0)
async def test_a_cursor_that_cannot_be_honoured_gets_a_reset(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with ada.listen() as stream:
        epoch, _, position = str(stream.cursor).partition(".")
    assert await _reset_reason(ada, f"00000000.{position}") == "epoch_changed"
    assert await _reset_reason(ada, f"{epoch}.{int(position) + 1000}") == "future"
    assert await _reset_reason(ada, "nonsense") == "malformed"
    async with system.sql() as connection:
        await connection.execute("UPDATE log_state SET floor = $1", int(position))
    assert await _reset_reason(ada, f"{epoch}.{int(position) - 1}") == "retention"


@pytest.mark.system(notify__poll_seconds=10)
async def test_a_client_may_be_ahead_of_a_server_that_is_behind(system: System) -> None:
    """A snapshot is as new as the database; a server that has not read so far yet is no reason for a reset."""
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as first, system.sql() as connection:
        listener = await connection.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'fechatter notify log' "
            "AND datname = current_database()"
        )
        os.kill(listener, signal.SIGSTOP)
        try:
            await ada.messages.post(chat, "in the snapshot")
            cursor = (await ada.sync()).cursor
            async with ada.listen(cursor) as second:
                assert second.received[0].kind == "ready"
                assert second.cursor == cursor
                os.kill(listener, signal.SIGCONT)
                await ada.messages.post(chat, "after it")
                await second.until_kind("NewMessage")
                await first.until_kind("NewMessage", 2)
                assert contents(second) == ["after it"]
                assert contents(first) == ["in the snapshot", "after it"]
        finally:
            os.kill(listener, signal.SIGCONT)


@pytest.mark.system
async def test_moving_the_epoch_resets_the_open_streams(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with ada.listen() as stream, system.sql() as connection:
        epoch = await connection.fetchval("SELECT log_move_epoch()")
        reset = await stream.until_kind("reset")
        assert reset.data["reason"] == "epoch_changed"
        assert reset.cursor.startswith(f"{epoch}.")
        await stream.until_ended()
    chat = await system.group(ada)
    await ada.messages.post(chat, "in the new epoch")
    async with ada.listen(reset.cursor) as stream:
        message = await stream.until_kind("NewMessage")
        assert message.cursor.startswith(f"{epoch}.")
        assert not stream.events("reset")


@pytest.mark.system
async def test_a_history_that_is_shorter_than_the_last_one_leaks_nothing(system: System) -> None:
    """As after a failover that lost the newest events: their positions are given out once more."""
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.follow() as stream, system.sql() as connection:
        await ada.messages.post(chat, "before")
        await stream.until_kind("NewMessage")
        async with connection.transaction():
            await connection.execute("SET LOCAL fechatter.maintenance = on")
            await connection.execute("DELETE FROM events")
            await connection.execute("SELECT setval('events_position_seq', 1, false), log_move_epoch()")
        await stream.until(lambda s: len([e for e in s.received if e.kind == "ready"]) == 2)
        await ada.chats.remove_member(chat, grace.id)
        await ada.messages.post(chat, "not for Grace")
        await grace.users.update_me(fullname="Still here")
        await stream.until_kind("UserUpdated")
        assert stream.kinds() == ["NewMessage", "reset", "UserLeftChat", "UserUpdated"]


@pytest.mark.system(notify__ring_bytes=0)
async def test_retention_drops_old_days_and_says_so(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream:
        await ada.messages.post(chat, "old")
        await stream.until_kind("NewMessage")
        old = stream.events("NewMessage")[0].cursor
    before = f"{old.partition('.')[0]}.{int(old.partition('.')[2]) - 1}"
    await system.notify.stop()  # it would notice that these are not the events that it has read
    async with system.sql() as connection:
        # The same rows, years earlier; and two days since.
        await connection.execute("CREATE TABLE events_20200101 (LIKE events INCLUDING ALL)")
        await connection.execute("INSERT INTO events_20200101 SELECT * FROM events")
        await connection.execute("UPDATE events_20200101 SET created_at = '2020-01-01 12:00+00'")
        await connection.execute("SET fechatter.maintenance = on")
        await connection.execute("DELETE FROM events")
        await connection.execute("SELECT log_make_day((now() AT TIME ZONE 'UTC')::date - 1)")
        await connection.execute(
            "INSERT INTO events (position, kind, audience, user_id, payload, created_at) "
            "SELECT nextval('events_position_seq'), 'SessionRevoked', 'user', 0, '{\"session_id\": 0}', "
            "now() - ago * interval '1 day' FROM generate_series(1, 0, -1) ago"
        )
        await connection.execute(
            "ALTER TABLE events ATTACH PARTITION events_20200101 "
            "FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-01-02 00:00+00')"
        )
        assert await connection.fetchval("SELECT log_maintain('7 days')") == "events_20200101"
    await system.notify.start()
    assert await _reset_reason(ada, before) == "retention"
    async with ada.listen(old) as stream:  # it had seen everything that was dropped
        await ada.messages.post(chat, "new")
        await stream.until_kind("NewMessage")
        assert stream.kinds() == ["NewMessage"]


@pytest.mark.parametrize("method", ["POST", "HEAD"])
async def test_only_get_opens_a_stream(system: System, method: str) -> None:
    ada = await system.sign_up("Ada")
    async with plain_http() as http:
        headers = {"Authorization": f"Bearer {ada.token}"}
        answer = await http.request(method, f"{ada.notify_url}{PATH}", headers=headers)
    assert answer.status_code == 405
