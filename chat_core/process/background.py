"""Work that runs beside a server's requests, from its start to its stop.

A crash is a fault of ours: work that expects a failure, such as an unavailable database, handles it. Work that the
server needs takes the server with it when it crashes. Other work starts again, and the server goes on meanwhile.
"""

import asyncio
import random
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog
from prometheus_client import Counter

# The wait before crashed work starts again, at first and at most. It doubles until the work has run for LASTED_SECONDS.
BACKOFF_SECONDS: Final = (1.0, 60.0)
LASTED_SECONDS: Final = 300.0

Work = Callable[[], Coroutine[Any, Any, None]]

_log = structlog.get_logger()


class Background:
    """`crashes` counts by task. `failed`: work that the server needs has crashed, so it must end with status 1."""

    def __init__(self, crashes: Counter) -> None:
        self.failed = False
        self._crashes = crashes
        self._tasks: list[asyncio.Task[None]] = []

    def need(self, name: str, work: Work) -> None:
        """A server without it must not look alive: it drains and ends, and its supervisor starts another."""
        self._start(name, self._needed(name, work))

    def keep(self, name: str, work: Work) -> None:
        """The server can do without it for a while."""
        self._start(name, self._kept(name, work))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, name: str, running: Coroutine[Any, Any, None]) -> None:
        self._crashes.labels(name)  # a counter that begins at 0 shows its first crash
        self._tasks.append(asyncio.create_task(running, name=name))

    async def _needed(self, name: str, work: Work) -> None:
        try:
            await work()
        except Exception as error:
            self._report(name, error)
            self.failed = True
            signal.raise_signal(signal.SIGTERM)

    async def _kept(self, name: str, work: Work) -> None:
        wait = BACKOFF_SECONDS[0]
        while True:
            began = time.monotonic()
            try:
                await work()
            except Exception as error:
                self._report(name, error)
            else:
                return
            if time.monotonic() - began > LASTED_SECONDS:
                wait = BACKOFF_SECONDS[0]
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(2 * wait, BACKOFF_SECONDS[1])

    def _report(self, name: str, error: Exception) -> None:
        self._crashes.labels(name).inc()
        _log.critical("task failed", task=name, exc_info=error)
