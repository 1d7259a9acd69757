"""Base64 for URLs, without padding (RFC 4648, 5), as tokens and keys have it."""

import base64


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Raises binascii.Error."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
