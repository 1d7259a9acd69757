"""What a node does with the frames that arrive, in whatever order and however often: without a clock and a network of
its own.

- A frame whose `prev` the node has reached continues its log. Which leader sent it does not matter, since events are
  the same in all frames of an epoch. What the node has already is dropped.
- If something is missing before a frame, the log is read; not at once, since frames may overtake each other, and not by
  all nodes at the same moment. If that does not close the gap, the frame is dropped: the log is the truth.
- The relay carries the log while it is heard. After two missed heartbeats it does not, and is nobody's word for
  anything, neither for its epoch nor for its term; it carries the log again when it has been heard for a heartbeat.
- Frames of an earlier epoch or of an earlier term are dropped: they are those of a leader that was frozen.
"""

import heapq
import itertools
from collections.abc import Callable
from typing import Final

from chat_core.log.event import Event
from notify_server.relay.frames import Frame, Notice

BEAT_SECONDS: Final = 1.0
# Two heartbeats, and a bit for the way.
SILENCE_SECONDS: Final = 2.2
# Frames that wait for one before them.
MOST_WAITING: Final = 256
MOST_WAITING_BYTES: Final = 16 << 20
NEVER: Final = float("inf")


class Node:
    """`patience` gives the seconds for which a gap may close by itself. Times are those of one clock that only goes
    forward."""

    def __init__(self, patience: Callable[[], float]) -> None:
        self._patience = patience
        self.epoch_no = self.term = self.noticed = 0
        self._heard_at = self._heard_since = -NEVER
        # By prev, then in the order of their arrival.
        self._waiting: list[tuple[int, int, Frame]] = []
        self._waiting_bytes = 0
        self._arrivals = itertools.count()
        # The last number of an arrival before the log was to be read.
        self._asked = -1
        self._gap_due: float | None = None
        self._overflowed = False
        self.dropped = 0

    # -- what arrives

    def receive(self, frame: Frame, now: float) -> tuple[list[Notice], bool]:
        """The notices of a frame that are new, and whether others are missing before them."""
        if not self.is_heard(now):
            self.epoch_no = self.term = 0
            self._heard_since = now
        if (frame.epoch_no, frame.term) < (self.epoch_no, self.term):
            self.dropped += 1
            return [], False
        is_new = (frame.epoch_no, frame.term) > (self.epoch_no, self.term)
        if is_new:
            self.epoch_no, self.term, self.noticed = frame.epoch_no, frame.term, 0
        self._heard_at = now
        self._wait(frame)
        fresh = frame.notices[max(0, self.noticed - frame.noticed + len(frame.notices)) :]
        missing = is_new or frame.noticed - len(fresh) > self.noticed
        self.noticed = max(self.noticed, frame.noticed)
        return fresh, missing

    def _wait(self, frame: Frame) -> None:
        if len(self._waiting) >= MOST_WAITING or self._waiting_bytes + frame.size > MOST_WAITING_BYTES:
            self.dropped += len(self._waiting)
            self._waiting.clear()
            self._waiting_bytes, self._overflowed = 0, True
        heapq.heappush(self._waiting, (frame.prev, next(self._arrivals), frame))
        self._waiting_bytes += frame.size

    # -- what the reader asks

    def take(self, epoch: str, position: int, now: float) -> tuple[list[Event], bool]:
        """The events that follow a position without a gap, and whether the log has to be read after them."""
        events: list[Event] = []
        gap, self._overflowed = self._overflowed, False
        while self._waiting and not gap:
            prev, arrival, frame = self._waiting[0]
            if frame.epoch == epoch and prev > position and arrival > self._asked:
                if self._gap_due is None:
                    self._gap_due = now + self._patience()
                if now < self._gap_due:
                    return events, False
                gap = True
                break
            heapq.heappop(self._waiting)
            self._waiting_bytes -= frame.size
            if frame.epoch != epoch:  # the database says which of them is over
                gap = frame.epoch_no >= self.epoch_no and arrival > self._asked
            elif prev > position or frame.last <= position:
                self.dropped += frame.last > frame.prev
            elif frame.events is None:
                gap = True
            else:
                events += frame.after(position)
                position = frame.last
        self._gap_due = None
        if gap:
            self._asked = next(self._arrivals)
        return events, gap

    def is_heard(self, now: float) -> bool:
        return now - self._heard_at < SILENCE_SECONDS

    def carries(self, now: float) -> bool:
        return self.is_heard(now) and self._heard_at - self._heard_since >= BEAT_SECONDS

    def silent_for(self, now: float) -> float:
        return now - self._heard_at

    def due(self, now: float) -> float:
        """When `take` or `carries` may have another answer without a frame."""
        return min(
            NEVER if self._gap_due is None else self._gap_due,
            self._heard_at + SILENCE_SECONDS if self.is_heard(now) else NEVER,
        )
