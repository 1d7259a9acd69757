"""This server's part in the relay: it takes what the leader sends, and leads if nobody else does (ADR 91)."""

import asyncio
import random
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import structlog

from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS
from chat_core.relay import notices
from chat_core.relay.bus import Bus
from chat_core.relay.pieces import pieces
from chat_core.settings import Settings
from notify_server.relay import hints, metrics
from notify_server.relay.frames import decoded
from notify_server.relay.hints import HINT_BYTES, Early, Hint, Moved, State
from notify_server.relay.leading import Leading, NotLeader
from notify_server.relay.node import BEAT_SECONDS, SILENCE_SECONDS, Node
from notify_server.relay.told import Told

# How long a gap may last before the log is read: frames of one leader overtake each other by less.
PATIENCE_SECONDS: Final = (0.005, 0.05)
# How long the start of a server waits for NATS.
CONNECT_SECONDS: Final = 1.0
# A way to NATS and back that takes longer than this, so many times, is too slow to bring the log.
PROMPT_SECONDS: Final = 1.0
LATE_TIMES: Final = 2
# How long those who hear no leader wait, so that one of them is the first.
JITTER_SECONDS: Final = 0.3
# Hints that wait to be sent; the oldest are dropped.
MOST_HINTS: Final = 1000

log = structlog.get_logger()


class Relay:
    """`heard` maps each channel to the callback for the text of its notifications; `missed` is called with how long
    there were none."""

    def __init__(
        self, settings: Settings, heard: Mapping[str, Callable[[str], None]], missed: Callable[[float], None]
    ) -> None:
        self._settings, self._heard, self._missed = settings, heard, missed
        subject = settings.nats.subject
        self._boards, self._documents, self._told_to = f"{subject}.boards", f"{subject}.documents", f"{subject}.notices"
        heard_there = {self._boards: self._receive_hint, self._documents: self._receive_hint}
        self.bus = Bus(settings.nats, {f"{subject}.log": self._receive, **heard_there})
        self._self = secrets.token_hex(4)
        # Called with the updates of boards that other servers are storing, and with what has moved there.
        self.hear_early: Callable[[int, bytes], None] = lambda _board_id, _update: None
        self.hear_moved: Callable[[Moved], None] = lambda _moved: None
        self._hints: deque[tuple[str, Hint]] = deque(maxlen=MOST_HINTS)
        self._has_hints = asyncio.Event()
        self._told = Told()
        self._node = Node(lambda: random.uniform(*PATIENCE_SECONDS))
        self._key = self._notices_key = b""
        # Whether notifications are taken from here.
        self.is_led = False
        # Whether NATS answers too late for what comes over it to be of use.
        self._is_late = False
        self._ring: Callable[[], None] = _nothing
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = float("inf")
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Subscribes, if NATS answers soon; the log is read after that. If not, it happens in the background."""
        metrics.workers.set(1)
        self._tasks = [
            asyncio.create_task(self.bus.run(), name="NATS"),
            asyncio.create_task(self._send_hints(), name="hints over NATS"),
            asyncio.create_task(self._time_answers(), name="how late NATS is"),
        ]
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.bus.subscribed.wait()
        except TimeoutError:
            log.warning("NATS does not answer; the log is followed without it")

    async def run(self) -> None:
        """Runs until cancelled: leads, while nobody else is heard."""
        try:
            while True:
                await self._silence()
                try:
                    await self._lead()
                except NotLeader as reason:
                    log.info("not the leader of the relay", reason=str(reason))
                except DATABASE_ERRORS as error:
                    log.warning("the relay is not led", error=type(error).__name__)
                await asyncio.sleep(BEAT_SECONDS * random.uniform(0.5, 1.0))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _silence(self) -> None:
        """Returns when NATS answers and no leader has been heard for two heartbeats, nor in a moment more."""
        loop = asyncio.get_running_loop()
        while True:
            if self._node.is_heard(loop.time()):
                await asyncio.sleep(SILENCE_SECONDS - self._node.silent_for(loop.time()) + 0.01)
            elif not self._key or not await self.bus.answers():
                await asyncio.sleep(BEAT_SECONDS)
            else:
                await asyncio.sleep(random.uniform(0, JITTER_SECONDS))
                if not self._node.is_heard(loop.time()):
                    return

    async def _time_answers(self) -> None:
        """Frames do not say how late they are, since clocks differ. They come as late as answers do, to this server
        and, where it leads, from it to the others."""
        late = 0
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            late = 0 if await self.bus.answers(PROMPT_SECONDS) else late + 1
            if (late >= LATE_TIMES) is not self._is_late:
                self._is_late = late >= LATE_TIMES
                self._wake()

    async def _lead(self) -> None:
        leading = Leading(self._settings, self.bus, self._settings.nats.subject, list(self._heard), self._is_superseded)
        await leading.run()

    def _is_superseded(self, term: int) -> bool:
        """Whether another one leads, or not even this server hears this one in time."""
        is_heard = self._node.is_heard(asyncio.get_running_loop().time())
        return self._node.term != term or not is_heard or self._is_late

    def _receive(self, message: bytes) -> None:
        frame = decoded(message, self._key) if self._key else None
        if frame is None:
            metrics.frames.labels("refused").inc()
            return
        now = asyncio.get_running_loop().time()
        fresh, missing = self._node.receive(frame, now)
        metrics.received(frame, self._node)
        for notice in fresh:
            self._told.hear(notice.text)
        if self.is_led:
            if missing:
                metrics.missed_notices.inc()
                self._missed(2 * SILENCE_SECONDS)
            for notice in fresh:
                if notice.channel in self._heard:
                    self._heard[notice.channel](notice.text)
        self._wake()

    # -- what this server has to say

    async def tell(self, texts: list[str]) -> None:
        """Tells all servers, this one too, of presence or typing, as NOTIFY does."""
        now = asyncio.get_running_loop().time()
        for text in texts:
            self._told.tell(text, now)
        for message in notices.encoded(texts, self._notices_key):
            await self.bus.send(self._told_to, message)

    def lost_seconds(self) -> float:
        """How long ago something was told that has not come back; 0 if all has."""
        lost = self._told.lost_seconds(asyncio.get_running_loop().time())
        if lost:
            metrics.told_anew.inc()
        return lost

    def tell_early(self, board_id: int, update: bytes) -> None:
        """This server is storing an update of a board."""
        if self.is_led and len(update) <= HINT_BYTES:
            self._hint(self._boards, Early(self._self, board_id, update))

    def tell_moved(self, epoch: str, position: int, states: Iterable[State]) -> None:
        """Clients of this server have moved on documents, as of this position of the log. Those of each message are
        few enough for it."""
        for some in pieces(states, lambda state: len(state.state), HINT_BYTES):
            self._hint(self._documents, Moved(self._self, epoch, position, some))

    def _hint(self, subject: str, hint: Hint) -> None:
        metrics.hints_dropped.inc(len(self._hints) == MOST_HINTS)
        self._hints.append((subject, hint))
        self._has_hints.set()

    async def _send_hints(self) -> None:
        while True:
            await self._has_hints.wait()
            self._has_hints.clear()
            while self._hints:
                subject, hint = self._hints.popleft()
                await self.bus.send(subject, hints.encoded(hint, self._key))

    def _receive_hint(self, message: bytes) -> None:
        hint = hints.decoded(message, self._key) if self._key else None
        if hint is None:
            metrics.frames.labels("refused").inc()
        elif hint.node == self._self:
            return
        elif isinstance(hint, Early):
            metrics.frames.labels("board").inc()
            self.hear_early(hint.board_id, hint.update)
        else:
            metrics.frames.labels("presence").inc()
            self.hear_moved(hint)

    # -- when something is due

    def _wake(self) -> None:
        self._ring()
        self._set_alarm()

    def _set_alarm(self) -> None:
        """For what changes without a frame. One that comes too early sets the next."""
        loop = asyncio.get_running_loop()
        due = self._node.due(loop.time())
        if due < self._alarm_at:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm_at = due
            self._alarm = loop.call_at(due + 0.001, self._alarmed)

    def _alarmed(self) -> None:
        self._alarm, self._alarm_at = None, float("inf")
        self._wake()

    # -- what the reader of the log asks

    def take(self, epoch: str, position: int) -> tuple[list[Event], bool]:
        now = asyncio.get_running_loop().time()
        events, gap = self._node.take(epoch, position, now)
        if events:
            metrics.events.inc(len(events))
        if gap:
            metrics.gaps.inc()
        self._set_alarm()
        return events, gap

    def follow(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def know(self, channel: str) -> None:
        self._key = channel.encode()[:64]
        self._notices_key = notices.notices_key(channel)

    @property
    def carries(self) -> bool:
        return not self._is_late and self._node.carries(asyncio.get_running_loop().time())

    def switch(self, *, led: bool) -> None:
        silent = self._node.silent_for(asyncio.get_running_loop().time())
        if self.is_led is led:
            return
        self.is_led = led
        metrics.led.set(led)
        log.info("the log comes over NATS" if led else "the log comes from the database alone")
        if not led:
            metrics.fallbacks.inc()
            self._missed(silent)


def _nothing() -> None:
    """Nobody reads yet."""
