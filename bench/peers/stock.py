"""A stock sse-starlette application (stock_app.py), fed over HTTP: what most Python services do.

Like nchan it checks no access and keeps nothing; and a slow reader's queue has no bound.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx

from bench.peers.programs import printing_its_url

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
    async with printing_its_url(module) as program, httpx.AsyncClient(trust_env=False, timeout=60) as client:
        yield Stock(program.url, program.pid, client)
