"""Requests to providers. Time and size are bounded, and no redirect is followed: another host, or a URL without TLS,
is never asked for what the settings or the discovery document did not name."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

import httpx
import msgspec

from chat_core.settings import is_safe_url

SECONDS = 10.0
LARGEST_BYTES = 512 << 10
# Of all providers together.
CONNECTIONS = 20

Answer = TypeVar("Answer")


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or its answer cannot be used. The text says which, without secrets. `status` is
    that of an answer other than 200."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


class ProviderRefused(Exception):
    """The provider has answered with an error of OAuth (RFC 6749, 5.2), such as `invalid_grant`."""


class _Error(msgspec.Struct):
    error: str = "no reason"


class Outgoing:
    """One HTTP client for all providers. It reads the environment's proxy (HTTPS_PROXY, NO_PROXY)."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str, kind: type[Answer], token: str | None = None) -> Answer:
        """The JSON at this URL. Raises ProviderUnavailable."""
        return await self._ask("GET", url, kind, {"Authorization": f"Bearer {token}"} if token else {}, None, None)

    async def document(self, url: str) -> bytes:
        """What is at this URL, whatever its format. Raises ProviderUnavailable."""
        status, body = await self._bounded("GET", url, {"Accept": "*/*"}, None, None)
        if status != httpx.codes.OK:
            raise ProviderUnavailable(f"{url} answered with {status}")
        return body

    async def post(
        self, url: str, kind: type[Answer], form: Mapping[str, str], basic: tuple[str, str] | None
    ) -> Answer:
        """The JSON that answers a form. Raises ProviderUnavailable and ProviderRefused."""
        return await self._ask("POST", url, kind, {}, form, basic)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _ask(
        self,
        method: str,
        url: str,
        kind: type[Answer],
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        basic: tuple[str, str] | None,
    ) -> Answer:
        status, body = await self._bounded(method, url, {**headers, "Accept": "application/json"}, form, basic)
        if form is not None and status in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED):
            raise ProviderRefused(_decoded(url, body, _Error).error[:100])
        if status != httpx.codes.OK:
            raise ProviderUnavailable(f"{url} answered with {status}", status)
        return _decoded(url, body, kind)

    async def _bounded(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        basic: tuple[str, str] | None,
    ) -> tuple[int, bytes]:
        """Status and body."""
        if not is_safe_url(url):
            raise ProviderUnavailable(f"{url} is not an https:// URL")
        try:
            async with asyncio.timeout(SECONDS):
                request = self._opened().build_request(method, url, data=form, headers=headers)
                return await self._response(request, basic)
        except TimeoutError:
            raise ProviderUnavailable(f"{url} did not answer within {SECONDS:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ProviderUnavailable(f"{url} cannot be reached ({type(error).__name__})") from error

    async def _response(self, request: httpx.Request, basic: tuple[str, str] | None) -> tuple[int, bytes]:
        response = await self._opened().send(request, auth=basic, stream=True, follow_redirects=False)
        try:
            body = b""
            async for part in response.aiter_raw():
                body += part
                if len(body) > LARGEST_BYTES:
                    raise ProviderUnavailable(f"{request.url} answered with more than {LARGEST_BYTES >> 10} KiB")
            return response.status_code, body
        finally:
            await response.aclose()

    def _opened(self) -> httpx.AsyncClient:
        """Made for the first request: reading the system's certificates takes longer than the rest of a start."""
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=SECONDS,
                limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0),
                # A compressed body could be small on the way and large here.
                headers={"Accept-Encoding": "identity", "User-Agent": "fechatter"},
            )
        return self._client


def _decoded(url: str, body: bytes, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise ProviderUnavailable(f"{url} answered with something else than was expected: {error}") from None
