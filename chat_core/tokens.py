"""Access tokens (JWT, EdDSA), and the random secrets of refresh tokens and tickets.

chat_server signs with the private key; notify_server holds only the public one. Claims: `iss`, `sub` (user id), `sid`
(session id), `iat`, `exp`. Secrets are 256 random bits; the database stores only their SHA-256. A secret that a retry
must return again is derived from a random seed and the private key, so that the seed may be stored.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

ALGORITHM = "EdDSA"
REMEMBERED_TOKENS = 20_000


class InvalidToken(Exception):
    """The token is malformed, expired, or not signed by our key. The text names the reason, never the token."""


class KeyFileError(Exception):
    """A key file has the wrong content; the text names the file and what was expected."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified access token. `expires_at` is in seconds since 1970."""

    user_id: int
    session_id: int
    expires_at: int


class Signer:
    def __init__(self, private_key: Path, issuer: str, lifetime_seconds: int) -> None:
        key = _read_key(private_key)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileError(f"{private_key} is not a private key")
        self._key, self._issuer, self._lifetime = key, issuer, lifetime_seconds
        self._derivation = HKDF(SHA256(), 32, salt=None, info=b"fechatter secrets").derive(key.private_bytes_raw())

    def secret_of(self, seed: str) -> str:
        """The secret of a seed, which only holders of this private key can derive."""
        digest = hmac.digest(self._derivation, seed.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def sign(self, user_id: int, session_id: int) -> tuple[str, Claims]:
        now = int(time.time())
        claims = Claims(user_id, session_id, now + self._lifetime)
        payload = {
            "iss": self._issuer,
            "sub": str(user_id),
            "sid": session_id,
            "iat": now,
            "exp": claims.expires_at,
        }
        return jwt.encode(payload, self._key, ALGORITHM), claims


class Verifier:
    """`key` is the PEM file of the public key; a signer may pass the private one, which holds both.

    Tokens with a valid signature are cached until they expire, the newest REMEMBERED_TOKENS of them.
    """

    def __init__(self, key: Path, issuer: str) -> None:
        read = _read_key(key)
        self._key = read.public_key() if isinstance(read, Ed25519PrivateKey) else read
        self._issuer = issuer
        self._verified: dict[str, Claims] = {}

    def verify(self, token: str) -> Claims:
        """Raises InvalidToken unless the signature, the issuer and the expiry are valid."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._check(token)
            if len(self._verified) >= REMEMBERED_TOKENS:
                del self._verified[next(iter(self._verified))]
            self._verified[token] = claims
        elif claims.expires_at <= time.time():
            del self._verified[token]
            raise InvalidToken("the access token has expired")
        return claims

    def _check(self, token: str) -> Claims:
        try:
            payload = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                # The time of issue is not checked: a server whose clock is behind accepts a fresh token too.
                options={"require": ["iss", "sub", "sid", "iat", "exp"], "verify_iat": False},
            )
            return Claims(int(payload["sub"]), int(payload["sid"]), int(payload["exp"]))
        except jwt.ExpiredSignatureError as error:
            raise InvalidToken("the access token has expired") from error
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise InvalidToken("the access token is not valid") from error


def _read_key(path: Path) -> Ed25519PrivateKey | Ed25519PublicKey:
    pem = path.read_bytes()
    try:
        key = load_pem_private_key(pem, password=None) if b"PRIVATE KEY" in pem else load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise KeyFileError(f"{path} is not an Ed25519 key in PEM form, without a password")
    return key


def new_secret() -> tuple[str, bytes]:
    """A refresh token or ticket to hand out, and the hash to store."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_secret(secret)


def hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
