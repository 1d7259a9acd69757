"""Waiting for an event, but not for ever."""

import asyncio
from contextlib import suppress


async def wait_at_most(seconds: float, event: asyncio.Event) -> None:
    """Until the event is set, or the seconds have passed. Until Python 3.12 asyncio.wait_for may overhear a
    cancellation."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
