"""The largest frame of each type that /api/ws takes holds the loop for no more than milliseconds."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.frames import Opcode

from chat_core.problems import Problem
from chat_core.settings import Notify
from chat_core.tokens import Claims
from notify_server.websocket.inbound import HANDLERS, Answers
from notify_server.websocket.socket import Socket
from tests.notify_server.documents.test_largest import LONGEST
from tests.notify_server.websocket.test_socket import Wire, ended_by, masked, settled
from tests.support.holds import holds

LARGEST = Notify().frame_bytes


def filled(start: bytes, piece: bytes, end: bytes) -> bytes:
    return start + piece * ((LARGEST - len(start) - len(end)) // len(piece)) + end


def frames(kind: str) -> Iterator[tuple[str, bytes]]:
    start = b'{"type":"%b","ref":1,"payload":{' % kind.encode()
    known = b'"chat_id":1,"idempotency_key":"k","seq":1,"typing":true,"idle":true,"presence_mode":"dnd","token":"x"'
    yield "many fields", filled(start + known, b',"a":0', b"}}")
    yield "text", filled(start + known + b',"content":"', "é".encode(), b'"}}')
    yield "escapes", filled(start + known + b',"content":"', b"\\ud83d\\ude00", b'"}}')
    yield "a list", filled(start + known + b',"content":[0', b",0", b"]}}")
    yield "nested", filled(start + b'"content":', b"[", b"")
    yield "a token", filled(start + b'"token":"', b"x", b'"}}')


@pytest.mark.parametrize("kind", ["ping", "unheard.of", *HANDLERS])
async def test_none_holds_the_loop_for_long(kind: str) -> None:
    async def call(*_: Any, **__: Any) -> bytes:
        return b"{}"

    def verify(token: str) -> Claims:
        raise Problem(401, "unauthorized", "It is not good.")

    subscriptions: Any = SimpleNamespace(verify=verify)
    chat: Any = SimpleNamespace(call=call)
    with holds() as held:
        for what, frame in frames(kind):
            wire = Wire()
            socket = Socket(1, "192.0.2.1", wire, Notify(), Answers(subscriptions, chat).answer)
            socket.identify(Claims(1, 1, 2**40))
            socket.token = "good"
            socket.begin(b"")
            socket.admit()
            socket.go_live()
            await asyncio.sleep(0)
            socket.data_received(masked(Opcode.TEXT, frame))
            await asyncio.sleep(0)
            await settled(socket)
            assert ended_by(socket) == ("protocol_error" if what == "nested" else "")
            socket.connection_lost(None)
    assert held.longest < LONGEST, held.what
