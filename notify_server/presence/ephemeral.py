"""Presence and typing, as frames without an id (docs/adr/0007).

Every server publishes them on one NOTIFY channel, in batches: chat_server from its requests, notify_servers from their
reports of users coming and going. They are received on the connection that follows the log, collected, and written a
few times a second: at most one frame of a kind to each stream.

Each notice names the position of the log at which it holds. It is applied when this node has reached that position, and
checked against later events. All nodes therefore agree on what an event has ended, however late or early the notice
arrives.

Invariants: nothing here touches the log, its position or a cursor. What is held is bounded, and so is what is written:
a stream that is behind gets none of it, and between two portions the log's events have their turn.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog

from chat_core.log.event import Event
from notify_server import metrics
from notify_server.fan_out.hub import Hub, Subscriber
from notify_server.presence.people import News, Presences
from notify_server.presence.typists import Notice, Typists
from notify_server.streams.framing import Framing
from notify_server.streams.stream import Stream

CHANNEL = "fechatter_ephemeral"
# Notices within this time are written together.
TICK_SECONDS = 0.2
# What is written before the loop has its turn. A frame to a stream takes about 10 µs of CPU, however small it is.
PORTION_BYTES = 262_144
PORTION_FRAMES = 64
# A stream with more unread than this part of its buffer is behind.
BEHIND = 4
# Notices that wait until this node has reached their position.
MOST_EARLY = 10_000
# Positions by which a notice of typing may be late.
MOST_MISSED = 10_000

log = structlog.get_logger()


class Told(msgspec.Struct):
    """A notification: see tell_presence() and tell_typing() in sql/functions/presence/presence.sql."""

    presence: list[News] = []
    typing: list[Notice] = []


class Ephemeral:
    """One per server. `receive` is called with each notification, `run` writes the resulting frames. While the server
    `is_crowded` nothing is written: what has changed again or expired by then never is."""

    def __init__(self, hub: Hub, typing_seconds: float, is_crowded: Callable[[], bool] = lambda: False) -> None:
        self._hub, self._typing_seconds, self._is_crowded = hub, typing_seconds, is_crowded
        self._presences, self._typists = Presences(hub), Typists(hub, typing_seconds)
        # By position and order of arrival, with its time: a heap.
        self._early: list[tuple[int, int, float, News | Notice]] = []
        self._arrivals = itertools.count()
        self._news = asyncio.Event()
        self._decoder = msgspec.json.Decoder(Told)

    def receive(self, text: str) -> None:
        try:
            told = self._decoder.decode(text)
        except msgspec.DecodeError as error:  # sent by hand
            log.warning("ephemeral notification not understood", error=str(error))
            return
        metrics.ephemeral_received.labels("presence").inc(len(told.presence))
        metrics.ephemeral_received.labels("typing").inc(len(told.typing))
        now = asyncio.get_running_loop().time()
        pieces: list[News | Notice] = [*told.presence, *told.typing]
        due: list[News | Notice] = []
        for piece in pieces:
            if piece.position <= self._hub.position:
                due.append(piece)
            elif len(self._early) < MOST_EARLY:
                heapq.heappush(self._early, (piece.position, next(self._arrivals), now, piece))
            else:
                metrics.ephemeral_dropped.labels(_kind(piece), "too_many").inc()
        self._take(due, now)

    def follow(self, events: Sequence[Event]) -> None:
        """The next events of the log, which the hub has dispatched."""
        self._typists.follow(events)
        self._presences.follow(events)
        now = asyncio.get_running_loop().time()
        due: list[News | Notice] = []
        while self._early and self._early[0][0] <= self._hub.position:
            _, _, arrived_at, piece = heapq.heappop(self._early)
            if isinstance(piece, News) or now - arrived_at < self._typing_seconds:
                due.append(piece)
        self._take(due, now)

    def reset(self) -> None:
        """Another history has begun, with other positions."""
        self._early.clear()
        self._typists.reset()
        self._presences.reset()

    def go_on(self) -> None:
        """The history goes on in another epoch, with the same positions."""

    def _take(self, due: Sequence[News | Notice], now: float) -> None:
        if due:
            oldest = max(self._hub.ring.floor, self._hub.position - MOST_MISSED)
            since = self._hub.ring.after(max(oldest, min(piece.position for piece in due)))
            self._presences.take([piece for piece in due if isinstance(piece, News)], since)
            notices = [piece for piece in due if isinstance(piece, Notice)]
            known = [notice for notice in notices if notice.position >= oldest]
            metrics.ephemeral_dropped.labels("Typing", "too_late").inc(len(notices) - len(known))
            self._typists.take(known, since, now)
        if self._presences.waiting or self._typists.waiting:
            self._news.set()

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                async with asyncio.timeout_at(self._typists.next_end):
                    await self._news.wait()
            except TimeoutError:
                pass
            if not self._is_crowded():
                self._news.clear()
                await self.write()
            await asyncio.sleep(TICK_SECONDS)

    async def write(self) -> None:
        """The frames to write now."""
        now = asyncio.get_running_loop().time()
        self._typists.expire(now)
        await self._write("PresenceChanged", self._presences.frames())
        await self._write("Typing", self._typists.frames(now))

    async def _write(self, kind: str, groups: Iterable[list[tuple[str, Iterable[Subscriber]]]]) -> None:
        """The log's events have their turn between two groups: a group's content is true when it is written."""
        written = deliveries = 0
        for frames in groups:
            size, amount = self._write_group(kind, frames)
            written, deliveries = written + size, deliveries + amount
            if written >= PORTION_BYTES or deliveries >= PORTION_FRAMES:
                await asyncio.sleep(0)
                written = deliveries = 0

    def _write_group(self, kind: str, frames: Iterable[tuple[str, Iterable[Subscriber]]]) -> tuple[int, int]:
        """Returns the number of bytes and of frames."""
        written, deliveries, dropped = 0, 0, 0
        for payload, receivers in frames:
            framed: dict[Framing, bytes] = {}
            for subscriber in receivers:
                for stream in subscriber.streams:
                    if stream.workspace_id is not None:  # frames may have people of several workspaces
                        continue
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
        metrics.ephemeral_deliveries.labels(kind).inc(deliveries)
        metrics.ephemeral_dropped.labels(kind, "slow_reader").inc(dropped)
        return written, deliveries


def _kind(piece: News | Notice) -> str:
    return "PresenceChanged" if isinstance(piece, News) else "Typing"


def _is_behind(stream: Stream) -> bool:
    return stream.queued_bytes() * BEHIND > stream.buffer_bytes
