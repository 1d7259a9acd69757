"""Messages that only somebody with the key can have made: each begins with a keyed hash of its content."""

import hashlib
import hmac
from typing import Final

_PROOF_BYTES: Final = 16


def sealed(content: bytes, key: bytes) -> bytes:
    return _proof(content, key) + content


def opened(message: bytes, key: bytes) -> bytes | None:
    """The content; None if somebody else has made it."""
    content = message[_PROOF_BYTES:]
    return content if hmac.compare_digest(message[:_PROOF_BYTES], _proof(content, key)) else None


def _proof(content: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_PROOF_BYTES, key=key).digest()
