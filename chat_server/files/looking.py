"""Scans files, and looks at them: what they show, how large it is, how long it lasts, and which words are in them.

The queue is a table (`file_looks`), and a file that is taken from it comes back if the server dies meanwhile. Scanning
is clamd's (clamd.py); decoding is done by a process that hostile bytes may crash (chat_server/media).
"""

import asyncio
import contextlib
import os
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from anyio import to_thread
from prometheus_client import Counter

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.storage import Blob, BlobDamaged, BlobMissing, Blobs, StoreUnavailable
from chat_core.waiting import wait_at_most
from chat_server.files import clamd
from chat_server.files.clamd import Clamd, ScannerUnavailable, TooLargeToScan
from chat_server.files.new_blobs import stored_copies
from chat_server.files.scratch import scratch_folder
from chat_server.files.types import LOOKED_AT
from chat_server.media.process import LONGEST_SECONDS, LookFailed, Media, Seen

# For files whose server has died, and those that psql has put into the queue.
PERIOD_SECONDS: Final = 10
# Scanning, decoding, and storing what comes of it.
LEASE_SECONDS: Final = 2 * LONGEST_SECONDS + clamd.LONGEST_SECONDS
# Of a file that cannot be scanned until an operator does something about it.
UNSCANNABLE_SECONDS: Final = 3600
# A file that servers have died of is not decoded any more.
MOST_TRIES: Final = 3

COPIES_SCAN = query("copies_scan", "file")
FILE_REFUSE = query("file_refuse", "file", "reason")
LOOK_CLAIM = query("look_claim", "seconds")
LOOK_PUT_OFF = query("look_put_off", "file", "seconds", "error")
LOOK_END = query("look_end", "file", "began_as", "facts", "copies", "file_words")

_log = structlog.get_logger()


def first_state(media_type: str, *, scans: bool, looks: bool) -> str:
    """The state of a new file of this type, where files are scanned and looked at, or are not."""
    if scans:
        return "scanning"
    return "pending" if looks and media_type in LOOKED_AT else "ready"


class Looks:
    """`media` is None if this server makes no previews, `scanner` if files are not scanned. `scans` counts outcomes:
    clean, infected, failed."""

    def __init__(
        self, pool: Pool, blobs: Blobs, media: Media | None, scanner: Clamd | None, scans: Counter | None = None
    ) -> None:
        self._pool, self._blobs, self._media, self._scanner, self._scans = pool, blobs, media, scanner, scans
        self._due = asyncio.Event()

    def first_state(self, media_type: str) -> str:
        """That of a new file of this type."""
        return first_state(media_type, scans=self._scanner is not None, looks=self._media is not None)

    def soon(self) -> None:
        """A file has come into the queue."""
        self._due.set()

    async def run(self) -> None:
        """Runs until cancelled. Failures, such as an unavailable database, are logged and retried."""
        while True:
            try:
                if self._media is None:
                    await self._follow()
                else:
                    with scratch_folder(self._media.folder):
                        self._media.make_folders()
                        await self._follow()
            except OSError as error:
                _log.warning("there is no folder to look at files in", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(PERIOD_SECONDS)

    async def _follow(self) -> None:
        """Until cancelled."""
        while True:
            self._due.clear()
            try:
                while (file := await LOOK_CLAIM.row(self._pool, seconds=LEASE_SECONDS)) is not None:
                    if not await self._look(file):
                        break
            except Exception as error:
                _log.warning("looking at files failed", error=f"{type(error).__name__}: {error}")
            await wait_at_most(PERIOD_SECONDS, self._due)

    async def close(self) -> None:
        if self._media is not None:
            await self._media.close()

    async def _look(self, file: asyncpg.Record) -> bool:
        """False if it is of no use to try the others now."""
        try:
            if file["state"] != "scanning" or self._scanner is None or await self._is_clean(file, self._scanner):
                await self._decode(file)
        except (StoreUnavailable, ScannerUnavailable) as error:
            await self._put_off(file, PERIOD_SECONDS, error)
            return False
        except (TooLargeToScan, BlobMissing, BlobDamaged) as error:
            await self._put_off(file, UNSCANNABLE_SECONDS, error)
        return True

    async def _put_off(self, file: asyncpg.Record, seconds: float, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"
        _log.warning("a file waits to be scanned or looked at", file_id=file["file_id"], error=said)
        await LOOK_PUT_OFF.value(self._pool, file=file["file_id"], seconds=seconds, error=said)

    async def _is_clean(self, file: asyncpg.Record, scanner: Clamd) -> bool:
        """If not, it is refused; and so will be the others with these bytes, which were good for older signatures."""
        try:
            found = await scanner.scan(lambda: self._blobs.read(Blob.of(file), 0, file["size"]))
        except (ScannerUnavailable, TooLargeToScan):
            self._count("failed")
            raise
        self._count("clean" if found is None else "infected")
        if found is None:
            return True
        _log.warning("a file is refused", file_id=file["file_id"], found=found)
        if await COPIES_SCAN.value(self._pool, file=file["file_id"]):
            self.soon()
        await FILE_REFUSE.row(self._pool, file=file["file_id"], reason=f"Malware was found in it: {found}.")
        return False

    def _count(self, outcome: str) -> None:
        if self._scans is not None:
            self._scans.labels(outcome).inc()

    async def _decode(self, file: asyncpg.Record) -> None:
        if self._media is None or file["type"] not in LOOKED_AT:
            await self._end(file, Seen(), [])
            return
        with (
            TemporaryDirectory(dir=self._media.originals) as given,
            TemporaryDirectory(dir=self._media.copies) as made,
        ):
            try:
                seen = await self._seen(self._media, file, Path(given), Path(made))
                copies = await self._stored(seen, Path(made))
            except LookFailed as error:
                _log.warning("what decodes files has misbehaved", file_id=file["file_id"], error=str(error))
                seen, copies = Seen(refused="It cannot be decoded."), []
            try:
                await self._end(file, seen, copies)
            except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
                _log.warning("what was found out of a file is refused", file_id=file["file_id"], error=str(error))
                await self._end(file, Seen(refused="It says impossible things of itself."), [])

    async def _end(self, file: asyncpg.Record, seen: Seen, copies: list[dict[str, Any]]) -> None:
        await LOOK_END.value(
            self._pool,
            file=file["file_id"],
            began_as=file["state"],
            facts=msgspec.json.encode(_facts(seen)).decode(),
            copies=msgspec.json.encode(copies).decode(),
            file_words=list(seen.words),
        )

    async def _seen(self, media: Media, file: asyncpg.Record, given: Path, made: Path) -> Seen:
        if file["tries"] > MOST_TRIES:
            return Seen(refused="Servers have ended while they looked at it.")
        try:
            original = await self._original(Blob.of(file), given)
            async with media.turn("files") as process:
                return await process.look(original, file["type"], made)
        except (BlobMissing, BlobDamaged) as error:
            _log.error("blob lost", key=str(file["key"]), error=f"{type(error).__name__}: {error}")
            return Seen(refused="Its bytes are lost.")
        except LookFailed as error:
            _log.info("a file cannot be decoded", file_id=file["file_id"], error=str(error))
            return Seen(refused="It takes too long or too much memory to decode.")

    async def _original(self, blob: Blob, folder: Path) -> Path:
        """The file's bytes, where the process may read them: of all others it may read none."""
        path = folder / "original"
        if (stored := self._blobs.local_path(blob)) is not None:
            with contextlib.suppress(OSError):
                await to_thread.run_sync(os.link, stored, path)
                return path
        with path.open("wb") as copy:
            async for piece in await self._blobs.read(blob, 0, blob.size):
                await to_thread.run_sync(copy.write, piece)
        return path

    async def _stored(self, seen: Seen, folder: Path) -> list[dict[str, Any]]:
        """The copies to show, once they are in the store."""
        return await stored_copies(self._pool, self._blobs, folder, seen.files, seconds=2 * LEASE_SECONDS)


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
