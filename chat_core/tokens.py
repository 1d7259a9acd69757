"""Access tokens (JWT, EdDSA), and the random secrets of refresh tokens and tickets.

chat_server signs with the private key; notify_server holds only the public one (chat_core/keys.py). Claims: `iss`,
`sub` (user id), `sid` (session id), `iat`, `exp`; the header's `kid` names the key. Secrets are 256 random bits; the
database stores only their SHA-256. A secret that a retry must return again is derived from a random seed and the
private key, so that the seed may be stored.
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chat_core.base64url import base64url
from chat_core.keys import PrivateKeys, PublicKeys

ALGORITHM = "EdDSA"
REMEMBERED_TOKENS = 20_000


class InvalidToken(Exception):
    """The token is malformed, expired, or not signed by our key. The text names the reason, never the token."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified access token. `expires_at` is in seconds since 1970. `scopes` are those of a personal
    access token; None: the session may do all that its user may. `workspace_id`: the workspace to which the token is
    bound."""

    user_id: int
    session_id: int
    expires_at: int
    scopes: frozenset[str] | None = None
    workspace_id: int | None = None


class Signer:
    """`private_key` is a PEM file, which may be replaced while this runs."""

    def __init__(self, private_key: Path, issuer: str, lifetime_seconds: int) -> None:
        self._keys, self._issuer, self._lifetime = PrivateKeys(private_key), issuer, lifetime_seconds

    def secret_of(self, seed: str) -> str:
        """The secret of a seed, which only holders of this private key can derive; the same after a rotation."""
        oldest = self._keys.oldest.private_bytes_raw()
        derivation = HKDF(SHA256(), 32, salt=None, info=b"fechatter secrets").derive(oldest)
        digest = hmac.digest(derivation, seed.encode(), "sha256")
        return base64url(digest)

    def sealing_key(self, purpose: bytes, kid: str | None = None) -> tuple[str, bytes]:
        """A key of 32 bytes for what is stored, derived from the oldest private key or the one of this kid, with its
        kid. Raises KeyError where that is not here."""
        kid, private = self._keys.kept(kid)
        return kid, HKDF(SHA256(), 32, salt=None, info=purpose).derive(private.private_bytes_raw())

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
        kid, key = self._keys.signing
        return jwt.encode(payload, key, ALGORITHM, {"kid": kid}), claims


class Verifier:
    """`key` is the PEM file of the public keys; a signer may pass the private ones, which hold both. It may be replaced
    while this runs.

    Tokens with a valid signature are cached until they expire, the newest REMEMBERED_TOKENS of them.
    """

    def __init__(self, key: Path, issuer: str) -> None:
        self._keys = PublicKeys(key)
        self._issuer = issuer
        self._verified: dict[str, Claims] = {}
        self._version = 0

    @property
    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as a JSON Web Key Set (RFC 7517, RFC 8037)."""
        return {"keys": self._keys.as_jwks()}

    def verify(self, token: str) -> Claims:
        """Raises InvalidToken unless the signature, the issuer and the expiry are valid."""
        now = time.time()
        if (version := self._keys.version(now)) != self._version:  # a key may be gone
            self._verified.clear()
            self._version = version
        claims = self._verified.get(token)
        if claims is None:
            claims = self._check(token)
            if len(self._verified) >= REMEMBERED_TOKENS:
                del self._verified[next(iter(self._verified))]
            self._verified[token] = claims
        elif claims.expires_at <= now:
            del self._verified[token]
            raise InvalidToken("the access token has expired")
        return claims

    def _check(self, token: str) -> Claims:
        try:
            key = self._keys.of(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise InvalidToken("the access token is signed with another key")
            payload = jwt.decode(
                token,
                key,
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


def new_secret() -> tuple[str, bytes]:
    """A refresh token or ticket to hand out, and the hash to store."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_secret(secret)


def hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
