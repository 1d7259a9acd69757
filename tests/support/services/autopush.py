"""Mozilla's push service, as far as Firefox asks for it: a WebSocket on which devices register and are told, and the
endpoints that servers post to (RFC 8030). https://mozilla-push-service.readthedocs.io has the protocol."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from websockets.asyncio.server import ServerConnection, serve

from tests.support.services.receiver import Received, receiver


@dataclass
class Autopush:
    """`acknowledged` has the versions of what a worker has been given; `topics` those of all pushes."""

    port: int = 0
    endpoints_at: str = ""
    topics: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)
    _devices: dict[str, ServerConnection] = field(default_factory=dict)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _sending: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/"

    async def acknowledges(self, amount: int) -> None:
        while len(self.acknowledged) < amount:
            self._came.clear()
            await self._came.wait()

    def post(self, push: Received) -> tuple[int, list[str]]:
        """Of a server; the path is the channel."""
        channel = push.key.removeprefix("/push/")
        if (device := self._devices.get(channel)) is None:
            return 410, []
        self.topics.append(push.headers["topic"])
        told = {
            "messageType": "notification",
            "channelID": channel,
            "version": uuid4().hex,
            "data": base64.urlsafe_b64encode(push.body).rstrip(b"=").decode(),
            "headers": {"encoding": push.headers["content-encoding"]},
        }
        task = asyncio.create_task(device.send(json.dumps(told)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return 201, [f"Location: {self.endpoints_at}/m/{told['version']}"]

    async def talk(self, device: ServerConnection) -> None:
        async for text in device:
            said: dict[str, Any] = json.loads(text)
            kind, channel = said.get("messageType", "ping"), said.get("channelID", "")
            answer: dict[str, Any] | None = {"messageType": kind, "status": 200, "channelID": channel}
            if kind == "hello":
                answer = {
                    "messageType": "hello",
                    "status": 200,
                    "uaid": uuid4().hex,
                    "use_webpush": True,
                    "broadcasts": {},
                }
            elif kind == "register":
                self._devices[channel] = device
                answer = {**(answer or {}), "pushEndpoint": f"{self.endpoints_at}/push/{channel}"}
            elif kind == "unregister":
                self._devices.pop(channel, None)
                self.unregistered.append(channel)
            elif kind == "ack":
                self.acknowledged += [update["version"] for update in said["updates"]]
                answer = None
            elif kind == "ping":
                answer = {}
            else:
                answer = None
            if answer is not None:
                await device.send(json.dumps(answer))
            self._came.set()


@asynccontextmanager
async def autopush(port: int) -> AsyncIterator[Autopush]:
    """`port` is that of its endpoints."""
    service = Autopush(endpoints_at=f"http://127.0.0.1:{port}")
    async with receiver(port) as endpoints, serve(service.talk, "127.0.0.1", 0) as devices:
        endpoints.answer = service.post
        service.port = next(iter(devices.sockets)).getsockname()[1]
        yield service
