"""One open WebSocket of GET /api/ws: a stream like the others, which also receives frames from its client.

Outgoing frames are the hub's shared ones. Incoming frames that need an answer from elsewhere are answered one after the
other, by a task that ends with the last of them.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeAlias

import msgspec
from websockets.frames import Opcode

from chat_core.problems import Problem
from chat_core.settings import Notify
from notify_server import metrics
from notify_server.streams.framing import WEBSOCKET
from notify_server.websocket.websocket_stream import Bounds, WebSocketStream

# Frames that wait for the answers to earlier ones.
MOST_QUEUED = 32
# Ephemeral reports are batched with others', some times a second: no other frame waits for them.
PASSING = frozenset({"typing", "activity"})

Ref: TypeAlias = Annotated[str, msgspec.Meta(max_length=128)] | Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class Upward(msgspec.Struct):
    """A frame from the client. Other fields are ignored, so that the envelope can grow."""

    type: Annotated[str, msgspec.Meta(max_length=64)]
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    ref: Ref | None = None


Answer: TypeAlias = "Callable[[Socket, Upward], Coroutine[Any, Any, bytes | None]]"


class Socket(WebSocketStream):
    """`answer` returns the frame that answers one of the client's, or None; it raises Problem and no other exception.

    `token` is the client's access token, if it sent one; `acting_for`: whose stream it is, if not its user's. `known`:
    it has its place in the hub; until then frames wait, except for the first one if `introduced` needs it.
    """

    takes = Opcode.TEXT

    __slots__ = ("_answer", "_introduce", "_introduction", "_lanes", "acting_for", "known", "token")

    def __init__(
        self, number: int, address: str, transport: asyncio.Transport, settings: Notify, answer: Answer
    ) -> None:
        bounds = Bounds(
            settings.frame_bytes,
            settings.buffer_bytes,
            settings.frames_per_second,
            settings.frames_burst,
            settings.pong_seconds,
        )
        super().__init__(number, address, transport, WEBSOCKET, bounds)
        self.token: str | None = None
        self.acting_for: int | None = None
        self.known = False
        self._answer = answer
        self._introduce: Callable[[Upward], None] | None = None
        self._introduction: asyncio.Future[Upward | None] | None = None
        self._lanes: dict[bool, Lane] = {}

    # -- down

    def refuse(self, reason: str, problem: Problem) -> None:
        """Ends the socket, with an error frame that gives the reason."""
        self.close(reason, error_frame(problem))

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self._lanes.clear()
        if self._introduction is not None and not self._introduction.done():
            self._introduction.set_result(None)

    # -- up

    def received(self, content: bytes) -> None:
        try:
            content.decode()  # UTF-8 also in parts that are ignored
            upward = msgspec.json.decode(content, type=Upward)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            detail = f'Not {{"type": "…", "payload": {{…}}}} as JSON: {error}.'
            self.refuse("protocol_error", Problem(400, "bad_frame", detail))
            return
        if self._introduce is not None:
            self._be_introduced(upward)
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
                f"{MOST_QUEUED} frames of this socket are already waiting; wait for their responses.",
                headers={"Retry-After": "1"},
            )
            self.send(error_frame(problem, upward.ref))
            return
        lane.queue.append(upward)
        if self.known:
            lane.work(self._answer)

    async def introduced(self, seconds: float, introduce: Callable[[Upward], None]) -> Upward | None:
        """The first frame, if it arrives in time. `introduce` is called with it before anything behind it is read:
        it identifies the socket, or raises Problem, which is passed on."""
        self._introduction, self._introduce = asyncio.get_running_loop().create_future(), introduce
        self.listen()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._introduction
        return None

    def _be_introduced(self, upward: Upward) -> None:
        introduce, self._introduce = self._introduce, None
        assert introduce is not None  # noqa: S101 - the caller guarantees it
        assert self._introduction is not None  # noqa: S101 - they are set together
        self.pause()
        if self._introduction.done():  # too late
            return
        try:
            introduce(upward)
        except Problem as problem:
            self._introduction.set_exception(problem)
        else:
            self.confined = False
            self._introduction.set_result(upward)

    def admit(self) -> None:
        """It has its place: frames are answered, including those that arrived meanwhile."""
        self.known, self.confined = True, False
        self.listen()
        for lane in self._lanes.values():
            lane.work(self._answer)


class Lane:
    """Frames of a socket that are answered one after the other, so that their order is kept."""

    __slots__ = ("queue", "socket", "working")

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.queue: deque[Upward] = deque()
        self.working: asyncio.Task[None] | None = None

    def work(self, answer: Answer) -> None:
        """Runs until the queue is empty, or the socket has ended."""
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
    """`application/problem+json` as a frame; the Retry-After header becomes `retry_after`, in seconds."""
    content: dict[str, Any] = msgspec.json.decode(problem.body())
    if "Retry-After" in problem.headers:
        content["retry_after"] = int(problem.headers["Retry-After"])
    metrics.refused_frames.labels(problem.code).inc()
    return WEBSOCKET.answer("error", msgspec.json.encode(content), ref)
