"""Connections of which it is not known whose they are: there is room for some, and among addresses it is shared."""

import asyncio
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from websockets.frames import Opcode

from chat_core.problems import Problem
from chat_core.settings import Settings
from chat_core.tokens import Claims
from notify_server.websocket.endpoint import SocketResponse, WebSockets
from notify_server.websocket.origins import Origins
from notify_server.websocket.strangers import Strangers
from notify_server.websocket.websocket_stream import CONFINED_BYTES
from tests.notify_server.websocket.test_socket import Wire, masked, text

HANDSHAKE = {
    b"connection": b"Upgrade",
    b"upgrade": b"websocket",
    b"sec-websocket-version": b"13",
    b"sec-websocket-key": b"dGhlIHNhbXBsZSBub25jZQ==",
}


class Stranger:
    """What `Strangers` sees of a connection."""

    def __init__(self, address: str) -> None:
        self.address, self.connected, self.forget, self.reason = address, True, print, ""

    def abort(self, reason: str) -> None:
        self.reason = reason


def test_a_newcomer_takes_the_place_of_the_oldest_of_the_address_that_has_most() -> None:
    strangers = Strangers(most=4)
    crowd = [Stranger(f"2001:db8::{number}") for number in range(1, 5)]  # one /64
    guests = [Stranger("192.0.2.1"), Stranger("2001:db8:0:1::1"), Stranger("192.0.2.2")]
    for stranger in (*crowd, *guests):
        strangers.add(stranger)  # type: ignore[arg-type]
        assert len(strangers) <= 4
    assert [stranger.reason for stranger in crowd] == ["overloaded"] * 3 + [""]
    assert not any(guest.reason for guest in guests)
    for stranger in (*crowd, *guests):  # twice: it is known, and then its connection is lost
        strangers.add(guests[0])  # type: ignore[arg-type]
        strangers.discard(stranger)  # type: ignore[arg-type]
        strangers.discard(stranger)  # type: ignore[arg-type]
    assert len(strangers) == 1
    guests[0].connected = False
    strangers.discard(guests[0])  # type: ignore[arg-type]
    strangers.add(guests[0])  # type: ignore[arg-type]
    assert list(strangers) == []


class Server:
    """The endpoint of /api/ws, for people whose tokens are `good`."""

    def __init__(self, most: int) -> None:
        subscriptions: Any = SimpleNamespace(
            settings=Settings(),
            refuse_when_draining=lambda: None,
            next_number=lambda: 1,
            verify=self._verify,
            address=lambda request: request.client.host,
            subscribe=self._subscribe,
        )
        self.strangers = Strangers(most)
        answers: Any = SimpleNamespace(answer=None)
        self.sockets = WebSockets(subscriptions, answers, Origins(Settings()), self.strangers)
        self.subscribed = asyncio.Event()

    def _verify(self, token: str) -> Claims:
        if token != "good":
            raise Problem(401, "unauthorized", "It is not.")
        return Claims(1, 1, 2**40)

    async def _subscribe(self, *_: Any) -> Any:
        await self.subscribed.wait()
        raise Problem(429, "too_many_streams", "That is all that is wanted here.")

    async def open(self, **headers: bytes) -> tuple[SocketResponse, Wire, "asyncio.Task[None]"]:
        """A socket, once its handshake is answered."""
        given = HANDSHAKE | {name.encode(): value for name, value in headers.items()}
        wire = Wire()
        connection = {"protocol": SimpleNamespace(transport=wire, hand_over=lambda _: True)}
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": "/api/ws",
            "query_string": b"",
        }
        scope |= {"server": ("x", 1), "client": ("192.0.2.1", 1), "headers": list(given.items())}
        scope["extensions"] = {"fechatter.connection": connection}
        response = await self.sockets.open(Request(scope))
        opening = asyncio.create_task(response(scope, None, None))  # type: ignore[arg-type]
        await wire.news.wait()
        await asyncio.sleep(0)
        wire.written.clear()  # the handshake
        return response, wire, opening


def auth(token: str) -> bytes:
    return text({"type": "auth", "payload": {"token": token}})


async def test_of_a_stranger_no_more_is_kept_than_a_token() -> None:
    server = Server(most=10)
    response, wire, opening = await server.open()
    socket, frame = response._socket, masked(Opcode.TEXT, bytes(100_000))
    assert (len(server.strangers), wire.paused) == (1, False)
    for at in range(0, len(frame), 1000):
        socket.data_received(frame[at : at + 1000])
        assert socket._unfinished() <= CONFINED_BYTES
    await opening
    assert (wire.close_code(), wire.half_closed) == (4009, True)
    assert wire.paused, "megabytes that follow are not even read"
    assert len(server.strangers) == 1  # until the connection is gone
    socket.connection_lost(None)
    assert len(server.strangers) == 0


async def test_fragments_of_a_stranger_are_kept_no_longer_than_that_either() -> None:
    server = Server(most=10)
    response, wire, opening = await server.open()
    response._socket.data_received(masked(Opcode.TEXT, bytes(CONFINED_BYTES), fin=False))
    response._socket.data_received(masked(Opcode.CONT, b"x", fin=False))
    await opening
    assert wire.close_code() == 4009
    response._socket.connection_lost(None)


async def test_behind_a_good_token_a_client_may_send_more_which_is_read_when_it_has_its_place() -> None:
    server = Server(most=10)
    response, wire, opening = await server.open()
    socket = response._socket
    socket.data_received(auth("good") + masked(Opcode.TEXT, bytes(50_000))[:40_000])
    assert (socket.reason, socket._unfinished() > 30_000, wire.paused) == ("", True, True)
    assert len(server.strangers) == 0
    server.subscribed.set()
    await opening
    assert wire.close_code() == 4011
    assert (socket._unfinished(), len(server.strangers)) == (0, 1)
    socket.connection_lost(None)


async def test_a_bad_token_ends_it_at_once_and_what_comes_behind_is_not_kept() -> None:
    server = Server(most=10)
    response, wire, opening = await server.open()
    response._socket.data_received(auth("bad") + text({"type": "ping"}) * 30 + masked(Opcode.TEXT, bytes(50_000)))
    await opening
    assert wire.close_code() in (4007, 4009)
    assert response._socket._unfinished() == 0
    response._socket.connection_lost(None)


async def test_when_there_is_no_room_the_oldest_makes_way() -> None:
    server = Server(most=3)
    opened = [await server.open() for _ in range(5)]
    assert [wire.cut for _, wire, _ in opened] == [True, True, False, False, False]
    for response, _, opening in opened:
        response._socket.close("shutdown")
        await opening
        response._socket.connection_lost(None)
    assert len(server.strangers) == 0
