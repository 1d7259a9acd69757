"""`fechatter storage check`: whether the stores have every byte that the database knows of, and nothing else.
`fechatter storage move`: all of them into one store, encrypted as the settings say, while the servers run."""

import hashlib
import os
from collections.abc import AsyncIterator
from uuid import UUID

from anyio import to_thread
from asyncpg import Record

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.settings import Settings
from chat_core.storage import Blob, BlobDamaged, BlobMissing, Blobs, StoreUnavailable, open_storage
from chat_server.files import cleanup
from chat_server.files.new_blobs import DAY_SECONDS, new_blobs
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say

# Keys of one query, and of one line of progress.
BATCH = 1000
FIRST = UUID(int=0)

BLOB_MOVE = query("blob_move", "old_key", "key", "store", "sealed_key")
BLOBS_LEFT_TO_MOVE = query("blobs_left_to_move", "store", "master_key")
BYTES_NOTE = query("bytes_note", "blob", "lost")
FILES_WITH_KEY = query("files_with_key", "blob")
BLOBS_TO_MOVE = query("blobs_to_move", "after", "store", "master_key", "limit")


async def check(settings: Settings) -> int:
    """Prints what is missing, damaged or left over, and returns the exit status. ops.files shows it from then on;
    nothing else changes. Servers may be running."""
    blobs, staging = open_storage(settings)
    wrong = total = 0
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            async for row in _stored(connection):
                total += 1
                try:
                    async for _ in _sound(blobs, row):
                        pass
                    if row["lost"]:
                        await BYTES_NOTE.rows(connection, blob=row["key"], lost=False)
                except (BlobMissing, BlobDamaged) as fault:
                    if await _is_current(connection, row):
                        wrong += 1
                        await BYTES_NOTE.rows(connection, blob=row["key"], lost=True)
                        ids = [found["id"] for found in await FILES_WITH_KEY.rows(connection, blob=row["key"])]
                        print(f"{blobs.place(Blob.of(row))}: {_said(fault, row)}{_of_files(ids)}")
                if total % BATCH == 0:
                    say(f"storage: {total} checked")
            strays = await cleanup.strays(connection, blobs, staging)
        except StoreUnavailable as error:
            raise CommandError(f"the store of files cannot be read: {error}") from None
        finally:
            await connection.close()
    for key in strays:
        print(f"{key.hex}: nothing in the database refers to it; it may be deleted")
    print(f"{total} checked: {wrong} missing or damaged, {len(strays)} left over")
    return 1 if wrong or strays else 0


async def move(settings: Settings, to: str, decrypt: bool = False) -> int:
    """Moves what is not in the store `to`, encrypted as the settings say, or decrypted. It may be stopped at any
    time, and goes on where it was. Returns the exit status: 1 if something could not be read, and stays."""
    blobs, _ = open_storage(settings)
    if to not in blobs.stores:
        raise CommandError(f"there are no settings of the store {to}: set storage.s3_bucket")
    wanted = {"store": to, "master_key": None if decrypt or blobs.masters is None else blobs.masters.id}
    moved = wrong = 0
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            left = await BLOBS_LEFT_TO_MOVE.one(connection, **wanted)
            say(f"storage: {left['blobs']} to move, {left['bytes']} bytes")
            after = FIRST
            while rows := await BLOBS_TO_MOVE.rows(connection, after=after, limit=BATCH, **wanted):
                for row in rows:
                    try:
                        moved += await _move(connection, blobs, row, to, decrypt)
                    except (BlobMissing, BlobDamaged) as fault:
                        if await _is_current(connection, row):
                            wrong += 1
                            print(f"{blobs.place(Blob.of(row))}: {_said(fault, row)}")
                after = rows[-1]["key"]
                say(f"storage: {moved} moved of {left['blobs']}")
            left = await BLOBS_LEFT_TO_MOVE.one(connection, **wanted)
        except StoreUnavailable as error:
            raise CommandError(f"a store is unavailable, after {moved} were moved: {error}; run it again") from None
        finally:
            await connection.close()
    print(f"{moved} moved to {to}, {left['blobs']} left, of which {wrong} are missing or damaged")
    return 1 if left["blobs"] else 0


async def _move(connection: Connection, blobs: Blobs, row: Record, to: str, decrypt: bool) -> bool:
    """Stores the bytes anew, reads them back, and only then says so in the database, which queues the old ones for
    deletion. False if nothing needs them any more."""
    digest = hashlib.sha256()
    async with blobs.scratch_file(row["size"]) as copy:
        with copy.open("wb") as written:
            async for piece in _sound(blobs, row):
                digest.update(piece)
                await to_thread.run_sync(written.write, piece)
            written.flush()
            await to_thread.run_sync(os.fsync, written.fileno())
        (moved,) = await new_blobs(connection, blobs, [row["size"]], seconds=DAY_SECONDS, store=to, plain=decrypt)
        await blobs.put(moved, copy)
    again = hashlib.sha256()
    async for piece in await blobs.read(moved, 0, moved.size):
        again.update(piece)
    if again.digest() != digest.digest():
        raise StoreUnavailable(f"{blobs.place(moved)} has other bytes than were put there")
    place = {"key": moved.key, "store": moved.store, "sealed_key": moved.sealed_key}
    return bool(await BLOB_MOVE.value(connection, old_key=row["key"], **place))


async def _stored(connection: Connection) -> AsyncIterator[Record]:
    after = FIRST
    while rows := await cleanup.STORED_KEYS.rows(connection, after=after, limit=BATCH):
        for row in rows:
            yield row
        after = rows[-1]["key"]


async def _is_current(connection: Connection, row: Record) -> bool:
    """Whether the database still has this key: a server may have deleted the file meanwhile."""
    before = UUID(int=row["key"].int - 1)
    return any(
        found["key"] == row["key"] for found in await cleanup.STORED_KEYS.rows(connection, after=before, limit=1)
    )


async def _sound(blobs: Blobs, row: Record) -> AsyncIterator[bytes]:
    """The bytes of a key. Raises BlobMissing, and BlobDamaged unless they are those that were uploaded."""
    blob, digest = Blob.of(row), hashlib.sha256()
    await blobs.check_size(blob)
    async for piece in await blobs.read(blob, 0, blob.size):
        digest.update(piece)
        yield piece
    if row["sha256"] is not None and digest.digest() != row["sha256"]:
        raise BlobDamaged("has other bytes than were uploaded")


def _said(fault: BlobMissing | BlobDamaged, row: Record) -> str:
    said = "missing" if isinstance(fault, BlobMissing) else str(fault)
    of = "" if row["workspace_id"] is None else f" of workspace {row['workspace_id']}"  # links are of all
    return f"{said}; {row['what']}{of}"


def _of_files(ids: list[int]) -> str:
    return f"; of file {', '.join(map(str, ids))}" if ids else ""
