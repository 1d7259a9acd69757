"""A client that asks and reads nothing: what waits for it is one board and the usual, however often it asks."""

import asyncio
import json
from base64 import b64encode
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from chat_core.documents import lib0
from notify_server.documents.awareness import Entry
from notify_server.documents.protocols.hocuspocus import Hocuspocus
from notify_server.documents.protocols.json_messages import JsonMessages
from notify_server.documents.protocols.y_websocket import YWebSocket
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.socket import BoardSocket
from tests.notify_server.documents.test_openings import Door
from tests.notify_server.documents.world import Node, Tab, Wire, World

BOARD_BYTES = 4 << 20
TIMES = 100


class Deaf(Wire):
    """Its reader reads nothing."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)

    def write(self, data: Any) -> None:
        self.waiting += len(data)

    def writelines(self, list_of_data: Any) -> None:
        self.waiting += sum(map(len, list_of_data))


def large(client: int) -> bytes:
    """An update of a board's size: an item of binary content, in the root "x"."""
    return b"\x01\x01" + lib0.uint(client) + b"\x00\x03\x01\x01x" + lib0.buffer(bytes(BOARD_BYTES)) + b"\x00"


async def board_of(world: World, door: Door) -> int:
    board = await world.board(door.people["ada"])
    await world.sql.execute(
        "INSERT INTO board_updates (board_id, seq, origin, data) VALUES ($1, 1, 'x', $2)", board, large(1)
    )
    await world.sql.execute("UPDATE documents SET last_seq = 1 WHERE id = $1", board)
    return board


async def asks(socket: BoardSocket, wire: Deaf, contents: list[bytes], most: int) -> None:
    opcode = Opcode.TEXT if isinstance(socket, JsonMessages) else Opcode.BINARY
    for content in contents:
        wire.receive(Frame(opcode, content).serialize(mask=True))
        assert socket.queued_bytes() <= most
        for _ in range(5):
            await asyncio.sleep(0)
        assert socket.queued_bytes() <= most


STEP_1 = sync.step_1(b"\x00")


@pytest.mark.parametrize("kind", [YWebSocket, JsonMessages])
async def test_who_asks_for_a_board_and_reads_nothing_has_one_waiting(
    world: World, node: Node, kind: type[BoardSocket]
) -> None:
    door = Door(node, {"ada": await world.person("ada")}, most=1)
    board = await board_of(world, door)
    wire = Deaf()
    socket, _ = await door.open(kind, board, "ada", wire)
    usual = node.settings.boards.buffer_bytes
    message = b"\x00" + STEP_1
    if kind is JsonMessages:
        message = json.dumps({"type": "yjs:sync", "data": b64encode(STEP_1).decode()}).encode()
    await asks(socket, wire, [message] * TIMES, usual + BOARD_BYTES * 3 // 2)
    assert (socket.reason, socket.answers.busy, wire.waiting > BOARD_BYTES) == ("", True, True)
    # Once it has read it is answered again.
    before, wire.waiting = wire.waiting, 0
    socket.resume_writing()
    await world.until(lambda: wire.waiting > BOARD_BYTES)
    assert before <= usual + BOARD_BYTES * 3 // 2
    socket.connection_lost(None)


async def test_nor_does_who_asks_for_many_boards_on_one_socket(world: World, node: Node) -> None:
    door = Door(node, {"ada": await world.person("ada")}, most=1)
    boards = [await board_of(world, door) for _ in range(4)]
    wire = Deaf()
    socket, _ = await door.open(Hocuspocus, 0, "ada", wire)
    for board in boards:
        wire.receive(Frame(Opcode.BINARY, lib0.string(str(board)) + b"\x02\x00\x00").serialize(mask=True))
    await world.until(lambda: len(socket.peers) == len(boards))
    messages = [lib0.string(str(board)) + b"\x00" + STEP_1 for board in boards]
    most = node.settings.boards.buffer_bytes + BOARD_BYTES * 3 // 2
    await asks(socket, wire, messages * TIMES, most)
    assert (socket.reason, socket.answers.busy) == ("", True)
    # What waits of questions is bounded, too.
    vector = lib0.uint(100_000) + b"".join(lib0.uint(client) + b"\x01" for client in range(100_000))
    await asks(socket, wire, [lib0.string(str(b)) + b"\x00" + sync.step_1(vector) for b in boards] * 2, most)
    assert socket.reason == "rate"
    socket.connection_lost(None)


async def test_who_is_there_is_told_once_until_it_has_been_taken(world: World, node: Node) -> None:
    """A thousand questions in one go, to which the answers would have 400 MB."""
    ada = await world.person("ada")
    board = await world.board(ada)
    crowd = [await Tab(world, ada, board).opened(node) for _ in range(50)]
    for number, tab in enumerate(crowd):
        tab.tell(Entry(number, 1, b'{"x":"%b"}' % (b"y" * 8000)))
    door = Door(node, {"ada": ada}, most=1)
    wire = Deaf()
    socket, _ = await door.open(YWebSocket, board, "ada", wire)
    question = Frame(Opcode.BINARY, b"\x03").serialize(mask=True)
    wire.receive(question * 900)
    assert socket.queued_bytes() < 2_000_000
    for _ in range(10):
        await asyncio.sleep(0)
    assert (socket.reason, wire.waiting < 2_000_000) == ("", True)
    socket.connection_lost(None)
    for tab in crowd:
        tab.drop()


async def test_what_is_asked_for_in_one_go_is_bounded_before_it_is_written(world: World, node: Node) -> None:
    """Names of documents that are denied, say: the answer to each is larger than the question."""
    door = Door(node, {"ada": await world.person("ada")}, most=1)
    socket, _ = await door.open(YWebSocket, await world.board(door.people["ada"]), "ada", Deaf())
    for _ in range(100):
        socket.put(bytes(100_000))
        assert socket.queued_bytes() <= node.settings.boards.buffer_bytes + 100_000
    assert socket.reason == "slow"
    socket.connection_lost(None)
