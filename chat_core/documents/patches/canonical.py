"""One text for documents that are equal, whichever engine wrote it, and what is computed from it."""

import hashlib
import math
import zlib
from decimal import Decimal
from typing import Any, Final

import msgspec

from .values import SAFE

_encode: Final = msgspec.json.Encoder(order="sorted").encode
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")


def canonical(document: Any) -> bytes:
    """The document as JSON in UTF-8 without white space: members in the order of their names' code points, numbers and
    strings as JSON.stringify writes them (of RFC 8785 all but the order of members, which is that of UTF-16 there).
    """
    text = _encode(document)
    return _encode(_as_javascript(document)) if _may_differ(text) else text


def checksum(document: Any) -> int:
    """The CRC-32 of a document's canonical form (as in zlib, unsigned)."""
    return zlib.crc32(canonical(document))


def digest(patch: Any) -> bytes:
    """16 bytes that tell one patch from another: the beginning of the SHA-256 of its canonical form."""
    return hashlib.sha256(canonical(patch)).digest()[:16]


def digest_if_any(patch: Any) -> bytes | None:
    """The same; None of what could not be stored anyway."""
    try:
        return digest(patch)
    except (UnicodeEncodeError, RecursionError):
        return None


def _may_differ(text: bytes) -> bool:
    """Whether there may be a number that JavaScript writes otherwise: 1.0, 1e16, 1e-6, -0.0, or one that it rounds.

    Looking for them in the text takes a tenth of the time of looking at each value. The text of a string may look like
    one, which costs that time and nothing else.
    """
    if b".0," in text or b".0}" in text or b".0]" in text or text.endswith(b".0"):
        return True
    digits = text.translate(_DIGITS)
    return b"0e0" in digits or b"0e-" in digits or b"0000000000000000" in digits


def _as_javascript(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {name: _as_javascript(item) for name, item in value.items()}
    if kind is list:
        return [_as_javascript(item) for item in value]
    if kind is float or (kind is int and not -SAFE <= value <= SAFE):
        return msgspec.Raw(_number(value))
    return value


def _number(value: float) -> bytes:
    """A number as ECMAScript's Number::toString writes it."""
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if value == 0:
        return b"0"
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(repr(value)), "f").removesuffix(".0").encode()
    if not math.isfinite(value):
        return b"null"
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent):+d}".encode()
