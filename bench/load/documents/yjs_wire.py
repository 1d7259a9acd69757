"""What clients of a Yjs server say and hear: the protocols of npm's y-websocket and of @hocuspocus/provider, in
WebSocket frames (RFC 6455), and the real Yjs updates that they send."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import pycrdt

from bench.load import client

# What an update's marker looks like: it says which edit of the run it is, and no other text has one.
MARKER: Final = rb"#(\d{8})"
EMPTY_UPDATE: Final = b"\0\0"
_EMPTY_VECTOR: Final = b"\0"
STEP_1, STEP_2, UPDATE = 0, 1, 2


def uint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def buffer(content: bytes) -> bytes:
    return uint(len(content)) + content


def frame(content: bytes) -> bytes:
    return client.frame(client.BINARY, content)


def _content(message: bytes, at: int) -> bytes:
    """Of a buffer, which is the last in a message: behind its length."""
    while message[at] >= 0x80:
        at += 1
    return message[at + 1 :]


class Wire(Protocol):
    """One of the protocols. `answers`: every update of a client's gets a status."""

    answers: bool

    def path(self, board: str) -> str: ...

    def begin(self, board: str, token: str, say: Callable[[bytes], None]) -> None:
        """Right after the handshake: asks for the board."""
        ...

    def sync(self, board: str, kind: int, content: bytes) -> bytes: ...

    def presence(self, board: str, content: bytes) -> bytes: ...

    def kind(self, message: bytes) -> str:
        """`step 1`, `step 2`, `update`, `status` (an update is kept), `denied`, or nothing for what does not matter."""
        ...

    def update(self, message: bytes) -> bytes:
        """What is in a `step 2` or an `update`."""
        ...


_KINDS: Final = {STEP_1: "step 1", STEP_2: "step 2", UPDATE: "update"}


class YWebSocketWire:
    answers = False

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def path(self, board: str) -> str:
        return f"{self._prefix}/{board}"

    def begin(self, board: str, token: str, say: Callable[[bytes], None]) -> None:
        say(self.sync(board, STEP_1, _EMPTY_VECTOR))

    def sync(self, board: str, kind: int, content: bytes) -> bytes:
        return frame(b"\0%c%b" % (kind, buffer(content)))

    def presence(self, board: str, content: bytes) -> bytes:
        return frame(b"\1" + buffer(content))

    def kind(self, message: bytes) -> str:
        return _KINDS[message[1]] if message[0] == 0 else "denied" if message[0] == 2 else ""

    def update(self, message: bytes) -> bytes:
        return _content(message, 2)


class HocuspocusWire:
    answers = True

    def __init__(self, path: str) -> None:
        self._path = path or "/"

    def path(self, board: str) -> str:
        return self._path

    def begin(self, board: str, token: str, say: Callable[[bytes], None]) -> None:
        say(frame(self._name(board) + b"\2\0" + buffer(token.encode()) + buffer(b"4.7.0")))
        say(self.sync(board, STEP_1, _EMPTY_VECTOR))

    def sync(self, board: str, kind: int, content: bytes) -> bytes:
        return frame(b"%b\0%c%b" % (self._name(board), kind, buffer(content)))

    def presence(self, board: str, content: bytes) -> bytes:
        return frame(self._name(board) + b"\1" + buffer(content))

    def kind(self, message: bytes) -> str:
        at = message[0] + 1  # names are short
        kind = message[at]
        if kind in (0, 4):  # sync, or the same as a reply
            return _KINDS[message[at + 1]]
        if kind == 8:
            return "status" if message[at + 1] else "denied"
        return "denied" if kind == 2 and message[at + 1] == 1 else ""

    def update(self, message: bytes) -> bytes:
        return _content(message, message[0] + 3)

    def _name(self, board: str) -> bytes:
        return buffer(board.encode())


WIRES: Final[dict[str, Callable[[str], Wire]]] = {"y-websocket": YWebSocketWire, "hocuspocus": HocuspocusWire}


class Note:
    """A client's note on a board, which it moves: a document of its own, so that all updates are real, new and in
    order, and no two clients' depend on each other."""

    def __init__(self, client: int) -> None:
        doc = pycrdt.Doc[Any](client_id=client)
        self.client = client
        self._doc, self._moves, self._clock = doc, 0, 0
        notes: pycrdt.Map[Any] = doc.get("elements", type=pycrdt.Map)
        with doc.transaction():
            notes[f"note-{client}"] = self._note = pycrdt.Map({"kind": "note", "x": 0.0, "y": 0.0, "text": "a note"})
        self._updates: list[bytes] = []
        self._subscription = doc.observe(lambda event: self._updates.append(event.update))

    def state(self) -> bytes:
        return self._doc.get_update()

    def moved(self, numbers: Sequence[int]) -> list[bytes]:
        """An update for each of these edits: the note is moved, and says which edit that was."""
        for number in numbers:
            self._moves += 1
            with self._doc.transaction():
                self._note["x"] = self._moves * 3.25
                self._note["y"] = self._moves * 1.75
                self._note["edit"] = f"#{number:08}"
        updates, self._updates = self._updates, []
        return updates

    def present(self) -> bytes:
        """An awareness update: the cursor has moved."""
        self._clock += 1
        x, y = self._clock * 7 % 1920, self._clock * 3 % 1080
        state = b'{"user":{"name":"Person %d"},"cursor":{"x":%d,"y":%d},"selection":[]}' % (self.client, x, y)
        return b"\1" + uint(self.client) + uint(self._clock) + buffer(state)
