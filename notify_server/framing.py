"""How what goes down to a client is put into bytes: all in which one transport's streams differ from another's there.

A frame is what the client takes as one: an event, the stream's own `ready`, a word in passing. What is replayed and
what comes live are the same frames; `wire` makes of them the bytes that the connection carries.
"""

from typing import Protocol

import msgspec

from notify_server.events import Cursor, Event, frame


class Framing(Protocol):
    """`heartbeat` is what an idle stream gets, as the connection carries it."""

    @property
    def name(self) -> str: ...

    @property
    def heartbeat(self) -> bytes: ...

    def event(self, event: Event) -> bytes:
        """The frame of an event of the log, with its cursor."""
        ...

    def control(
        self, cursor: Cursor, kind: str, content: dict[str, object], *, retry_milliseconds: int | None = None
    ) -> bytes:
        """A frame of the stream's own, `ready` or `reset`; its data says the cursor too. `retry_milliseconds`: how long
        the client is to wait before it comes back."""
        ...

    def ephemeral(self, kind: str, payload: str) -> bytes:
        """A frame that is no event of the log: it has no cursor. `payload` is JSON without line breaks."""
        ...

    def retry(self, milliseconds: int) -> bytes:
        """Tells the client how long to wait before it comes back; no event, no cursor."""
        ...

    def wire(self, frames: bytes) -> bytes:
        """Frames as the connection carries them."""
        ...

    def end(self, reason: str) -> bytes:
        """The last bytes of a stream that ends in an orderly way."""
        ...


class ServerSentEvents:
    """WHATWG HTML, 9.2, in a body without a known length, so framed as uvicorn does: chunked (RFC 9112, 7.1)."""

    name = "sse"

    def __init__(self) -> None:
        self.heartbeat = self.wire(b":\n\n")

    def event(self, event: Event) -> bytes:
        return event.frame

    def control(
        self, cursor: Cursor, kind: str, content: dict[str, object], *, retry_milliseconds: int | None = None
    ) -> bytes:
        payload = msgspec.json.encode({"cursor": str(cursor), **content}).decode()
        return frame(cursor, kind, payload, retry_milliseconds=retry_milliseconds)

    def ephemeral(self, kind: str, payload: str) -> bytes:
        return f"event: {kind}\ndata: {payload}\n\n".encode()

    def retry(self, milliseconds: int) -> bytes:
        return b"retry: %d\n\n" % milliseconds

    def wire(self, frames: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(frames), frames)

    def end(self, reason: str) -> bytes:
        return b"0\r\n\r\n"


SSE = ServerSentEvents()
