"""What streams have received, and whether it is complete, once, in order.

All streams of one chat get the same bytes, so they share one tape: the stream that is ahead records, the others are
compared with the record, at the price of a memcmp. A stream that differs continues with a tape of its own. Nothing is
parsed during a measurement; afterwards the few tapes show exactly what each stream got.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# The id and the event's name in either order; then, from the content of the message, its running number in its chat
# and when it was sent, in microseconds since 1970.
_EVENT = rb"(?:event: NewMessage\n)"
_FRAME = re.compile(_EVENT + rb"?id: ([^\n]*)\n" + _EVENT + rb"?data: [^\n]*?#(\d+) @(\d+) [^\n]*\n\n")
_MESSAGE = b"event: NewMessage\n"
CONTENT_LENGTH = 80


def content(number: int, sent: float) -> str:
    """A message that says which one it is and when it was sent (seconds since 1970), about as long as people's."""
    return f"#{number} @{round(sent * 1e6)} ".ljust(CONTENT_LENGTH, ".")


class Frame(NamedTuple):
    """`end` is where it ends on the tape, `sent` is in seconds since 1970."""

    end: int
    id: tuple[int, ...]
    number: int
    sent: float


class Faults(NamedTuple):
    """Messages that one stream missed, got again, or got too early; `foreign` are those that were not for it."""

    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    foreign: int = 0


class Tape:
    __slots__ = ("_counted", "_messages", "data")

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self._counted = 0
        self._messages = 0

    def messages(self) -> int:
        """Its number of complete messages. Cheap: each byte is examined once."""
        end = self.data.rfind(b"\n\n", self._counted) + 2
        if end > 1:
            self._messages += self.data.count(_MESSAGE, self._counted, end)
            self._counted = end
        return self._messages

    def has_messages_after(self, offset: int) -> bool:
        """Whether there are more than those that are complete before an offset."""
        return self.data.find(_MESSAGE, self.data.rfind(b"\n\n", 0, offset) + 1) >= 0

    def frames(self, until: int | None = None) -> list[Frame]:
        """The messages on it, up to an offset."""
        found = _FRAME.finditer(self.data, 0, len(self.data) if until is None else until)
        return [Frame(m.end(), _key(m[1]), int(m[2]), int(m[3]) / 1e6) for m in found]

    def resume(self, offset: int) -> tuple[int, str]:
        """Where the last complete event before an offset ends, and its id; 0 and nothing where there is none."""
        end = self.data.rfind(b"\n\n", 0, offset) + 2
        start = self.data.rfind(b"id: ", 0, end)
        if start < 0:
            return 0, ""
        return end, self.data[start + 4 : self.data.index(b"\n", start)].decode()


def _key(text: bytes) -> tuple[int, ...]:
    """What must increase: `epoch.position` here, `time:number` in nchan, a number elsewhere."""
    return tuple(int(part) for part in text.rpartition(b".")[2].split(b":"))


def faults(frames: Sequence[Frame], first: int, amount: int) -> Faults:
    """Holds what one stream got against the messages `first`, `first` + 1, … of its chat."""
    numbers = [frame.number for frame in frames]
    got = set(numbers)
    expected = range(first, first + amount)
    disordered = sum(
        later.number <= earlier.number or later.id <= earlier.id for earlier, later in itertools.pairwise(frames)
    )
    return Faults(
        lost=sum(number not in got for number in expected),
        doubled=len(numbers) - len(got),
        disordered=disordered,
        foreign=sum(number not in expected for number in got),
    )


def delays(frames: Sequence[Frame], times: Sequence[float], ends: Sequence[int]) -> Iterator[tuple[Frame, float]]:
    """Each frame, and when it was complete at one stream. `ends[i]` is how far that stream had come at `times[i]`."""
    at = 0
    for frame in frames:
        while at < len(ends) and ends[at] < frame.end:
            at += 1
        if at == len(ends):
            return
        yield frame, times[at]
