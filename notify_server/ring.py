"""The newest events, in memory: who comes back within them needs no database.

Invariant: the ring holds every event of its epoch above `floor`, in order. It is bounded by the bytes of its frames.
"""

from collections import deque
from collections.abc import Iterable
from itertools import takewhile

from notify_server.events import Event

# What an event costs beside its frame: the object, its numbers and time, its place.
_OVERHEAD_BYTES = 500


class Ring:
    def __init__(self, bound_bytes: int) -> None:
        self.floor = 0
        self.bytes = 0
        self._bound_bytes = bound_bytes
        self._events: deque[Event] = deque()

    def __len__(self) -> int:
        return len(self._events)

    def start(self, floor: int, events: Iterable[Event] = ()) -> None:
        """Begins anew: with the events above `floor`, of which all there are have to be given."""
        self._events.clear()
        self.floor, self.bytes = floor, 0
        self.extend(events)

    def extend(self, events: Iterable[Event]) -> None:
        """The next events of the log; the oldest ones make room."""
        for event in events:
            self._events.append(event)
            self.bytes += len(event.frame) + _OVERHEAD_BYTES
        while self.bytes > self._bound_bytes:
            oldest = self._events.popleft()
            self.bytes -= len(oldest.frame) + _OVERHEAD_BYTES
            self.floor = oldest.position

    def after(self, position: int) -> list[Event]:
        """The events above a position, which is `floor` or above it. Costs what is missed, not what there is."""
        missed = list(takewhile(lambda event: event.position > position, reversed(self._events)))
        missed.reverse()
        return missed
