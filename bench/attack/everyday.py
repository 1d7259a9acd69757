"""What honest users do during attacks: they sign in and open a board. Each action is timed, and none may fail."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from bench.load.documents.yjs_wire import STEP_1, YWebSocketWire
from bench.system import System

PAUSE_SECONDS = 0.25
LONGEST_SECONDS = 10.0
_WIRE = YWebSocketWire("/api/boards/yjs")
_ACCOUNT = {"email": "everyday@example.com", "password": "nothing of importance"}


@dataclass
class Everyday:
    """`slowest`: seconds by what was done; `failures`: what went wrong, in words."""

    fechatter: System
    board: int
    token: str
    slowest: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    async def sign_up(self) -> None:
        async with self._client() as client:
            answer = await client.post("/api/auth/signup", json={"fullname": "Everyday", **_ACCOUNT})
            answer.raise_for_status()

    async def go_on(self) -> None:
        """Until cancelled."""
        async with self._client() as client:
            while True:
                await self._time("sign in", self._sign_in(client))
                await self._time("open a board", self._open_board())
                await asyncio.sleep(PAUSE_SECONDS)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.fechatter.chat, trust_env=False, timeout=LONGEST_SECONDS)

    async def _time(self, what: str, doing: Awaitable[None]) -> None:
        started = time.monotonic()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await doing
        except (OSError, httpx.HTTPError, WebSocketException) as error:  # TimeoutError is an OSError
            self.failures.append(f"{what}: {type(error).__name__} {str(error).partition(chr(10))[0]}")
        finally:
            self.slowest[what] = max(self.slowest.get(what, 0.0), time.monotonic() - started)

    async def _sign_in(self, client: httpx.AsyncClient) -> None:
        (await client.post("/api/auth/signin", json=_ACCOUNT)).raise_for_status()

    async def _open_board(self) -> None:
        url = f"{self.fechatter.notify.replace('http', 'ws', 1)}{_WIRE.path(str(self.board))}"
        headers = {"Authorization": f"Bearer {self.token}"}
        async with connect(url, additional_headers=headers, proxy=None, ping_interval=None, close_timeout=1) as socket:
            await socket.send(b"\0%c\1\0" % STEP_1)
            while _WIRE.kind(bytes(await socket.recv(decode=False))) != "step 2":
                pass
