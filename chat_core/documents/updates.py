"""What is in a Yjs update (version 1), without a document: checked to its last byte, and summed up.

Whoever can edit could otherwise send bytes on which other people's clients fail, or which can never be compacted. So
all is read: every struct, every value in it, every deletion. What is kept of it is its extent: of each client's
clocks, which it brings and which it deletes. That is enough to keep a board's state vector, and to see that an update
has nothing new, as most have that a client sends when it comes back.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Self

import msgspec

from chat_core.documents.lib0 import LARGEST, Malformed, Reader, uint
from chat_core.documents.ranges import MOST_CLIENTS, MOST_RANGES, Ranges, Spans

# An update without structs and deletions, and the state vector of who has nothing.
EMPTY: Final = b"\x00\x00"
NOTHING: Final = b"\x00"
# A vector has up to so many bytes for each client.
LARGEST_VECTOR: Final = 14 * MOST_CLIENTS
# yrs counts clocks in 32 bits.
_LAST_CLOCK: Final = 2**31
_DEEPEST: Final = 64

_GC, _DELETED, _JSON, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _DOC, _SKIP = range(11)
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_SUB = 0x80, 0x40, 0x20
_XML_ELEMENT, _XML_HOOK, _TYPES = 3, 5, 7  # yrs cannot read a hook, so none is taken


class TooMany(Exception):
    """An update has more ranges or clients than any board may have."""


class Extent:
    """What updates bring and what they delete."""

    __slots__ = ("deletions", "structs")

    def __init__(self) -> None:
        self.structs, self.deletions = Ranges(), Ranges()

    @classmethod
    def of(cls, update: bytes) -> Self:
        """Malformed unless it is an update to its last byte."""
        return cls._read(update, LARGEST, LARGEST)

    @classmethod
    def of_new(cls, update: bytes) -> Self:
        """Of what is not stored yet. TooMany as soon as there is more in it than a board may have."""
        return cls._read(update, MOST_RANGES, MOST_CLIENTS)

    @classmethod
    def _read(cls, update: bytes, most_ranges: int, most_clients: int) -> Self:
        extent = cls()
        reader = Reader(update)
        for read, ranges in ((_read_structs, extent.structs), (_read_deletions, extent.deletions)):
            for _ in range(reader.count(2)):
                read(reader, ranges, most_ranges)
                if ranges.amount > most_ranges or len(ranges.clients) > most_clients:
                    raise TooMany
        reader.end()
        return extent

    @classmethod
    def of_all(cls, updates: Iterable[bytes]) -> Self:
        extent = cls()
        for update in updates:
            extent.include(cls.of(update))
        return extent

    @classmethod
    def of_stored(cls, vector: bytes, updates: Iterable[bytes]) -> Self:
        """Of a state of which there is the vector alone, and of these updates."""
        extent = cls.of_all(updates)
        for client, clock in read_vector(vector).items():
            extent.structs.add(client, 0, clock)
        return extent

    @property
    def amount(self) -> int:
        """Of ranges."""
        return self.structs.amount + self.deletions.amount

    def include(self, other: "Extent") -> None:
        self.structs.include(other.structs)
        self.deletions.include(other.deletions)

    def lacks(self, other: "Extent") -> int:
        """How many of the other's ranges are not all within these."""
        return self.structs.lacks(other.structs) + self.deletions.lacks(other.deletions)

    def covers(self, other: "Extent") -> bool:
        return not self.lacks(other)

    def pieces(self, most: int) -> Iterator["Extent"]:
        """The same in parts of so many ranges, or up to twice as many."""
        for structs in self.structs.pieces(most):
            piece = Extent()
            piece.structs = structs
            yield piece
        for deletions in self.deletions.pieces(most):
            piece = Extent()
            piece.deletions = deletions
            yield piece

    def deleting(self) -> bytes:
        """An update that deletes what these delete, and brings nothing."""
        written = [
            uint(client)
            + uint(len(spans))
            + b"".join(uint(start) + uint(end - start) for start, end in zip(spans.starts, spans.ends, strict=True))
            for client, spans in self.deletions.clients.items()
        ]
        return b"\x00" + uint(len(written)) + b"".join(written)

    def vector(self) -> bytes:
        """The state vector: of each client, up to which clock all is there."""
        clients = [(client, spans.ends[0]) for client, spans in self.structs.clients.items() if spans.starts[0] == 0]
        return uint(len(clients)) + b"".join(uint(client) + uint(clock) for client, clock in clients)


def read_vector(vector: bytes) -> dict[int, int]:
    """Malformed unless it is a state vector to its last byte."""
    clocks: dict[int, int] = {}
    for _ in read_vector_in_parts(vector, LARGEST, clocks):
        pass
    return clocks


def read_vector_in_parts(vector: bytes, most: int, clocks: dict[int, int]) -> Iterator[None]:
    """The same, so many entries at a time: it goes on when the next part is asked for."""
    if len(vector) > LARGEST_VECTOR:
        raise Malformed("a state vector is too large")
    reader = Reader(vector)
    for number in range(1, reader.count(2) + 1):
        client = reader.uint()
        clocks[client] = reader.uint()
        if number % most == 0:
            yield
    reader.end()


def _read_structs(reader: Reader, structs: Ranges, most: int) -> None:
    """Those of one client, which make one range and a few."""
    uint = reader.uint
    amount, client, clock = reader.count(2), uint(), uint()
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


def _read_deletions(reader: Reader, deletions: Ranges, most: int) -> None:
    """Those of one client."""
    uint = reader.uint
    client, amount = uint(), reader.count(2)
    if amount > most:
        raise TooMany
    ranges: list[tuple[int, int]] = []
    for _ in range(amount):
        clock, length = uint(), uint()
        if length < 1 or clock + length > _LAST_CLOCK:
            raise Malformed("a deletion has an impossible length")
        ranges.append((clock, clock + length))
    if ranges:
        deletions.include_of(client, Spans.of_pairs(ranges))


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
