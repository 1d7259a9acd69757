"""The bytes of a WebSocket's frames are those that the library makes of the same, whatever their length."""

import json
from datetime import UTC, datetime

import pytest
from websockets.frames import Frame, Opcode

from notify_server.events import Cursor, Event, frame
from notify_server.framing import WEBSOCKET


@pytest.mark.parametrize("length", [0, 10, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 1000, 65_400, 65_536, 200_000])
def test_every_length(length: int) -> None:
    made = WEBSOCKET.answer("x", json.dumps("y" * length).encode(), 1)
    content = b'{"type":"x","payload":"%b","ref":1}' % (b"y" * length)
    assert made == Frame(Opcode.TEXT, content).serialize(mask=False)


def test_an_event_has_all_that_its_sse_frame_has() -> None:
    payload = json.dumps({"content": "a line\ndata: \r\n\n \N{WINKING FACE}"}, ensure_ascii=False)
    sse = frame(Cursor("e", 7), "NewMessage", payload)
    event = Event(7, "NewMessage", "chat", 1, None, None, None, 1, datetime.now(UTC), sse, None)
    text = json.loads(WEBSOCKET.event(event)[2:])
    assert text == {"type": "NewMessage", "cursor": "e.7", "payload": json.loads(payload)}
