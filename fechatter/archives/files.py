"""Files of an archive: stored as uploads are, with the same checks of names, types and sizes."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from anyio import to_thread

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.settings import Settings
from chat_core.storage import Blobs
from chat_core.storage.staging import HEAD_BYTES
from chat_server.files.looking import first_state
from chat_server.files.names import clean
from chat_server.files.new_blobs import DAY_SECONDS, new_blobs
from chat_server.files.stripping import Unstrippable, strip
from chat_server.files.types import sniff
from chat_server.media.process import installed as previews_installed
from fechatter.archives.bar import Bar
from fechatter.archives.report import Report
from fechatter.archives.source import BadArchive, Source

CHUNK_BYTES: Final = 1 << 20
AMOUNT: Final = 500

IMPORT_FILE = query(
    "import_file", "import", "n", "sha256", "size", "type", "name", "begins_as", "key", "store", "sealed_key"
)
IMPORT_FILES_NEXT = query("import_files_next", "after", "amount")
IMPORT_KNOWN_FILES = query("import_known_files", "import")


@dataclass(frozen=True, slots=True)
class Copied:
    size: int
    sha256: bytes
    head: bytes


class TooLarge(Exception):
    """A file is larger than an upload may be."""


@dataclass
class Files:
    connection: Connection
    settings: Settings
    blobs: Blobs
    source: Source
    report: Report

    async def run(self, import_: int, total: int) -> int:
        """Stores all files that are not here yet; returns how many. What cannot be stored is in the report."""
        known = await IMPORT_KNOWN_FILES.value(self.connection, **{"import": import_})
        bar, stored, after = Bar("files", total - known), 0, 0
        try:
            while rows := await IMPORT_FILES_NEXT.rows(self.connection, after=after, amount=AMOUNT):
                for row in rows:
                    stored += await self._store(import_, row)
                    bar.add()
                after = rows[-1]["n"]
        finally:
            bar.close()
        return stored

    async def foresee(self) -> None:
        """Reports what could not be stored."""
        after = 0
        while rows := await IMPORT_FILES_NEXT.rows(self.connection, after=after, amount=AMOUNT):
            for row in rows:
                self._size(row)
            after = rows[-1]["n"]

    async def _store(self, import_: int, row: asyncpg.Record) -> bool:
        """Whether it is here now."""
        size = self._size(row)
        if size is None:
            return False
        async with self.blobs.scratch_file(size) as scratch:
            return await self._keep(import_, row, scratch, size)

    def _size(self, row: asyncpg.Record) -> int | None:
        """None if it cannot be stored, which is in the report."""
        size = self.source.size(row["path"])
        most = self.settings.storage.file_bytes
        if size is None:
            self.report.lose("files whose bytes are not in the archive", row["path"])
        elif most and size > most:
            self.report.lose(f"files of more than {most:,} bytes", row["path"])
        else:
            return size
        return None

    async def _keep(self, import_: int, row: asyncpg.Record, scratch: Path, most: int) -> bool:
        try:
            copied = await to_thread.run_sync(_copy, self.source, row["path"], scratch, most)
            if row["sha256"] not in (None, copied.sha256):
                self.report.lose("files with other bytes than the archive says", row["path"])
                return False
            kind = sniff(copied.head)
            if self.settings.media.strip_originals and await to_thread.run_sync(strip, scratch, kind):
                copied = await to_thread.run_sync(_digest, scratch)
        except (BadArchive, TooLarge) as error:
            self.report.lose("files that are damaged", f"{row['path']}: {error}")
            return False
        except Unstrippable:
            self.report.lose("files whose metadata cannot be removed", row["path"])
            return False
        (blob,) = await new_blobs(self.connection, self.blobs, [copied.size], seconds=DAY_SECONDS)
        await self.blobs.put(blob, scratch)
        try:
            place = {"key": blob.key, "store": blob.store, "sealed_key": blob.sealed_key}
            facts = {"sha256": copied.sha256, "size": copied.size, "type": kind, "name": clean(row["name"])}
            media = self.settings.media
            begins_as = first_state(kind, scans=media.clamd is not None, looks=media.previews and previews_installed())
            about = {"import": import_, "n": row["n"], "begins_as": begins_as}
            await IMPORT_FILE.value(self.connection, **about, **facts, **place)
        except asyncpg.UnknownPostgresError as error:  # our own rules
            if getattr(error, "constraint_name", None) != "quota_exceeded":
                raise
            self.report.lose("files for which the workspace's quota has no room", row["path"])
            return False
        return True


def _copy(source: Source, name: str, scratch: Path, most: int) -> Copied:
    """The bytes of an entry on disk, synced. Raises BadArchive, and TooLarge if there are more than it says."""
    with source.open(name) as opened, scratch.open("r+b") as kept:
        copied = 0
        while chunk := opened.read(CHUNK_BYTES):
            copied += len(chunk)
            if copied > most:
                raise TooLarge("it is longer than the archive says")
            kept.write(chunk)
    return _digest(scratch)


def _digest(path: Path) -> Copied:
    hasher, size, head = hashlib.sha256(), 0, b""
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            head = head or chunk[:HEAD_BYTES]
            hasher.update(chunk)
            size += len(chunk)
        os.fsync(opened.fileno())
    return Copied(size, hasher.digest(), head)
