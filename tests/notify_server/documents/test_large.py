"""Large messages: what a board may have can be brought to it, in bounded memory; what is larger is refused, and its
client stays."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from chat_core.documents import lib0
from notify_server.documents.large import LARGE_BYTES, LargeMessages
from notify_server.documents.protocols.hocuspocus import Hocuspocus
from notify_server.documents.protocols.json_messages import JsonMessages
from notify_server.documents.protocols.y_websocket import YWebSocket
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.socket import ENVELOPE_BYTES, BoardSocket
from tests.notify_server.documents.test_largest_of_each import binary_update
from tests.notify_server.documents.test_openings import Door, door
from tests.notify_server.documents.world import Node, Tab, Wire, World, running_node

__all__ = ["door"]
MIB = 1 << 20
READ = 256 << 10


class Client(Wire):
    """`heard`: all that the server has written."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        super().__init__(lambda _: None)

    def write(self, data: Any) -> None:
        if not bytes(data).startswith(b"HTTP/"):
            self.heard.append(bytes(data))
            super().write(data)

    def says(self, *frames: Frame) -> None:
        data = b"".join(frame.serialize(mask=True) for frame in frames)
        for at in range(0, len(data), READ):
            self.receive(data[at : at + READ])


async def opened(world: World, door: Door, kind: type[BoardSocket], board: int) -> tuple[BoardSocket, Client]:
    client = Client()
    socket, _ = await door.open(kind, board, "ada", client)
    if kind is Hocuspocus:
        client.says(Frame(Opcode.BINARY, lib0.string(str(board)) + b"\x02\x00\x00"))
    await world.until(lambda: socket.peers)
    return socket, client


def framed(kind: type[BoardSocket], board: int, message: bytes) -> Frame:
    if kind is JsonMessages:
        content = json.dumps({"type": "yjs:sync", "data": b64encode(message).decode(), "ref": 1}).encode()
        return Frame(Opcode.TEXT, content.replace(b"/", b"\\/"))
    return Frame(Opcode.BINARY, (lib0.string(str(board)) if kind is Hocuspocus else b"") + b"\x00" + message)


@pytest.mark.parametrize("kind", [YWebSocket, Hocuspocus, JsonMessages])
async def test_a_board_can_be_loaded_with_all_that_it_may_have_and_no_more(
    world: World, kind: type[BoardSocket]
) -> None:
    most, size = 8 * MIB, 8 * MIB - 100
    ada = await world.person("ada")
    board = await world.board(ada)
    # Many times what may wait for a reader.
    async with running_node(world.database.notify_url, document_bytes=most, buffer_bytes=MIB) as node:
        door = Door(node, {"ada": ada}, most=4)
        socket, client = await opened(world, door, kind, board)
        reader = await Tab(world, ada, board).opened(node)
        client.says(framed(kind, board, sync.update(binary_update(7, size))))
        await world.until(lambda: len(reader.doc.get_update()) > size, "the others have it")
        await world.comes_about(lambda: world.sql.fetchval("SELECT last_seq = 1 FROM documents WHERE id = $1", board))
        client.heard.clear()
        client.says(framed(kind, board, sync.update(bytes(most + ENVELOPE_BYTES + 6))))
        await world.until(lambda: any(b"too_large" in message for message in client.heard))
        client.says(framed(kind, board, sync.update(binary_update(8, 10))))
        await world.comes_about(lambda: world.sql.fetchval("SELECT last_seq = 2 FROM documents WHERE id = $1", board))
        assert (socket.reason, reader.open, node.rooms.large.bytes) == ("", True, 0)
        for left in (socket, reader.socket):
            assert left is not None
            left.connection_lost(None)


async def test_a_user_sends_one_at_a_time(world: World, door: Door) -> None:
    """The other connection waits, and is not read meanwhile; what it had sent is read when the first one is over."""
    board = await world.board(door.people["ada"])
    (first, one), (second, other) = [await opened(world, door, YWebSocket, board) for _ in range(2)]
    data = framed(YWebSocket, board, sync.update(binary_update(7, MIB))).serialize(mask=True)
    one.receive(data[:READ])
    other.says(framed(YWebSocket, board, sync.update(binary_update(8, MIB))))
    assert (second.intake.waits, other.unread is not None) == (True, True)
    assert first.intake.message is not None
    for _ in range(100):
        second.beat(0, 15)  # nobody takes it for dead
    assert door.rooms.large.bytes <= READ
    one.receive(data[READ:])
    await world.comes_about(lambda: world.sql.fetchval("SELECT last_seq = 2 FROM documents WHERE id = $1", board))
    assert (second.intake.waits, other.unread, door.rooms.large.bytes) == (False, None, 0)


async def test_whoever_waits_goes_on_when_the_other_connection_is_lost(world: World, door: Door) -> None:
    board = await world.board(door.people["ada"])
    (first, one), (_, other) = [await opened(world, door, YWebSocket, board) for _ in range(2)]
    one.receive(framed(YWebSocket, board, bytes(MIB)).serialize(mask=True)[:READ])
    other.says(framed(YWebSocket, board, sync.update(binary_update(8, MIB))))
    first.connection_lost(None)
    await world.comes_about(lambda: world.sql.fetchval("SELECT last_seq = 1 FROM documents WHERE id = $1", board))
    (first, one), (second, other) = [await opened(world, door, YWebSocket, board) for _ in range(2)]
    one.receive(framed(YWebSocket, board, bytes(MIB)).serialize(mask=True)[:READ])
    other.says(framed(YWebSocket, board, bytes(MIB)))
    second.connection_lost(None)  # which waits no more
    first.connection_lost(None)
    assert (door.rooms.large.bytes, door.rooms.large._waiting) == (0, {})


async def test_all_together_have_so_many_bytes_and_the_oldest_makes_way(world: World, door: Door) -> None:
    rooms = door.rooms
    rooms.large = LargeMessages(3 * READ)
    for name in ("bob", "eve", "dan"):
        door.people[name] = await world.person(name)
    board = await world.board(*door.people.values())
    unfinished = framed(YWebSocket, board, bytes(MIB)).serialize(mask=True)[:READ]
    clients = []
    for name in ("ada", "bob", "eve", "dan"):
        clients.append(client := Client())
        await door.open(YWebSocket, board, name, client)
        client.receive(unfinished)
        assert rooms.large.bytes <= 3 * READ
    assert [client.close_code for client in clients] == [4015, None, None, None]


async def test_a_message_that_does_not_come_in_time_is_given_up(world: World, door: Door) -> None:
    board = await world.board(door.people["ada"])
    socket, client = await opened(world, door, YWebSocket, board)
    limits = door.rooms.settings.connections
    client.receive(framed(YWebSocket, board, bytes(MIB)).serialize(mask=True)[:2048])
    for _ in range(limits.head_seconds + 1):
        socket.beat(0, 15)
    assert socket.reason == ""
    for _ in range(2):
        socket.beat(0, 15)
    assert (socket.reason, client.close_code, door.rooms.large.bytes) == ("unresponsive", 4004, 0)


class Heard(YWebSocket):
    """What is said in it, as it is."""

    __slots__ = ("messages",)

    messages: list[bytes]

    def received(self, content: bytes) -> None:
        self.messages.append(content)

    def passed_over(self, start: bytes) -> None:
        self.messages.append(start)


def listening(node: Node) -> Heard:
    socket = Heard(1, "", Client(), node.rooms)
    socket.messages = []
    socket.begin(b"")
    socket.go_live()
    return socket


sizes = st.sampled_from([0, 1, 125, 126, 127, 5000, LARGE_BYTES - 1, LARGE_BYTES, LARGE_BYTES + 1, LARGE_BYTES + 7])


@given(st.lists(st.lists(sizes, min_size=1, max_size=4), max_size=6), st.lists(st.integers(1, 90_000), max_size=40))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_messages_come_out_as_they_were_sent_however_they_are_cut(
    world: World, node: Node, messages: list[list[int]], cuts: list[int]
) -> None:
    """In frames of any size, pings between them, and in reads of any size."""
    sent: list[bytes] = []
    data = b""
    for fragments in messages:
        content = [bytes([len(sent) + 1]) * size for size in fragments]
        sent.append(b"".join(content))
        for number, piece in enumerate(content):
            opcode = Opcode.CONT if number else Opcode.BINARY
            data += Frame(opcode, piece, fin=number == len(content) - 1).serialize(mask=True)
            data += Frame(Opcode.PING, b"x").serialize(mask=True)
    socket = listening(node)
    socket.admit()
    at = 0
    for cut in [*cuts, len(data)]:
        socket.data_received(data[at : at + cut])
        at += cut
    assert socket.messages == sent
    assert (socket.reason, node.rooms.large.bytes) == ("", 0)
    socket.connection_lost(None)


async def test_a_message_that_began_before_its_client_was_admitted_has_to_be_finished(node: Node) -> None:
    socket = listening(node)
    socket.data_received(Frame(Opcode.BINARY, b"a", fin=False).serialize(mask=True))
    socket.admit()
    socket.data_received(Frame(Opcode.BINARY, b"b").serialize(mask=True))
    assert (socket.messages, socket.reason) == ([], "protocol_error")
    socket.connection_lost(None)


async def test_each_message_of_many_in_one_read_counts_for_the_rate(node: Node) -> None:
    socket, burst = listening(node), node.settings.boards.frames_burst
    socket.admit()
    socket.data_received(Frame(Opcode.BINARY, b"x").serialize(mask=True) * 2 * burst)
    assert socket.reason == "rate"
    assert burst <= len(socket.messages) < 2 * burst
    socket.connection_lost(None)


async def test_a_message_amid_another_one_ends_the_connection(world: World, door: Door) -> None:
    board = await world.board(door.people["ada"])
    socket, client = await opened(world, door, YWebSocket, board)
    message = framed(YWebSocket, board, sync.update(binary_update(7, 10)))
    client.says(Frame(Opcode.BINARY, message.data[:3], fin=False), Frame(Opcode.PING, b""), message)
    assert socket.reason == "protocol_error"
    await world.until(lambda: not door.rooms.large.bytes)
    assert await world.sql.fetchval("SELECT last_seq FROM documents WHERE id = $1", board) == 0


@pytest.mark.parametrize("length", [(1 << 30) + 1, 1 << 63, (1 << 64) - 1])
async def test_a_frame_without_end_is_refused_by_its_length(world: World, door: Door, length: int) -> None:
    board = await world.board(door.people["ada"])
    socket, client = await opened(world, door, YWebSocket, board)
    client.receive(b"\x82\xff" + length.to_bytes(8, "big") + b"mask" + b"x" * 100)
    assert (socket.reason, socket.intake.beyond) == ("too_large", None)
