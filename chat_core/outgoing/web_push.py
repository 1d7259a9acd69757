"""Web Push (RFC 8030): notifications of devices, encrypted so that the push service cannot read them (RFC 8291), and
signed by this installation (VAPID, RFC 8292). UnifiedPush has the same on the wire.
"""

import os
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chat_core.base64url import base64url

# Push services take 4,096 bytes: 86 of the header, 16 of the tag, and one that ends the text.
MOST_BYTES: Final = 4096
MOST_TEXT_BYTES: Final = MOST_BYTES - 86 - 16 - 1
# Texts are padded to multiples of this, so that their length says little.
_PADDED_TO: Final = 256
# A token is valid for at most 24 hours; one is used for half of its time.
_TOKEN_SECONDS: Final = 12 * 3600
_CURVE: Final = ec.SECP256R1()


def new_pair() -> tuple[bytes, bytes]:
    """A private and a public key, as they are stored."""
    key = ec.generate_private_key(_CURVE)
    return key.private_numbers().private_value.to_bytes(32, "big"), _point(key.public_key())


def is_public_key(content: bytes) -> bool:
    """Whether it is a point of the curve, uncompressed."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, content)
    except ValueError:
        return False
    return len(content) == 65


def encrypt(
    text: bytes,
    public_key: bytes,
    secret: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
    padded_to: int = _PADDED_TO,
) -> bytes:
    """A body of `Content-Encoding: aes128gcm`, in one record. Key and salt are for this message alone."""
    key, salt = key or ec.generate_private_key(_CURVE), salt or os.urandom(16)
    ours = _point(key.public_key())
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key))
    material = _derived(shared, 32, secret, b"WebPush: info\0" + public_key + ours)
    content_key = _derived(material, 16, salt, b"Content-Encoding: aes128gcm\0")
    nonce = _derived(material, 12, salt, b"Content-Encoding: nonce\0")
    room = MOST_TEXT_BYTES - len(text)
    padding = bytes(min(room, -len(text) % padded_to))
    header = salt + MOST_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(content_key).encrypt(nonce, text + b"\x02" + padding, None)


class Vapid:
    """Says to push services who we are: `contact` is a mailto: or https: URL by which their operators reach ours."""

    def __init__(self, private_key: bytes, contact: str) -> None:
        self._key = ec.derive_private_key(int.from_bytes(private_key, "big"), _CURVE)
        self._public = base64url(_point(self._key.public_key()))
        self._contact = contact
        self._tokens: dict[str, tuple[str, float]] = {}

    def headers(self, endpoint: str) -> Mapping[str, str]:
        """Each service gets a token of its own, for its origin."""
        parts = urlsplit(endpoint)
        origin, now = f"{parts.scheme}://{parts.netloc}", time.time()
        token, until = self._tokens.get(origin, ("", 0.0))
        if until < now:
            until = now + _TOKEN_SECONDS
            claims = {"aud": origin, "exp": int(now) + 2 * _TOKEN_SECONDS - 60, "sub": self._contact}
            token = jwt.encode(claims, self._key, algorithm="ES256")
            if len(self._tokens) > 1000:  # endpoints are addresses that users give
                self._tokens.clear()
            self._tokens[origin] = token, until
        return {"Authorization": f"vapid t={token}, k={self._public}"}


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(material: bytes, length: int, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)
