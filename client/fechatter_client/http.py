"""Sends a request until there is a response, as often as that is safe and within a bounded time."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import httpx

from .errors import Problem, Unreachable

# Errors that may pass: too many requests, a server that is starting or stopping, a proxy without one.
PASSING = (429, 502, 503, 504)
FIRST_DELAY_SECONDS = 0.5
# A server that asks for a longer delay than this is not waited for.
LONGEST_RETRY_AFTER_SECONDS = 30.0


class Http:
    """Requests to one chat_server."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, timeout_seconds: float, retries: int) -> None:
        self.client, self.base_url, self.timeout_seconds = client, base_url.rstrip("/"), timeout_seconds
        self._retries = retries

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool,
    ) -> httpx.Response:
        """A successful response. `repeatable`: repeating the request is harmless. Raises Problem and Unreachable."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        retries = self._retries if repeatable else 0
        for attempt in range(retries + 1):
            last, wait = attempt == retries, FIRST_DELAY_SECONDS * 2**attempt
            try:
                response = await self.request(
                    method, path, params=given, json=body, content=content, headers=dict(headers or {})
                )
            except Unreachable:
                if last:
                    raise
            else:
                if response.is_success or response.status_code == httpx.codes.NOT_MODIFIED:
                    return response
                problem = Problem.of(response)
                asked = problem.retry_after_seconds or 0.0
                if last or problem.status not in PASSING or asked > LONGEST_RETRY_AFTER_SECONDS:
                    raise problem
                wait = max(wait, asked)
            await asyncio.sleep(wait * random.uniform(1, 1.5))
        raise AssertionError("not reached")

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The response to one request, whatever its status. Raises Unreachable."""
        url = f"{self.base_url}/api{path}"
        try:
            return await self.client.request(method, url, timeout=self.timeout_seconds, **options)
        except httpx.TransportError as error:
            raise Unreachable(f"{self.base_url} does not respond ({type(error).__name__})") from error
