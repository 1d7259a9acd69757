"""One connection of the event stream: opened in time, and considered dead when its heartbeats are missing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self, cast

import httpx
import httpx_sse
import msgspec

from .api import Api
from .errors import Problem, Unintelligible, Unreachable
from .models.events.streams import Ready

PATH = "/api/notifications/events"
# Heartbeats come after `heartbeat_seconds` of silence, checked once a second: two missing ones end the stream.
HEARTBEATS_MISSED, GRACE_SECONDS = 2, 3.0


class Frame(msgspec.Struct, frozen=True):
    """An event as received: `data` is JSON. An ephemeral one has no cursor of its own, but the previous frame's."""

    kind: str
    data: str
    cursor: str


class Stream:
    """`async with Stream(http, url, token=token) as stream: async for frame in stream`: all frames of one connection.
    It ends when the server ends it. `url` may have a `ticket` in its query, instead of the token.

    Raises Problem if opening is refused. Raises Unreachable if the connection breaks or heartbeats are missing; until
    `ready` sets their interval, also after `timeout_seconds` without a byte.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        *,
        token: str | None = None,
        cursor: str | None = None,
        timeout_seconds: float = 20.0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._http, self._url, self.token, self._cursor = http, url, token, cursor
        self._headers = dict(headers or {})
        self._timeout_seconds = timeout_seconds
        self._stack = AsyncExitStack()
        self._bytes: _Watched
        self._frames: AsyncIterator[httpx_sse.ServerSentEvent]
        # Of the response.
        self.headers = httpx.Headers()
        # The delay that the server asks for before the next connection, if it has.
        self.retry_seconds: float | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._stack.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        while True:
            try:
                event = await anext(self._frames)
            except (httpx.TransportError, TimeoutError) as error:
                raise _lost(error) from error
            if event.retry is not None:
                self.retry_seconds = event.retry / 1000
            if event.event == "ready":
                self._bytes.silence_seconds = HEARTBEATS_MISSED * _ready(event).heartbeat_seconds + GRACE_SECONDS
            if event.data:
                return Frame(event.event, event.data, event.id)

    async def _open(self) -> None:
        headers = self._headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        headers |= {"Last-Event-ID": self._cursor} if self._cursor else {}
        timeout = httpx.Timeout(self._timeout_seconds, read=None)
        opening = httpx_sse.aconnect_sse(self._http, "GET", self._url, headers=headers, timeout=timeout)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                source = await self._stack.enter_async_context(opening)
                response = source.response
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    raise Problem.of(response)
        except (httpx.TransportError, TimeoutError) as error:
            raise _lost(error) from error
        self._bytes = _Watched(cast("httpx.AsyncByteStream", response.stream), self._timeout_seconds)
        response.stream = self._bytes
        self.headers, self._frames = response.headers, source.aiter_sse()


async def open_stream(api: Api, notify_url: str, cursor: str | None, home: int | None = None) -> Stream:
    """The signed-in user's stream; an expired token is renewed. Close it. `home`: their home workspace, by which a
    proxy may choose the server."""
    tokens = await api.session.tokens()
    url = f"{notify_url}{PATH}" if home is None else f"{notify_url}{PATH}?home={home}"
    try:
        return await _opened(api, url, tokens.access, cursor)
    except Problem as problem:
        if problem.status != 401:
            raise
    tokens = await api.session.renew(tokens)
    return await _opened(api, url, tokens.access, cursor)


async def _opened(api: Api, url: str, token: str, cursor: str | None) -> Stream:
    http = api.http
    seconds, headers = http.timeout_seconds, api.own_headers
    stream = Stream(http.client, url, token=token, cursor=cursor, timeout_seconds=seconds, headers=headers)
    return await stream.__aenter__()


class _Watched(httpx.AsyncByteStream):
    """Heartbeats are bytes, though the decoder hides them. It has no reference to a Stream: generators in a
    reference cycle would all be closed at the same time."""

    def __init__(self, watched: httpx.AsyncByteStream, silence_seconds: float) -> None:
        self._watched, self.silence_seconds = watched, silence_seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._watched)
        while True:
            async with asyncio.timeout(self.silence_seconds):
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
            yield chunk

    async def aclose(self) -> None:
        await self._watched.aclose()


def _lost(error: Exception) -> Unreachable:
    return Unreachable(f"the event stream was lost ({type(error).__name__})")


def _ready(event: httpx_sse.ServerSentEvent) -> Ready:
    try:
        return msgspec.json.decode(event.data, type=Ready)
    except msgspec.DecodeError as error:
        raise Unintelligible(f"event ready at {event.id}: {error}") from error
