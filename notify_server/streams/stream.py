"""One open stream: bytes to one client, in order, with a limit on what it has not read. Here over SSE.

Once the head of the response is sent, the connection is handed over to the `Stream` itself, as its asyncio protocol
(ADR 6): it carries the replay as fast as the client reads it, and then the hub appends frames that all receivers share,
and a batch of events goes to the transport in one write. A slow reader fills the transport's buffer.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from chat_core.http.connection import Successor
from chat_core.tokens import Claims
from notify_server import metrics
from notify_server.streams.framing import Framing

# `start` of a stream that is still replaying: it gets nothing live.
NOT_YET = sys.maxsize
# How long a closing stream may take to send its last bytes.
LINGER_SECONDS = 5.0


class SharedJoin:
    """Joins frames, and caches the last result: streams of one chat get the same, and share its bytes while they
    wait in their transports."""

    __slots__ = ("_frames", "_joined")

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._joined = b""

    def __call__(self, frames: list[bytes]) -> bytes:
        if len(frames) == 1:
            return frames[0]
        if frames != self._frames:
            self._frames, self._joined = frames.copy(), b"".join(frames)
        return self._joined


class Stream(Successor):
    """`start`: events above this position are delivered live; `got`: that of the newest that was.
    `number` is unique on this node. `pending` is what the hub has added since the last `flush`. `connected`: the
    connection is its own. `room`: what the replay waits for, None if the client keeps up. `forget` is called once, when
    the stream is over. `workspace_id`: the only workspace of which it gets anything, if its token is bound to one."""

    __slots__ = (
        "address",
        "buffer_bytes",
        "connected",
        "expires_at",
        "expiry",
        "forget",
        "framing",
        "got",
        "lingering",
        "live",
        "number",
        "opened_at",
        "pending",
        "quiet_seconds",
        "reason",
        "room",
        "session_id",
        "start",
        "transport",
        "user_id",
        "workspace_id",
    )

    def __init__(
        self,
        *,
        number: int,
        claims: Claims,
        address: str,
        transport: asyncio.Transport,
        buffer_bytes: int,
        framing: Framing,
    ) -> None:
        self.number, self.address, self.start, self.got = number, address, NOT_YET, 0
        self.transport, self.buffer_bytes, self.framing = transport, buffer_bytes, framing
        self.expiry: asyncio.TimerHandle | None = None
        self.workspace_id: int | None = None
        self.identify(claims)
        self.opened_at = datetime.now(UTC)
        self.pending: list[bytes] = []
        self.connected = self.live = False
        self.room: asyncio.Future[None] | None = None
        self.reason = ""
        self.place = None
        self.quiet_seconds = 0
        self.forget: Callable[[], None] = _nothing
        self.lingering: asyncio.TimerHandle | None = None

    def identify(self, claims: Claims) -> None:
        """The stream's user and session, and its end. One that is bound to a workspace stays so."""
        self.user_id, self.session_id, self.expires_at = claims.user_id, claims.session_id, claims.expires_at
        if claims.workspace_id is not None:
            self.workspace_id = claims.workspace_id
        if self.expiry is not None:
            self.expiry.cancel()
            self.expiry = None

    def begin(self, head: bytes = b"") -> None:
        """The connection has been handed over. `head` is the response's, unless it is sent."""
        self.connected = True
        if head:
            self.transport.write(head)
        if self.reason and not self.transport.is_closing():  # it has ended meanwhile, and its last frame is due
            self._part(self.reason, b"")

    async def carry(self, frames: bytes) -> bool:
        """Frames of the opening and the replay, as fast as the client reads them. False once the stream has ended."""
        if self.reason or self.transport.is_closing():
            return False
        self.transport.write(self.framing.wire(frames))
        if self.room is not None:
            await self.room
        return not self.reason

    def flush(self, join: Callable[[list[bytes]], bytes] = b"".join) -> int:
        """Writes what is pending, or keeps it while the stream is not live yet. A reader too far behind is cut off.
        Returns the bytes that wait for the reader."""
        transport, pending = self.transport, self.pending
        if self.reason or transport.is_closing():  # over, or the client has left and the callback is about to come
            pending.clear()
            return 0
        if not self.live:
            queued = sum(map(len, pending))
        else:
            transport.write(pending[0] if len(pending) == 1 else join(pending))
            pending.clear()
            self.quiet_seconds = 0
            queued = transport.get_write_buffer_size()
        if queued > self.buffer_bytes:
            self.abort("slow")
        return queued

    def go_live(self) -> None:
        """The replay is over; what was kept during it is written."""
        self.live = True
        if self.pending:
            self.flush()

    def queued_bytes(self) -> int:
        return sum(map(len, self.pending)) + self.transport.get_write_buffer_size()

    def beat(self, now: float, interval_seconds: float) -> bool:
        """Called every second; True if something was written. The stream ends no later than its token, and gets a
        comment after at least `interval_seconds` in which nothing was sent."""
        self._watch_expiry(now)
        self.quiet_seconds += 1
        if self.quiet_seconds <= interval_seconds or not self.live or self.reason:
            return False
        self.pending.append(self.framing.heartbeat)
        self.flush()
        return True

    def _watch_expiry(self, now: float) -> None:
        if self.expiry is None and now + 1 >= self.expires_at:  # before the next second's call
            left = max(0.0, self.expires_at - now)
            self.expiry = asyncio.get_running_loop().call_later(left, self.close, "token_expired")

    def close(self, reason: str, farewell: bytes | None = None) -> None:
        """Ends the stream gracefully, with a last frame; a client that does not read it is cut off."""
        if self.reason:
            return
        if not self.transport.is_closing():
            self._part(reason, self.framing.wire(farewell) if farewell else b"")
        self._end(reason)
        self._linger()

    def abort(self, reason: str) -> None:
        """Cuts the connection, with what is still unsent."""
        if not self.reason:
            self._end(reason)
            self.transport.abort()

    def over(self) -> None:
        """The connection is gone, or the request that was to become this stream."""
        if self.lingering is not None:
            self.lingering.cancel()
        if not self.reason:
            self._end("client_left")
        forget, self.forget = self.forget, _nothing
        forget()

    def _linger(self) -> None:
        self.lingering = asyncio.get_running_loop().call_later(LINGER_SECONDS, self.transport.abort)

    def _part(self, reason: str, farewell: bytes) -> None:
        """Sends the last frames."""
        if self.connected:
            self.transport.write(b"".join(self.pending if self.live else ()) + farewell + self.framing.end(reason))
            self.transport.close()

    def _end(self, reason: str) -> None:
        self.reason = reason
        self.pending.clear()
        self._go_on()
        metrics.closes.labels(reason, self.framing.name).inc()

    # -- asyncio.Protocol, once the connection is handed over

    def pause_writing(self) -> None:
        if self.room is None and not self.live and not self.reason:
            self.room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        self._go_on()

    def _go_on(self) -> None:
        """The replay need not wait any longer."""
        if self.room is not None:
            if not self.room.done():  # else its task was cancelled
                self.room.set_result(None)
            self.room = None

    def connection_lost(self, exc: Exception | None) -> None:
        self.connected = False
        if self.place is not None:
            self.place.leave()
        self.over()


def _nothing() -> None:
    pass
