"""Boards on one server and on two: what comes is relayed and durable, who may not is refused, and nothing is lost."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text
from websockets.frames import Frame, Opcode

from chat_core.documents import lib0
from notify_server.documents.awareness import Entry
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.socket import ENVELOPE_BYTES
from notify_server.websocket.websocket_stream import CONFINED_BYTES
from tests.notify_server.documents.world import Node, Tab, World, running_node


async def test_what_one_writes_all_see_and_the_database_has(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    first, second = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    first.edit("hello")
    second.edit("> ")
    await world.until(lambda: len(first.text) == len(second.text) == 7)
    assert first.text == second.text
    await world.comes_about(lambda: world.sql.fetchval("SELECT last_seq = 2 FROM documents"))
    assert await world.stored(board) == first.text
    rows = await world.sql.fetch("SELECT user_id FROM board_updates ORDER BY seq")
    assert [row["user_id"] for row in rows] == [ada.user_id, bob.user_id]


async def test_two_servers_have_one_board(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    async with running_node(world.database.notify_url) as other:
        first, second = await Tab(world, ada, board).opened(node), await Tab(world, bob, board).opened(other)
        first.edit("hello")
        await world.until(lambda: second.text == "hello")
        second.edit("> ")
        await world.until(lambda: first.text == "> hello")
        await world.is_stored(board, "> hello")


async def test_a_doorbell_that_was_not_heard_costs_latency_alone(world: World, node: Node) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    tab = await Tab(world, ada, board).opened(node)
    doc = Doc[Any]()
    doc.get("text", type=Text).insert(0, "unheard")
    async with world.sql.transaction():
        await world.sql.execute(
            "INSERT INTO board_updates (board_id, seq, origin, data) VALUES ($1, 1, 'x', $2)", board, doc.get_update()
        )
        await world.sql.execute("UPDATE documents SET last_seq = 1")
    assert tab.text == ""
    node.rooms.missed()
    await world.until(lambda: tab.text == "unheard")


async def test_a_viewer_sees_and_is_seen_and_changes_nothing(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob, role="viewer")
    owner, viewer = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    viewer.edit("mine")
    await world.until(lambda: viewer.denied == ["read_only"])
    owner.edit("hello")
    await world.until(lambda: "hello" in viewer.text)
    viewer.tell(Entry(7, 1, b'{"cursor":1}'))
    await world.until(lambda: 7 in owner.others)
    viewer.drop()
    await viewer.opened(node)  # its step 2 has what was refused
    await world.until(lambda: viewer.denied == ["read_only", "read_only"])
    assert viewer.open
    await world.is_stored(board, "hello")
    assert owner.text == "hello"
    loyal = await Tab(world, bob, board).opened(node)
    loyal.drop()
    await loyal.opened(node)  # it has all of it, and nothing of its own: that is no edit
    owner.edit("!")
    await world.until(lambda: loyal.text == "!hello")
    assert loyal.denied == []


async def test_roles_and_removal_reach_open_sockets(world: World, node: Node) -> None:
    people = [await world.person(name) for name in ("ada", "bob", "eve", "dan")]
    board = await world.board(*people)
    owner, demoted, removed, signed_out = [await Tab(world, person, board).opened(node) for person in people]
    await world.role(board, people[1], "viewer")
    await world.sql.execute("DELETE FROM document_members WHERE user_id = $1", people[2].user_id)
    await world.sql.execute(
        "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE id = $1", people[3].session_id
    )
    await world.until(lambda: removed.wire.close_code == 4412)
    await world.until(lambda: signed_out.wire.close_code == 4406)
    demoted.edit("no")
    await world.until(lambda: demoted.denied == ["read_only"])
    await world.role(board, people[1], "editor")
    assert demoted.socket is not None
    [place] = demoted.socket.peers
    await world.until(lambda: place.role == "editor")
    demoted.drop()
    demoted.doc = Doc()
    await demoted.opened(node)
    demoted.edit("yes")
    await world.until(lambda: owner.text == "yes")
    await world.sql.execute("UPDATE documents SET deleted_at = now()")
    await world.until(lambda: owner.wire.close_code == demoted.wire.close_code == 4413)
    for person, code in ((people[0], 4414), (people[2], 4414), (people[3], 4406)):
        tab = Tab(world, person, board)
        await tab.connect(node)
        assert tab.wire.close_code == code


async def test_presence_belongs_to_connections(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    first, second = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    first.tell(Entry(7, 1, b'{"name":"Ada","user_id":99}'))
    await world.until(lambda: 7 in second.others)
    assert json.loads(second.others[7].state or b"") == {"name": "Ada", "user_id": ada.user_id}
    second.tell(Entry(7, 5, b'{"name":"Eve"}'), Entry(8, 1, b"{}"))
    second.tell(Entry(7, 6, None))
    await world.until(lambda: 8 in first.others)
    late = await Tab(world, ada, board).opened(node)
    await world.until(lambda: {7, 8} <= late.others.keys())
    assert (late.others[7].clock, json.loads(late.others[7].state or b"")["name"]) == (1, "Ada")
    first.drop()
    await world.until(lambda: 7 not in second.others and 7 not in late.others)
    second.tell(Entry(7, 1, b"{}"))  # hearsay
    await world.until(lambda: second.received > 0)
    assert 7 not in late.others


async def test_who_comes_back_sends_nothing_new_and_gets_what_was_missed(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    first, second = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    first.edit("hello")
    first.cut(0, 2)
    await world.until(lambda: second.text == "llo")
    second.drop()
    first.edit("missed ")
    second.edit("offline ", 3)
    await second.opened(node)
    await world.until(lambda: first.text == second.text == "missed llooffline ")
    await world.comes_about(lambda: world.sql.fetchval("SELECT last_seq = 4 FROM documents"))
    received = first.received
    for _ in range(3):
        second.drop()
        await second.opened(node)
    first.edit("!")
    await world.until(lambda: second.text.startswith("!"))
    assert first.received == received
    await world.comes_about(lambda: world.sql.fetchval("SELECT last_seq = 5 FROM documents"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x00",
        b"\x00\x00\x01\x00\x00",
        b"\x00\x03\x00",
        b"\x00\x02\x03abc",
        b"\x00\x02\x02\x00\x00\x00",
        b"\x01\x02\x00\x00",
        b"\x01\x06\x01\x07\x01\x02{]",
        b"\x02\x00\x00",
        b"\x04",
    ],
    ids=range(10),
)
async def test_what_is_malformed_closes_its_sender_alone(world: World, node: Node, content: bytes) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    sender, other = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    received = other.received
    sender.send(content)
    assert sender.wire.close_code == 4408
    await asyncio.sleep(0)
    assert (other.open, other.received) == (True, received)


@given(st.lists(st.binary(max_size=60) | st.tuples(st.sampled_from(range(3)), st.binary(max_size=60)), max_size=20))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_bytes_come_nobody_else_is_harmed(
    world: World, node: Node, messages: list[bytes | tuple[int, bytes]]
) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    sender, other = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    for message in messages:
        kind, content = message if isinstance(message, tuple) else (None, message)
        sender.send(content if kind is None else bytes((0, kind)) + lib0.buffer(content))
    sender.edit("x")
    await other.opened(node)
    other.edit("still here")
    assert sender.wire.close_code in (None, 4408)
    assert other.open
    await world.is_stored(board, other.text)
    sender.drop()
    other.drop()


async def test_a_large_update_is_checked_beside_the_loop(world: World, node: Node) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    first, second = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
    first.edit("x" * 100_000)
    await world.until(lambda: len(second.text) == 100_000)
    second.send(b"\x00" + sync.update(bytes(100_000)))
    await world.until(lambda: second.wire.close_code == 4408)
    second.doc = Doc()
    await second.opened(node)
    first.drop()
    second.edit("y")
    await first.opened(node)  # a board of this size is not sent whole to who has most of it
    await world.until(lambda: first.text == second.text)


async def test_a_value_that_is_nested_too_deep_is_refused_and_the_socket_stays(
    world: World,
) -> None:
    def nested(client: int, depth: int) -> bytes:
        return b"\x01\x01" + bytes((client, 0)) + b"\x08\x01\x01a\x01" + b"\x75\x01" * depth + b"\x7e\x00"

    ada = await world.person("ada")
    board = await world.board(ada)
    async with running_node(world.database.notify_url) as node:
        tab = await Tab(world, ada, board).opened(node)
        tab.send(b"\x00" + sync.update(nested(7, 500)))
        tab.send(b"\x00" + sync.update(nested(8, 501)))
        await world.until(lambda: tab.denied == ["too_deep"])
        tab.edit("hello")
        await world.is_stored(board, "hello")
        assert (tab.wire.close_code, next(iter(node.rooms.open[board].known.structs.clients))) == (None, 7)
        tab.drop()


async def test_bounds(world: World) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    async with running_node(
        world.database.notify_url,
        document_bytes=2000,
        presence_bytes=100,
        buffer_bytes=5000,
        connections_per_board=3,
        connections_per_user=4,
    ) as node:
        tab, reader = [await Tab(world, ada, board).opened(node) for _ in range(2)]
        tab.edit("x" * 1000)
        await world.until(lambda: len(reader.text) == 1000)
        tab.edit("y" * 1200)
        await world.until(lambda: tab.denied == ["board_full"])
        reader.wire.waiting = 5001
        tab.tell(Entry(1, 1, b"{}"))
        await world.until(lambda: reader.wire.close_code == 4003)
        tab.tell(Entry(1, 2, b'{"x":"%b"}' % (b"x" * 100)))
        assert [entry.state for entry in node.rooms.open[board].awareness.all()] == [b'{"user_id":%d}' % ada.user_id]
        tab.send(bytes(1))
        assert tab.wire.close_code == 4408
        tab.drop()
        reader.drop()
        tabs = [Tab(world, ada, board) for _ in range(4)]
        for one in tabs:
            await one.connect(node)
        assert [one.wire.close_code for one in tabs] == [None, None, None, 4016]
        tabs[0].send(bytes(2000 + ENVELOPE_BYTES + 1))
        await world.until(lambda: tabs[0].denied == ["too_large"])
        assert tabs[0].open


async def test_nothing_is_read_before_the_board_is_open(world: World, node: Node) -> None:
    """What its client sends early waits in its own machine, and is all there afterwards."""
    ada = await world.person("ada")
    tab = Tab(world, ada, await world.board(ada))
    tab.begin(node)
    assert tab.wire.unread == []
    tab.doc.get("text", type=Text).insert(0, "x" * 20_000)
    tab.send(b"\x00" + sync.update(tab.doc.get_update()))
    assert tab.wire.unread
    assert tab.socket is not None
    assert tab.socket._unfinished() == 0
    await tab.enter(node)
    await world.is_stored(tab.board, "x" * 20_000)


async def test_who_is_refused_is_read_no_further(world: World, node: Node) -> None:
    ada, eve = await world.person("ada"), await world.person("eve")
    board = await world.board(ada)
    outside = Tab(world, eve, board)
    await outside.connect(node)
    assert outside.wire.close_code == 4414
    socket = outside.socket
    assert socket is not None
    frame = Frame(Opcode.BINARY, b"\x00" + sync.update(bytes(1 << 20))).serialize(mask=True)
    for at in range(0, len(frame), 65_536):
        socket.data_received(frame[at : at + 65_536])
        assert socket._unfinished() <= CONFINED_BYTES
    assert (outside.wire.half_closed, socket.peers) == (True, set())


@pytest.mark.parametrize(
    "gone", ["UPDATE documents SET deleted_at = now()", "DELETE FROM documents"], ids=["hidden", "gone"]
)
async def test_a_board_made_anew_has_nothing_of_the_one_that_was_deleted(world: World, node: Node, gone: str) -> None:
    """Ids are not used again: who comes back with the former one is told that it is gone."""
    ada = await world.person("ada")
    board = await world.board(ada)
    tab = await Tab(world, ada, board).opened(node)
    tab.edit("former")
    await world.is_stored(board, "former")
    await world.sql.execute(gone)
    await world.until(lambda: tab.wire.close_code == 4413)
    anew = await world.board(ada)
    tab.edit("offline")
    await tab.connect(node)
    assert tab.wire.close_code == 4414
    assert (await Tab(world, ada, anew).opened(node)).text == ""
    assert await world.sql.fetchval("SELECT count(*) FROM board_updates WHERE board_id = $1", anew) == 0


async def test_while_the_database_is_away_edits_are_relayed_and_wait_up_to_a_bound(world: World) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    board = await world.board(ada, bob)
    name = world.database.name
    async with running_node(world.database.notify_url, unstored_bytes=2000) as node:
        first, second = [await Tab(world, person, board).opened(node) for person in (ada, bob)]
        await world.sql.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
        await world.sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'fechatter_notify' AND datname = current_database()"
        )
        durable = first.durable
        first.edit("away")
        await world.until(lambda: second.text == "away")
        second.edit("x" * 3000)
        await world.until(lambda: second.wire.close_code == 4015)
        assert (first.text, 0 < node.rooms.store.waiting_bytes < 2000) == ("away", True)
        assert (first.durable, await world.stored(board)) == (durable, "")
        await world.sql.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
        await world.is_stored(board, "away")
        await world.until(lambda: first.durable == durable + 1, "it is told so")
        assert node.rooms.store.waiting_bytes == 0
        await second.connect(node)  # it still has what was not taken
        await world.until(lambda: first.text == second.text)
        await world.is_stored(board, first.text)
        assert len(first.text) == 3004


async def test_a_board_that_somebody_keeps_locked_holds_up_no_other(world: World, node: Node) -> None:
    ada = await world.person("ada")
    locked, free = [await Tab(world, ada, await world.board(ada)).opened(node) for _ in range(2)]
    async with world.database.connect() as other:
        lock = other.transaction()
        await lock.start()
        await other.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", locked.board)
        locked.edit("waits")
        free.edit("does not")
        await world.is_stored(free.board, "does not")
        assert await world.stored(locked.board) == ""
        await lock.commit()
    await world.is_stored(locked.board, "waits")


async def test_what_could_not_be_stored_is_known_to_nobody_and_can_be_sent_again(world: World, node: Node) -> None:
    """The board is deleted between an edit and its COMMIT, and restored: the edit is not taken for one it has."""
    ada = await world.person("ada")
    board = await world.board(ada)
    tab = await Tab(world, ada, board).opened(node)
    async with world.sql.transaction():
        await world.sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", board)
        tab.edit("hello")
        await world.comes_about(lambda: world.sql.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
    await world.until(lambda: not tab.open)
    await world.sql.execute("UPDATE documents SET deleted_at = NULL WHERE id = $1", board)
    await tab.opened(node)
    await world.is_stored(board, "hello")
    assert (await Tab(world, ada, board).opened(node)).text == "hello"


async def test_what_is_stored_for_a_room_that_was_given_up_is_in_the_next(world: World, node: Node) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    tab = await Tab(world, ada, board).opened(node)
    async with world.sql.transaction():
        await world.sql.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", board)
        tab.edit("hello")
        await world.comes_about(lambda: world.sql.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
        node.rooms.reset()
        other = Tab(world, ada, board)
        opening = asyncio.create_task(other.connect(node))
        await world.until(lambda: opening.done() or board in node.rooms._loading)
    await opening
    await world.until(lambda: other.text == "hello", "it has it all")
