"""A TCP load balancer before several servers of one kind: each connection goes to one of those that take it."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from tests.support.services.proxy import Between, Streams, pass_on

CONNECT_SECONDS = 1.0


class Balancer(Between):
    """At `url`, before servers on these ports of this machine."""

    def __init__(self, ports: Sequence[int]) -> None:
        super().__init__()
        self._ports = ports

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def connect(self) -> Streams:
        for port in random.sample(self._ports, len(self._ports)):
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection("127.0.0.1", port)
        raise ConnectionRefusedError

    def ways(self, client: Streams, server: Streams) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        return pass_on(client[0], server[1]), pass_on(server[0], client[1])
