"""Documents of BSON, as mongodump writes them (https://bsonspec.org/spec.html): what a dump has of it."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final

from fechatter.archives.source import BadArchive

LARGEST: Final = 16 << 20  # MongoDB's own limit of a document
DEEPEST: Final = 100  # and of how deep one is
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def documents(opened: IO[bytes], name: str) -> Iterator[dict[str, Any]]:
    """Each document of a collection, one after the other. Raises BadArchive."""
    return (document for document, _ in measured(opened, name))


def measured(opened: IO[bytes], name: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Each document, and how many bytes it has."""
    number = 0
    while head := opened.read(4):
        number += 1
        size = int.from_bytes(head, "little", signed=True)
        if len(head) < 4 or not 5 <= size <= LARGEST + 16_384:
            raise BadArchive(f"{name}: document {number}: no BSON, or more than {LARGEST >> 20} MiB")
        body = head + opened.read(size - 4)
        try:
            if len(body) != size:
                raise _BadBsonError("it is cut off")
            document, end = _document(body, 0, 0)
            if end != size:
                raise _BadBsonError("its length is wrong")
        except (_BadBsonError, struct.error, IndexError, UnicodeDecodeError) as error:
            raise BadArchive(f"{name}: document {number} is damaged: {error}") from None
        yield document, size


class _BadBsonError(Exception):
    pass


def _document(data: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    if depth > DEEPEST:
        raise _BadBsonError(f"it is nested more than {DEEPEST} deep")
    (size,) = struct.unpack_from("<i", data, at)
    end = at + size
    if size < 5 or end > len(data) or data[end - 1] != 0:
        raise _BadBsonError("a document has no end")
    found: dict[str, Any] = {}
    at += 4
    while at < end - 1:
        kind = data[at]
        key, at = _c_string(data, at + 1)
        found[key], at = _value(kind, data, at, depth)
    if at != end - 1:
        raise _BadBsonError("a value is longer than its document")
    return found, end


def _value(kind: int, data: bytes, at: int, depth: int) -> tuple[Any, int]:
    match kind:
        case 0x01:
            return struct.unpack_from("<d", data, at)[0], at + 8
        case 0x02 | 0x0D | 0x0E:
            return _string(data, at)
        case 0x03:
            return _document(data, at, depth + 1)
        case 0x04:
            inner, end = _document(data, at, depth + 1)
            return list(inner.values()), end
        case 0x05:
            size, subtype = struct.unpack_from("<iB", data, at)
            start = at + 5
            if size < 0 or start + size > len(data):
                raise _BadBsonError("bytes are cut off")
            if subtype == 2:  # an older form, which says its length twice
                return data[start + 4 : start + size], start + size
            return data[start : start + size], start + size
        case 0x06 | 0x0A | 0xFF | 0x7F:
            return None, at
        case 0x07:
            return _taken(data, at, 12).hex(), at + 12
        case 0x08:
            return data[at] == 1, at + 1
        case 0x09:
            return _date(struct.unpack_from("<q", data, at)[0]), at + 8
        case 0x0B:
            pattern, at = _c_string(data, at)
            _, at = _c_string(data, at)
            return pattern, at
        case 0x0C:
            _, at = _string(data, at)
            return _taken(data, at, 12).hex(), at + 12
        case 0x0F:
            (size,) = struct.unpack_from("<i", data, at)
            code, after = _string(data, at + 4)
            _, after = _document(data, after, depth + 1)
            if after != at + size:
                raise _BadBsonError("code has a wrong length")
            return code, after
        case 0x10:
            return struct.unpack_from("<i", data, at)[0], at + 4
        case 0x11 | 0x12:
            return struct.unpack_from("<q", data, at)[0], at + 8
        case 0x13:
            return _taken(data, at, 16), at + 16
    raise _BadBsonError(f"a value of the unknown kind {kind:#04x}")


def _taken(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise _BadBsonError("a value is cut off")
    return data[at : at + size]


def _c_string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise _BadBsonError("a name has no end")
    return data[at:end].decode(), end + 1


def _string(data: bytes, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from("<i", data, at)
    start = at + 4
    if size < 1 or start + size > len(data) or data[start + size - 1] != 0:
        raise _BadBsonError("a text has no end")
    return data[start : start + size - 1].decode(), start + size


def _date(milliseconds: int) -> datetime | None:
    """None where no calendar has it."""
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
