"""All that is stored of one person, as a zip: for `fechatter export person` and for REST.

It is read in one snapshot, by cursors, and written piece by piece, so neither the amount of messages nor the size of
files matters to memory. The manifest is the last entry, and says how many records and bytes each of the others has.
"""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

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
}
FILES = query("personal_files", "person")
# How many rows a cursor fetches at a time.
ROWS = 500


async def write_person(connection: Connection, blobs: Blobs, archive: zipfile.ZipFile, person: int) -> None:
    """All of one person, in the snapshot of the connection's transaction."""
    entries: list[dict[str, Any]] = []
    for name, wanted in ENTRIES.items():
        rows = connection.cursor(wanted.sql, person, prefetch=ROWS)
        entries.append(await _entry(archive, f"{name}.jsonl", _lines(rows)))
    entries.append(await _entry(archive, "files.jsonl", _lines(connection.cursor(FILES.sql, person, prefetch=ROWS))))
    stored = connection.cursor(FILES.sql, person, prefetch=ROWS)
    entries += [await _file(archive, blobs, row) async for row in stored if row["key"] is not None]
    made = await connection.fetchval("SELECT to_json(now())::text")
    manifest = {"format": "fechatter-person", "version": 1, "user_id": person, "made_at": json.loads(made)}
    archive.writestr("manifest.json", json.dumps({**manifest, "entries": entries}, ensure_ascii=False, indent=1))


async def _file(archive: zipfile.ZipFile, blobs: Blobs, row: asyncpg.Record) -> dict[str, Any]:
    """The bytes of a file, as they are stored; or why they are not there."""
    name = f"files/{row['id']}-{row['name']}"
    try:
        return await _entry(archive, name, await blobs.read(Blob.of(row), 0, row["size"]))
    except (BlobMissing, BlobDamaged) as error:
        return {"name": name, "missing": str(error) or type(error).__name__}


async def _lines(rows: Any) -> AsyncIterator[bytes]:
    async for row in rows:
        yield row["record"].encode() + b"\n"


async def _entry(archive: zipfile.ZipFile, name: str, pieces: AsyncIterator[bytes]) -> dict[str, Any]:
    """Writes an entry, and returns what the manifest says of it."""
    digest, size, records = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as entry:
        async for piece in pieces:
            entry.write(piece)
            digest.update(piece)
            size += len(piece)
            records += 1
    said: dict[str, Any] = {"name": name, "bytes": size, "sha256": digest.hexdigest()}
    return {**said, "records": records} if name.endswith(".jsonl") and "/" not in name else said
