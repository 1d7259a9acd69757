"""How a board's socket comes to be somebody's: strangers have little, and shut out nobody who is known."""

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from websockets.frames import Frame, Opcode

from chat_core.documents import lib0
from chat_core.problems import Problem
from chat_core.tokens import Claims
from notify_server.documents.endpoint import Openings
from notify_server.documents.protocols.hocuspocus import MOST_DENIED, STRANGER_SECONDS, Hocuspocus
from notify_server.documents.protocols.y_websocket import YWebSocket
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.socket import BoardSocket
from notify_server.websocket.origins import Origins
from notify_server.websocket.strangers import Strangers
from notify_server.websocket.websocket_stream import CONFINED_BYTES
from tests.notify_server.documents.world import Node, Wire, World
from tests.notify_server.websocket.test_strangers import HANDSHAKE


class Shaken(Wire):
    """Its client is told nothing of the handshake."""

    def write(self, data: Any) -> None:
        if not bytes(data).startswith(b"HTTP/"):
            super().write(data)


class Door:
    """The endpoint of boards, for people whose token is their name. `opened` are the sockets."""

    def __init__(self, node: Node, people: dict[str, Claims], most: int) -> None:
        self.people = people
        self.strangers = node.rooms.strangers = Strangers(most)
        subscriptions: Any = SimpleNamespace(
            settings=node.settings,
            refuse_when_draining=lambda: None,
            next_number=itertools.count(1).__next__,
            verify=self._verify,
            accept=self._accept,
            address=lambda request: request.client.host,
        )
        self.rooms = node.rooms
        self.openings = Openings(subscriptions, Origins(node.settings), self.strangers)
        self.opened: list[BoardSocket] = []

    async def _accept(self, token: str, _scope: str, _request: object) -> Claims:
        return self._verify(token)

    def _verify(self, token: str) -> Claims:
        if token not in self.people:
            raise Problem(401, "unauthorized", "It is not good.")
        return self.people[token]

    async def open(
        self, kind: type[BoardSocket], board: int, token: str | None = None, wire: Wire | None = None
    ) -> tuple[Any, Wire]:
        headers = HANDSHAKE | ({b"authorization": f"Bearer {token}".encode()} if token else {})
        wire = wire or Shaken(lambda _: None)
        connection = {"protocol": SimpleNamespace(transport=wire, hand_over=lambda _: True)}
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": f"/{kind.protocol}/{board}",
            "query_string": b"",
            "server": ("x", 1),
        }
        scope |= {"client": ("192.0.2.1", 1), "headers": list(headers.items()), "path_params": {"board_id": board}}
        scope["extensions"] = {"fechatter.connection": connection}
        response: Any = await self.openings.open(Request(scope), kind, self.rooms, board)
        socket: BoardSocket = response._socket
        wire.reader = socket
        self.opened.append(socket)
        await response(scope, None, None)
        return socket, wire


@pytest.fixture
async def door(world: World, node: Node) -> "Any":
    door = Door(node, {"ada": await world.person("ada")}, most=4)
    yield door
    for socket in door.opened:
        socket.connection_lost(None)
    assert len(door.strangers) == 0


def message(document: str, content: bytes) -> bytes:
    return Frame(Opcode.BINARY, lib0.string(document) + content).serialize(mask=True)


def token(document: str, value: str) -> bytes:
    return message(document, b"\x02\x00" + lib0.string(value))


async def test_strangers_shut_out_nobody_who_is_known(world: World, door: Door) -> None:
    board = await world.board(door.people["ada"])
    for _ in range(10):
        await door.open(Hocuspocus, board)
        await door.open(YWebSocket, board, "forged")
        await door.open(YWebSocket, board)
    assert len(door.strangers) == 4
    socket, wire = await door.open(YWebSocket, board, "ada")
    assert (wire.close_code, len(socket.peers), len(door.strangers)) == (None, 1, 4)
    other, wire = await door.open(Hocuspocus, board)
    wire.receive(token(str(board), "ada"))
    assert (other.known, len(door.strangers)) == (True, 3)
    await world.until(lambda: other.peers)


async def test_a_bad_token_with_the_request_ends_it_at_once(world: World, door: Door) -> None:
    for kind in (Hocuspocus, YWebSocket):
        socket, wire = await door.open(kind, 1, "forged")
        assert (wire.close_code, len(door.strangers)) == (4407, 1)
        wire.receive(message("1", b"\x00" + sync.update(bytes(1 << 20))))
        assert socket._unfinished() <= CONFINED_BYTES
        socket.connection_lost(None)


async def test_bad_tokens_prolong_a_strangers_life_to_a_bound(world: World, door: Door) -> None:
    socket, wire = await door.open(Hocuspocus, 1)
    loop = asyncio.get_running_loop()
    assert socket._deadline.when() <= loop.time() + 5  # notify.auth_seconds
    ends = set()
    for number in range(MOST_DENIED - 1):
        wire.receive(token(str(number), "forged"))
        ends.add(socket._deadline.when())
    assert len(ends) == 1
    assert ends.pop() == socket._met_at + STRANGER_SECONDS
    wire.receive(token("1", "forged"))
    await world.until(lambda: socket.reason == "unauthorized")
    assert wire.close_code == 4407


async def test_what_a_stranger_sends_before_a_token_is_little(door: Door) -> None:
    socket, wire = await door.open(Hocuspocus, 1)
    for _ in range(3):
        wire.receive(message("1", b"\x00" + sync.update(bytes(CONFINED_BYTES // 3 - 100))))
    assert socket.reason == ""
    wire.receive(message("1", b"\x00" + sync.update(bytes(CONFINED_BYTES // 3 - 100))))
    assert wire.close_code == 4409
    socket, wire = await door.open(Hocuspocus, 2)
    frame = message("1", b"\x00" + sync.update(bytes(1 << 22)))
    for at in range(0, len(frame), 65_536):
        wire.receive(frame[at : at + 65_536])
        assert socket._unfinished() <= CONFINED_BYTES
    assert (wire.close_code, wire.half_closed) == (4409, True)
