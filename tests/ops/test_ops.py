"""Schema ops: each function does what it says, says what is wrong, and is explained."""

import asyncpg
import pytest

from tests.sql.world import World, until

UNKNOWN_USER = "there is no user 'nobody@example.com'"
WITH_USER = ["suspend", "reinstate", "sign_out", "sessions", "drop_streams", "user_events", "find_user"]


async def test_everything_is_explained(world: World) -> None:
    found = await world.rows("SELECT what, does FROM ops.help")
    assert len(found) > 15
    assert [what for what, does in found if not does or "sql/" in does] == []
    assert await world.sql.fetchval("SELECT obj_description('ops'::regnamespace)")


@pytest.mark.parametrize("name", WITH_USER)
async def test_an_unknown_user_is_a_clear_error(world: World, name: str) -> None:
    with pytest.raises(asyncpg.NoDataFoundError, match=UNKNOWN_USER) as error:
        await world.sql.execute(f"SELECT ops.{name}('nobody@example.com')")
    assert "by e-mail address, @username or id" in str(error.value.hint)


@pytest.mark.parametrize("who", ["bob@example.com", " BOB@example.com", "{}"])
async def test_a_user_is_named_by_address_or_id(world: World, who: str) -> None:
    assert await world.sql.fetchval("SELECT ops.find_user($1)", who.format(world.bob)) == world.bob


@pytest.mark.parametrize("call", ["post_message(99, 'bob@example.com', 'x')", "chat_members(99)"])
async def test_an_unknown_chat_is_a_clear_error(world: World, call: str) -> None:
    with pytest.raises(asyncpg.NoDataFoundError, match="there is no chat 99") as error:
        await world.sql.execute(f"SELECT * FROM ops.{call}")
    assert error.value.hint == "SELECT * FROM ops.chats;"


async def test_a_posted_message_is_an_event(world: World) -> None:
    [(message, seq)] = await world.rows("SELECT * FROM ops.post_message($1, 'bob@example.com', 'hi')", world.group)
    [event] = await world.events()
    assert (event.kind, event.payload["id"], event.payload["seq"]) == ("NewMessage", message, seq)
    assert event.payload["sender_id"] == world.bob


async def test_suspending_ends_the_sessions(world: World) -> None:
    await world.add_session(world.bob)
    assert await world.rows("SELECT * FROM ops.suspend('bob@example.com')") == [("bob@example.com", "suspended", 1)]
    assert [event.kind for event in await world.events()] == ["UserUpdated", "SessionRevoked"]
    assert await world.sql.fetchval("SELECT state FROM ops.sessions('bob@example.com')") == "suspended"
    await world.sql.execute("SELECT ops.reinstate('bob@example.com')")
    assert [event.payload["status"] for event in await world.events()] == ["active"]


async def test_signing_out_ends_the_sessions_of_one_user(world: World) -> None:
    await world.add_session(world.alice)
    await world.add_session(world.bob)
    assert await world.sql.fetchval("SELECT ops.sign_out('bob@example.com')") == 1
    [event] = await world.events()
    assert (event.kind, event.user_id, event.payload["reason"]) == ("SessionRevoked", world.bob, "operator")
    assert await world.sql.fetchval("SELECT ops.sign_out('bob@example.com')") == 0


async def report(world: World, node: str, *users: int) -> None:
    """A stream of each, the second one over a WebSocket."""
    await world.sql.execute(
        "SELECT report_streams($1, (SELECT json_agg(json_build_object('stream', n, 'user_id', u, 'session_id', 1, "
        "'address', '192.0.2.1', 'transport', CASE n WHEN 2 THEN 'websocket' END, 'opened_at', now())) "
        "FROM unnest($2::bigint[]) WITH ORDINALITY AS t (u, n)), '{}')",
        node,
        list(users),
    )


async def test_online_shows_the_streams_of_nodes_that_are_alive(world: World) -> None:
    await report(world, "alive", world.bob, world.alice)
    await report(world, "silent", world.carol)
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '1 second' WHERE node = 'silent'")
    found = await world.rows("SELECT email, node, stream, transport, address FROM ops.online")
    assert found == [
        ("alice@example.com", "alive", 2, "websocket", "192.0.2.1"),
        ("bob@example.com", "alive", 1, "sse", "192.0.2.1"),
    ]
    assert await world.rows("SELECT node, streams, users FROM ops.nodes") == [("alive", 2, 2)]


async def test_streams_are_dropped_by_notifications_to_their_nodes(world: World) -> None:
    await report(world, "one", world.bob, world.alice)
    await report(world, "two", world.bob)
    listener = await world.connect()
    heard: list[str] = []
    await listener.add_listener("fechatter_control", lambda *call: heard.append(str(call[3])))
    await world.sql.execute("SELECT ops.drop_stream('one', 2)")
    assert await world.sql.fetchval("SELECT ops.drop_streams('bob@example.com')") == 2

    async def all_heard() -> bool:
        return len(heard) == 3

    await until(all_heard, "three notifications")
    assert heard[0] == "drop one 2"
    assert sorted(heard[1:]) == ["drop one 1", "drop two 1"]
    for node, stream in (("one", 9), ("three", 1)):
        with pytest.raises(asyncpg.NoDataFoundError, match=f"node '{node}' has no stream {stream}"):
            await world.sql.execute("SELECT ops.drop_stream($1, $2)", node, stream)
    await listener.reset()


async def test_events_of_a_chat_and_of_a_user_are_the_newest_in_order(world: World) -> None:
    other = await world.add_chat("Group", "alice", "dave")
    for number in range(5):
        await world.post(str(number))
        await world.post(f"other {number}", chat=other)
    contents = "SELECT payload ->> 'content', email FROM ops.chat_events($1, 2)"
    assert await world.rows(contents, world.group) == [("3", "alice@example.com"), ("4", "alice@example.com")]
    user = "SELECT payload ->> 'content' FROM ops.user_events($1, 3)"
    assert [row[0] for row in await world.rows(user, "bob@example.com")] == ["2", "3", "4"]
    assert [row[0] for row in await world.rows(user, "alice@example.com")] == ["other 3", "4", "other 4"]
    await world.sql.execute("DELETE FROM chats WHERE id = $1", other)
    kinds = [row[0] for row in await world.rows("SELECT kind FROM ops.chat_events($1, 2)", other)]
    assert kinds == ["ChatDeleted", "ChatDeleted"]


async def test_the_busiest_chat_comes_first(world: World) -> None:
    other = await world.add_chat("Group", "alice", "dave")
    await world.post(chat=other)
    found = await world.rows("SELECT chat, members, last_seq, last_hour FROM ops.chats")
    assert found == [(other, 2, 1, 1), (world.group, 3, 0, 0)]
    found = await world.rows("SELECT email, role, unread FROM ops.chat_members($1)", other)
    assert found == [("alice@example.com", "owner", 0), ("dave@example.com", "member", 1)]


async def test_the_log_at_a_glance(world: World) -> None:
    [(epoch, head)] = await world.rows("SELECT epoch, log_head() FROM log_state")
    await world.sql.execute("UPDATE events SET created_at = now()")  # the world may have been made longer ago
    assert await world.rows("SELECT epoch, floor, head, last_minute FROM ops.log") == [(epoch, 0, head, head)]
    days = await world.rows("SELECT partition, first_position, last_position FROM ops.log_days()")
    assert len(days) == 5
    assert days[0][1:] == (1, head)
    assert days[-1] == ("events_default", None, None)
    moved = await world.sql.fetchval("SELECT ops.move_epoch()")
    assert moved == await world.sql.fetchval("SELECT epoch FROM ops.log") != epoch


async def test_listeners_show_how_far_behind_they_are(world: World) -> None:
    listener = await asyncpg.connect(world.database.url, server_settings={"application_name": "fechatter notify log"})
    world.stack.push_async_callback(listener.close)
    await listener.execute("SELECT 1")
    await world.post()
    await world.post()
    [(pid, events, seconds)] = await world.rows("SELECT pid, events_since_read, seconds_since_read FROM ops.listeners")
    assert (pid, events) == (listener.get_server_pid(), 2)
    assert seconds >= 0
    await listener.execute("SELECT 1")
    assert await world.sql.fetchval("SELECT events_since_read FROM ops.listeners") == 0


async def test_the_log_lock_shows_nothing_when_nothing_holds_the_log_up(world: World) -> None:
    other = await world.connect()
    await other.execute("BEGIN; UPDATE users SET fullname = 'x'")
    await other.execute("SELECT pg_advisory_lock(42)")
    assert await world.rows("SELECT * FROM ops.log_lock") == []
    await other.execute("SET CONSTRAINTS ALL IMMEDIATE")
    found = await world.rows("SELECT pid, log_lock, state FROM ops.log_lock")
    assert found == [(other.get_server_pid(), "holds", "idle in transaction")]
