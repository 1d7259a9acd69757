"""Leading the relay: reads the log on a connection that holds the leader's lock, and sends what it reads.

The session is the lease, so no clock is asked who leads. Whoever loses the connection, or is not heard even by itself,
no longer leads. A leader that is frozen keeps its session: whoever does not hear it ends that.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import structlog

from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.log.lineage import Lineage
from chat_core.log.reader import Reader
from chat_core.relay import notices
from chat_core.relay.bus import ERRORS, Bus
from chat_core.relay.pieces import pieces
from chat_core.relay.seal import sealed
from chat_core.settings import Settings
from notify_server.relay import metrics
from notify_server.relay.frames import FRAME_BYTES, Frame, Notice, encoded
from notify_server.relay.leader import Leader
from notify_server.relay.node import BEAT_SECONDS, SILENCE_SECONDS

RELAY_LEAD = query("relay_lead")
RELAY_EVICT = query("relay_evict", "lease_seconds")
# How long a leader is left alone by those who do not hear it.
LEASE_SECONDS: Final = 3.0
# Frames that wait to be sent, and notices.
MOST_WAITING: Final = 10_000
MOST_NOTICES: Final = 10_000

log = structlog.get_logger()


class NotLeader(Exception):
    """Another server leads, or this one no longer does; the text says why."""


class Leading:
    """One attempt to lead, of one term. `is_superseded` says of a term whether its frames no longer arrive."""

    def __init__(
        self, settings: Settings, bus: Bus, subject: str, channels: Sequence[str], is_superseded: Callable[[int], bool]
    ) -> None:
        self._bus, self._subject, self._is_superseded = bus, f"{subject}.log", is_superseded
        self._told, self._beat = notices.notices_subject(subject), notices.beat_subject(subject)
        heard = {channel: partial(self._hear, channel) for channel in channels}
        # The end of the log is read each heartbeat: none is sent that is not true.
        self._reader = Reader(
            settings.database,
            "fechatter relay",
            BEAT_SECONDS,
            heard,
            answer_seconds=settings.notify.poll_seconds,
        )
        self._outbox: deque[Frame] = deque()
        self._notices: list[Notice] = []
        self._beats = False
        self._ready = asyncio.Event()
        self._leader: Leader
        self._term = 0
        self._key = self._notices_key = b""

    async def run(self) -> None:
        """Leads until another one does. Raises NotLeader, and what asyncpg raises."""
        try:
            connection = await self._reader.connect()
            led = await RELAY_LEAD.row(connection)
            if led is None:
                ended = await RELAY_EVICT.value(connection, lease_seconds=LEASE_SECONDS)
                raise NotLeader(f"another one leads that is not heard; its session was ended: {bool(ended)}")
            await self._reader.start_at_end()
            self._key = self._reader.channel.encode()[:64]
            self._notices_key = notices.notices_key(self._reader.channel)
            self._term = led["term"]
            self._leader = Leader(led["epoch_no"], self._reader.epoch, self._term, self._reader.position)
            log.info("leads the relay", term=self._term, position=self._reader.position)
            metrics.leads.set(1)
            self._send(self._leader.heartbeat())
            async with AsyncExitStack() as stack:
                try:
                    await stack.enter_async_context(self._bus.hearing(self._told, self._hear_told))
                except ERRORS as error:
                    raise NotLeader(f"NATS: {type(error).__name__}") from None
                await self._lead()
        finally:
            metrics.leads.set(0)
            self._reader.close()

    async def _lead(self) -> None:
        tasks = [
            asyncio.create_task(self._reader.follow(self), name="reading for the relay"),
            asyncio.create_task(self._send_all(), name="sending for the relay"),
            asyncio.create_task(self._watch(), name="watching the relay"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(SILENCE_SECONDS)
            if self._is_superseded(self._term):
                raise NotLeader("its frames do not come back, or another one leads")

    async def _send_all(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            waiting, self._notices = self._notices, []
            for some in pieces(waiting, lambda notice: len(notice.text), FRAME_BYTES):
                self._outbox.append(self._leader.notices(some))
            while self._outbox:
                frame = self._outbox.popleft()
                await self._bus.send(self._subject, encoded(frame, self._key))
                metrics.sent.inc()
            if self._beats:
                self._beats = False
                await self._bus.send(self._beat, sealed(b"", self._notices_key))

    def _send(self, frame: Frame) -> None:
        if len(self._outbox) >= MOST_WAITING:
            self._outbox.clear()  # nodes read the log instead
        self._outbox.append(frame)
        self._ready.set()

    def _hear(self, channel: str, text: str) -> None:
        if len(self._notices) < MOST_NOTICES:
            self._notices.append(Notice(channel, text))
        else:
            self._leader.lose(1)
        self._ready.set()

    def _hear_told(self, message: bytes) -> None:
        """What a server has told over NATS, and not by NOTIFY."""
        texts = notices.decoded(message, self._notices_key)
        if texts is None:
            metrics.frames.labels("refused").inc()
            return
        for text in texts:
            self._hear(notices.CHANNEL, text)

    # -- as a consumer of the log

    async def take(self, events: list[Event], *, more: bool) -> None:
        for frame in self._leader.frames(events):
            self._send(frame)
        await asyncio.sleep(0)

    def begin_anew(self, lineage: Lineage, position: int) -> None:
        raise EpochEnded

    def go_on(self, lineage: Lineage, position: int) -> None:
        raise EpochEnded

    def caught_up(self) -> None:
        self._send(self._leader.heartbeat())
        self._beats = True

    def lost(self) -> None:
        """It ends."""

    def back(self, silent_seconds: float) -> None:
        """It has ended before."""


class EpochEnded(NotLeader):
    """The next term is one of the new epoch."""

    def __init__(self) -> None:
        super().__init__("an epoch has ended")
