"""A provider's public keys (JWKS, RFC 7517), and the one that must have signed a token."""

from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from chat_server.identity.outgoing import Outgoing
from chat_server.identity.remembered import Remembered

MOST_KEYS = 100
LEAST_RSA_BITS = 2048

# By type of key, and of elliptic ones by curve: a key is never used with an algorithm of another type (RFC 8725, 3.1).
_ALGORITHMS = {
    "RSA": {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"},
    "P-256": {"ES256"},
    "P-384": {"ES384"},
    "P-521": {"ES512"},
    "Ed25519": {"EdDSA"},
}


class KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


class Key(msgspec.Struct, frozen=True):
    id: str | None
    algorithms: frozenset[str]
    public: Any


def usable(document: KeySet) -> list[Key]:
    """The keys with which we can verify signatures; others are passed over (RFC 7517, 5)."""
    return [key for jwk in document.keys[:MOST_KEYS] if (key := _key(jwk)) is not None]


def _key(jwk: dict[str, Any]) -> Key | None:
    kind = jwk.get("kty")
    algorithms = _ALGORITHMS.get(str(kind if kind == "RSA" else jwk.get("crv")), set())
    if "alg" in jwk:
        algorithms = algorithms & {str(jwk["alg"])}
    if not algorithms or kind not in ("RSA", "EC", "OKP") or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    try:
        public = jwt.PyJWK(jwk, next(iter(algorithms))).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(public, RSAPublicKey) and public.key_size < LEAST_RSA_BITS:
        return None
    kid = jwk.get("kid")
    return Key(kid if isinstance(kid, str) else None, frozenset(algorithms), public)


class Keys:
    """The keys at one URL, which belong to one issuer alone: a key id of another issuer means nothing here."""

    def __init__(self, outgoing: Outgoing, url: str, outage_seconds: float) -> None:
        async def fetch() -> list[Key]:
            return usable(await outgoing.get(url, KeySet))

        self.url = url
        self._published = Remembered(fetch, outage_seconds)

    async def all(self) -> list[Key]:
        """Raises ProviderUnavailable."""
        return await self._published.get()

    async def find(self, key_id: str | None, algorithm: str) -> Key | None:
        """The key with this id, or the only one if the token names none. An id that is not known may be new, so the
        provider is asked again. Raises ProviderUnavailable."""
        found = _only(await self._published.get(), key_id, algorithm)
        return found or _only(await self._published.renewed(), key_id, algorithm)


def _only(keys: list[Key], key_id: str | None, algorithm: str) -> Key | None:
    fitting = [key for key in keys if algorithm in key.algorithms and key_id in (None, key.id)]
    return fitting[0] if len(fitting) == 1 else None
