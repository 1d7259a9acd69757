"""A stock sse-starlette application (stock_app.py), fed over HTTP: what most Python services do.

Like nchan it checks no access and keeps nothing; and a slow reader's queue has no bound.
"""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx

from bench.figures.result import BenchError
from bench.system import ROOT
from chat_core.process import children

NAME = "stock sse-starlette"


class Stock:
    def __init__(self, url: str, pid: int, client: httpx.AsyncClient) -> None:
        self.events = f"{url}/events"
        self.pid = pid
        self._publish = f"{url}/publish"
        self._client = client

    async def publish(self, payloads: Sequence[bytes]) -> None:
        (await self._client.post(self._publish, content=b"\n".join(payloads))).raise_for_status()


def running() -> AbstractAsyncContextManager[Stock]:
    return started("bench.peers.stock_app")


@asynccontextmanager
async def started(module: str) -> AsyncIterator[Stock]:
    """A program that prints its address, and takes events and streams as stock_app.py does."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        cwd=ROOT,
        stdout=PIPE,
        start_new_session=True,
        preexec_fn=children.die_with_parent(signal.SIGKILL),
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise BenchError(f"{module} did not start: see what it said above")
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            yield Stock(url, process.pid, client)
    finally:
        await children.end(
            process.pid, (signal.SIGTERM, 1), (signal.SIGKILL, 10)
        )  # its streams never end by themselves
        await process.wait()
