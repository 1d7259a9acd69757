"""Large messages: receiving them piece by piece, with a limit on the bytes that a server keeps of them.

A message may be as large as a board, so that a board's own export can be loaded into it. A small message that arrives
complete in one frame, as nearly all edits do, is unmasked here for a fraction of what the parser of websockets costs.
The parser gets all other small messages. One that is larger than LARGE_BYTES, or fragmented, is unmasked here as it
arrives, so that no turn of the event loop handles more than one read. Each user has one large message at a time, until
it has been read; the connection of a second one waits. All together have MOST_BYTES: beyond that the message that began
first is dropped, since an honest one is soon complete.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from websockets.frames import Opcode
from websockets.speedups import apply_mask

from chat_core.problems import Problem
from chat_core.settings import Connections
from notify_server.websocket.websocket_stream import WebSocketStream

LARGE_BYTES: Final = 65_536
MOST_BYTES: Final = 128 << 20
# The start of a message that is too large is kept: it says what the message is about.
START_BYTES: Final = 256
_HEAD_BYTES: Final = 14
# A frame that is longer than that is not passed over but refused by the parser, which ends the connection.
MOST_PASSED_OVER: Final = 1 << 30


class Large:
    """A message being received: in pieces until it is complete, and then until it has been read."""

    __slots__ = ("_all", "bytes", "intake", "pieces", "seconds", "user_id")

    def __init__(self, all_of_them: "LargeMessages", intake: "Intake") -> None:
        self._all, self.intake, self.user_id = all_of_them, intake, intake.user_id
        self.pieces: list[bytes] | None = []  # None: it is complete
        self.bytes = 0
        self.seconds = 0

    def end(self) -> None:
        """It has been read, or never will be."""
        self._all.end(self)


class LargeMessages:
    """One per server."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.bytes = 0
        # By user; the one that began first comes first.
        self._of: dict[int, Large] = {}
        self._waiting: dict[int, deque[Intake]] = {}

    def begin(self, intake: "Intake") -> Large | None:
        """None if the user already has one. `intake.go_on` is called when that one is done."""
        if intake.user_id in self._of:
            self._waiting.setdefault(intake.user_id, deque()).append(intake)
            return None
        large = self._of[intake.user_id] = Large(self, intake)
        return large

    def grow(self, large: Large, amount: int) -> None:
        """More of it has arrived. It may be the one that is dropped."""
        large.bytes += amount
        self.bytes += amount
        while self.bytes > self._most_bytes:
            first = next((other for other in self._of.values() if other.pieces is not None), None)
            if first is None:
                return
            problem = Problem(503, "overloaded", "Too many large messages are arriving; try again shortly.")
            first.intake.refuse("overloaded", problem)
            first.end()

    def end(self, large: Large) -> None:
        if self._of.get(large.user_id) is not large:
            return
        del self._of[large.user_id]
        self.bytes -= large.bytes
        large.pieces = None
        if waiting := self._waiting.get(large.user_id):
            intake = waiting.popleft()
            if not waiting:
                del self._waiting[large.user_id]
            intake.go_on()

    def forget(self, intake: "Intake") -> None:
        """It no longer waits."""
        if waiting := self._waiting.get(intake.user_id):
            if intake in waiting:
                waiting.remove(intake)
            if not waiting:
                del self._waiting[intake.user_id]


class _Frame:
    """A frame that is received here; `left`: its bytes that have not arrived."""

    __slots__ = ("fin", "left", "mask")

    def __init__(self, fin: bool, left: int, mask: bytes) -> None:
        self.fin, self.left, self.mask = fin, left, mask


class Intake:
    """The input of one connection, frame by frame. `waits`: nothing is read, since the user has another large
    message. `message` is the one being received, `beyond` the start of one that is too large."""

    __slots__ = (
        "_all",
        "_frame",
        "_head",
        "_left",
        "_most_small",
        "_socket",
        "_stash",
        "_whole",
        "beyond",
        "largest",
        "message",
        "waits",
    )

    def __init__(self, socket: "Receiver", all_of_them: LargeMessages, largest: int) -> None:
        self._socket, self._all, self.largest = socket, all_of_them, largest
        self._most_small = min(LARGE_BYTES, largest)
        # The first byte of a frame that is a whole message.
        self._whole = 0x80 | socket.takes
        self._head = b""
        self._left = 0  # of a frame of the parser's
        self._frame: _Frame | None = None
        self._stash = b""
        self.message: Large | None = None
        self.beyond: bytearray | None = None
        self.waits = False

    @property
    def user_id(self) -> int:
        return self._socket.user_id

    def refuse(self, reason: str, problem: Problem) -> None:
        self._socket.refuse(reason, problem)

    def feed(self, data: bytes) -> None:
        if self.waits:
            self._stash += data
            return
        if self._head:
            data, self._head = self._head + data, b""
        begun = at = 0
        while at < len(data):
            if self._frame is not None:
                begun = at = self._take(data, at)
            elif self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
            elif (size := _head_size(data, at)) > len(data) - at:
                self._head = data[at:]
                break
            elif end := self._end_of_whole(data, at, size):
                if begun < at:
                    self._socket.parse(data[begun:at])
                    begun = at
                if self._socket.between_messages:
                    content = at + size
                    begun = at = end
                    self._socket.received_whole(apply_mask(data[content:end], data[content - 4 : content]))
                else:
                    self._left = end - at
            elif self._is_ours(data, at, size):
                self._socket.parse(data[begun:at])
                begun = at
                if self._is_confined():
                    self._left = size + _length(data, at)
                else:
                    goes_on = self._begin(data, at, size)
                    begun = at = at + size
                    if not goes_on:
                        self._stash = data[at:]
                        return
            else:
                if self._interrupts(data[at]):
                    detail = "A message began before the one before it had ended."
                    self.refuse("protocol_error", Problem(400, "bad_frame", detail))
                self._left = size + _length(data, at)
        if begun < at:
            self._socket.parse(data[begun:at])

    def _interrupts(self, first: int) -> bool:
        """A second message, while the parser knows nothing of the one that is received here (RFC 6455, 5.4)."""
        return first & 0x0F == self._socket.takes and (self.message is not None or self.beyond is not None)

    def _end_of_whole(self, data: bytes, at: int, size: int) -> int:
        """Where the frame ends, if it is a complete small message, masked and without extensions; otherwise 0."""
        if data[at] != self._whole or not data[at + 1] & 0x80 or self.message is not None or self.beyond is not None:
            return 0
        length = _length(data, at)
        end = at + size + length
        return end if length <= self._most_small and end <= len(data) else 0

    def _is_ours(self, data: bytes, at: int, size: int) -> bool:
        """A frame of a message, masked and without extensions, that the parser should not buffer; the parser reports
        errors."""
        first = data[at]
        if not data[at + 1] & 0x80 or first & 0x70 or _length(data, at) > MOST_PASSED_OVER:
            return False
        if first & 0x0F == Opcode.CONT:
            return self.message is not None or self.beyond is not None
        if first & 0x0F != self._socket.takes or self.message is not None or self.beyond is not None:
            return False
        return not first & 0x80 or _length(data, at) > self._most_small

    def _begin(self, data: bytes, at: int, size: int) -> bool:
        """A frame of ours whose head has arrived. False: the rest of it is waiting."""
        self._frame = _Frame(bool(data[at] & 0x80), _length(data, at), data[at + size - 4 : at + size])
        if not self._socket.afford(1):
            return True
        if self.beyond is None:
            if (self.message.bytes if self.message else 0) + self._frame.left > self.largest:
                self._pass_over()
            elif self.message is None:
                self.message = self._all.begin(self)
                self.waits = self.message is None
        if self.waits:
            self._socket.pause()
        elif not self._frame.left:
            self._take(b"", 0)
        return not self.waits

    def _is_confined(self) -> bool:
        """It is done, or was never admitted: the parser makes sure that hardly anything is kept."""
        return self._socket.confined

    def _pass_over(self) -> None:
        self.beyond = bytearray()
        if self.message is not None:
            for piece in self.message.pieces or ():
                self.beyond += piece[:START_BYTES]
            self.message.end()
            self.message = None

    def _take(self, data: bytes, at: int) -> int:
        """The available part of the frame; returns where the data continues."""
        frame, message = self._frame, self.message
        assert frame is not None  # noqa: S101 - the caller guarantees it
        piece = data[at : at + frame.left]
        if message is not None and message.pieces is not None:
            message.pieces.append(apply_mask(piece, frame.mask))
            self._all.grow(message, len(piece))
        elif self.beyond is not None and len(self.beyond) < START_BYTES:
            self.beyond += apply_mask(piece[:START_BYTES], frame.mask)
        turn = len(piece) % 4
        frame.mask = frame.mask[turn:] + frame.mask[:turn]
        frame.left -= len(piece)
        if not frame.left:
            self._frame = None
            if frame.fin:
                self._finish()
        return at + len(piece)

    def _finish(self) -> None:
        message, self.message = self.message, None
        beyond, self.beyond = self.beyond, None
        if beyond is not None:
            self._socket.passed_over(bytes(beyond[:START_BYTES]))
        elif message is not None and message.pieces is not None:
            content = b"".join(message.pieces)
            message.pieces = None
            self._socket.received_large(message, content)

    def go_on(self) -> None:
        """The user's other message is done."""
        self.message = self._all.begin(self)
        asyncio.get_running_loop().call_soon(self._resume)

    def _resume(self) -> None:
        if self.waits:
            self.waits = False
            stash, self._stash = self._stash, b""
            self.feed(stash)
            if not self.waits:
                self._socket.listen()

    def is_too_slow(self, limits: Connections) -> bool:
        """Called once a second: whether the message being received arrives more slowly than a body may."""
        if self.message is None:
            return False
        self.message.seconds += 1
        late = self.message.seconds - limits.head_seconds
        return late > 0 and self.message.bytes < late * limits.body_bytes_per_second

    def clear(self) -> None:
        """Receives nothing more; the rest of a frame is dropped."""
        message, self.message, self.beyond = self.message, None, None
        self._all.forget(self)
        if message is not None:
            message.end()
        if self.waits:
            asyncio.get_running_loop().call_soon(self._resume)


class Receiver(WebSocketStream):
    """A connection that receives messages through an Intake, in front of its parser."""

    __slots__ = ("_handed", "intake")

    intake: Intake
    _handed: Large | None

    def receive_with(self, intake: Intake) -> None:
        """Called once, before any data arrives."""
        self.intake, self._handed = intake, None

    def passed_over(self, start: bytes) -> None:
        """A message was too large; `start` is its beginning. The client is told that it was refused, and stays."""
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        self._unheard_seconds = 0
        self.intake.feed(data)

    def parse(self, data: bytes) -> None:
        """Small frames, and errors."""
        super().data_received(data)

    @property
    def between_messages(self) -> bool:
        """Whether its client is admitted, and the parser holds no part of a message."""
        return not self.confined and self._pieces is None

    def received_whole(self, content: bytes) -> None:
        """A small message that bypasses the parser."""
        if self.afford(1):
            self.received(content)

    def received_large(self, large: Large, content: bytes) -> None:
        self.hand(large, lambda: self.received(content))

    def hand(self, large: Large, read: Callable[[], None]) -> None:
        """Its reader may take the message over; otherwise it ends with that."""
        self._handed = large
        try:
            read()
        finally:
            if (left := self.take_over()) is not None:
                left.end()

    def take_over(self) -> Large | None:
        """The large message being received, if any: a reader that takes it must end it."""
        handed, self._handed = self._handed, None
        return handed


def _head_size(data: bytes, at: int) -> int:
    """Size of the head of the frame that begins there; more than is available if that is not yet known."""
    if len(data) - at < 2:
        return _HEAD_BYTES
    length = data[at + 1] & 0x7F
    return 2 + (2 if length == 126 else 8 if length == 127 else 0) + (4 if data[at + 1] & 0x80 else 0)


def _length(data: bytes, at: int) -> int:
    """Size of the payload of the frame whose head begins there."""
    length = data[at + 1] & 0x7F
    if length < 126:
        return length
    return int.from_bytes(data[at + 2 : at + (4 if length == 126 else 10)], "big")
