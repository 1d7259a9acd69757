"""The bytes of a WebSocket's frames are those that the library makes of the same, whatever their length."""

import json
from datetime import UTC, datetime

import pytest
from websockets.frames import Frame, Opcode

from chat_core.log.event import Event
from notify_server.streams.framing import SSE, WEBSOCKET


@pytest.mark.parametrize("length", [0, 10, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 1000, 65_400, 65_536, 200_000])
def test_every_length(length: int) -> None:
    made = WEBSOCKET.answer("x", json.dumps("y" * length).encode(), 1)
    content = b'{"type":"x","payload":"%b","ref":1}' % (b"y" * length)
    assert made == Frame(Opcode.TEXT, content).serialize(mask=False)


def test_an_event_is_the_same_on_every_transport() -> None:
    payload = json.dumps({"content": "a line\ndata: \r\n\n \N{WINKING FACE}"}, ensure_ascii=False)
    event = Event(*("e", 7, "NewMessage", "chat", 1, None, None, None, 1, None, payload.encode(), datetime.now(UTC)))
    text = json.loads(WEBSOCKET.event(event)[2:])
    assert text == {"type": "NewMessage", "cursor": "e.7", "payload": json.loads(payload)}
    sse = f"id: e.7\nevent: NewMessage\ndata: {payload}\n\n"
    assert SSE["1.0"].event(event) == SSE["1.1"].event(event) == sse.encode()
