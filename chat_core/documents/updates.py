"""The content of a Yjs update (version 1), without a document: checked to its last byte, and summarised.

Otherwise any editor could send bytes on which other users' clients fail, or which can never be compacted. Every struct,
every value in it and every deletion is therefore read. Only the update's extent is kept: the clocks of each client that
it adds or deletes. That suffices to maintain a board's state vector, and to see that an update has nothing new, as is
true of most that reconnecting clients send.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Final, Self

import msgspec

from chat_core.documents.json_text import DEEPEST, too_deep
from chat_core.documents.lib0 import LARGEST, Malformed, Reader, uint
from chat_core.documents.ranges import MOST_CLIENTS, MOST_RANGES, Ranges, Spans

# An update without structs and deletions, and the state vector of an empty document.
EMPTY: Final = b"\x00\x00"
NOTHING: Final = b"\x00"
# Maximum size of a vector for each client.
LARGEST_VECTOR: Final = 14 * MOST_CLIENTS
# Clocks are kept in 32 bits (ranges.py), and so yrs counts them.
_LAST_CLOCK: Final = 2**31

_GC, _DELETED, _JSON, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _DOC, _SKIP = range(11)
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_SUB = 0x80, 0x40, 0x20
_XML_ELEMENT, _XML_HOOK, _TYPES = 3, 5, 7
_OBJECT: Final = b"\x76"
_LONGEST_SHIFT: Final = 62


class NotTaken(Exception):
    """A well-formed update that no board accepts. `reason` is one of docs/boards/roles.md."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Extent:
    """What updates add and what they delete."""

    __slots__ = ("deletions", "structs")

    def __init__(self) -> None:
        self.structs, self.deletions = Ranges(), Ranges()

    @classmethod
    def of(cls, update: bytes) -> Self:
        """For stored data. Raises Malformed unless it is an update to its last byte."""
        return cls._read(update, LARGEST, LARGEST, strictly=False)

    @classmethod
    def of_new(cls, update: bytes) -> Self:
        """For data that is not stored yet. Also raises Malformed for what npm's Yjs would fail on or ignore, and
        NotTaken as soon as it exceeds what a board may have, or a value is nested too deeply."""
        return cls._read(update, MOST_RANGES, MOST_CLIENTS, strictly=True)

    @classmethod
    def _read(cls, update: bytes, most_ranges: int, most_clients: int, *, strictly: bool) -> Self:
        extent = cls()
        reader = Reader(update)
        structs, deletions = extent.structs, extent.deletions
        clients: set[int] = set()
        for _ in range(reader.count(2)):
            client = _read_structs(reader, structs, strictly=strictly)
            if strictly and client in clients:
                raise Malformed("a client occurs twice, and Yjs would ignore the first")
            clients.add(client)
            if structs.amount > most_ranges or len(structs.clients) > most_clients:
                raise NotTaken("board_full")
        for _ in range(reader.count(2)):
            _read_deletions(reader, deletions, most_ranges, strictly=strictly)
            if structs.amount + deletions.amount > most_ranges or len(deletions.clients) > most_clients:
                raise NotTaken("board_full")
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
        """Of a state, given by its vector, and of these updates."""
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
        """The number of the other's ranges that are not entirely within these."""
        return self.structs.lacks(other.structs) + self.deletions.lacks(other.deletions)

    def covers(self, other: "Extent") -> bool:
        return not self.lacks(other)

    def pieces(self, most: int) -> Iterator["Extent"]:
        """The same, a limited number of ranges at a time, or up to twice as many."""
        for structs in self.structs.pieces(most):
            piece = Extent()
            piece.structs = structs
            yield piece
        for deletions in self.deletions.pieces(most):
            piece = Extent()
            piece.deletions = deletions
            yield piece

    def deleting(self) -> bytes:
        """An update that deletes what these delete, and adds nothing."""
        written = [
            uint(client)
            + uint(len(spans))
            + b"".join(uint(start) + uint(end - start) for start, end in zip(spans.starts, spans.ends, strict=True))
            for client, spans in self.deletions.clients.items()
        ]
        return b"\x00" + uint(len(written)) + b"".join(written)

    def vector(self) -> bytes:
        """The state vector: for each client, the clock up to which everything is present."""
        clients = [(client, spans.ends[0]) for client, spans in self.structs.clients.items() if spans.starts[0] == 0]
        return uint(len(clients)) + b"".join(uint(client) + uint(clock) for client, clock in clients)


def read_vector(vector: bytes) -> dict[int, int]:
    """Raises Malformed unless it is a state vector to its last byte."""
    clocks: dict[int, int] = {}
    for _ in read_vector_in_parts(vector, LARGEST, clocks):
        pass
    return clocks


def read_vector_in_parts(vector: bytes, most: int, clocks: dict[int, int]) -> Iterator[None]:
    """The same, a limited number of entries at a time: it continues when the next part is requested."""
    if len(vector) > LARGEST_VECTOR:
        raise Malformed("a state vector is too large")
    reader = Reader(vector)
    for number in range(1, reader.count(2) + 1):
        client = reader.uint()
        clocks[client] = reader.uint()
        if number % most == 0:
            yield
    reader.end()


def _read_structs(reader: Reader, structs: Ranges, *, strictly: bool) -> int:
    """The structs of one client, which form one range and a few more. Returns the client."""
    uint = reader.uint
    amount, client, clock = reader.count(2), uint(), uint()
    for _ in range(amount):
        info = reader.byte()
        kind = info & 0x1F
        if kind in (_GC, _SKIP):
            length = uint()
        else:
            # An item's neighbours and parent existed before it: those of its own client have smaller clocks.
            _read_place(reader, info, client, clock if strictly else LARGEST)
            length = _read_content(reader, kind, strictly)
        if clock + length > _LAST_CLOCK or (not length and kind != _STRING):  # yrs writes empty strings
            raise Malformed("a struct has an invalid length")
        if length and kind != _SKIP:
            structs.add(client, clock, clock + length)
        clock += length
    return client


def _read_deletions(reader: Reader, deletions: Ranges, most: int, *, strictly: bool) -> None:
    """The deletions of one client. While they wait, Yjs keeps them in an encoding that needs their order."""
    uint = reader.uint
    client, amount = uint(), reader.count(2)
    if amount > most:
        raise NotTaken("board_full")
    ranges: list[tuple[int, int]] = []
    for _ in range(amount):
        clock, length = uint(), uint()
        if length < 1 or clock + length > _LAST_CLOCK:
            raise Malformed("a deletion has an invalid length")
        if strictly and ranges and clock < ranges[-1][1]:
            raise Malformed("deletions are not in order")
        ranges.append((clock, clock + length))
    if ranges:
        deletions.include_of(client, Spans.of_pairs(ranges))


def _read_place(reader: Reader, info: int, client: int, before: int) -> None:
    """The place of a client's item: next to others, or in a parent."""
    if info & _HAS_ORIGIN:
        _read_id(reader, client, before)
    if info & _HAS_RIGHT_ORIGIN:
        _read_id(reader, client, before)
    if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        match reader.uint():
            case 1:
                reader.string()
            case 0:
                _read_id(reader, client, before)
            case _:
                raise Malformed("an item has no parent")
        if info & _HAS_PARENT_SUB:
            reader.string()


def _read_id(reader: Reader, client: int, before: int) -> None:
    of, clock = reader.uint(), reader.uint()
    if clock >= _LAST_CLOCK:
        raise Malformed("a clock is too large")
    if of == client and clock >= before:
        raise Malformed("an item refers to a later one")


def _read_content(reader: Reader, kind: int, strictly: bool) -> int:
    """Returns the number of clocks that it takes."""
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
                _read_json(reader, strictly, undefined=True)
        return amount
    if kind == _FORMAT:
        reader.string()
        _read_json(reader, strictly)
    elif kind == _EMBED:
        _read_json(reader, strictly)
    elif kind == _BINARY:
        reader.skip(reader.uint())
    elif kind == _TYPE:
        shared = reader.uint()
        if shared >= _TYPES:
            raise Malformed("unknown type")
        if shared in (_XML_ELEMENT, _XML_HOOK):
            reader.string()
    elif kind == _DOC:
        reader.string()
        if strictly and reader.data[reader.at : reader.at + 1] != _OBJECT:
            raise Malformed("a document's options are not an object")
        _read_any(reader, 0)
    else:
        raise Malformed("unknown content")
    return 1


def _read_json(reader: Reader, strictly: bool, *, undefined: bool = False) -> None:
    text = reader.string()
    if undefined and text == "undefined":
        return
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        _read_odd_json(text)
    if strictly and too_deep(text):
        raise NotTaken("too_deep")


def _read_odd_json(text: str) -> None:
    """What JSON.parse accepts and msgspec does not: numbers of any size, and unpaired surrogates."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_json)
    except ValueError:
        raise Malformed("a value is not JSON") from None
    except RecursionError:
        raise NotTaken("too_deep") from None


def _no_json(constant: str) -> None:
    raise ValueError(constant)


def _read_any(reader: Reader, depth: int) -> None:
    """A value of lib0's `any`."""
    if depth > DEEPEST:
        raise NotTaken("too_deep")
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
            raise Malformed("unknown kind of value")


def _read_int(reader: Reader) -> None:
    """A signed number: a sign and 6 bits, then 7 bits a byte."""
    byte = reader.byte()
    value, shift = byte & 0x3F, 6
    while byte & 0x80:
        byte = reader.byte()
        value |= (byte & 0x7F) << shift
        shift += 7
        if value > LARGEST or shift > _LONGEST_SHIFT:
            raise Malformed("a number is too large")
