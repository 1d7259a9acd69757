"""The largest message of each type that each protocol takes, on a board that is as large and as crowded as may be: none
holds the loop for long. What is in an update, and in a vector, test_largest.py has."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from chat_core.documents import lib0
from chat_core.settings import Boards as Settings
from notify_server.documents.awareness import MOST_CLIENTS, MOST_PRESENT, MOST_PRESENT_BYTES
from notify_server.documents.protocols.hocuspocus import Hocuspocus
from notify_server.documents.protocols.json_messages import JsonMessages
from notify_server.documents.protocols.y_websocket import YWebSocket
from notify_server.documents.yjs import awareness, sync
from notify_server.documents.yjs.awareness import MOST_TOLD
from notify_server.documents.yjs.socket import BoardSocket
from tests.notify_server.documents.test_largest import LONGEST, READ
from tests.notify_server.documents.test_openings import Door
from tests.notify_server.documents.world import Node, Wire, World, running_node
from tests.support.holds import Holds, holds

pytestmark = [pytest.mark.slow, pytest.mark.long]

MIB = 1 << 20
LARGEST = 8 * MIB
PRESENCE_BYTES = Settings().presence_bytes
KINDS: dict[str, type[BoardSocket]] = {"yjs": YWebSocket, "hocuspocus": Hocuspocus, "json": JsonMessages}


class Sink(Wire):
    """Takes what it is given, and has nothing to do with it: a client is not what is watched here."""

    def write(self, data: Any) -> None:
        pass

    def writelines(self, list_of_data: Any) -> None:
        pass


class Crowd:
    """Somebody with as many clients as a connection may have."""

    def __init__(self, user_id: int) -> None:
        self.user_id = self.session_id = user_id


def binary_update(client: int, size: int) -> bytes:
    """An update with so many bytes in one piece: an item of binary content, in the root "x"."""
    return b"\x01\x01" + lib0.uint(client) + b"\x00\x03\x01\x01x" + lib0.buffer(bytes(size)) + b"\x00"


def entries(amount: int, size: int, first: int = 1 << 20) -> bytes:
    state = b"\x01" + lib0.buffer(b'{"x":"%b"}' % (b"y" * (size - 8)))
    return lib0.uint(amount) + b"".join(lib0.uint(first + number) + state for number in range(amount))


def of_sync() -> Iterator[tuple[str, bytes]]:
    size = LARGEST * 3 // 4 - 128  # as base64 it is as large as a message may be
    yield "step 1", sync.step_1(b"\x00")
    yield "a large step 1", sync.step_1(bytes(size))
    yield "step 2", sync.step_2(binary_update(7, size))
    yield "update", sync.update(binary_update(8, size))
    yield "no update", sync.update(b"\xff" * size)
    yield "as large as a board may be", sync.update(binary_update(9, Settings().document_bytes - 32))


def of_awareness() -> Iterator[tuple[str, bytes]]:
    yield "awareness, many", entries(MOST_TOLD, 8)
    yield "awareness, too many", lib0.uint(900_000) + b"\x01\x01\x02{}" * 900_000
    yield "awareness, large", entries(1000, PRESENCE_BYTES)
    yield "awareness, own", entries(MOST_CLIENTS, PRESENCE_BYTES)
    yield "awareness, a count alone", lib0.uint(2**50) + bytes(LARGEST - 64)


def of_json() -> Iterator[tuple[str, list[bytes]]]:
    for what, message in list(of_sync())[-1:]:  # the same code has them all, once they are out of their frames
        yield what, [json.dumps({"type": "yjs:sync", "data": b64encode(message).decode(), "ref": 1}).encode()]
    update, viewport = b'{"type":"presence:update"', b'{"type":"presence:viewport","x":0,"y":0,"zoom":1'
    yield "selection", [update + b',"cursor":null,"selection":[%b"a"]}' % (b'"a",' * (LARGEST // 4 - 64))]
    yield "nested", [update + b',"x":' + b"[" * (LARGEST - 64)]
    yield "many keys", [update + b',"a":0' * (LARGEST // 6 - 64) + b',"cursor":null,"selection":[]}']
    yield "text", [viewport + b',"a":"%b"}' % ("é".encode() * (LARGEST // 2 - 64))]


def of_binary(name: bytes) -> Iterator[tuple[str, list[bytes]]]:
    for what, message in of_sync():
        yield what, [name + b"\x00" + message]
    for what, message in of_awareness():
        yield what, [name + b"\x01" + lib0.buffer(message)]
    yield "query awareness, again and again", [name + b"\x03"] * 900


def of_hocuspocus(name: bytes) -> Iterator[tuple[str, list[bytes]]]:
    yield from list(of_binary(name))[-2:]
    text = lib0.buffer(b"x" * (LARGEST - 64))
    yield "token", [name + b"\x02\x00" + text]
    yield "name", [text + b"\x03"]
    yield "stateless", [name + b"\x05" + text]
    yield "ping", [b"\x09"] * 900
    yield "close", [name + b"\x07"]


@pytest.fixture
async def node(world: World) -> AsyncIterator[Node]:
    """That makes no snapshots meanwhile."""
    async with running_node(world.database.notify_url, compact_updates=1_000_000) as running:
        yield running


async def test_none_holds_the_loop_for_long(world: World, node: Node) -> None:
    door = Door(node, {"ada": await world.person("ada")}, most=10)
    board = await world.board(door.people["ada"])
    stored = binary_update(1, 15 * MIB)
    await world.sql.execute(
        "INSERT INTO board_updates (board_id, seq, origin, data) VALUES ($1, 1, 'x', $2)", board, stored
    )
    await world.sql.execute("UPDATE documents SET last_seq = 1 WHERE id = $1", board)

    async def opened(kind: str) -> BoardSocket:
        socket, _ = await door.open(KINDS[kind], board, "ada", Sink(lambda _: None))
        if isinstance(socket, Hocuspocus):
            socket.read(lib0.string(str(board)) + b"\x02\x00\x00")
        await world.until(lambda: socket.peers)
        assert isinstance(socket, BoardSocket)
        return socket

    for other in KINDS:
        await opened(other)
    room = node.rooms.open[board]
    each = MOST_PRESENT_BYTES // MOST_PRESENT - 32
    for user_id in range(MOST_PRESENT // MOST_CLIENTS - 2):
        first = user_id * MOST_CLIENTS
        room.awareness.take(Crowd(user_id), awareness.read(entries(MOST_CLIENTS, each, first), PRESENCE_BYTES))  # type: ignore[arg-type]
    took: dict[str, Holds] = {}

    def settled() -> bool:
        return not node.rooms.edits._tasks and not socket.answers.busy and not room.waiting

    of_kinds = {
        "yjs": of_binary(b""),
        "hocuspocus": of_hocuspocus(lib0.string(str(board))),
        "json": of_json(),
    }
    for kind, what, contents in ((kind, *message) for kind, of_kind in of_kinds.items() for message in of_kind):
        socket = await opened(kind)
        opcode = Opcode.TEXT if kind == "json" else Opcode.BINARY
        data = b"".join(Frame(opcode, content).serialize(mask=True) for content in contents)
        with holds() as took[f"{kind}: {what}"]:
            for at in range(0, len(data), READ):
                await asyncio.sleep(0)
                socket.data_received(data[at : at + READ])
            await asyncio.sleep(0)  # else this step would end only after what watches it
            await world.until(settled)
        socket.connection_lost(None)
    for left in door.opened:
        left.connection_lost(None)
    held = {what: (round(seen.longest, 3), seen.what[:90]) for what, seen in took.items()}
    # Twice as long as elsewhere: these are whole boards, and the memory of a busy machine is slow to copy 16 MiB.
    assert not {what: seen for what, seen in held.items() if seen[0] > 2 * LONGEST}, held
    assert room.read_to == 3  # two updates were taken
