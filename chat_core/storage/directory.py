"""Blobs as files of a directory, in 65,536 folders by the beginning of their key: `ab/cd/abcd….`"""

import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from anyio import to_thread

from chat_core.storage.blob_store import CHUNK_BYTES, BlobDamaged, BlobMissing, Stored, StoreUnavailable, failures

# Of a small disk no more than this part is kept free, whatever the setting says.
LARGEST_RESERVE: Final = 0.05


class Directory:
    """`folder` is created when it is first needed. The source of `put` must be on the same file system, which keeps
    `reserve_bytes` free: PostgreSQL may be on it, too."""

    def __init__(self, folder: Path, reserve_bytes: int = 0, *, group_reads: bool = False) -> None:
        """`group_reads`: the group of the folders may read blobs, as a proxy does that sends them itself."""
        self._folder, self._reserve_bytes, self._group_reads = folder, reserve_bytes, group_reads

    def path(self, key: UUID) -> Path:
        return self._folder / key.hex[:2] / key.hex[2:4] / key.hex

    def place(self, key: UUID) -> str:
        return str(self.path(key))

    async def put(self, key: UUID, source: Path) -> None:
        await to_thread.run_sync(self._put, key, source)

    def _put(self, key: UUID, source: Path) -> None:
        target = self.path(key)
        with failures():
            make_folder(target.parent, 0o750 if self._group_reads else 0o700)
            if self._group_reads:
                source.chmod(0o640)
            check_room(target.parent, 0, self._reserve_bytes)
            # A link appears whole or not at all, and the source's bytes are on disk already.
            with contextlib.suppress(FileExistsError):
                os.link(source, target)
            sync_folder(target.parent)

    async def read(self, key: UUID, start: int, length: int) -> AsyncIterator[bytes]:
        return _pieces(await to_thread.run_sync(self._open, key, start, length), length)

    def _open(self, key: UUID, start: int, length: int) -> IO[bytes]:
        with failures():
            try:
                opened = open(self.path(key), "rb", buffering=0)  # noqa: SIM115 - _pieces closes it
            except FileNotFoundError:
                raise self._missing(key) from None
            if (size := os.fstat(opened.fileno()).st_size) < start + length:
                opened.close()
                raise BlobDamaged(f"{self.path(key)} has {size} bytes")
            opened.seek(start)
            return opened

    async def size(self, key: UUID) -> int:
        return await to_thread.run_sync(self._size, key)

    def _size(self, key: UUID) -> int:
        with failures():
            try:
                return self.path(key).stat().st_size
            except FileNotFoundError:
                raise self._missing(key) from None

    def _missing(self, key: UUID) -> BlobMissing | StoreUnavailable:
        """A disk that is not mounted has lost nothing."""
        if not self._folder.is_dir():
            return StoreUnavailable(f"there is no folder {self._folder}")
        return BlobMissing(f"there is no file {self.path(key)}")

    async def delete(self, key: UUID) -> None:
        await to_thread.run_sync(self._delete, key)

    def _delete(self, key: UUID) -> None:
        with failures(), contextlib.suppress(FileNotFoundError):
            self.path(key).unlink()
            sync_folder(self.path(key).parent)

    async def stored(self) -> AsyncIterator[Stored]:
        listing = self._list()
        while (folder := await to_thread.run_sync(next, listing, None)) is not None:
            for stored in folder:
                yield stored

    def _list(self) -> Iterator[list[Stored]]:
        with failures():
            for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
                found = []
                for entry in os.scandir(folder):
                    with contextlib.suppress(ValueError, FileNotFoundError):
                        found.append(Stored(UUID(entry.name), entry.stat().st_size, entry.stat().st_mtime))
                yield found


async def _pieces(opened: IO[bytes], length: int) -> AsyncIterator[bytes]:
    with opened:
        while length > 0:
            piece = await to_thread.run_sync(opened.read, min(length, CHUNK_BYTES))
            if not piece:
                return
            length -= len(piece)
            yield piece


def check_room(place: Path | int, size: int, reserve_bytes: int) -> None:
    """Raises StoreUnavailable if `size` more bytes would leave less than the reserve on the disk of this path or
    descriptor."""
    available, reserve = room(place, reserve_bytes)
    if reserve and available - size < reserve:
        raise StoreUnavailable(f"the disk has {available} bytes left, of which {reserve} are kept free")


def room(place: Path | int, reserve_bytes: int) -> tuple[int, int]:
    """The free bytes on the disk of this path or descriptor, and how many of them are kept free."""
    disk = os.statvfs(place)
    reserve = min(reserve_bytes, int(disk.f_blocks * disk.f_frsize * LARGEST_RESERVE))
    return disk.f_bavail * disk.f_frsize, reserve


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Creates it with its parents, private to this user unless `mode` says otherwise, so that it is still there after a
    crash of the machine."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
