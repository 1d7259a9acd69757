"""Frames from a WebSocket are forwarded to chat_server's own REST interface, in the client's name. There is one way
to write, with its checks, limits and batching, and this server still writes no chat data."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from chat_core.problems import MEDIA_TYPE, Problem
from notify_server import metrics

if TYPE_CHECKING:  # imported by `open`
    import httpx

# Maximum connections to chat_server, and so concurrent calls, and how long a call waits for a free one.
MOST_CONNECTIONS = 64
POOL_SECONDS = 5.0
CONNECT_SECONDS = 2.0
# Longer than chat_server lets a statement take.
ANSWER_SECONDS = 20.0


class Told(msgspec.Struct):
    """The fields of a problem that are read."""

    code: str
    detail: str


class Refused(Problem):
    """chat_server's own problem, with all its fields."""

    content: bytes = b""

    def body(self) -> bytes:
        return self.content


class ChatServerClient:
    """`url` is None if none is configured: every call is then a problem that says so."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._opening: asyncio.Task[httpx.AsyncClient] | None = None
        self._client: httpx.AsyncClient | None = None

    def open(self) -> None:
        """In a thread: importing httpx takes long, and neither the start nor the event loop should wait for it."""
        if self._url and self._opening is None:
            self._opening = asyncio.create_task(asyncio.to_thread(_client, self._url))

    async def close(self) -> None:
        if client := await self._opened():
            await client.aclose()

    async def _opened(self) -> "httpx.AsyncClient | None":
        if self._client is None and self._opening is not None:
            self._client = await asyncio.shield(self._opening)
        return self._client

    async def call(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        token: str,
        address: str,
        idempotency_key: str | None = None,
        acting_for: int | None = None,
    ) -> bytes:
        """The JSON of a successful response. Raises Problem: chat_server's own, or that it cannot be reached."""
        client = await self._opened()
        if client is None:
            raise Problem(501, "no_chat_server", "This server forwards nothing to chat_server: use REST.")
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "X-Forwarded-For": address,
        }
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if acting_for is not None:
            headers["Acting-For"] = str(acting_for)
        from httpx import HTTPError  # which `open` has imported

        try:
            answer = await client.request(method, path, content=body, headers=headers)
        except HTTPError as error:
            metrics.carried.labels("failed").inc()
            raise Problem(
                503,
                "chat_server_unavailable",
                f"chat_server did not respond ({type(error).__name__}); it may or may not have been done. Try again.",
                headers={"Retry-After": "1"},
            ) from None
        metrics.carried.labels(str(answer.status_code)).inc()
        if answer.is_success:
            return answer.content or b"{}"
        raise _refusal(answer)


def _client(url: str) -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(
        base_url=url,
        limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=POOL_SECONDS),
        trust_env=False,
    )


def _refusal(answer: "httpx.Response") -> Problem:
    retry_after = answer.headers.get("retry-after", "")
    headers = {"Retry-After": retry_after} if retry_after.isdecimal() else {}
    if answer.headers.get("content-type", "").partition(";")[0] == MEDIA_TYPE:
        with suppress(msgspec.DecodeError):
            told = msgspec.json.decode(answer.content, type=Told)
            refused = Refused(answer.status_code, told.code, told.detail, headers=headers)
            refused.content = answer.content
            return refused
    return Problem(502, "bad_gateway", f"chat_server's address responded with {answer.status_code}.", headers=headers)
