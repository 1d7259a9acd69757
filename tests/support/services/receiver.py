"""Another system that receives webhooks: it verifies each by the official package, answers what a test says, and keeps
what it has accepted."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

Json = dict[str, Any]


@dataclass
class Received:
    """A request: `key` is its id, or its path where it has none; `body` what was signed."""

    key: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        decoded: Json = json.loads(self.body)
        return decoded

    @property
    def content(self) -> object:
        return self.json["data"].get("content")


@dataclass
class Receiver:
    """`answer` is asked for the status and further header lines of each request; None: it never answers."""

    port: int = 0
    answer: Callable[[Received], tuple[int, list[str]] | None] = lambda _: (204, [])
    requests: list[Received] = field(default_factory=list)
    accepted: list[Received] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    def contents(self) -> list[object]:
        return [received.content for received in self.accepted if "content" in received.json["data"]]

    def verified(self, key: str) -> list[Json]:
        """Everything that was accepted, each verified by the official package."""
        judge = Webhook(key)
        return [judge.verify(received.body, received.headers) for received in self.accepted]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Returns once this is so, looking after each request."""
        while not happened():
            self._came.clear()
            await self._came.wait()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:-2])}
                body = await reader.readexactly(int(headers["content-length"]))
                received = Received(headers.get("webhook-id", lines[0].split()[1]), headers, body)
                self.requests.append(received)
                said = self.answer(received)
                if said is not None and 200 <= said[0] < 300:
                    self.accepted.append(received)
                self._came.set()
                if said is None:
                    await asyncio.Event().wait()
                    return
                status, more = said
                writer.write("\r\n".join([f"HTTP/1.1 {status} x", "Content-Length: 0", *more, "", ""]).encode())
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the other side has had enough
        finally:
            writer.close()


@asynccontextmanager
async def receiver(port: int = 0) -> AsyncIterator[Receiver]:
    listening = Receiver()
    server = await asyncio.start_server(listening._begin, "127.0.0.1", port)
    listening.port = server.sockets[0].getsockname()[1]
    try:
        yield listening
    finally:
        server.close()
        for task in listening._tasks:
            task.cancel()
        await asyncio.gather(*listening._tasks, return_exceptions=True)
