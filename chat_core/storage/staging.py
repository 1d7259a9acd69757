"""Uploads that have not ended, each a file. Bytes count once they are on disk; the database has their number.

Staging is always a directory of this machine: a store such as S3 cannot append a few bytes. With chat_servers on
several machines it must be a shared file system, or a proxy must send all requests for an upload to one of them.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from anyio import to_thread

from chat_core.storage.blob_store import CHUNK_BYTES, StoreUnavailable, failures
from chat_core.storage.directory import check_room, make_folder, room, sync_folder

# What the type of a file is recognised by.
HEAD_BYTES = 4096


class UploadBusy(Exception):
    """Another request is writing to this upload."""


@dataclass(frozen=True, slots=True)
class Digest:
    size: int
    sha256: bytes
    head: bytes


class Part:
    """The file of one upload, open and locked for appending."""

    def __init__(self, descriptor: int, reserve_bytes: int = 0) -> None:
        self._descriptor, self._reserve_bytes = descriptor, reserve_bytes

    async def begin_at(self, received: int) -> None:
        """What is written next comes after this many bytes; anything else that is there is cut off. Raises
        StoreUnavailable."""
        await to_thread.run_sync(self._begin_at, received)

    def _begin_at(self, received: int) -> None:
        with failures():
            if os.fstat(self._descriptor).st_size < received:
                raise StoreUnavailable("the staged file has lost bytes that were received")
            os.ftruncate(self._descriptor, received)
            os.lseek(self._descriptor, received, os.SEEK_SET)

    async def write(self, data: bytes) -> None:
        """Raises StoreUnavailable, for example if the disk is full."""
        await to_thread.run_sync(self._write, data)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        with failures():
            check_room(self._descriptor, len(data), self._reserve_bytes)
            while left:
                left = left[os.write(self._descriptor, left) :]

    async def sync(self) -> None:
        """What has been written survives a crash of the machine."""
        await to_thread.run_sync(self._sync)

    def _sync(self) -> None:
        with failures():
            os.fsync(self._descriptor)


class Staging:
    """`reserve_bytes` of its disk stay free."""

    def __init__(self, folder: Path, reserve_bytes: int = 0) -> None:
        self.folder, self._reserve_bytes = folder, reserve_bytes

    def path(self, upload: UUID) -> Path:
        return self.folder / upload.hex

    @contextlib.asynccontextmanager
    async def locked(self, upload: UUID) -> AsyncIterator[Part]:
        """The upload's file, which nobody else writes, stores or discards meanwhile. Nothing that was known of the
        upload before is sure: read its row again. Raises UploadBusy and StoreUnavailable."""
        descriptor = await to_thread.run_sync(self._open, upload)
        try:
            yield Part(descriptor, self._reserve_bytes)
        finally:
            os.close(descriptor)  # and unlocks it

    def _open(self, upload: UUID) -> int:
        with failures():
            make_folder(self.folder)
            new = not self.path(upload).exists()
            descriptor = os.open(self.path(upload), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise UploadBusy from None
                # Another request may have stored and discarded it since: its bytes are a blob's now.
                if not self._is(upload, descriptor):
                    raise UploadBusy
                if new:
                    sync_folder(self.folder)
            except BaseException:
                os.close(descriptor)
                raise
            return descriptor

    def _is(self, upload: UUID, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path(upload).stat())
        except FileNotFoundError:
            return False

    async def digest(self, upload: UUID) -> Digest:
        """Of the bytes as they are on disk."""
        return await to_thread.run_sync(self._digest, upload)

    def _digest(self, upload: UUID) -> Digest:
        with failures(), open(self.path(upload), "rb", buffering=0) as opened:
            head = opened.read(HEAD_BYTES)
            sha256, size = hashlib.sha256(head), len(head)
            while piece := opened.read(CHUNK_BYTES):
                sha256.update(piece)
                size += len(piece)
            return Digest(size, sha256.digest(), head)

    async def discard(self, upload: UUID) -> None:
        await to_thread.run_sync(self._discard, upload)

    def _discard(self, upload: UUID) -> None:
        with failures():
            self.path(upload).unlink(missing_ok=True)

    async def room(self) -> tuple[int, int]:
        """The free bytes on its disk, and how many of them stay free. Raises StoreUnavailable."""
        return await to_thread.run_sync(self._room)

    def _room(self) -> tuple[int, int]:
        with failures():
            there = next(folder for folder in (self.folder, *self.folder.absolute().parents) if folder.exists())
            return room(there, self._reserve_bytes)

    async def uploads(self) -> list[tuple[UUID, float]]:
        """All that have a file, with the time of its last change in seconds since 1970."""
        return await to_thread.run_sync(self._uploads)

    def _uploads(self) -> list[tuple[UUID, float]]:
        found: list[tuple[UUID, float]] = []
        with failures(), contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self.folder):
                with contextlib.suppress(ValueError, FileNotFoundError):
                    found.append((UUID(entry.name), entry.stat().st_mtime))
        return found
