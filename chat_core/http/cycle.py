"""A request with its response, between the connection and the application."""

from collections.abc import Callable, Coroutine
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class Cycle(RequestResponseCycle):
    """`admit` is called with the length of the response's body before it starts, where that is known. It returns False
    if it has ended the request with another response."""

    admit: Callable[[int], bool]

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
