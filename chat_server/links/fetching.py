"""One HTTP request and its redirects, to public addresses alone.

The name is resolved here, each address is checked, and the connection is made to the very address that was checked: a
second answer of the resolver would be of no use to anybody. Each redirect begins anew. There are no cookies, no
credentials, and no proxy, which would resolve the name by itself.
"""

import http.client
import socket
import ssl
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from chat_core.outgoing.refused import Refused
from chat_core.outgoing.targets import Resolve, Target, resolve, target
from chat_server.links.urls import joined

MOST_REDIRECTS: Final = 3
# Of one step on the wire. The whole request has an alarm (worker.py).
STEP_SECONDS: Final = 4.0
_PIECE: Final = 1 << 16
_REDIRECTS: Final = (301, 302, 303, 307, 308)
# Compressed, a page has a tenth of its size; this stops what has a thousandth.
_DECODERS: Final[dict[str, int]] = {"gzip": 31, "x-gzip": 31, "deflate": 15}


@dataclass(frozen=True, slots=True)
class Fetched:
    """`target` after all redirects. `cut`: there was more than was asked for."""

    target: Target
    media_type: str
    charset: str | None
    body: bytes
    cut: bool


@dataclass(frozen=True, slots=True)
class Fetcher:
    """`exempt` hosts and ports may have any address; `agent` is what it calls itself; `step_seconds` bound one step on
    the wire."""

    agent: str
    tls: ssl.SSLContext
    exempt: Collection[str] = ()
    resolve: Resolve = resolve
    step_seconds: float = STEP_SECONDS

    def fetch(self, url: str, kinds: Mapping[str, int], may_ask: Callable[[str], None] | None = None) -> Fetched:
        """What is there, if it is of one of these media types (`image/` stands for all of them), each with its
        most bytes, decompressed. `may_ask` is called with the host of each request. Raises Refused, as `may_ask` does;
        OSError, HTTPException and SSLError from the connection."""
        for _ in range(MOST_REDIRECTS + 1):
            asked = target(url, self.exempt)
            if may_ask is not None:
                may_ask(asked.host)
            with self._connected(asked) as connection, self._response(connection, asked) as response:
                if response.status in _REDIRECTS:
                    url = joined(asked.url, response.getheader("Location") or "")
                    continue
                if response.status != 200:
                    raise Refused(f"It answers {response.status}.")
                return _body(asked, response, kinds)
        raise Refused("It redirects too often.")

    def _connected(self, asked: Target) -> socket.socket:
        failure: OSError = OSError("it has no address")
        for address in asked.allowed(self.resolve(asked.host, asked.port)):
            try:
                plain = socket.create_connection((address, asked.port), self.step_seconds)
            except OSError as error:
                failure = error
                continue
            if asked.scheme == "http":
                return plain
            try:
                return self.tls.wrap_socket(plain, server_hostname=asked.host)
            except BaseException:
                plain.close()
                raise
        raise failure

    def _response(self, connected: socket.socket, asked: Target) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(asked.host, asked.port)
        connection.sock = connected
        headers = {
            "Host": asked.authority,
            "User-Agent": self.agent,
            "Accept": "text/html, application/xhtml+xml, image/*;q=0.5",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        connection.putrequest("GET", asked.path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse()


def _body(asked: Target, response: http.client.HTTPResponse, kinds: Mapping[str, int]) -> Fetched:
    headers = response.headers
    media_type = headers.get_content_type() if "Content-Type" in headers else ""
    largest = kinds.get(media_type) or kinds.get(f"{headers.get_content_maintype()}/")
    if largest is None or not media_type:
        raise Refused(f"It is of the type {media_type or 'that it does not say'}."[:200])
    body, cut = _decoded(response, largest)
    charset = headers.get_content_charset()
    return Fetched(asked, media_type, charset, body, cut)


def _decoded(response: http.client.HTTPResponse, largest: int) -> tuple[bytes, bool]:
    coding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    if coding != "identity" and coding not in _DECODERS:
        raise Refused("It is compressed in a way that was not asked for.")
    decoder = None if coding == "identity" else zlib.decompressobj(_DECODERS[coding])
    body = bytearray()
    try:
        while len(body) <= largest and (piece := response.read1(_PIECE)):
            body += piece if decoder is None else decoder.decompress(piece, largest + 1 - len(body))
    except zlib.error as error:
        raise Refused("It is not compressed as it says.") from error
    return bytes(body[:largest]), len(body) > largest
