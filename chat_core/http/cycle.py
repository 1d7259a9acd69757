"""A request with its response, between the connection and the application."""

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Self

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from chat_core.http.transfers import LARGE_RESPONSE_BYTES

# In no name and value of a header, besides the line ends that separate them.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Cycle(RequestResponseCycle):
    """`admit` is called with the length of the response's body before it starts, where that is known. It returns False
    if it has ended the request with another response."""

    admit: Callable[[int], bool]

    @classmethod
    def of(cls, method: object) -> Self | None:
        """The cycle whose `send` or `receive` this is; None if another application has wrapped it, or for HTTP/1.0."""
        cycle = getattr(method, "__self__", None)
        return cycle if type(cycle) is cls else None

    def take_body(self) -> bytes | None:
        """The whole body, as `receive` would give it; None if only that can: it is not all there, or nobody waits for a
        response any more."""
        if self.more_body or self.disconnected or self.response_complete or self.waiting_for_100_continue:
            return None
        self.flow.resume_reading()
        self.message_event.clear()
        body, self.body = bytes(self.body), bytearray()
        return body

    def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """The whole response in one write, without events; `headers` have a Content-Length, unless there is no body by
        the status, and nothing about the connection. False if only `send` can answer: the client is gone or reads
        slowly, the connection ends with this response, it is large, or a header is malformed."""
        if self.disconnected or self.flow.write_paused or not self.keep_alive or len(body) > LARGE_RESPONSE_BYTES:
            return False
        lines = [b"%b: %b\r\n" % header for header in (*self.default_headers, *headers)]
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or _CONTROL.search(head):
            return False
        self.response_started = self.response_complete = True
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[status], head, body))
        self.message_event.set()
        self.on_response()
        return True

    def send(self, message: Any) -> Coroutine[Any, Any, None]:
        if message["type"] == "http.response.start" and not self.disconnected and self.scope["method"] != "HEAD":
            for name, value in message.get("headers", ()):
                if name.lower() == b"content-length" and not self.admit(int(value)):
                    break
        return super().send(message)


class UnchunkedCycle(Cycle):
    """Responses to HTTP/1.0, which has no chunks: one without a length ends with the connection."""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _ in message.get("headers", ())}
            if b"content-length" not in names:
                self.chunked_encoding = False
        elif self.chunked_encoding is False:
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)
