"""What is told and not kept: who is there and who is typing, as frames without an id (docs/adr/0007).

Every server tells it on one NOTIFY channel, many at once: chat_server what its requests say, notify_servers by their
reports which of their users have come and gone. It is received on the connection that follows the log, gathered, and
written a few times a second: to each stream one frame of a kind at most, whatever came meanwhile.

Invariants: nothing here touches the log, its position or a cursor. What is held is bounded, and so is what is written:
a stream that is behind gets none of it, and between two portions the log's events have their turn.
"""

import asyncio
from collections.abc import Iterable

import msgspec
import structlog

from notify_server import metrics
from notify_server.framing import Framing
from notify_server.hub import Hub, Subscriber
from notify_server.presence import Presences
from notify_server.stream import Stream
from notify_server.typists import Typists

CHANNEL = "fechatter_ephemeral"
# What comes within this is told together.
TICK_SECONDS = 0.2
# Bytes that are written before the loop has its turn.
PORTION_BYTES = 262_144
# A stream with more unread than this part of its buffer is behind.
BEHIND = 4

log = structlog.get_logger()


class Told(msgspec.Struct):
    """A notification: see tell_presence() and tell_typing() in sql/functions/presence.sql."""

    presence: list[tuple[int, str, str | None, list[int]]] = []
    typing: list[tuple[int, int, bool]] = []


class Ephemeral:
    """One per server. `receive` is called with each notification, `run` writes what came of them."""

    def __init__(self, hub: Hub, typing_seconds: float) -> None:
        self._hub = hub
        self._presences, self._typists = Presences(hub), Typists(hub, typing_seconds)
        self._news = asyncio.Event()
        self._decoder = msgspec.json.Decoder(Told)

    def receive(self, text: str) -> None:
        try:
            told = self._decoder.decode(text)
        except msgspec.DecodeError as error:  # somebody's NOTIFY by hand
            log.warning("ephemeral notification not understood", error=str(error))
            return
        metrics.ephemeral_received.labels("presence").inc(len(told.presence))
        metrics.ephemeral_received.labels("typing").inc(len(told.typing))
        for user_id, presence, last_seen, workspaces in told.presence:
            self._presences.take(user_id, presence, last_seen, workspaces)
        now = asyncio.get_running_loop().time()
        for chat_id, user_id, started in told.typing:
            self._typists.take(chat_id, user_id, started, now)
        if self._presences.waiting or self._typists.waiting:
            self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout_at(self._typists.next_end):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            self._typists.expire(loop.time())
            await self._write("PresenceChanged", self._presences.frames())
            await self._write("Typing", self._typists.frames(loop.time()))
            await asyncio.sleep(TICK_SECONDS)

    async def _write(self, kind: str, frames: Iterable[tuple[str, Iterable[Subscriber]]]) -> None:
        written, deliveries, dropped = 0, 0, 0
        for payload, receivers in frames:
            framed: dict[Framing, bytes] = {}
            for subscriber in receivers:
                for stream in subscriber.streams:
                    if _is_behind(stream):
                        dropped += 1
                        continue
                    framing = stream.framing
                    content = framed.get(framing) or framed.setdefault(
                        framing, framing.wire(framing.ephemeral(kind, payload))
                    )
                    stream.pending.append(content)
                    stream.flush()
                    deliveries += 1
                    written += len(content)
            if written >= PORTION_BYTES:
                await asyncio.sleep(0)
                written = 0
        metrics.ephemeral_deliveries.labels(kind).inc(deliveries)
        metrics.ephemeral_dropped.labels(kind, "slow_reader").inc(dropped)


def _is_behind(stream: Stream) -> bool:
    return stream.queued_bytes() * BEHIND > stream.buffer_bytes
