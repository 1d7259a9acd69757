"""Sets of clocks, as ranges: what updates add and what they delete, without a document.

A hostile update can have hundreds of thousands of separate ranges, and so can a board after years of honest deletions.
Ranges are therefore two arrays of 32-bit numbers, 8 bytes a range, and a union is one pass that copies whole stretches
between the changes.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Self, TypeAlias

# Maximum ranges, and clients, of an update or of a board; more is refused. A text of 100,000 words that was edited for
# months has about ten thousand ranges; each tab that edits is a client.
MOST_RANGES = 500_000
MOST_CLIENTS = 100_000
# A union with fewer ranges than this changes the arrays in place.
_FEW = 8

# The clients (8 bytes each), how many ranges each has, and where these start and end (4 bytes each), one after another.
Packed: TypeAlias = tuple[bytes, bytes, bytes, bytes]


class Spans:
    """Ranges `start ≤ clock < end` of one client, in order, that neither overlap nor touch. Never empty."""

    __slots__ = ("ends", "starts")

    def __init__(self, starts: "array[int]", ends: "array[int]") -> None:
        self.starts, self.ends = starts, ends

    @classmethod
    def of(cls, start: int, end: int) -> Self:
        return cls(array("I", (start,)), array("I", (end,)))

    @classmethod
    def of_pairs(cls, pairs: list[tuple[int, int]]) -> Self:
        """From ranges in any order, which may overlap."""
        pairs.sort()
        starts, ends = array("I", pairs[0][:1]), array("I", pairs[0][1:])
        last = ends[0]
        for start, end in pairs:
            if start > last:
                starts.append(start)
                ends.append(end)
                last = end
            elif end > last:
                ends[-1] = last = end
        return cls(starts, ends)

    def __len__(self) -> int:
        return len(self.starts)

    def add(self, start: int, end: int) -> None:
        starts, ends = self.starts, self.ends
        if start > ends[-1]:
            starts.append(start)
            ends.append(end)
            return
        first, after = bisect_left(ends, start), bisect_right(starts, end)
        if after > first:
            start, end = min(start, starts[first]), max(end, ends[after - 1])
        starts[first:after] = array("I", (start,))
        ends[first:after] = array("I", (end,))

    def include(self, other: "Spans") -> None:
        if len(other) < _FEW:
            for start, end in zip(other.starts, other.ends, strict=True):
                self.add(start, end)
            return
        starts, ends, at = array("I"), array("I"), 0
        for start, end in zip(other.starts, other.ends, strict=True):
            first = bisect_left(self.ends, start, at)
            if first > at:
                starts += self.starts[at:first]
                ends += self.ends[at:first]
            at = max(first, bisect_right(self.starts, end, first))
            if at > first:
                start, end = min(start, self.starts[first]), max(end, self.ends[at - 1])
            if ends and start <= ends[-1]:
                ends[-1] = max(end, ends[-1])
            else:
                starts.append(start)
                ends.append(end)
        self.starts, self.ends = starts + self.starts[at:], ends + self.ends[at:]

    def lacks(self, other: "Spans") -> int:
        """The number of the other's ranges that are not entirely within these."""
        starts, ends = self.starts, self.ends
        start = other.starts[0]
        at = len(starts) - 1 if start >= starts[-1] else bisect_right(starts, start) - 1
        if len(other) == 1:
            return at < 0 or ends[at] < other.ends[0]
        if at >= 0 and len(other) >= _FEW:  # a reconnecting client often sends exactly what is here
            upto = at + len(other)
            if starts[at:upto] == other.starts and ends[at:upto] == other.ends:
                return 0
        amount = 0
        for start, end in zip(other.starts, other.ends, strict=True):
            at = bisect_right(starts, start) - 1
            amount += at < 0 or ends[at] < end
        return amount


class Ranges:
    """The clocks of each client. `amount` is the number of ranges."""

    __slots__ = ("amount", "clients")

    def __init__(self) -> None:
        self.clients: dict[int, Spans] = {}
        self.amount = 0

    def add(self, client: int, start: int, end: int) -> None:
        spans = self.clients.get(client)
        if spans is None:
            self.clients[client] = Spans.of(start, end)
            self.amount += 1
        elif spans.starts[-1] <= start <= spans.ends[-1]:  # as a client writes: at the end
            if end > spans.ends[-1]:
                spans.ends[-1] = end
        else:
            before = len(spans.starts)
            spans.add(start, end)
            self.amount += len(spans.starts) - before

    def include_of(self, client: int, new: Spans) -> None:
        """May keep a reference to the other's arrays."""
        spans = self.clients.get(client)
        if spans is None:
            self.clients[client] = new
            self.amount += len(new)
        else:
            before = len(spans)
            spans.include(new)
            self.amount += len(spans) - before

    def include(self, other: "Ranges") -> None:
        for client, new in other.clients.items():
            if len(new) == 1:
                self.add(client, new.starts[0], new.ends[0])
            elif client in self.clients:
                self.include_of(client, new)
            else:
                self.include_of(client, Spans(new.starts[:], new.ends[:]))

    def lacks(self, other: "Ranges") -> int:
        """The number of the other's ranges that are not entirely within these."""
        amount = 0
        for client, theirs in other.clients.items():
            ours = self.clients.get(client)
            amount += len(theirs) if ours is None else ours.lacks(theirs)
        return amount

    def covers(self, other: "Ranges") -> bool:
        return not self.lacks(other)

    def has_more_clients(self, other: "Ranges", most: int) -> bool:
        """Whether both together have more clients than that. New ones are counted only near the limit."""
        room = most - len(self.clients)
        return len(other.clients) > room and sum(client not in self.clients for client in other.clients) > room

    def pieces(self, most: int) -> Iterator["Ranges"]:
        """The same, a limited number of ranges at a time, so that the caller can do other work in between."""
        piece = Ranges()
        for client, spans in self.clients.items():
            for at in range(0, len(spans), most):
                part = Spans(spans.starts[at : at + most], spans.ends[at : at + most])
                piece.include_of(client, part)
                if piece.amount >= most:
                    yield piece
                    piece = Ranges()
        if piece.amount:
            yield piece

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        for client, spans in self.clients.items():
            for start, end in zip(spans.starts, spans.ends, strict=True):
                yield client, start, end

    # -- from one process to another

    def pack(self) -> Packed:
        starts, ends = array("I"), array("I")
        for spans in self.clients.values():
            starts += spans.starts
            ends += spans.ends
        counts = array("I", map(len, self.clients.values()))
        return array("Q", self.clients).tobytes(), counts.tobytes(), starts.tobytes(), ends.tobytes()

    def unpack(self, packed: Packed, most: int) -> Iterator[None]:
        """Merges the output of `pack`, a few clients at a time: it continues when the next one is requested."""
        clients, counts, starts, ends = (array(kind, part) for kind, part in zip("QIII", packed, strict=True))
        at = 0
        for number, (client, count) in enumerate(zip(clients, counts, strict=True), 1):
            self.include_of(client, Spans(starts[at : at + count], ends[at : at + count]))
            at += count
            if number % most == 0:
                yield
