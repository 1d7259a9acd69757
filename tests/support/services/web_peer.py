"""A web server of other people's, which answers what a test says, hostile things too."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

# What writes an answer of its own, byte by byte.
Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class WebPeer:
    """`answers` by path: all bytes of a response, or what writes it. `requests` are the heads that have come."""

    port: int = 0
    answers: dict[str, bytes | Answering] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}"

    def paths(self) -> list[str]:
        return [request.split(" ")[1] for request in self.requests]

    def says(self, path: str, body: bytes | str, kind: str = "text/html; charset=utf-8", *more: str) -> str:
        """Answers 200 there; returns the URL."""
        self.answers[path] = response(body, kind, *more)
        return f"{self.url}{path}"

    def redirects(self, path: str, to: str) -> str:
        head = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        self.answers[path] = head.encode()
        return f"{self.url}{path}"

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(head)
            path = head.split(" ")[1]
            answer = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the other side has had enough
        finally:
            writer.close()


def response(body: bytes | str, kind: str, *more: str) -> bytes:
    body = body.encode() if isinstance(body, str) else body
    head = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def web_peer(port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[WebPeer]:
    peer = WebPeer()
    server = await asyncio.start_server(peer._begin, "127.0.0.1", port, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in peer.tasks:
            task.cancel()
        await asyncio.gather(*peer.tasks, return_exceptions=True)
