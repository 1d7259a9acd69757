"""What a provider publishes about itself: fetched when it is needed, remembered, and used for a while in an outage."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from chat_server.identity.outgoing import ProviderUnavailable

FRESH_SECONDS = 3600.0
# The least time between two requests, whatever asks for them: strangers can send tokens that name unknown keys.
RENEWAL_SECONDS = 30.0

Value = TypeVar("Value")

_log = structlog.get_logger()


class Remembered(Generic[Value]):
    """One published document. It is fetched again after FRESH_SECONDS; if that fails, the old one is used until it is
    `outage_seconds` old. `now` is a clock in seconds."""

    def __init__(
        self, fetch: Callable[[], Awaitable[Value]], outage_seconds: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch, self._outage_seconds, self._now = fetch, outage_seconds, now
        self._value: Value | None = None
        self._fetched_at = self._asked_at = -float("inf")
        self._failure = ProviderUnavailable("the provider has not been asked yet")
        self._asking = asyncio.Lock()

    async def get(self) -> Value:
        """Raises ProviderUnavailable if there is none, or only one that is too old."""
        if self._now() - self._fetched_at >= FRESH_SECONDS:
            await self._renew()
        if self._value is None or self._now() - self._fetched_at >= self._outage_seconds:
            raise ProviderUnavailable(str(self._failure))
        return self._value

    async def renewed(self) -> Value:
        """Asks the provider first, unless it was asked within RENEWAL_SECONDS. Raises as `get`."""
        await self._renew()
        return await self.get()

    async def _renew(self) -> None:
        wanted_at = self._now()
        async with self._asking:
            # Whoever waited takes what the one before has got.
            if self._asked_at >= wanted_at or self._now() - self._asked_at < RENEWAL_SECONDS:
                return
            self._asked_at = self._now()
            try:
                self._value = await self._fetch()
                self._fetched_at = self._now()
            except ProviderUnavailable as failure:
                self._failure = failure
                _log.warning("provider unavailable", reason=str(failure))
