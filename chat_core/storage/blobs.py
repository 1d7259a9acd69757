"""The bytes of files, wherever they are: each blob is in one store, sealed or not, as its row in the database says.

A blob is written once, under a key that nothing else ever has. Moving it to another store, or sealing it, makes another
blob of the same bytes.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import asyncpg
from anyio import to_thread

from chat_core.storage import sealing
from chat_core.storage.blob_store import BlobDamaged, BlobMissing, BlobStore, StoreUnavailable, failures
from chat_core.storage.directory import Directory, check_room, make_folder
from chat_core.storage.sealing import MasterKeys

DIRECTORY: Final = "directory"
S3: Final = "s3"


@dataclass(frozen=True, slots=True)
class Blob:
    """`size` is that of the bytes before they were sealed; `sealed_key` is None if they were not."""

    key: UUID
    size: int
    store: str
    sealed_key: bytes | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Blob":
        """From a row with these columns."""
        return cls(row["key"], row["size"], row["store"], row["sealed_key"])


class Blobs:
    """`stores` by name, `writes_to` for new blobs, which are sealed if there are master keys. `scratch` is a folder for
    copies, on the file system of the directory. `failed` is told of each failure, by store and operation.

    Methods raise StoreUnavailable."""

    def __init__(
        self,
        stores: Mapping[str, BlobStore],
        writes_to: str,
        masters: MasterKeys | None,
        scratch: Path,
        reserve_bytes: int = 0,
    ) -> None:
        self.stores, self.writes_to, self.masters = stores, writes_to, masters
        self._scratch, self._reserve_bytes = scratch, reserve_bytes
        self.failed: Callable[[str, str], None] = lambda _store, _operation: None

    def new(self, size: int, store: str | None = None, *, plain: bool = False) -> Blob:
        """A blob that is still to be put. Queue its key for deletion first, in case that nobody comes to use it."""
        key = uuid4()
        return Blob(key, size, store or self.writes_to, self.masters.new(key) if self.masters and not plain else None)

    async def put(self, blob: Blob, source: Path) -> None:
        """Stores the bytes of a file that is on disk already, for good when it returns. Once for each blob."""
        with self._counted(blob.store, "put"):
            store = self._store(blob)
            if blob.sealed_key is None:
                await store.put(blob.key, source)
                return
            key, copy = self._key(blob, blob.sealed_key), self._scratch / blob.key.hex
            try:
                await to_thread.run_sync(self._seal, key, source, copy)
                await store.put(blob.key, copy)
            finally:
                await to_thread.run_sync(_discard, copy)

    def _seal(self, key: bytes, source: Path, copy: Path) -> None:
        with failures():
            self._make_room(source.stat().st_size)
        sealing.seal_file(key, source, copy)

    def _make_room(self, size: int) -> None:
        make_folder(self._scratch)
        check_room(self._scratch, size, self._reserve_bytes)

    @asynccontextmanager
    async def scratch_file(self, size: int) -> AsyncIterator[Path]:
        """An empty file for this many bytes, which may be put from there; it is removed at the end, or after a kill by
        discard_leftovers."""
        path = self._scratch / uuid4().hex
        try:
            with failures():
                await to_thread.run_sync(self._make_room, size)
                path.touch(0o600, exist_ok=False)
            yield path
        finally:
            await to_thread.run_sync(_discard, path)

    async def read(self, blob: Blob, start: int, length: int) -> AsyncIterator[bytes]:
        """These bytes, which the blob must have. Raises BlobMissing and BlobDamaged, before the first piece if it is
        known by then; StoreUnavailable and BlobDamaged may come between two pieces."""
        if length == 0:
            return _nothing()
        with self._counted(blob.store, "read"):
            store = self._store(blob)
            if blob.sealed_key is None:
                return self._watched(blob, await store.read(blob.key, start, length))
            key, extent = self._key(blob, blob.sealed_key), sealing.Extent.of(blob.size, start, length)
            sealed = await store.read(blob.key, extent.sealed_start, extent.sealed_length)
            pieces = sealing.opened(key, blob.size, start, length, extent, sealed)
            first = await anext(pieces, b"")
        return self._watched(blob, pieces, first)

    async def check_size(self, blob: Blob) -> None:
        """Raises BlobMissing, and BlobDamaged if the store has more or fewer bytes than it should have."""
        expected = blob.size if blob.sealed_key is None else sealing.sealed_size(blob.size)
        there = await self._store(blob).size(blob.key)
        if there != expected:
            raise BlobDamaged(f"has {there} bytes where {expected} are expected")

    async def _watched(self, blob: Blob, pieces: AsyncIterator[bytes], first: bytes = b"") -> AsyncIterator[bytes]:
        if first:
            yield first
        with self._counted(blob.store, "read"):
            async for piece in pieces:
                yield piece

    async def delete(self, key: UUID) -> None:
        """Removes the bytes of a key that nothing uses, wherever they are."""
        for name, store in self.stores.items():
            with self._counted(name, "delete"):
                await store.delete(key)

    def local_path(self, blob: Blob) -> Path | None:
        """The file that has these bytes as they are, if there is one."""
        store = self.stores.get(blob.store)
        return store.path(blob.key) if isinstance(store, Directory) and blob.sealed_key is None else None

    def place(self, blob: Blob) -> str:
        """Where an operator finds it."""
        store = self.stores.get(blob.store)
        return store.place(blob.key) if store else f"{blob.store}:{blob.key.hex}"

    async def discard_leftovers(self, before: float) -> None:
        """Copies that killed servers and commands have left, if they are older than this time in seconds since 1970."""
        await to_thread.run_sync(self._discard_leftovers, before)

    def _discard_leftovers(self, before: float) -> None:
        with failures():
            for copy in self._scratch.glob("*"):
                if copy.stat().st_mtime < before:
                    copy.unlink(missing_ok=True)

    def _store(self, blob: Blob) -> BlobStore:
        store = self.stores.get(blob.store)
        if store is None:
            raise StoreUnavailable(f"this server has no settings of the store {blob.store}")
        return store

    def _key(self, blob: Blob, sealed_key: bytes) -> bytes:
        if self.masters is None:
            raise StoreUnavailable("this blob is encrypted, and storage.encryption_key is not set")
        return self.masters.opened(blob.key, sealed_key)

    @contextmanager
    def _counted(self, store: str, operation: str) -> Iterator[None]:
        try:
            yield
        except (StoreUnavailable, BlobMissing, BlobDamaged):
            self.failed(store, operation)
            raise


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


def _discard(copy: Path) -> None:
    with failures():
        copy.unlink(missing_ok=True)
