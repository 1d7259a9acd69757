"""A client of the event stream: one connection (`Stream`), or one that comes back until told to stop (`follow`)."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from httpx_sse import aconnect_sse

TIMEOUT_SECONDS = 20.0
PATH = "/api/notifications/events"
# What is told and not kept: who is there depends on what else a test's people do.
EPHEMERAL = {"PresenceChanged", "Typing"}


@dataclass(frozen=True, slots=True)
class Received:
    cursor: str
    kind: str
    data: dict[str, Any]

    @property
    def position(self) -> int:
        return int(self.cursor.partition(".")[2])


@dataclass(eq=False)
class Stream:
    """What one client has received so far. `ended` is set when the server has closed the stream."""

    received: list[Received] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    opens: int = 0
    retry: int | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def cursor(self) -> str | None:
        return self.received[-1].cursor if self.received else None

    def events(self, kind: str | None = None) -> list[Received]:
        """Those of the log, and the stream's own but for `ready`; of one kind if it is given, an ephemeral one too."""
        others = {"ready"} if kind else {"ready", *EPHEMERAL}
        return [event for event in self.received if event.kind not in others and kind in (None, event.kind)]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events()]

    async def until(self, done: Callable[["Stream"], bool], timeout: float = TIMEOUT_SECONDS) -> "Stream":
        """Waits until what has been received satisfies `done`; the failure shows what there is."""
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(lambda: done(self))
        except TimeoutError:
            raise AssertionError(f"not within {timeout} s; received: {self.kinds()[-50:]}") from None
        return self

    async def until_kind(self, kind: str, amount: int = 1) -> Received:
        """The `amount`-th event of a kind, as soon as it is there."""
        await self.until(lambda stream: len(stream.events(kind)) >= amount)
        return self.events(kind)[amount - 1]

    async def until_ended(self, timeout: float = TIMEOUT_SECONDS) -> None:
        async with asyncio.timeout(timeout):
            await self.ended.wait()

    async def read(self, client: httpx.AsyncClient, url: str, headers: dict[str, str]) -> None:
        """Reads one connection to its end. httpx's errors pass through."""
        async with aconnect_sse(client, "GET", url, headers=headers) as source:
            if source.response.is_error:
                await source.response.aread()
            source.response.raise_for_status()
            self.headers = source.response.headers
            self.opens += 1
            async for event in source.aiter_sse():
                async with self._news:
                    self.retry = event.retry if event.retry is not None else self.retry
                    if event.data:
                        self.received.append(Received(event.id, event.event, json.loads(event.data)))
                    self._news.notify_all()


def _headers(token: str | None, cursor: str | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return headers | ({"Last-Event-ID": cursor} if cursor else {})


@asynccontextmanager
async def open_stream(
    notify_url: str, token: str | None = None, *, cursor: str | None = None, query: str = ""
) -> AsyncIterator[Stream]:
    """One connection, open (its first frame is there) when the block begins. HTTPStatusError if it is refused."""
    stream = Stream()
    timeout = httpx.Timeout(TIMEOUT_SECONDS, read=None)
    async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:

        async def read() -> None:
            try:
                await stream.read(client, f"{notify_url}{PATH}{query}", _headers(token, cursor))
            except (httpx.RemoteProtocolError, httpx.ReadError):
                pass  # cut by the server, which some tests are about
            finally:
                stream.ended.set()

        task = asyncio.create_task(read())
        opened = asyncio.create_task(stream.until(lambda s: bool(s.received)))
        await asyncio.wait({task, opened}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if task.done():
                await task
            await opened
            yield stream
        finally:
            for pending in (task, opened):
                pending.cancel()
                with suppress(asyncio.CancelledError, httpx.HTTPError):
                    await pending


@asynccontextmanager
async def follow(notify_url: str, token: str, *, cursor: str | None = None) -> AsyncIterator[Stream]:
    """A client that comes back with its cursor for as long as the block lasts, as an EventSource does."""
    stream = Stream()
    timeout = httpx.Timeout(5, read=None)
    async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:

        async def come_back() -> None:
            while True:
                with suppress(httpx.TransportError, httpx.HTTPStatusError):
                    await stream.read(client, f"{notify_url}{PATH}", _headers(token, stream.cursor or cursor))
                await asyncio.sleep(0.05)  # the client's own backoff; nothing waits for it

        task = asyncio.create_task(come_back())
        try:
            await stream.until(lambda s: bool(s.received))
            yield stream
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
