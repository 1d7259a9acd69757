"""Blobs that are encrypted at rest.

A sealed blob is a row of chunks of 64 KiB, the last one shorter, each by AES-256-GCM and followed by its tag of 16
bytes; an empty blob is one empty chunk. A chunk's nonce is its number in 11 bytes, and 1 in the last chunk, else 0
(STREAM: Hoang, Reyhanitabar, Rogaway and Vizár, https://eprint.iacr.org/2015/189). So a chunk that was changed, moved,
or taken from another blob is refused, and so is a blob that has lost its end; and ranges are read without the rest.

Each blob has a random key of its own, which the database keeps, sealed by the master key: 8 bytes that name the master
key, a nonce of 12, and the key with its tag. A key never seals two contents: every attempt to store has another one.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chat_core.storage.blob_store import BlobDamaged, StoreUnavailable, failures

CHUNK: Final = 65_536
TAG: Final = 16
SEALED_CHUNK: Final = CHUNK + TAG
KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
NONCE_BYTES: Final = 12


class MasterKeyError(Exception):
    """The file of master keys cannot be used. The text names the file and what was expected."""


class MasterKeys:
    """The first one seals, each opens what it has sealed."""

    def __init__(self, keys: list[bytes]) -> None:
        self._keys = {hashlib.sha256(b"fechatter master key" + key).digest()[:KEY_ID_BYTES]: key for key in keys}
        self.id = next(iter(self._keys))

    @classmethod
    def read(cls, file: Path) -> "MasterKeys":
        """A line for each key: 32 random bytes in base64. Raises MasterKeyError."""
        try:
            if file.stat().st_mode & 0o077:
                raise MasterKeyError(f"{file}: others can read the master key; run chmod 600 {file}")
            keys = [base64.b64decode(line, validate=True) for line in file.read_text("ascii").split()]
        except (OSError, ValueError) as error:
            raise MasterKeyError(f"{file} cannot be read as master keys: {type(error).__name__}") from None
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise MasterKeyError(f"{file}: expected a line for each key, 32 bytes in base64: openssl rand -base64 32")
        return cls(keys)

    def new(self, blob: UUID) -> bytes:
        """A new key for a blob, sealed."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = secrets.token_bytes(KEY_BYTES)
        return self.id + nonce + AESGCM(self._keys[self.id]).encrypt(nonce, key, blob.bytes)

    def opened(self, blob: UUID, sealed: bytes) -> bytes:
        """The key of a blob. Raises StoreUnavailable without its master key, and BlobDamaged."""
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        if key_id not in self._keys:
            raise StoreUnavailable(f"storage.encryption_key has no master key {key_id.hex()}")
        try:
            return AESGCM(self._keys[key_id]).decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], blob.bytes)
        except InvalidTag:
            raise BlobDamaged("its key in the database is another blob's, or has been changed") from None


def seal_file(key: bytes, source: Path, target: Path) -> None:
    """Writes a sealed copy, which is on disk when it returns. Raises StoreUnavailable."""
    cipher = AESGCM(key)
    with failures(), source.open("rb") as plain, open(target, "xb", opener=_private) as sealed:
        number, chunk = 0, plain.read(CHUNK)
        while following := plain.read(CHUNK):
            sealed.write(cipher.encrypt(_nonce(number, False), chunk, None))
            number, chunk = number + 1, following
        sealed.write(cipher.encrypt(_nonce(number, True), chunk, None))
        sealed.flush()
        os.fsync(sealed.fileno())


def sealed_size(size: int) -> int:
    """The size of a sealed blob, from its size before."""
    return size + TAG * (max(0, size - 1) // CHUNK + 1)


@dataclass(frozen=True, slots=True)
class Extent:
    """The chunks that have some bytes of a blob of `size` bytes, and where they are in the sealed one."""

    first: int
    last: int
    last_of_all: int
    sealed_start: int
    sealed_length: int

    @classmethod
    def of(cls, size: int, start: int, length: int) -> "Extent":
        last_of_all = max(0, size - 1) // CHUNK
        first = min(start // CHUNK, last_of_all)
        last = min(max(first, (start + length - 1) // CHUNK), last_of_all)
        end = sealed_size(size) if last == last_of_all else (last + 1) * SEALED_CHUNK
        return cls(first, last, last_of_all, first * SEALED_CHUNK, end - first * SEALED_CHUNK)


async def opened(
    key: bytes, size: int, start: int, length: int, extent: Extent, pieces: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """From the pieces of the extent the bytes that were asked for. Raises BlobDamaged before any byte that is wrong."""
    cipher, number, skip = AESGCM(key), extent.first, start - extent.first * CHUNK
    left = max(0, min(length, size - start))
    async for sealed in _chunks(extent, size, pieces):
        try:
            chunk = cipher.decrypt(_nonce(number, number == extent.last_of_all), sealed, None)
        except InvalidTag:
            raise BlobDamaged(f"its chunk {number} is not the one that was stored") from None
        if wanted := chunk[skip : skip + left]:
            yield wanted
        left, skip, number = left - len(wanted), 0, number + 1


async def _chunks(extent: Extent, size: int, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The sealed chunks of the extent, each as long as it must be."""
    waiting, number = bytearray(), extent.first
    length = _sealed_length(number, extent, size)
    async for piece in pieces:
        waiting += piece
        while number <= extent.last and len(waiting) >= length:
            yield bytes(waiting[:length])
            del waiting[:length]
            number += 1
            length = _sealed_length(number, extent, size)
    if number <= extent.last:
        raise BlobDamaged("it has lost its end")


def _sealed_length(number: int, extent: Extent, size: int) -> int:
    return SEALED_CHUNK if number < extent.last_of_all else size - extent.last_of_all * CHUNK + TAG


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
