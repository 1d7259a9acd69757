"""The Ed25519 keys of access tokens, in PEM files that may be replaced while servers run.

A file has the newest key first, which signs. The private one may have two more: the previous key, whose tokens are
still good, and the oldest one, from which secrets are derived that a retry must get again. The public one has those
that verify. A key's `kid` is its thumbprint (RFC 7638). `fechatter keys rotate` writes both files. Private keys that
a revocation replaces are kept in a third file, to open what they have sealed.
"""

import hashlib
import re
import time
from abc import ABC, abstractmethod
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from chat_core.base64url import base64url

# How often a file is looked at. Servers that share it sign and verify with a new key within this time.
LOOK_SECONDS = 1.0
# Of the private keys, how many verify tokens.
VERIFYING = 2
_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)


class KeyFileError(Exception):
    """A key file has the wrong content; the text names the file and what was expected."""


class _KeyFile(ABC):
    """The keys of a file. A file that has become unreadable changes nothing: the keys are in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._stamp()
        self._look_at = time.time() + LOOK_SECONDS
        self._version = 0
        self.use(read(path))

    @abstractmethod
    def use(self, keys: list[Ed25519PrivateKey | Ed25519PublicKey]) -> None:
        """Takes what the file has. Raises KeyFileError."""

    def version(self, now: float) -> int:
        """Changes whenever the file has been replaced. The file is looked at once in LOOK_SECONDS."""
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self.look()
        return self._version

    def look(self) -> None:
        """Reads the file again if it has been replaced."""
        try:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self.use(read(self._path))
        except (OSError, KeyFileError):
            return
        self._seen = stamp
        self._version += 1

    def _stamp(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size


class PrivateKeys(_KeyFile):
    _keys: list[Ed25519PrivateKey]

    def use(self, keys: list[Ed25519PrivateKey | Ed25519PublicKey]) -> None:
        private = [key for key in keys if isinstance(key, Ed25519PrivateKey)]
        if len(private) < len(keys):
            raise KeyFileError(f"{self._path} is not a private key")
        self._keys = private
        self._kid = thumbprint(private[0].public_key())

    @property
    def signing(self) -> tuple[str, Ed25519PrivateKey]:
        """The key that signs, and its kid."""
        self.version(time.time())
        return self._kid, self._keys[0]

    def kept(self, kid: str | None) -> tuple[str, Ed25519PrivateKey]:
        """The oldest key, or the one of this kid, perhaps a retired one, and its kid. Raises KeyError."""
        self.version(time.time())
        keys = {thumbprint(key.public_key()): key for key in self._keys}
        if kid is None:
            return list(keys.items())[-1]
        if kid not in keys:
            self.look()
            keys = {thumbprint(key.public_key()): key for key in [*self._keys, *self._retired()]}
        return kid, keys[kid]

    def _retired(self) -> list[Ed25519PrivateKey]:
        try:
            return [key for key in read(retired(self._path)) if isinstance(key, Ed25519PrivateKey)]
        except (OSError, KeyFileError):
            return []

    @property
    def oldest(self) -> Ed25519PrivateKey:
        self.version(time.time())
        return self._keys[-1]


class PublicKeys(_KeyFile):
    _keys: dict[str, Ed25519PublicKey]

    def use(self, keys: list[Ed25519PrivateKey | Ed25519PublicKey]) -> None:
        public = [key.public_key() if isinstance(key, Ed25519PrivateKey) else key for key in keys[:VERIFYING]]
        self._keys = {thumbprint(key): key for key in public}

    def of(self, kid: object) -> Ed25519PublicKey | None:
        """The key of this kid. Tokens of before there were kids were signed with what is now the last key. Another
        server may sign with a key before this one has looked again."""
        if kid is None:
            return next(reversed(self._keys.values()))
        if not isinstance(kid, str):
            return None
        if kid not in self._keys:
            self.look()
        return self._keys.get(kid)

    def as_jwks(self) -> list[dict[str, str]]:
        self.look()
        return [{**_jwk(key), "kid": kid, "alg": "EdDSA", "use": "sig"} for kid, key in self._keys.items()]


def retired(private: Path) -> Path:
    """The file of the private keys that a revocation has replaced: they open what they have sealed, and no more."""
    return private.with_suffix(f".retired{private.suffix}")


def read(path: Path) -> list[Ed25519PrivateKey | Ed25519PublicKey]:
    """The keys of a PEM file, at least one. Raises OSError and KeyFileError."""
    found: list[Ed25519PrivateKey | Ed25519PublicKey] = []
    for block in _PEM.finditer(path.read_bytes()):
        try:
            key = (
                load_pem_private_key(block[0], password=None)
                if b"PRIVATE" in block[1]
                else load_pem_public_key(block[0])
            )
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
            break
        found.append(key)
    else:
        if found:
            return found
    raise KeyFileError(f"{path} is not an Ed25519 key in PEM form, without a password")


def thumbprint(key: Ed25519PublicKey) -> str:
    """RFC 7638, of the members that RFC 8037 requires, in lexical order."""
    jwk = _jwk(key)
    text = f'{{"crv":"{jwk["crv"]}","kty":"{jwk["kty"]}","x":"{jwk["x"]}"}}'
    return base64url(hashlib.sha256(text.encode()).digest())


def _jwk(key: Ed25519PublicKey) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url(key.public_bytes_raw())}
