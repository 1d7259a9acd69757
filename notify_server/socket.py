"""One open WebSocket: a stream like the others, which also takes frames from its client.

websockets' parser, without its I/O, reads what comes (RFC 6455: masks, fragments, control frames, sizes); what goes
down is the hub's shared frames, straight to the transport. There is no task and no timer for an idle socket: the pass
over all streams once a second looks at its heartbeat too, and frames that need an answer from elsewhere are answered
one after the other by a task that ends with the last of them.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeAlias

import msgspec
from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side

from chat_core.problems import Problem
from chat_core.settings import Notify
from chat_core.tokens import Claims
from notify_server import metrics
from notify_server.framing import WEBSOCKET
from notify_server.stream import Stream

# Bytes that are parsed between two looks at the rate: a megabyte of empty frames is a lot of work.
SLICE = 4096
# Frames that wait for the answers to those before them.
MOST_QUEUED = 32
# What is told in passing is told together with others', some times a second: nothing else waits for it.
PASSING = frozenset({"typing", "activity"})
# Who is not known yet.
NOBODY = Claims(0, 0, 0)

Ref: TypeAlias = Annotated[str, msgspec.Meta(max_length=128)] | Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]

_quiet = logging.getLogger("websockets.server")
_quiet.setLevel(logging.CRITICAL)  # clients' mistakes are not ours to log


class Upward(msgspec.Struct):
    """A frame from the client. What else is in it is ignored, so that the envelope can grow."""

    type: Annotated[str, msgspec.Meta(max_length=64)]
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    ref: Ref | None = None


Answer: TypeAlias = "Callable[[Socket, Upward], Coroutine[Any, Any, bytes | None]]"


class Socket(Stream):
    """`answer` gives the frame that answers one of the client's, or None; it raises Problem and no other exception.

    `token` is the client's access token, where it gave one. `connected`: the connection is its own. `known`: it is
    known whose it is; until then frames wait, but for the first one where `introduced` asks for it.
    """

    __slots__ = (
        "_allowance",
        "_answer",
        "_burst",
        "_introduction",
        "_lanes",
        "_parser",
        "_per_second",
        "_pieces",
        "_pong_seconds",
        "_room",
        "_spent_at",
        "_unheard_seconds",
        "connected",
        "known",
        "token",
    )

    def __init__(
        self, number: int, address: str, transport: asyncio.Transport, settings: Notify, answer: Answer
    ) -> None:
        super().__init__(
            number=number,
            claims=NOBODY,
            address=address,
            transport=transport,
            buffer_bytes=settings.buffer_bytes,
            framing=WEBSOCKET,
        )
        self.token: str | None = None
        self.connected = self.known = False
        self._answer = answer
        self._parser = Protocol(Side.SERVER, max_size=settings.frame_bytes, logger=_quiet)
        self._pieces: list[bytes] | None = None
        self._per_second, self._burst = settings.frames_per_second, settings.frames_burst
        self._allowance = float(settings.frames_burst)
        self._spent_at = time.monotonic()
        self._pong_seconds, self._unheard_seconds = settings.pong_seconds, 0
        self._introduction: asyncio.Future[Upward | None] | None = None
        self._lanes: dict[bool, Lane] = {}
        self._room: asyncio.Event | None = asyncio.Event()
        self._room.set()

    def begin(self, handshake: bytes) -> None:
        """The connection has been handed over; the client hears that it is a WebSocket."""
        self.connected = True
        self.transport.write(handshake)

    # -- down

    def send(self, frame: bytes) -> None:
        """A frame that is no event: between two of the hub's, at once."""
        if self.reason or self.transport.is_closing():
            return
        self.transport.write(frame)
        if self.transport.get_write_buffer_size() > self.buffer_bytes:
            self.abort("slow")

    async def carry(self, frames: bytes) -> bool:
        """Frames of the replay, as fast as the client takes them. False once the socket is over."""
        if self.reason or self.transport.is_closing():
            return False
        self.transport.write(frames)
        if self._room is not None:
            await self._room.wait()
        return not self.reason

    def go_live(self) -> None:
        self._room = None
        super().go_live()

    def beat(self, now: float, interval_seconds: float) -> bool:
        """As a stream's, but the heartbeat is a ping, after an interval in which nothing came: the client has
        `notify.pong_seconds` to answer."""
        self._watch_expiry(now)
        if not self.live or self.reason:
            return False
        self._unheard_seconds += 1
        if self._unheard_seconds > interval_seconds + self._pong_seconds:
            self.close("unresponsive")
            return False
        if not interval_seconds < self._unheard_seconds <= interval_seconds + 1:
            return False
        self.send(self.framing.heartbeat)
        return True

    def abort(self, reason: str) -> None:
        """A client that is slow but there is told so, behind what it has not taken yet."""
        if reason == "slow" and not self.reason:
            self.pending.clear()
            self.close(reason)
        else:
            super().abort(reason)

    def refuse(self, reason: str, problem: Problem) -> None:
        """Ends the socket, with an error frame that says why."""
        self.close(reason, error_frame(problem))

    def _part(self, reason: str, farewell: bytes) -> None:
        """The client answers the close frame with its own, and only then is the connection closed: were it closed at
        once, what the client is just sending would have it reset, and the close frame with it might be lost."""
        if self.connected:
            self.transport.write(b"".join(self.pending if self.live else ()) + farewell + self.framing.end(reason))

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self._lanes.clear()
        if self._room is not None:
            self._room.set()
        if self._introduction is not None and not self._introduction.done():
            self._introduction.set_result(None)

    # -- up

    def data_received(self, data: bytes) -> None:
        self._unheard_seconds = 0
        for start in range(0, len(data), SLICE):
            self._parser.receive_data(data[start : start + SLICE])
            for frame in self._parser.events_received():
                if not isinstance(frame, Frame) or not self._afford():
                    return
                self._take(frame)
            if self._parser.parser_exc is not None:
                self._refuse_bytes(self._parser.parser_exc)
                return
            for answer in self._parser.data_to_send():
                if answer:
                    self.send(answer)  # a pong

    def _afford(self) -> bool:
        """Takes a frame off the client's allowance. False if there is none left, and the client is out."""
        now = time.monotonic()
        earned = (now - self._spent_at) * self._per_second
        self._allowance = min(self._burst, self._allowance + earned) - 1
        self._spent_at = now
        if self._allowance >= 0:
            return True
        if not self.reason:
            detail = f"More than {self._per_second} frames a second, and {self._burst} in a burst."
            self.refuse("rate", Problem(429, "too_many_frames", detail))
        self._parser.fail(CloseCode.POLICY_VIOLATION)  # whatever else comes, it does not look at
        self._hang_up()
        return False

    def _refuse_bytes(self, failure: Exception) -> None:
        if not self.reason:
            large = isinstance(failure, PayloadTooBig)
            detail = "The frame is larger than this server takes." if large else f"No WebSocket frame: {failure}."
            self.refuse("too_large" if large else "protocol_error", Problem(400, "bad_frame", detail))
        self._hang_up()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._closed_by_client()
        elif self.reason:
            pass  # it is over; only the client's close is waited for
        elif frame.opcode is Opcode.BINARY:
            self.refuse("protocol_error", Problem(400, "bad_frame", "Binary frames are not taken here, only text."))
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            pieces = self._pieces or []
            pieces.append(bytes(frame.data))
            self._pieces = None if frame.fin else pieces
            if frame.fin:
                self._read(b"".join(pieces))

    def _read(self, text: bytes) -> None:
        try:
            text.decode()  # UTF-8 in what is not looked at, too
            upward = msgspec.json.decode(text, type=Upward)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            detail = f'Not {{"type": "…", "payload": {{…}}}} as JSON: {error}.'
            self.refuse("protocol_error", Problem(400, "bad_frame", detail))
            return
        if self._introduction is not None and not self._introduction.done():
            self._introduction.set_result(upward)
        elif upward.type == "ping":
            self.send(WEBSOCKET.answer("pong", b"{}", upward.ref))
        else:
            self._enqueue(upward)

    def _enqueue(self, upward: Upward) -> None:
        lane = self._lanes.setdefault(upward.type in PASSING, Lane(self))
        if len(lane.queue) >= MOST_QUEUED:
            problem = Problem(
                429,
                "too_many_frames",
                f"{MOST_QUEUED} frames of this socket are waiting already; wait for their answers.",
                headers={"Retry-After": "1"},
            )
            self.send(error_frame(problem, upward.ref))
            return
        lane.queue.append(upward)
        if self.known:
            lane.work(self._answer)

    async def introduced(self, seconds: float) -> Upward | None:
        """The first frame, if there is one within so long. Call before any can have come."""
        self._introduction = asyncio.get_running_loop().create_future()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._introduction
        return None

    def admit(self) -> None:
        """It is known whose socket this is: frames are answered, those too that came meanwhile."""
        self.known = True
        for lane in self._lanes.values():
            lane.work(self._answer)

    # -- the end

    def _closed_by_client(self) -> None:
        """Answered with the code that came (RFC 6455, 5.5.1), unless this is the answer to ours."""
        answer = b"".join(self._parser.data_to_send())
        if not self.reason:
            self.transport.write(answer)
            self._end("client_left")
            self._linger()
        self.transport.close()

    def _hang_up(self) -> None:
        """The parser reads no more, so it is not the client's close that is waited for but its end."""
        self._parser.data_to_send()
        if not self.transport.is_closing():
            self.transport.write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        self.connected = False
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        if self._room is not None and not self.reason:
            self._room.clear()

    def resume_writing(self) -> None:
        if self._room is not None:
            self._room.set()


class Lane:
    """Frames of a socket that are answered one after the other, so that what a client sends arrives in its order."""

    __slots__ = ("queue", "socket", "working")

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.queue: deque[Upward] = deque()
        self.working: asyncio.Task[None] | None = None

    def work(self, answer: Answer) -> None:
        """Until the queue is empty, or the socket over."""
        if self.working is None:
            self.working = asyncio.create_task(self._answer_all(answer))

    async def _answer_all(self, answer: Answer) -> None:
        try:
            while self.queue and not self.socket.reason:
                upward = self.queue.popleft()
                try:
                    told = await answer(self.socket, upward)
                except Problem as problem:
                    told = error_frame(problem, upward.ref)
                if told is not None:
                    self.socket.send(told)
        finally:
            self.working = None


def error_frame(problem: Problem, ref: Ref | None = None) -> bytes:
    """`application/problem+json` as a frame; what HTTP says in Retry-After is its `retry_after`, in seconds."""
    content: dict[str, Any] = msgspec.json.decode(problem.body())
    if "Retry-After" in problem.headers:
        content["retry_after"] = int(problem.headers["Retry-After"])
    metrics.refused_frames.labels(problem.code).inc()
    return WEBSOCKET.answer("error", msgspec.json.encode(content), ref)
