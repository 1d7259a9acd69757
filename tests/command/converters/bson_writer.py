"""Documents as BSON, for samples: of the types that a dump of Rocket.Chat has (https://bsonspec.org/spec.html)."""

import struct
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document(fields: dict[str, Any]) -> bytes:
    body = b"".join(element(name, value) for name, value in fields.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def element(name: str, value: Any) -> bytes:
    kind, content = encoded(value)
    return bytes([kind]) + name.encode() + b"\0" + content


def encoded(value: Any) -> tuple[int, bytes]:
    match value:
        case bool():
            return 0x08, bytes([value])
        case None:
            return 0x0A, b""
        case int():
            return (
                (0x10, struct.pack("<i", value)) if -(1 << 31) <= value < 1 << 31 else (0x12, struct.pack("<q", value))
            )
        case float():
            return 0x01, struct.pack("<d", value)
        case str():
            return 0x02, struct.pack("<i", len(value.encode()) + 1) + value.encode() + b"\0"
        case bytes():
            return 0x05, struct.pack("<iB", len(value), 0) + value
        case datetime():
            return 0x09, struct.pack("<q", (value - EPOCH) // timedelta(milliseconds=1))
        case dict():
            return 0x03, document(value)
        case list():
            return 0x04, document({str(place): each for place, each in enumerate(value)})
    raise TypeError(type(value))


def collection(documents: list[dict[str, Any]]) -> bytes:
    return b"".join(map(document, documents))
