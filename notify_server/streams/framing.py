"""The encoding of everything sent to a client: all in which one transport's streams differ from another's.

A frame is one unit for the client: an event, the stream's own `ready`, an ephemeral notice. Replayed and live frames
are the same; `wire` turns them into the bytes that the connection carries.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec
from websockets.frames import Close, CloseCode, Frame, Opcode

from chat_core.log.cursor import Cursor
from chat_core.log.event import Event


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
        """A frame of the stream's own, `ready` or `reset`; its data has the cursor too. `retry_milliseconds`: how
        long the client should wait before it reconnects."""
        ...

    def ephemeral(self, kind: str, payload: str) -> bytes:
        """A frame that is not an event of the log: it has no cursor. `payload` is JSON without line breaks."""
        ...

    def retry(self, milliseconds: int) -> bytes:
        """How long the client should wait before it reconnects; without event or cursor."""
        ...

    def wire(self, frames: bytes) -> bytes:
        """Frames as the connection carries them."""
        ...

    def end(self, reason: str) -> bytes:
        """The last bytes of a stream that ends gracefully."""
        ...


class ServerSentEvents:
    """WHATWG HTML, 9.2, in a body without a known length, so framed as in uvicorn: chunked (RFC 9112, 7.1), or for
    HTTP/1.0, which has no chunks, until the connection closes."""

    name = "sse"

    def __init__(self, *, chunked: bool) -> None:
        self._chunked = chunked
        self.heartbeat = self.wire(b":\n\n")

    def event(self, event: Event) -> bytes:
        return _sse(event.epoch, event.position, event.kind, event.payload)

    def control(
        self, cursor: Cursor, kind: str, content: dict[str, object], *, retry_milliseconds: int | None = None
    ) -> bytes:
        retry = b"" if retry_milliseconds is None else b"retry: %d\n" % retry_milliseconds
        payload = msgspec.json.encode({"cursor": str(cursor), **content})
        return retry + _sse(cursor.epoch, cursor.position, kind, payload)

    def ephemeral(self, kind: str, payload: str) -> bytes:
        return f"event: {kind}\ndata: {payload}\n\n".encode()

    def retry(self, milliseconds: int) -> bytes:
        return b"retry: %d\n\n" % milliseconds

    def wire(self, frames: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(frames), frames) if self._chunked else frames

    def end(self, reason: str) -> bytes:
        return b"0\r\n\r\n" if self._chunked else b""


def _sse(epoch: str, position: int, kind: str, payload: bytes) -> bytes:
    """One event with its cursor as its id (WHATWG HTML, 9.2). Making a `Cursor` would take five times as long."""
    return b"id: %b.%d\nevent: %b\ndata: %b\n\n" % (epoch.encode(), position, kind.encode(), payload)


# By the version of HTTP.
SSE = {"1.1": ServerSentEvents(chunked=True), "1.0": ServerSentEvents(chunked=False)}


# Why a socket ends, by the reason that /metrics uses too: see docs/websocket.md.
_ANY_CLOSE_CODES = {
    "shutdown": 1012,  # "service restart", as registered with IANA for RFC 6455
    "epoch_changed": 4001,
    "dropped": 4002,
    "slow": 4003,
    "unresponsive": 4004,
    "token_expired": 4005,
    "session_revoked": 4006,
    "unauthorized": 4007,
    "protocol_error": 4008,
    "too_large": 4009,
    "rate": 4010,
    "refused": 4011,
    "origin_not_allowed": 4017,
}
CLOSE_CODES = _ANY_CLOSE_CODES | {"delegation_changed": 4018}


# npm's y-websocket does not reconnect after 4400 to 4499 and does after all others. Errors that a reconnect cannot fix
# therefore have codes there, with the last digits that they have above.
DOCUMENT_CLOSE_CODES = _ANY_CLOSE_CODES | {
    "token_expired": 4405,
    "session_revoked": 4406,
    "unauthorized": 4407,
    "protocol_error": 4408,
    "too_large": 4409,
    "removed": 4412,
    "board_deleted": 4413,
    "page_deleted": 4413,
    "no_such_board": 4414,
    "no_such_page": 4414,
    "overloaded": 4015,
    "too_many_connections": 4016,
    "origin_not_allowed": 4417,
}


class WebSocketFrames:
    """RFC 6455: each a text frame with `{"type": …, "cursor": …, "payload": …}`. A server's frames are not masked,
    so all receivers share one. None is compressed."""

    def __init__(self, name: str, close_codes: Mapping[str, int]) -> None:
        self.name, self._close_codes = name, close_codes
        self.heartbeat = Frame(Opcode.PING, b"").serialize(mask=False)

    def event(self, event: Event) -> bytes:
        about = b'{"type":"%b","cursor":"%b.%d","payload":%b}'
        return self._text(about % (event.kind.encode(), event.epoch.encode(), event.position, event.payload))

    def control(
        self, cursor: Cursor, kind: str, content: dict[str, object], *, retry_milliseconds: int | None = None
    ) -> bytes:
        payload = {"cursor": str(cursor), **content}
        if retry_milliseconds is not None:
            payload["retry_milliseconds"] = retry_milliseconds
        return self._text(msgspec.json.encode({"type": kind, "cursor": str(cursor), "payload": payload}))

    def ephemeral(self, kind: str, payload: str) -> bytes:
        return self.answer(kind, payload.encode())

    def answer(self, kind: str, payload: bytes, ref: str | int | None = None) -> bytes:
        """The answer to a client's frame, with its `ref`. `payload` is JSON."""
        about = b"" if ref is None else b',"ref":' + msgspec.json.encode(ref)
        return self._text(b'{"type":"%b","payload":%b%b}' % (kind.encode(), payload, about))

    def retry(self, milliseconds: int) -> bytes:
        return self.answer("retry", b'{"milliseconds":%d}' % milliseconds)

    def wire(self, frames: bytes) -> bytes:
        return frames

    def end(self, reason: str) -> bytes:
        code = self._close_codes.get(reason, CloseCode.INTERNAL_ERROR)
        return Frame(Opcode.CLOSE, Close(code, reason).serialize()).serialize(mask=False)

    def _text(self, content: bytes) -> bytes:
        return message(b"\x81", content)


def message(opcode: bytes, content: bytes) -> bytes:
    """A server's complete message, as Frame.serialize makes it, in a tenth of the time: a replay makes many."""
    return head(opcode, len(content)) + content


def head(opcode: bytes, length: int) -> bytes:
    """The header in front of a message's content."""
    if length < 126:
        return b"%b%c" % (opcode, length)
    if length < 65536:
        return b"%b\x7e%b" % (opcode, length.to_bytes(2, "big"))
    return b"%b\x7f%b" % (opcode, length.to_bytes(8, "big"))


def binary(content: bytes) -> bytes:
    return message(b"\x82", content)


WEBSOCKET = WebSocketFrames("websocket", CLOSE_CODES)
# By the name of the protocol.
DOCUMENTS = {
    name: WebSocketFrames(name, DOCUMENT_CLOSE_CODES) for name in ("yjs", "hocuspocus", "json", "page", "pages")
}
