"""Compresses what is large and text: JSON, HTML, scripts, styles and drawings, by zstd, brotli or gzip, whichever the
client prefers.

An attacker who makes a browser send requests, and reads the sizes of responses, learns secrets in them from what is
compressed beside text of the attacker's own (BREACH). That needs requests that carry the victim's authority by
themselves. Here they carry it in a header that only our own pages send, except where a cookie is taken, below
`/api/auth`, and on pages that carry something between sites: these are never compressed. The cookies of files and of
published pages do not come with requests that other sites cause (SameSite=Strict).

Below `/api` a response with an ETag is left as it is: the tag stands for its bytes, and `If-Match` compares it. That of
a file of our pages becomes a weak one.
"""

import asyncio
import gzip
import sys
from collections.abc import Callable
from typing import Final

import brotli

from chat_server.http.encodings import preferred
from chat_server.http.steps.observe import Application, Event, Headers, Receive, Send

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Less fits into a packet or two anyway; more than this at once is no response of ours.
SMALLEST: Final = 1400
LARGEST: Final = 64 * 1024 * 1024
# From here on it is done in a thread, which the event loop does not wait for.
IN_A_THREAD: Final = 64 * 1024

_KINDS = frozenset(
    {
        *("application/json", "application/problem+json", "application/manifest+json", "application/javascript"),
        *("application/vnd.oai.openapi+json", "text/html", "text/css", "text/javascript", "image/svg+xml"),
    }
)
_BY_COOKIES = "/api/auth"
_LEFT_ALONE = frozenset({b"content-encoding", b"content-range", b"etag"})

# In the server's order of preference. On 1 MB of JSON: 1, 4 and 3 ms of CPU, for 73, 73 and 107 KB.
ENCODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "zstd": lambda body: zstd.compress(body, 3),
    "br": lambda body: bytes(brotli.compress(body, quality=3)),
    "gzip": lambda body: gzip.compress(body, 1, mtime=0),
}


def compressed(app: Application) -> Application:
    """The application, with its responses compressed where that pays."""

    async def compressing(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_BY_COOKIES):
            await app(scope, receive, send)
            return
        accepted = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
        left = _LEFT_ALONE if scope["path"].startswith("/api") else _LEFT_ALONE - {b"etag"}
        await app(scope, receive, _Compressing(send, preferred(accepted.decode("latin-1"), tuple(ENCODERS)), left).send)

    return compressing


class _Compressing:
    """One response. Its start waits for the whole body, if it may be compressed; a longer one is passed on."""

    def __init__(self, send: Send, encoding: str | None, left_alone: frozenset[bytes]) -> None:
        self._send, self._encoding, self._left_alone = send, encoding, left_alone
        self._start: Event | None = None
        self._body: list[bytes] = []

    async def send(self, event: Event) -> None:
        if event["type"] == "http.response.start" and _may_be(event, self._left_alone):
            self._start = event
        elif self._start is not None and event["type"] == "http.response.body":
            self._body.append(event.get("body", b""))
            if not event.get("more_body"):
                await self._finish(self._start, b"".join(self._body))
        else:
            await self._send(event)

    async def _finish(self, start: Event, body: bytes) -> None:
        if len(body) >= SMALLEST:
            start["headers"] = [*start["headers"], (b"vary", b"Accept-Encoding")]
            if self._encoding is not None:
                encode = ENCODERS[self._encoding]
                body = await asyncio.to_thread(encode, body) if len(body) >= IN_A_THREAD else encode(body)
                lost = (b"content-length", b"accept-ranges")
                kept: Headers = [_weak(header) for header in start["headers"] if header[0] not in lost]
                length = (b"content-length", str(len(body)).encode())
                start["headers"] = [*kept, length, (b"content-encoding", self._encoding.encode())]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _weak(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = header
    return (name, b"W/" + value) if name == b"etag" and not value.startswith(b"W/") else header


def _may_be(start: Event, left_alone: frozenset[bytes]) -> bool:
    """Whether a response may be compressed, by its status and headers: it is text, as long as it says, and public or
    asked for with a token."""
    headers: dict[bytes, bytes] = dict(start["headers"])
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().decode("latin-1")
    if start["status"] in (204, 206, 304) or kind not in _KINDS or not left_alone.isdisjoint(headers):
        return False
    if kind == "text/html" and b"no-store" in headers.get(b"cache-control", b""):
        return False
    length = headers.get(b"content-length", b"")
    return length.isdigit() and SMALLEST <= int(length) <= LARGEST
