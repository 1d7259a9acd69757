"""All that is stored of one person, as a zip: for `fechatter export person` and for REST.

The records are of one snapshot, read by cursors; the bytes of the files follow, without a transaction that would wait
for them. All is written piece by piece and in threads, so neither the amount of messages nor the size of files matters
to memory or holds up the event loop. The manifest is the last entry, and says how many records and bytes each of the
others has.
"""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Any

import asyncpg
from anyio import to_thread

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.storage import Blob, BlobDamaged, BlobMissing, Blobs

ENTRIES = {
    "profile": query("personal_profile", "person"),
    "identities": query("personal_identities", "person"),
    "sessions": query("personal_sessions", "person"),
    "memberships": query("personal_memberships", "person"),
    "messages": query("personal_messages", "person"),
    "drafts": query("personal_drafts", "person"),
    "reactions": query("personal_reactions", "person"),
    "audit": query("personal_audit", "person"),
    "files": query("personal_files", "person"),
}
PERSONAL_BLOBS = query("personal_blobs", "person", "after", "amount")
# How many rows are fetched at a time, and how much of them is compressed at a time.
ROWS = 500
BLOCK_BYTES = 64 * 1024


class TooLarge(Exception):
    """There is more of a person than was asked for."""


async def write_person(
    connection: Connection, blobs: Blobs, file: IO[bytes], person: int, *, most_bytes: int | None = None
) -> None:
    """The zip. Raises TooLarge if it has more than `most_bytes` before they are compressed."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        await _Writing(connection, blobs, archive, person, most_bytes).run()


class _Writing:
    def __init__(
        self, connection: Connection, blobs: Blobs, archive: zipfile.ZipFile, person: int, most_bytes: int | None
    ) -> None:
        self._connection, self._blobs, self._archive, self._person = connection, blobs, archive, person
        self._most_bytes, self._bytes = most_bytes, 0

    async def run(self) -> None:
        entries: list[dict[str, Any]] = []
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            made = await self._connection.fetchval("SELECT to_json(now())::text")
            for name, wanted in ENTRIES.items():
                rows = self._connection.cursor(wanted.sql, self._person, prefetch=ROWS)
                entries.append(await self._entry(f"{name}.jsonl", _lines(rows)))
        entries += [await self._file(row) async for row in self._stored()]
        manifest = {"format": "fechatter-person", "version": 1, "user_id": self._person, "made_at": json.loads(made)}
        said = json.dumps({**manifest, "entries": entries}, ensure_ascii=False, indent=1)
        await to_thread.run_sync(self._archive.writestr, "manifest.json", said)

    async def _stored(self) -> AsyncIterator[asyncpg.Record]:
        """The files whose bytes are in the store, by id."""
        after: int | None = 0
        while after is not None:
            rows = await PERSONAL_BLOBS.rows(self._connection, person=self._person, after=after, amount=ROWS)
            for row in rows:
                yield row
            after = rows[-1]["id"] if rows else None

    async def _file(self, row: asyncpg.Record) -> dict[str, Any]:
        """The bytes of a file, as they are stored; or why they are not there."""
        name = f"files/{row['id']}-{row['name']}"
        try:
            return await self._entry(name, await self._blobs.read(Blob.of(row), 0, row["size"]))
        except (BlobMissing, BlobDamaged) as error:
            return {"name": name, "missing": str(error) or type(error).__name__}

    async def _entry(self, name: str, pieces: AsyncIterator[bytes]) -> dict[str, Any]:
        """Writes an entry, and returns what the manifest says of it."""
        digest, size, records = hashlib.sha256(), 0, 0

        def write(block: bytes) -> None:
            entry.write(block)
            digest.update(block)

        with self._archive.open(name, "w", force_zip64=True) as entry:
            block = bytearray()
            async for piece in pieces:
                block += piece
                size += len(piece)
                records += 1
                self._count(len(piece))
                if len(block) >= BLOCK_BYTES:
                    await to_thread.run_sync(write, bytes(block))
                    block.clear()
            await to_thread.run_sync(write, bytes(block))
        said: dict[str, Any] = {"name": name, "bytes": size, "sha256": digest.hexdigest()}
        return {**said, "records": records} if name.endswith(".jsonl") and "/" not in name else said

    def _count(self, amount: int) -> None:
        self._bytes += amount
        if self._most_bytes is not None and self._bytes > self._most_bytes:
            raise TooLarge(f"more than {self._most_bytes} bytes")


async def _lines(rows: Any) -> AsyncIterator[bytes]:
    async for row in rows:
        yield row["record"].encode() + b"\n"
