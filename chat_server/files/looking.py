"""Looks at pending files: what they show, how large it is, how long it lasts, and which words are in them.

The queue is a table (`file_looks`), and a file that is taken from it comes back if the server dies meanwhile. Decoding
is done by a process that hostile bytes may crash (chat_server/media).
"""

import asyncio
import os
import shutil
import stat
import time
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import msgspec
import structlog
from anyio import to_thread

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.storage import BlobMissing, BlobStore, Directory, StoreUnavailable
from chat_server.media.process import LONGEST_SECONDS, LookFailed, Media, Seen

# For files whose server has died, and those that psql has made pending.
PERIOD_SECONDS: Final = 10
# Decoding, and storing what comes of it.
LEASE_SECONDS: Final = 2 * LONGEST_SECONDS
# A file that servers have died of is left alone.
MOST_TRIES: Final = 3
# What the process may have written, whatever a hostile file has made of it.
NAMES: Final = ("thumbnail.webp", "preview.webp")

LOOK_CLAIM = query("look_claim", "seconds")
LOOK_PUT_OFF = query("look_put_off", "file", "seconds")
LOOK_END = query("look_end", "file", "facts", "copies", "file_words")
KEYS_QUEUE = query("keys_queue", "keys", "seconds")

_log = structlog.get_logger()


class Looks:
    """`folder` is for what is written meanwhile, on the file system of the store if that is a directory."""

    def __init__(self, pool: Pool, store: BlobStore, folder: Path, media: Media) -> None:
        self._pool, self._store, self._folder, self._media = pool, store, folder, media
        self._due = asyncio.Event()

    def soon(self) -> None:
        """A file has become pending."""
        self._due.set()

    async def run(self) -> None:
        """Runs until cancelled. Failures, such as an unavailable database, are logged and retried."""
        self._discard_leftovers()
        while True:
            self._due.clear()
            try:
                while (file := await LOOK_CLAIM.row(self._pool, seconds=LEASE_SECONDS)) is not None:
                    await self._look(file)
            except Exception as error:
                _log.warning("looking at files failed", error=f"{type(error).__name__}: {error}")
            try:
                async with asyncio.timeout(PERIOD_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                pass

    def _discard_leftovers(self) -> None:
        """Of servers that were killed; a folder in use is younger than its lease."""
        edge = time.time() - 2 * LEASE_SECONDS
        for folder in self._folder.glob("*"):
            if folder.stat().st_mtime < edge:
                shutil.rmtree(folder, ignore_errors=True)

    async def close(self) -> None:
        await self._media.close()

    async def _look(self, file: asyncpg.Record) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._folder) as made:
            folder = Path(made)
            try:
                seen = await self._seen(file, folder)
                copies = await self._stored(seen, folder)
            except LookFailed as error:
                _log.warning("what decodes files has misbehaved", file_id=file["file_id"], error=str(error))
                seen, copies = Seen(refused="It cannot be decoded."), []
            except StoreUnavailable as error:
                _log.warning("the store of files is unavailable", error=str(error))
                await LOOK_PUT_OFF.value(self._pool, file=file["file_id"], seconds=PERIOD_SECONDS)
                return
            try:
                await self._end(file["file_id"], seen, copies)
            except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
                _log.warning("what was found out of a file is refused", file_id=file["file_id"], error=str(error))
                await self._end(file["file_id"], Seen(refused="It says impossible things of itself."), [])

    async def _end(self, file: int, seen: Seen, copies: list[dict[str, Any]]) -> None:
        await LOOK_END.value(
            self._pool,
            file=file,
            facts=msgspec.json.encode(_facts(seen)).decode(),
            copies=msgspec.json.encode(copies).decode(),
            file_words=list(seen.words),
        )

    async def _seen(self, file: asyncpg.Record, folder: Path) -> Seen:
        if file["tries"] > MOST_TRIES:
            return Seen(refused="Servers have ended while they looked at it.")
        try:
            path = await self._local(file["key"], file["size"], folder)
            async with self._media.turn("files") as process:
                return await process.look(path, file["type"], folder)
        except BlobMissing as error:
            return Seen(refused=f"Its bytes are missing: {error}.")
        except LookFailed as error:
            _log.info("a file cannot be decoded", file_id=file["file_id"], error=str(error))
            return Seen(refused="It takes too long or too much memory to decode.")

    async def _local(self, key: UUID, size: int, folder: Path) -> Path:
        if isinstance(self._store, Directory):
            return self._store.path(key)
        path = folder / "original"
        with path.open("wb") as copy:
            async for piece in await self._store.read(key, 0, size):
                await to_thread.run_sync(copy.write, piece)
        return path

    async def _stored(self, seen: Seen, folder: Path) -> list[dict[str, Any]]:
        """The copies to show, once they are in the store. Their keys are queued for deletion first, in case that we
        die before they are in use."""
        keys = [uuid4() for _ in seen.files]
        await KEYS_QUEUE.rows(self._pool, keys=keys, seconds=2 * LEASE_SECONDS)
        copies = []
        for key, copy in zip(keys, seen.files, strict=True):
            path = folder / copy.name
            if copy.name not in NAMES or not stat.S_ISREG(path.lstat().st_mode):
                raise LookFailed(f"it has written {copy.name!r}")
            await to_thread.run_sync(_sync, path)
            await self._store.put(key, path)
            sizes = {"size": path.stat().st_size, "width": copy.width, "height": copy.height}
            copies.append({"name": path.stem, "key": str(key), **sizes})
        return copies


def _facts(seen: Seen) -> dict[str, Any]:
    placeholder = None if seen.placeholder is None else b64encode(seen.placeholder).decode()
    return {
        "width": seen.width,
        "height": seen.height,
        "animated": seen.animated,
        "pages": seen.pages,
        "duration": seen.duration,
        "placeholder": placeholder,
        "waveform": seen.waveform,
        "no_preview": seen.refused and seen.refused.replace("\0", "")[:500],
    }


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
