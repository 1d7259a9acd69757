"""A push service, and devices that have subscribed there: each push is verified by what the standards say, and
decrypted by another implementation."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chat_core.base64url import base64url
from tests.support.services.receiver import Received, Receiver, receiver

Json = dict[str, Any]


@dataclass
class Device:
    """What it was pushed, in order: `shown` are the notifications, `topics` by what the service replaces them."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"0123456789abcdef"
    shown: list[Json] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)

    @property
    def subscription(self) -> Json:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "keys": {"p256dh": base64url(point), "auth": base64url(self.secret)}}

    def decrypted(self, body: bytes) -> Json:
        text = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret)
        message: Json = json.loads(text)
        return message


@dataclass
class PushService:
    receiver: Receiver
    public_key: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    # Statuses and headers of the next answers, before it takes everything.
    answers: list[tuple[int, list[str]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def authority(self) -> str:
        return self.receiver.authority

    def device(self, name: str) -> Device:
        made = Device(f"http://{self.authority}/push/{name}")
        self.devices[f"/push/{name}"] = made
        return made

    async def shows(self, device: Device, amount: int) -> list[Json]:
        """The notifications of a device, once there are so many."""
        await self.receiver.until(lambda: len(device.shown) >= amount)
        return device.shown

    def answer(self, push: Received) -> tuple[int, list[str]]:
        status, more = self.answers.pop(0) if self.answers else (201, [])
        self.statuses.append(status)
        device = self.devices[push.key]
        if status == 201:
            self._judge(push, device)
        return status, more

    def _judge(self, push: Received, device: Device) -> None:
        headers = push.headers
        scheme, _, rest = headers["authorization"].partition(" ")
        given = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert (scheme, given["k"]) == ("vapid", self.public_key)
        point = base64.urlsafe_b64decode(given["k"] + "=")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        parts = urlsplit(device.endpoint)
        jwt.decode(
            given["t"], key, ["ES256"], audience=f"{parts.scheme}://{parts.netloc}", options={"require": ["exp", "sub"]}
        )
        assert headers["content-encoding"] == "aes128gcm"
        assert len(push.body) <= 4096
        assert int(headers["ttl"]) > 0
        assert len(headers["topic"]) <= 32
        message = device.decrypted(push.body)
        assert message["web_push"] == 8030
        device.shown.append(message["notification"])
        device.topics.append(headers["topic"])


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    async with receiver() as listening:
        service = PushService(listening)
        listening.answer = service.answer
        yield service
