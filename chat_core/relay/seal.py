"""Messages that only somebody with the key can have made: each begins with a keyed hash of its content."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

_PROOF_BYTES: Final = 16


def sealed(content: bytes, key: bytes) -> bytes:
    return _proof(content, key) + content


def opened(message: bytes, key: bytes) -> bytes | None:
    """The content; None if somebody else has made it."""
    content = message[_PROOF_BYTES:]
    return content if hmac.compare_digest(message[:_PROOF_BYTES], _proof(content, key)) else None


def unsealed(message: bytes, key: bytes, decode: Callable[[bytes], T]) -> T | None:
    """The content, decoded; None if somebody else has made it, or if it is not what is expected."""
    content = opened(message, key)
    try:
        return None if content is None else decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _proof(content: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_PROOF_BYTES, key=key).digest()
