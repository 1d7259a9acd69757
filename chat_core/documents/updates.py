"""What is in a Yjs update (version 1), without a document: checked to its last byte, and summed up.

Whoever can edit could otherwise send bytes on which other people's clients fail, or which can never be compacted. So
all is read: every struct, every value in it, every deletion. What is kept of it is its extent: of each client's
clocks, which it brings and which it deletes. That is enough to keep a board's state vector, and to see that an update
has nothing new, as most have that a client sends when it comes back.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, Self, TypeAlias

import msgspec

from chat_core.documents.lib0 import Malformed, Reader, uint

# An update without structs and deletions.
EMPTY: Final = b"\x00\x00"
# yrs counts clocks in 32 bits.
_LAST_CLOCK: Final = 2**31
_DEEPEST: Final = 64

_GC, _DELETED, _JSON, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _DOC, _SKIP = range(11)
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_SUB = 0x80, 0x40, 0x20
_XML_ELEMENT, _XML_HOOK, _TYPES = 3, 5, 7  # yrs cannot read a hook, so none is taken

Range: TypeAlias = tuple[int, int]


class Ranges:
    """Clocks of each client, as ranges `start ≤ clock < end` that neither overlap nor touch."""

    __slots__ = ("clients",)

    def __init__(self) -> None:
        self.clients: dict[int, list[Range]] = {}

    def add(self, client: int, start: int, end: int) -> None:
        ranges = self.clients.get(client)
        if ranges is None:
            self.clients[client] = [(start, end)]
            return
        last_start, last_end = ranges[-1]
        if last_start <= start <= last_end:  # as a client writes: at the end
            ranges[-1] = (last_start, max(end, last_end))
            return
        first = bisect_right(ranges, start, key=_start)
        if first and ranges[first - 1][1] >= start:
            first -= 1
        after = first
        while after < len(ranges) and ranges[after][0] <= end:
            start, end = min(start, ranges[after][0]), max(end, ranges[after][1])
            after += 1
        ranges[first:after] = [(start, end)]

    def include(self, other: "Ranges") -> None:
        for client, start, end in other:
            self.add(client, start, end)

    def covers(self, other: "Ranges") -> bool:
        for client, start, end in other:
            ranges = self.clients.get(client)
            if ranges is None:
                return False
            place = bisect_right(ranges, start, key=_start) - 1
            if place < 0 or ranges[place][1] < end:
                return False
        return True

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        for client, ranges in self.clients.items():
            for start, end in ranges:
                yield client, start, end


class Extent:
    """What updates bring and what they delete."""

    __slots__ = ("deletions", "structs")

    def __init__(self) -> None:
        self.structs, self.deletions = Ranges(), Ranges()

    @classmethod
    def of(cls, update: bytes) -> Self:
        """Malformed unless it is an update to its last byte."""
        extent = cls()
        reader = Reader(update)
        _read_structs(reader, extent.structs)
        _read_deletions(reader, extent.deletions)
        reader.end()
        return extent

    @classmethod
    def of_all(cls, updates: Iterable[bytes]) -> Self:
        extent = cls()
        for update in updates:
            extent.include(cls.of(update))
        return extent

    def include(self, other: "Extent") -> None:
        self.structs.include(other.structs)
        self.deletions.include(other.deletions)

    def covers(self, other: "Extent") -> bool:
        return self.structs.covers(other.structs) and self.deletions.covers(other.deletions)

    def deleting(self) -> bytes:
        """An update that deletes what these delete, and brings nothing."""
        clients = self.deletions.clients.items()
        written = [
            uint(client) + uint(len(ranges)) + b"".join(uint(start) + uint(end - start) for start, end in ranges)
            for client, ranges in clients
        ]
        return b"\x00" + uint(len(written)) + b"".join(written)

    def vector(self) -> bytes:
        """The state vector: of each client, up to which clock all is there."""
        clients = [(client, ranges[0][1]) for client, ranges in self.structs.clients.items() if ranges[0][0] == 0]
        return uint(len(clients)) + b"".join(uint(client) + uint(clock) for client, clock in clients)


def read_vector(vector: bytes) -> dict[int, int]:
    """Malformed unless it is a state vector to its last byte."""
    reader = Reader(vector)
    clocks = {reader.uint(): reader.uint() for _ in range(reader.uint())}
    reader.end()
    return clocks


def _start(one: Range) -> int:
    return one[0]


def _read_structs(reader: Reader, structs: Ranges) -> None:
    uint = reader.uint
    for _ in range(uint()):
        amount, client, clock = uint(), uint(), uint()
        for _ in range(amount):
            info = reader.byte()
            kind = info & 0x1F
            if kind in (_GC, _SKIP):
                length = uint()
            else:
                _read_place(reader, info)
                length = _read_content(reader, kind)
            if clock + length > _LAST_CLOCK or (not length and kind != _STRING):  # yrs writes empty strings
                raise Malformed("a struct has an impossible length")
            if length and kind != _SKIP:
                structs.add(client, clock, clock + length)
            clock += length


def _read_deletions(reader: Reader, deletions: Ranges) -> None:
    uint = reader.uint
    for _ in range(uint()):
        client = uint()
        for _ in range(uint()):
            clock, length = uint(), uint()
            if length < 1 or clock + length > _LAST_CLOCK:
                raise Malformed("a deletion has an impossible length")
            deletions.add(client, clock, clock + length)


def _read_place(reader: Reader, info: int) -> None:
    """Where an item is: beside others, or in a parent."""
    if info & _HAS_ORIGIN:
        _read_id(reader)
    if info & _HAS_RIGHT_ORIGIN:
        _read_id(reader)
    if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        match reader.uint():
            case 1:
                reader.string()
            case 0:
                _read_id(reader)
            case _:
                raise Malformed("an item has no parent")
        if info & _HAS_PARENT_SUB:
            reader.string()


def _read_id(reader: Reader) -> None:
    reader.uint()
    if reader.uint() >= _LAST_CLOCK:
        raise Malformed("a clock is too large")


def _read_content(reader: Reader, kind: int) -> int:
    """Returns how many clocks it takes."""
    if kind == _STRING:
        text = reader.string()
        return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2  # JavaScript's length
    if kind == _DELETED:
        return reader.uint()
    if kind in (_ANY, _JSON):
        amount = reader.uint()
        for _ in range(amount):
            if kind == _ANY:
                _read_any(reader, 0)
            else:
                _read_json(reader, undefined=True)
        return amount
    if kind == _FORMAT:
        reader.string()
        _read_json(reader)
    elif kind == _EMBED:
        _read_json(reader)
    elif kind == _BINARY:
        reader.skip(reader.uint())
    elif kind == _TYPE:
        shared = reader.uint()
        if shared >= _TYPES or shared == _XML_HOOK:
            raise Malformed("there is no such type")
        if shared == _XML_ELEMENT:
            reader.string()
    elif kind == _DOC:
        reader.string()
        _read_any(reader, 0)
    else:
        raise Malformed("there is no such content")
    return 1


def _read_json(reader: Reader, *, undefined: bool = False) -> None:
    text = reader.string()
    if undefined and text == "undefined":
        return
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise Malformed("a value is no JSON") from None


def _read_any(reader: Reader, depth: int) -> None:
    """A value of lib0's `any`."""
    if depth > _DEEPEST:
        raise Malformed("a value is nested too deep")
    match reader.byte():
        case 127 | 126 | 121 | 120:  # undefined, null, false, true
            pass
        case 125:
            _read_int(reader)
        case 124:
            reader.skip(4)
        case 123 | 122:
            reader.skip(8)
        case 119:
            reader.string()
        case 118:
            for _ in range(reader.uint()):
                reader.string()
                _read_any(reader, depth + 1)
        case 117:
            for _ in range(reader.uint()):
                _read_any(reader, depth + 1)
        case 116:
            reader.skip(reader.uint())
        case _:
            raise Malformed("there is no such value")


def _read_int(reader: Reader) -> None:
    """A signed number: a sign and 6 bits, then 7 bits a byte."""
    if not reader.byte() & 0x80:
        return
    for _ in range(8):
        if not reader.byte() & 0x80:
            return
    raise Malformed("a number is too long")
