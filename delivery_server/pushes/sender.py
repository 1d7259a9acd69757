"""Sends one push to one device, and reads the answer of its service."""

import hashlib
import random
from dataclasses import dataclass
from typing import Final

from asyncpg import Record

from chat_core.base64url import base64url
from chat_core.outgoing.guarded import Guarded, Unreachable
from chat_core.outgoing.refused import Refused
from chat_core.outgoing.web_push import Vapid, encrypt
from delivery_server.pushes.payload import payload_of
from delivery_server.webhook import MOST_ANSWER_BYTES, retry_after

# After failures in a row; the last one again and again, until the push is too old.
WAITS: Final = (2.0, 10.0, 60.0, 300.0, 900.0)
LONGEST_WAIT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Pushed:
    """`error`: why it was not taken, None if it was; `wait`: seconds until it is tried again, None if it is not."""

    status: int | None = None
    error: str | None = None
    wait: float | None = None


class Sender:
    """`origin` is where browsers reach the chats."""

    def __init__(self, client: Guarded, vapid: Vapid, origin: str, keep_seconds: int, answer_seconds: float) -> None:
        self._client, self._vapid, self._origin = client, vapid, origin
        self._keep_seconds, self._answer_seconds = keep_seconds, answer_seconds

    async def push(self, push: Record) -> Pushed:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(self._keep_seconds),
            "Urgency": "high",
            "Topic": topic_of(push["chat_id"], push["secret"]),
            **self._vapid.headers(push["endpoint"]),
        }
        body = encrypt(payload_of(push, self._origin), push["public_key"], push["secret"])
        try:
            answer = await self._client.post(
                push["endpoint"], body, headers, seconds=self._answer_seconds, most_bytes=MOST_ANSWER_BYTES
            )
        except Refused as error:
            return Pushed(error=str(error))
        except Unreachable as error:
            return Pushed(error=str(error), wait=_wait(push["attempts"]))
        if 200 <= answer.status < 300:
            return Pushed(answer.status)
        said = f"It answers {answer.status}."
        if answer.status == 429 or answer.status >= 500:
            asked = retry_after(answer.headers.get("retry-after")) or 0.0
            return Pushed(answer.status, said, max(_wait(push["attempts"]), min(asked, LONGEST_WAIT)))
        return Pushed(answer.status, said)


def topic_of(chat_id: int, secret: bytes) -> str:
    """By which a service replaces what a device has not fetched yet: one for each chat, which says nothing of it."""
    digest = hashlib.sha256(secret + str(chat_id).encode()).digest()[:18]
    return base64url(digest)


def _wait(attempts: int) -> float:
    return WAITS[min(attempts, len(WAITS)) - 1] * random.uniform(0.9, 1.2)
