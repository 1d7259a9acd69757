"""Both ends of webhooks for bench/benchmarks/delivery.py, each in a process of its own: a receiver that answers 204 at
once, and the least that sends: the same body over and over, by httpx with an HMAC, or by nats-py to a stream."""

import asyncio
import base64
import hashlib
import hmac
import time
from typing import Any, cast

import httpx

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
WAIT_SECONDS = 300
KEY = b"k" * 32


class _Receiving(asyncio.Protocol):
    def __init__(self, webhooks: "Webhooks") -> None:
        self._webhooks = webhooks
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            lines = self._read[:end].decode("latin-1").lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines[1:])
            whole = end + 4 + int(headers["content-length"])
            if len(self._read) < whole:
                return
            self._webhooks.take(headers["webhook-id"], self._read[end + 4 : whole])
            self._read = self._read[whole:]
            self._transport.write(ANSWER)


class Webhooks:
    def __init__(self) -> None:
        self._ids: list[str] = []
        self._body = b""
        self._enough = asyncio.Event()
        self._wanted = 0

    def take(self, identifier: str, body: bytes) -> None:
        self._ids.append(identifier)
        self._body = body
        if len(self._ids) >= self._wanted:
            self._enough.set()

    async def listen(self) -> Any:
        server = await asyncio.get_running_loop().create_server(lambda: _Receiving(self), "127.0.0.1", 0)
        return {"port": server.sockets[0].getsockname()[1]}

    async def clear(self, amount: int) -> Any:
        """So many are awaited."""
        self._ids.clear()
        self._enough.clear()
        self._wanted = amount
        return {}

    async def received(self) -> Any:
        """Once all have come: their ids, and the last body."""
        async with asyncio.timeout(WAIT_SECONDS):
            await self._enough.wait()
        return {"ids": self._ids, "body": self._body.decode()}

    async def post(self, url: str, body: str, amount: int, at_a_time: int) -> Any:
        """The floor: how long it took."""
        content = body.encode()
        numbers = iter(range(amount))
        limits = httpx.Limits(max_connections=at_a_time, max_keepalive_connections=at_a_time)
        async with httpx.AsyncClient(trust_env=False, limits=limits) as client:

            async def one_after_the_other() -> None:
                for number in numbers:
                    stamp = str(int(time.time()))
                    said = hmac.digest(KEY, f"{number}.{stamp}.".encode() + content, hashlib.sha256)
                    headers = {
                        "content-type": "application/json",
                        "webhook-id": str(number),
                        "webhook-timestamp": stamp,
                        "webhook-signature": f"v1,{base64.b64encode(said).decode()}",
                    }
                    (await client.post(url, content=content, headers=headers)).raise_for_status()

            began = time.monotonic()
            await asyncio.gather(*(one_after_the_other() for _ in range(at_a_time)))
            return {"seconds": time.monotonic() - began}

    async def publish(self, url: str, subjects: list[str], body: str, amount: int) -> Any:
        """The floor of a stream: the next message of a subject follows the acknowledgement of the one before."""
        import nats

        client = await nats.connect(url)
        stream, content = client.jetstream(), body.encode()
        numbers = iter(range(amount))

        async def one_after_the_other(subject: str) -> None:
            for number in numbers:
                await stream.publish(subject, content, headers={"Nats-Msg-Id": f"floor.{number}"})

        began = time.monotonic()
        await asyncio.gather(*map(one_after_the_other, subjects))
        seconds = time.monotonic() - began
        await client.close()
        return {"seconds": seconds}


if __name__ == "__main__":
    import uvloop

    from bench.load.commands import obey

    uvloop.run(obey(Webhooks()))
