"""`fechatter export person`: all that is stored of one person, as a zip, for whoever has the right to have it.

It is read in one snapshot, by cursors, and written piece by piece, so neither the amount of messages nor the size of
files matters to memory. The manifest is the last entry, and says how many records and bytes each of the others has.
"""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.settings import Settings
from chat_core.storage import Blob, BlobDamaged, BlobMissing, Blobs, StoreUnavailable, open_storage
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say

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


async def export_person(settings: Settings, who: str, file: Path) -> None:
    """Writes `file`, which must not exist, readable by its owner only. Raises CommandError otherwise."""
    blobs, _ = open_storage(settings)
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            with _whole(file) as archive:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    person = await connection.fetchval("SELECT ops.find_user($1)", who)
                    await _write(connection, blobs, archive, person)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from None
        except asyncpg.NoDataFoundError as error:
            raise CommandError(str(error)) from None
        except StoreUnavailable as error:
            raise CommandError(f"the store of files cannot be read: {error}") from None
        finally:
            await connection.close()


@contextmanager
def _whole(file: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, under another name until it is whole."""
    if file.exists():
        raise CommandError(f"{file} already exists: choose another file")
    part = file.with_name(f"{file.name}.part")
    try:
        part.touch(0o600)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            yield archive
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    print(f"{file}: {file.stat().st_size} bytes")


async def _write(connection: Connection, blobs: Blobs, archive: zipfile.ZipFile, person: int) -> None:
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
