"""The client for addresses that users give: of webhooks, of commands. It reaches nothing that its users could not.

The name is resolved here, each address is checked, and the connection is made to the very address that was checked,
while TLS verifies the name. No redirect is followed, no proxy is used, nothing is stored between requests but idle
connections. Time and size of an answer are bounded.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpcore

from chat_core.outgoing.refused import Refused
from chat_core.outgoing.targets import Resolve, Target, host_and_port, resolve, target

CONNECTIONS: Final = 100
IDLE_SECONDS: Final = 15.0
# Names that are resolved at a time; a resolver may take long to say that it does not know.
RESOLVING: Final = 8
# Of one step on the wire; the caller bounds the whole.
_STEP_SECONDS: Final = 10.0


class Unreachable(Exception):
    """No whole answer has come; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their names in lower case. `cut`: the body was longer than was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool


class Guarded:
    """`agent` is what it calls itself; `exempt` hosts with their ports may have any address, and do without TLS."""

    def __init__(
        self,
        agent: str,
        exempt: Collection[str] = (),
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolve,
        connections: int = CONNECTIONS,
    ) -> None:
        self._agent, self._exempt, self._tls, self._connections = agent, frozenset(exempt), tls, connections
        self._backend = _Backend(self._exempt, resolve)
        self._pool: httpcore.AsyncConnectionPool | None = None

    def check(self, url: str) -> Target:
        """What a URL asks for. Raises Refused if it can never be asked, whatever its address."""
        asked = target(url, self._exempt)
        if asked.scheme != "https" and not asked.exempt:
            raise Refused("It has to begin with https://.")
        return asked

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, most_bytes: int
    ) -> Answer:
        """The answer of this URL, of at most `most_bytes` and within `seconds`. Raises Refused where it must not
        be asked, and Unreachable."""
        asked = self.check(url)
        sent = {"Host": asked.authority, "User-Agent": self._agent, "Accept-Encoding": "identity", **headers}
        request = httpcore.Request(
            b"POST",
            httpcore.URL(scheme=asked.scheme, host=asked.host, port=asked.port, target=asked.path),
            headers=[*sent.items(), ("Content-Length", str(len(body)))],
            content=body,
            # That no connection is free is known before the time of an answer is over.
            extensions={
                "timeout": {
                    **dict.fromkeys(("connect", "read", "write"), _STEP_SECONDS),
                    "pool": min(_STEP_SECONDS, seconds / 2),
                }
            },
        )
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(request, most_bytes)
        except TimeoutError:
            raise Unreachable(f"no answer within {seconds:g} s") from None
        except ssl.SSLError as error:
            raise Unreachable(f"TLS: {error.reason or error}"[:200]) from error
        except httpcore.PoolTimeout:
            raise Unreachable("none of our connections was free") from None
        # UnicodeError: the resolver's codec has met a name that is none.
        except (
            OSError,
            UnicodeError,
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
        ) as error:
            raise Unreachable(f"{type(error).__name__}: {error}"[:200]) from error

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
        self._backend.close()

    async def _answer(self, request: httpcore.Request, most_bytes: int) -> Answer:
        response = await self._opened().handle_async_request(request)
        try:
            body = b""
            async for part in _parts(response):
                body += part
                if len(body) > most_bytes:
                    break
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(response.status, headers, body[:most_bytes], len(body) > most_bytes)
        finally:
            await response.aclose()

    def _opened(self) -> httpcore.AsyncConnectionPool:
        """Made for the first request: reading the system's certificates takes longer than the rest of a start."""
        if self._pool is None:
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=self._tls or httpcore.default_ssl_context(),
                max_connections=self._connections,
                max_keepalive_connections=self._connections,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=self._backend,
            )
        return self._pool


def _parts(response: httpcore.Response) -> AsyncIterator[bytes]:
    assert not isinstance(response.stream, bytes)  # noqa: S101 - it is an asynchronous response
    return response.aiter_stream()


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to a checked address of a name. The pool has the name, for TLS."""

    def __init__(self, exempt: Collection[str], resolve: Resolve) -> None:
        self._exempt, self._resolve = exempt, resolve
        self._wire = httpcore.AnyIOBackend()
        self._resolvers = ThreadPoolExecutor(RESOLVING, "resolving names")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        asked = Target("https", host, port, "/", host_and_port(host, port) in self._exempt)
        running = asyncio.get_running_loop()
        addresses = await running.run_in_executor(self._resolvers, self._resolve, host, port)
        failure: Exception = OSError("it has no address")
        for address in asked.allowed(addresses):
            try:
                return await self._wire.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)
