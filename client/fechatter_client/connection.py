"""One connection of the event stream: opened in time, and taken for dead when its heartbeats stay away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import cast

import httpx
import httpx_sse

from fechatter_client.errors import Problem

PATH = "/api/notifications/events"


class Connection:
    """`silence_seconds` without a byte end it by TimeoutError; heartbeats are bytes, though the decoder hides them."""

    def __init__(self, client: httpx.AsyncClient, notify_url: str, silence_seconds: float) -> None:
        self._client, self._url, self.silence_seconds = client, f"{notify_url}{PATH}", silence_seconds
        self._stack = AsyncExitStack()

    async def open(self, token: str, cursor: str | None) -> AsyncIterator[httpx_sse.ServerSentEvent]:
        """Its frames. Raises Problem, httpx.TransportError and TimeoutError; close it in any case."""
        headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": cursor} if cursor else {})
        timeout = httpx.Timeout(self.silence_seconds, read=None)
        async with asyncio.timeout(self.silence_seconds):
            opening = httpx_sse.aconnect_sse(self._client, "GET", self._url, headers=headers, timeout=timeout)
            source = await self._stack.enter_async_context(opening)
            response = source.response
            if response.status_code != httpx.codes.OK:
                await response.aread()
                raise Problem.of(response)
        response.stream = _Watched(cast("httpx.AsyncByteStream", response.stream), self)
        return source.aiter_sse()

    async def close(self) -> None:
        await self._stack.aclose()


class _Watched(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, connection: Connection) -> None:
        self._stream, self._connection = stream, connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._stream)
        while True:
            async with asyncio.timeout(self._connection.silence_seconds):
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
