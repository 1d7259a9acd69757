"""Signatures of webhooks, as Standard Webhooks 1.0 has them: `v1` is HMAC-SHA256, `v1a` is Ed25519.

Both sign `id.timestamp.body`. A request may have several signatures: while a secret is replaced, one by each. Secrets
are written `whsec_…` (HMAC, both sides know it) and public keys `whpk_…` (the receiver cannot sign).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Scheme = Literal["v1", "v1a"]
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The bytes of an HMAC secret, or the seed of an Ed25519 key."""

    scheme: Scheme
    secret: bytes

    @classmethod
    def new(cls, scheme: Scheme) -> Self:
        return cls(scheme, secrets.token_bytes(SECRET_BYTES))

    @property
    def shown(self) -> str:
        """What a receiver verifies with: the secret itself, or the public key."""
        if self.scheme == "v1":
            return f"whsec_{_base64(self.secret)}"
        return f"whpk_{_base64(self._private.public_key().public_bytes_raw())}"

    def sign(self, content: bytes) -> str:
        if self.scheme == "v1":
            return f"v1,{_base64(hmac.digest(self.secret, content, hashlib.sha256))}"
        return f"v1a,{_base64(self._private.sign(content))}"

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)


def signed(keys: Iterable[SigningKey], identifier: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a request with this body. `identifier` is the same for each attempt, `timestamp` (in seconds since
    1970) that of this one."""
    content = f"{identifier}.{timestamp}.".encode() + body
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(key.sign(content) for key in keys),
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
