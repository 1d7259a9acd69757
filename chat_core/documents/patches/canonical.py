"""One text for documents that are equal, whichever engine wrote it, and what is computed from it."""

import hashlib
import math
import re
import zlib
from decimal import Decimal
from typing import Any, Final

import msgspec

_encode: Final = msgspec.json.Encoder(order="sorted").encode

# Where a number may be that JavaScript writes otherwise: 1.0, 1e16, 1e-6, -0.0, and what it would round. The text of a
# string may look like one, which costs time and nothing else.
_OTHERWISE: Final = re.compile(rb"(?:^|[:,\[])-?[0-9]+(?:\.0(?![0-9])|(?:\.[0-9]+)?e|(?<=[0-9]{16}))")
_STRING_OR_NUMBER: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.e+-]*')


def canonical(document: Any) -> bytes:
    """The document as JSON in UTF-8 without white space: members in the order of their names' code points, numbers and
    strings as JSON.stringify writes them (of RFC 8785 all but the order of members, which is that of UTF-16 there).
    """
    text = _encode(document)
    if _OTHERWISE.search(text):
        text = _STRING_OR_NUMBER.sub(_as_javascript, text)
    return text


def checksum(document: Any) -> int:
    """The CRC-32 of a document's canonical form (as in zlib, unsigned)."""
    return zlib.crc32(canonical(document))


def digest(patch: Any) -> bytes:
    """16 bytes that tell one patch from another: the beginning of the SHA-256 of its canonical form."""
    return hashlib.sha256(canonical(patch)).digest()[:16]


def _as_javascript(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text[:1] == b'"':
        return text
    value = float(text)
    if value == 0:
        return b"0"
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(repr(value)), "f").removesuffix(".0").encode()
    if math.isinf(value):  # an integer with 309 digits or more, which JSON.stringify writes so
        return b"null"
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent):+d}".encode()
