"""What has come over fechatter-client's streams, for tests to wait for and to look at: frame by frame, since its
`events()` would hide what a server tells twice."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec
from fechatter_client import Events, Problem, Stream, Unreachable
from fechatter_client.models.events import EPHEMERAL
from fechatter_client.stream import PATH

from tests.support.clients.plain_http import plain_http

TIMEOUT_SECONDS = 60.0
# Sooner than the next poll or heartbeat would be, and long enough for a busy machine.
AT_ONCE_SECONDS = 3.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Received:
    cursor: str
    kind: str
    data: dict[str, Any]

    @property
    def position(self) -> int:
        return int(self.cursor.partition(".")[2])

    def to(self, model: type[T]) -> T:
        """As a model of the client, to be compared with its answers."""
        return msgspec.convert(self.data, model)


@dataclass(eq=False)
class Listener:
    """What has been received so far, over `opens` connections. `ended` is set when the server has closed the last."""

    received: list[Received] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    opens: int = 0
    retry_seconds: float | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def cursor(self) -> str | None:
        return self.received[-1].cursor if self.received else None

    def events(self, kind: str | None = None) -> list[Received]:
        """Those of the log, and the stream's own but for `ready`; of one kind if it is given, an ephemeral one too."""
        # What is told and not kept is left out: who is there depends on what else a test's people do.
        others = {"ready"} if kind else {"ready", *EPHEMERAL}
        return [event for event in self.received if event.kind not in others and kind in (None, event.kind)]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events()]

    async def until(self, done: Callable[["Listener"], bool], timeout: float = TIMEOUT_SECONDS) -> "Listener":
        """Waits until what has been received satisfies `done`; the failure shows what there is."""
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(lambda: done(self))
        except TimeoutError:
            raise AssertionError(f"not within {timeout} s; received: {self.kinds()[-50:]}") from None
        return self

    async def until_kind(self, kind: str, amount: int = 1) -> Received:
        """The `amount`-th event of a kind, as soon as it is there."""
        await self.until(lambda heard: len(heard.events(kind)) >= amount)
        return self.events(kind)[amount - 1]

    async def until_ended(self, timeout: float = TIMEOUT_SECONDS) -> None:
        async with asyncio.timeout(timeout):
            await self.ended.wait()

    async def read(self, stream: Stream) -> None:
        """Reads one connection to its end. Unreachable if that is a cut."""
        self.headers = stream.headers
        self.opens += 1
        try:
            async for frame in stream:
                self.retry_seconds = stream.retry_seconds
                await self.take(Received(frame.cursor, frame.kind, json.loads(frame.data)))
        finally:
            self.retry_seconds = stream.retry_seconds  # the last word comes without an event

    async def take(self, received: Received) -> None:
        self.received.append(received)
        await self.notify()

    async def has_ended(self) -> None:
        self.ended.set()
        await self.notify()

    async def notify(self) -> None:
        async with self._news:
            self._news.notify_all()


@asynccontextmanager
async def listen(connection: AbstractAsyncContextManager[Stream]) -> AsyncIterator[Listener]:
    """To one connection, whose first frame is there when the block begins. Problem if it is refused."""
    listener = Listener()

    async def read(stream: Stream) -> None:
        with suppress(Unreachable):  # cut by the server, which some tests are about
            await listener.read(stream)
        await listener.has_ended()

    async with connection as stream:
        reading = asyncio.create_task(read(stream))
        try:
            await listener.until(lambda heard: bool(heard.received or heard.ended.is_set()))
            assert listener.received, "the stream has ended before its first frame"
            yield listener
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


@asynccontextmanager
async def follow(
    connect: Callable[[str | None], AbstractAsyncContextManager[Stream]], cursor: str | None = None
) -> AsyncIterator[Listener]:
    """To one connection after the other, each from the cursor of the last, for as long as the block lasts."""
    listener = Listener()

    async def come_back() -> None:
        while True:
            with suppress(Unreachable, Problem):
                async with connect(listener.cursor or cursor) as stream:
                    await listener.read(stream)
            await asyncio.sleep(0.05)  # the client's own backoff; nothing waits for it

    following = asyncio.create_task(come_back())
    try:
        await listener.until(lambda heard: bool(heard.received))
        yield listener
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


@asynccontextmanager
async def take_events(events: Events) -> AsyncIterator[Listener]:
    """What the client's reconnecting iterator yields, for as long as the block lasts."""
    listener = Listener()

    async def read() -> None:
        async for event in events:
            listener.opens += event.kind == "ready"
            await listener.take(Received(event.cursor, event.kind, msgspec.to_builtins(event.data)))

    taking = asyncio.create_task(read())
    try:
        await listener.until(lambda heard: bool(heard.received))
        yield listener
    finally:
        taking.cancel()
        with suppress(asyncio.CancelledError):
            await taking
        await events.aclose()


@asynccontextmanager
async def bare_stream(
    notify_url: str, token: str | None = None, *, cursor: str | None = None, query: str = ""
) -> AsyncIterator[Stream]:
    """A connection of nobody's client: with just this token, if any, and this query."""
    async with plain_http() as http, Stream(http, notify_url + PATH + query, token=token, cursor=cursor) as stream:
        yield stream


async def refusal(notify_url: str, token: str | None = None, *, cursor: str | None = None, query: str = "") -> Problem:
    """With which a connection of nobody's client is refused. Raises AssertionError if it is let in: what pytest.raises
    raises is no Exception, and would end the event loop of the tests after it."""
    try:
        async with bare_stream(notify_url, token, cursor=cursor, query=query):
            pass
    except Problem as refused:
        return refused
    raise AssertionError("the connection is not refused")
