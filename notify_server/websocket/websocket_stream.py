"""A stream over a WebSocket (RFC 6455), whatever its frames: receiving from its client, and ending.

websockets' parser, without its I/O, parses the input: masks, fragments, control frames, sizes. Output is written
straight to the transport. An idle one has no task and no timer: the pass over all streams once a second checks its
heartbeat too.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import ClassVar

from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from chat_core.problems import Problem
from chat_core.tokens import Claims
from notify_server.streams.framing import Framing
from notify_server.streams.stream import Stream

# Bytes parsed between two checks of the rate: a megabyte of empty frames is a lot of work.
SLICE = 4096
# Bytes kept of an unfinished message of a client that is not admitted or is being closed: a token fits.
CONFINED_BYTES = 8192
# Its user is not known yet.
NOBODY = Claims(0, 0, 0)

_quiet = logging.getLogger("websockets.server")
_quiet.setLevel(logging.CRITICAL)  # clients' mistakes are not ours to log


@dataclass(frozen=True, slots=True)
class Bounds:
    """`frame_bytes`: of a message, all its fragments together. `buffer_bytes`: what may wait for the reader. Frames,
    including pings and pongs: a sustained rate, and a burst."""

    frame_bytes: int
    buffer_bytes: int
    frames_per_second: int
    frames_burst: int
    pong_seconds: float


class WebSocketStream(Stream):
    """`takes` is the kind of message that its client may send. `confined`: it may send no more than a token, since it
    is not admitted yet, or has ended. `late`: it has ended, and is closed later.

    Nothing is read from its connection until `listen`, so that what a client sends early waits on its own machine.
    """

    takes: ClassVar[Opcode]

    __slots__ = (
        "_allowance",
        "_bounds",
        "_deaf",
        "_parser",
        "_pieces",
        "_spent_at",
        "_unheard_seconds",
        "confined",
        "late",
    )

    def __init__(
        self, number: int, address: str, transport: asyncio.Transport, framing: Framing, bounds: Bounds
    ) -> None:
        super().__init__(
            number=number,
            claims=NOBODY,
            address=address,
            transport=transport,
            buffer_bytes=bounds.buffer_bytes,
            framing=framing,
        )
        self.confined = True
        self._deaf = self.late = False
        self._bounds = bounds
        self._parser = Protocol(Side.SERVER, max_size=bounds.frame_bytes, logger=_quiet)
        self._pieces: list[bytes] | None = None
        self._allowance = float(bounds.frames_burst)
        self._spent_at = time.monotonic()
        self._unheard_seconds = 0

    def received(self, content: bytes) -> None:
        """A complete message from the client."""
        raise NotImplementedError

    def refuse(self, reason: str, problem: Problem) -> None:
        """Ends the stream, and gives the reason in the manner of its kind."""
        raise NotImplementedError

    def begin(self, head: bytes = b"") -> None:
        self.transport.pause_reading()
        super().begin(head)

    def listen(self) -> None:
        """The client's input is read from here on."""
        if self.connected and not self.transport.is_closing():
            self.transport.resume_reading()

    def pause(self) -> None:
        """Until `listen`."""
        if not self.reason and not self.transport.is_closing():
            self.transport.pause_reading()

    # -- down

    def send(self, frame: bytes) -> None:
        """A frame that is not an event: immediately, between two of the hub's."""
        if self.reason or self.transport.is_closing():
            return
        self.transport.write(frame)
        if self.transport.get_write_buffer_size() > self.buffer_bytes:
            self.abort("slow")

    def beat(self, now: float, interval_seconds: float) -> bool:
        """As a stream's, but the heartbeat is a ping, after an interval without input: the client has `pong_seconds`
        to answer."""
        self._watch_expiry(now)
        if not self.live or self.reason:
            return False
        self._unheard_seconds += 1
        if self._unheard_seconds > interval_seconds + self._bounds.pong_seconds:
            self.close("unresponsive")
            return False
        if not interval_seconds < self._unheard_seconds <= interval_seconds + 1:
            return False
        self.send(self.framing.heartbeat)
        return True

    def abort(self, reason: str) -> None:
        """A slow client that still reads gets the reason, after what it has not read yet."""
        if reason == "slow" and not self.reason:
            self.pending.clear()
            self.close(reason)
        elif self.reason:  # it lingers, and is cut now
            self.transport.abort()
        else:
            super().abort(reason)

    def close_late(self, reason: str, seconds: float) -> None:
        """Ends the stream immediately, with the pending bytes as its last; the close frame follows after the delay.
        Further input is dropped."""
        if self.reason or not self.connected or self.transport.is_closing():
            self.close(reason)
            return
        self.transport.write(b"".join(self.pending))
        self.late = True
        self._end(reason)
        self.listen()
        self.lingering = asyncio.get_running_loop().call_later(seconds, self._close_now)

    def _close_now(self) -> None:
        self.late = False
        if not self.transport.is_closing():
            self.transport.write(self.framing.end(self.reason))
            if self._deaf:
                self.transport.write_eof()
        self._linger()

    def _part(self, reason: str, farewell: bytes) -> None:
        """The client answers the close frame with its own, and only then is the connection closed. If it were closed
        immediately, data that the client is just sending would reset it, and the close frame might be lost."""
        if self.connected:
            self.transport.write(b"".join(self.pending if self.live else ()) + farewell + self.framing.end(reason))
            self.listen()

    # -- up

    def data_received(self, data: bytes) -> None:
        self._unheard_seconds = 0
        for start in range(0, len(data), SLICE):
            if self._deaf:
                return
            self._parser.receive_data(data[start : start + SLICE])
            for frame in self._parser.events_received():
                if not isinstance(frame, Frame) or not self.afford(1):
                    return
                self._take(frame)
            if self._parser.parser_exc is not None:
                self._refuse_bytes(self._parser.parser_exc)
                return
            if self.confined and self._unfinished() > CONFINED_BYTES:
                is_stranger = not self.reason
                self._refuse_bytes(PayloadTooBig(None, CONFINED_BYTES))
                if is_stranger and not self.transport.is_closing():
                    self.transport.pause_reading()  # honest clients send no more; reading megabytes takes time
                return
            for answer in self._parser.data_to_send():
                if answer:
                    self.send(answer)  # a pong

    def _unfinished(self) -> int:
        """Bytes that are kept until the rest of their message arrives."""
        return len(self._parser.reader.buffer) + sum(map(len, self._pieces or ()))

    def afford(self, frames: int) -> bool:
        """Takes this many frames off the client's allowance. False if none are left, and the client is cut off."""
        now = time.monotonic()
        bounds = self._bounds
        earned = (now - self._spent_at) * bounds.frames_per_second
        self._allowance = min(bounds.frames_burst, self._allowance + earned) - frames
        self._spent_at = now
        if self._allowance >= 0:
            return True
        if not self.reason:
            detail = f"More than {bounds.frames_per_second} frames a second, and {bounds.frames_burst} in a burst."
            self.refuse("rate", Problem(429, "too_many_frames", detail))
        self._hang_up()
        return False

    def _refuse_bytes(self, failure: Exception) -> None:
        if not self.reason:
            large = isinstance(failure, PayloadTooBig)
            detail = "The frame is larger than this server accepts." if large else f"Not a WebSocket frame: {failure}."
            self.refuse("too_large" if large else "protocol_error", Problem(400, "bad_frame", detail))
        self._hang_up()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._closed_by_client()
        elif self.reason:
            pass  # it has ended; only the client's close is awaited
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY) and frame.opcode is not self.takes:
            detail = f"Only {self.takes.name.lower()} frames are accepted here."
            self.refuse("protocol_error", Problem(400, "bad_frame", detail))
        elif frame.opcode in (self.takes, Opcode.CONT):
            if frame.fin and self._pieces is None:
                self.received(bytes(frame.data))
                return
            pieces = self._pieces or []
            pieces.append(bytes(frame.data))
            self._pieces = None if frame.fin else pieces
            if frame.fin:
                self.received(b"".join(pieces))

    # -- the end

    def _closed_by_client(self) -> None:
        """Answered with the received code (RFC 6455, 5.5.1), unless this is the answer to ours."""
        answer = b"".join(self._parser.data_to_send())
        if not self.reason or self.late:
            self.transport.write(answer)
        if not self.reason:
            self._end("client_left")
            self._linger()
        self.transport.close()

    def _hang_up(self) -> None:
        """Further input is dropped unread, so not the client's close is awaited but its end."""
        if self._deaf:
            return
        self._deaf = True
        self._parser.reader.discard()
        if not self.late and not self.transport.is_closing():
            self.transport.write_eof()

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self.confined, self._pieces = True, None
        if self._unfinished() > CONFINED_BYTES:
            self._hang_up()
