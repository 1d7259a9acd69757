"""A WebSocket by itself: what comes in from a client that means well or not, and what is written to it then."""

import asyncio
import json
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Protocol, Side

from chat_core.problems import Problem
from chat_core.settings import Notify
from chat_core.tokens import Claims
from notify_server.streams.framing import CLOSE_CODES, WEBSOCKET
from notify_server.websocket.socket import MOST_QUEUED, Socket, Upward

SETTINGS = Notify(frame_bytes=2000, frames_per_second=1, frames_burst=50, buffer_bytes=100_000, pong_seconds=3)


class Wire(asyncio.Transport):
    """The connection. `frames` are what the client would have read of it."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.news = asyncio.Event()
        self.waiting = 0
        self.closed = self.cut = self.half_closed = self.paused = False

    def write(self, data: Any) -> None:
        assert not self.half_closed
        self.written += data
        self.news.set()

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def write_eof(self) -> None:
        self.half_closed = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.cut = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def frames(self) -> list[Frame]:
        client = Protocol(Side.CLIENT, max_size=None)
        client.receive_data(bytes(self.written))
        assert client.parser_exc is None
        return [frame for frame in client.events_received() if isinstance(frame, Frame)]

    def texts(self) -> list[dict[str, Any]]:
        return [json.loads(bytes(frame.data)) for frame in self.frames() if frame.opcode is Opcode.TEXT]

    def close_code(self) -> int | None:
        codes = [Close.parse(bytes(frame.data)).code for frame in self.frames() if frame.opcode is Opcode.CLOSE]
        assert len(codes) <= 1
        return codes[0] if codes else None


async def echo(socket: Socket, upward: Upward) -> bytes | None:
    if upward.type == "bad":
        raise Problem(409, "taken", "It is.", headers={"Retry-After": "7"})
    await asyncio.sleep(0)
    return WEBSOCKET.answer("echo", bytes(upward.payload), upward.ref)


def opened(answer: Any = echo, *, admitted: bool = True) -> tuple[Socket, Wire]:
    wire = Wire()
    socket = Socket(1, "127.0.0.1", wire, SETTINGS, answer)
    socket.identify(Claims(1, 1, int(time.time()) + 900))
    socket.begin(b"")
    if admitted:
        socket.admit()
        socket.go_live()
    return socket, wire


def masked(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


def text(content: Any) -> bytes:
    return masked(Opcode.TEXT, json.dumps(content).encode())


def ended_by(socket: Socket) -> str:
    """Why it is over; nothing while it is not."""
    return socket.reason


async def settled(socket: Socket) -> None:
    """Until it has answered all."""
    async with asyncio.timeout(60):
        for lane in list(socket._lanes.values()):
            while lane.working is not None:
                await lane.working


async def test_ping_and_answers_in_order() -> None:
    socket, wire = opened()
    frames = [text({"type": "any", "payload": {"n": n}, "ref": n}) for n in range(20)]
    socket.data_received(text({"type": "ping", "ref": "p"}) + b"".join(frames))
    await settled(socket)
    assert wire.texts()[0] == {"type": "pong", "payload": {}, "ref": "p"}
    assert wire.texts()[1:] == [{"type": "echo", "payload": {"n": n}, "ref": n} for n in range(20)]


async def test_nothing_waits_for_what_is_told_in_passing() -> None:
    told = asyncio.Event()

    async def answer(socket: Socket, upward: Upward) -> bytes:
        if upward.type == "typing":
            await told.wait()
        return WEBSOCKET.answer(upward.type, b"{}")

    socket, wire = opened(answer)
    socket.data_received(text({"type": "typing"}) + text({"type": "activity"}) + text({"type": "any"}))
    async with asyncio.timeout(60):
        while not wire.texts():
            wire.news.clear()
            await wire.news.wait()
    assert [frame["type"] for frame in wire.texts()] == ["any"]
    told.set()
    await settled(socket)
    assert [frame["type"] for frame in wire.texts()] == ["any", "typing", "activity"]


async def test_a_problem_is_an_error_frame() -> None:
    socket, wire = opened()
    socket.data_received(text({"type": "bad", "ref": 1, "new": "fields are for later"}))
    await settled(socket)
    [error] = wire.texts()
    assert error["type"] == "error"
    assert error["ref"] == 1
    assert error["payload"] | {"status": 409, "code": "taken", "retry_after": 7} == error["payload"]
    assert not ended_by(socket)


async def test_fragments_make_one_frame_and_a_ping_goes_between() -> None:
    socket, wire = opened()
    whole = json.dumps({"type": "any", "payload": {"text": "é" * 100}}, ensure_ascii=False).encode()
    cut = whole.index("é".encode()) + 1  # in the middle of a character
    data = masked(Opcode.TEXT, whole[:cut], fin=False) + masked(Opcode.PING, b"x") + masked(Opcode.CONT, whole[cut:])
    for byte in data:
        socket.data_received(bytes([byte]))
    await settled(socket)
    assert [frame.opcode for frame in wire.frames()] == [Opcode.PONG, Opcode.TEXT]
    assert wire.texts()[0]["payload"] == {"text": "é" * 100}


# What is refused, and how that ends.
REFUSED = [
    (masked(Opcode.BINARY, b"{}"), "protocol_error"),
    (masked(Opcode.TEXT, b"\xff"), "protocol_error"),
    (masked(Opcode.TEXT, b"{}"), "protocol_error"),
    (masked(Opcode.TEXT, b'{"type":"any","payload":"\xff"}'), "protocol_error"),
    (masked(Opcode.TEXT, b'{"type":"any","payload":{}}x'), "protocol_error"),
    (text(["type", "ping"]), "protocol_error"),
    (text({"type": "x" * 65}), "protocol_error"),
    (text({"type": "ping", "ref": "x" * 129}), "protocol_error"),
    (text({"type": "ping", "ref": 2**60}), "protocol_error"),
    (text({"type": "ping", "ref": {}}), "protocol_error"),
    (masked(Opcode.TEXT, b'{"type":"any","payload":' + b"[" * 1900), "protocol_error"),
    (Frame(Opcode.TEXT, b"{}").serialize(mask=False), "protocol_error"),
    (masked(Opcode.CONT, b"{}"), "protocol_error"),
    (masked(Opcode.TEXT, b"{", fin=False) + masked(Opcode.TEXT, b"}"), "protocol_error"),
    (b"\xc1\x80abcd", "protocol_error"),  # compressed, which was not agreed on
    (b"\x83\x80abcd", "protocol_error"),  # no such opcode
    (b"\x89\xfe\x00\x7eabcd" + bytes(126), "protocol_error"),  # a ping that is too long
    (b"\x09\x80abcd", "protocol_error"),  # a ping in fragments
    (masked(Opcode.CLOSE, b"\x03"), "protocol_error"),
    (masked(Opcode.TEXT, bytes(2001)), "too_large"),
    (b"\x81\xff" + b"\x7f" + b"\xff" * 7, "too_large"),  # 2⁶³ bytes
    (masked(Opcode.TEXT, bytes(1500), fin=False) + masked(Opcode.CONT, bytes(501)), "too_large"),
    (masked(Opcode.PING) * 51, "rate"),
    (masked(Opcode.TEXT, b"", fin=False) + masked(Opcode.CONT, b"", fin=False) * 50, "rate"),
    (masked(Opcode.PING) * 20_000, "rate"),
]


# By number: a mask is random, and each process of a test run has to collect the same tests.
@pytest.mark.parametrize(("data", "reason"), REFUSED, ids=range(len(REFUSED)))
async def test_what_is_not_taken_ends_the_socket_with_its_code(data: bytes, reason: str) -> None:
    socket, wire = opened()
    socket.data_received(data)
    assert ended_by(socket) == reason
    assert wire.close_code() == CLOSE_CODES[reason]
    assert wire.texts()[-1]["type"] == "error"
    socket.data_received(text({"type": "ping"}) + b"whatever comes behind it" * 1000)
    socket.close("dropped")
    assert wire.close_code() == CLOSE_CODES[reason]
    socket.connection_lost(None)


async def test_the_rate_is_earned_again() -> None:
    socket, _ = opened()
    socket.data_received(masked(Opcode.PONG) * 50)
    assert not ended_by(socket)
    socket._spent_at -= 3
    socket.data_received(masked(Opcode.PONG) * 3)
    assert not ended_by(socket)
    socket.data_received(masked(Opcode.PONG))
    assert ended_by(socket) == "rate"
    socket.connection_lost(None)


async def test_a_close_is_answered_with_its_code() -> None:
    socket, wire = opened()
    left = []
    socket.forget = lambda: left.append(True)
    socket.data_received(masked(Opcode.CLOSE, Close(1001, "bye").serialize()))
    assert (wire.close_code(), wire.closed, wire.cut) == (1001, True, False)
    socket.connection_lost(None)
    assert (socket.reason, left) == ("client_left", [True])


async def test_a_close_of_ours_waits_for_the_clients() -> None:
    socket, wire = opened()
    socket.close("token_expired", WEBSOCKET.retry(1))
    assert (wire.close_code(), wire.closed) == (4005, False)
    assert wire.texts() == [{"type": "retry", "payload": {"milliseconds": 1}}]
    socket.data_received(text({"type": "ping"}) + masked(Opcode.PING))
    assert len(wire.frames()) == 2  # nothing is answered any more
    socket.data_received(masked(Opcode.CLOSE, Close(4005, "").serialize()))
    assert (wire.close_code(), wire.closed, wire.cut) == (4005, True, False)
    socket.connection_lost(None)
    assert ended_by(socket) == "token_expired"


async def test_who_answers_no_ping_is_closed_and_who_does_is_not() -> None:
    socket, wire = opened()
    now = time.time()
    for _ in range(20):  # interval 2, deadline 3
        if socket.beat(now, 2):
            socket.data_received(masked(Opcode.PONG))
    assert not ended_by(socket)
    assert [frame.opcode for frame in wire.frames()] == [Opcode.PING] * 6
    beats = [socket.beat(now, 2) for _ in range(6)]
    assert sum(beats) == 1
    assert (socket.reason, wire.close_code()) == ("unresponsive", 4004)
    socket.connection_lost(None)


async def test_what_waits_for_a_slow_reader_is_bounded_and_it_is_told() -> None:
    socket, wire = opened()
    wire.waiting = 100_001
    socket.pending.append(WEBSOCKET.ephemeral("Any", "{}"))
    socket.flush()
    assert (socket.reason, wire.close_code(), wire.cut) == ("slow", 4003, False)
    socket.connection_lost(None)
    socket, wire = opened()
    wire.waiting = 100_001
    socket.data_received(masked(Opcode.PING))  # asks, and does not read what it is answered
    assert (socket.reason, wire.close_code()) == ("slow", 4003)
    socket.connection_lost(None)


async def test_frames_wait_until_it_is_known_whose_they_are_but_not_many() -> None:
    socket, wire = opened(admitted=False)
    socket.data_received(b"".join(text({"type": "any", "ref": n}) for n in range(MOST_QUEUED + 2)))
    assert [frame["payload"]["code"] for frame in wire.texts()] == ["too_many_frames"] * 2
    socket.admit()
    await settled(socket)
    assert [frame["ref"] for frame in wire.texts()[2:]] == list(range(MOST_QUEUED))


async def test_a_new_token_moves_the_end() -> None:
    socket, wire = opened()
    now = time.time()
    socket.identify(Claims(1, 1, int(now) + 1))
    socket.beat(now + 0.5, 15)
    armed = socket.expiry
    assert armed is not None
    socket.identify(Claims(1, 1, int(now) + 900))
    assert armed.cancelled()
    socket.beat(now + 2, 15)
    assert not ended_by(socket)
    wire.news.clear()
    socket.identify(Claims(1, 1, int(now)))
    socket.beat(now + 2, 15)
    async with asyncio.timeout(60):
        await wire.news.wait()
    assert wire.close_code() == 4005
    socket.connection_lost(None)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=300), st.sampled_from([text({"type": "ping"}), masked(Opcode.PING)]))))
def test_hostile_bytes_harm_nobody_else(pieces: list[bytes]) -> None:
    """Whatever comes: no exception, whole frames down, at most one close, and nothing kept of what was refused."""

    async def feed() -> None:
        socket, wire = opened()
        for piece in pieces:
            socket.data_received(piece)
        wire.frames()
        wire.close_code()
        assert bool(socket.reason) == bool(wire.close_code())
        socket.connection_lost(None)

    asyncio.run(feed())


def test_good_frames_with_some_bytes_changed_harm_nobody_else() -> None:
    chance = random.Random(5)
    good = text({"type": "any", "payload": {"n": 1}}) + masked(Opcode.PING, b"x") + text({"type": "ping", "ref": 1})

    async def feed(data: bytes) -> None:
        socket, wire = opened()
        socket.data_received(data)
        await settled(socket)
        wire.close_code()
        socket.connection_lost(None)

    async def all_of_them() -> None:
        for _ in range(1000):
            data = bytearray(good)
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            await feed(bytes(data))

    asyncio.run(all_of_them())
