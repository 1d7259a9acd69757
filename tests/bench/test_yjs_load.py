"""The load generator of boards finds every edit, and tells what is not as it should be."""

import asyncio
from typing import Any

import pytest

from bench.load.client import PONG
from bench.load.documents.yjs import Editor, Generator
from bench.load.documents.yjs_wire import UPDATE, HocuspocusWire, Note, Wire, YWebSocketWire, frame

pytestmark = pytest.mark.anyio


class Wired(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: Any) -> None:
        self.written += data


@pytest.mark.parametrize("wire", [YWebSocketWire("/boards"), HocuspocusWire("/")], ids=["y-websocket", "hocuspocus"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_edits_are_found_however_the_bytes_arrive(wire: Wire, size: int) -> None:
    editor, said = _open(wire)
    updates = [wire.sync("board", UPDATE, update) for update in Note(7).moved([5, 6])]
    ping = b"\x89\0"
    _feed(editor, _down(updates[0]) + ping + _down(wire.presence("board", b"\0")) + _down(updates[1]), size)
    editor.look()
    assert set(editor.seen) == {5, 6}
    assert not editor.faults
    assert said.written.endswith(PONG)


async def test_what_is_not_as_it_should_be_is_told() -> None:
    wire = YWebSocketWire("/boards")
    generator = Generator()
    ada, bob = _open(wire)[0], _open(wire)[0]
    generator.boards["board"] = [ada, bob]
    ada.sent, generator.at = [1, 2], {1: 0.0, 2: 0.0}
    one, two, other = Note(7).moved([1, 2, 9])
    _feed(bob, _down(wire.sync("board", UPDATE, one)), 100)
    assert (await generator.received(0, statuses=False))["missing"] == 1
    _feed(bob, b"".join(_down(wire.sync("board", UPDATE, update)) for update in (one, two, other)), 100)
    generator._missing(statuses=False)
    bob.connection_lost(None)
    assert (await generator.report())["faults"] == {"doubled": 1, "foreign": 1, "ended": 1}


def _open(wire: Wire) -> tuple[Editor, Wired]:
    """Somebody for whom the opening is through."""
    editor, said = Editor(wire, "board", "", None), Wired()
    editor.connection_made(said)
    editor.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    editor.ready.set_result(None)
    return editor, said


def _down(written: bytes) -> bytes:
    """What a client has written, as a server writes it: without the mask."""
    for length in (len(written) - 6, len(written) - 8):
        content = written[len(written) - length :]
        if frame(content) == written:
            return bytes((0x82, length)) + content if length < 126 else b"\x82\x7e%b%b" % (length.to_bytes(2), content)
    raise AssertionError("not a client's frame")


def _feed(editor: Editor, data: bytes, size: int) -> None:
    for start in range(0, len(data), size):
        editor.data_received(data[start : start + size])
