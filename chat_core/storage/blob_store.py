"""What a store of blobs can do. Every store passes the tests of tests/chat_core/storage/test_stores.py."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

# Read and sent at a time.
CHUNK_BYTES: Final = 262_144


class StoreUnavailable(Exception):
    """The store cannot be reached, refuses us, or is full. Nothing has changed, and trying again later may work."""


@contextmanager
def failures() -> Iterator[None]:
    """An error of the operating system is StoreUnavailable."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


class BlobMissing(Exception):
    """The store has no bytes under this key."""


class BlobDamaged(Exception):
    """The store has other bytes under this key than were put there."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob as the store lists it. `modified_at` is in seconds since 1970."""

    key: UUID
    size: int
    modified_at: float


class BlobStore(Protocol):
    """Every method raises StoreUnavailable."""

    def place(self, key: UUID) -> str:
        """Where an operator finds the bytes: a path or a URL."""
        ...

    async def put(self, key: UUID, source: Path) -> None:
        """Stores the bytes of a file that is on disk already. When it returns, they survive a crash of the machine;
        until then nobody sees a part of them. Repeating it changes nothing."""
        ...

    async def read(self, key: UUID, start: int, length: int) -> AsyncIterator[bytes]:
        """These bytes, at least one, in pieces of about CHUNK_BYTES; fewer if the blob has lost some. Raises
        BlobMissing before the first piece."""
        ...

    async def size(self, key: UUID) -> int:
        """How many bytes there are. Raises BlobMissing."""
        ...

    async def delete(self, key: UUID) -> None:
        """Removes the bytes, if they are there."""
        ...

    def stored(self) -> AsyncIterator[Stored]:
        """All blobs, in no particular order."""
        ...
