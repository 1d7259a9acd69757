"""`fechatter storage check`: whether the store has every byte that the database knows of, and nothing else."""

import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

from asyncpg import Record

from chat_core.database.pool import Connection
from chat_core.settings import Settings
from chat_core.storage import BlobMissing, BlobStore, Directory, Staging, StoreUnavailable
from chat_server.files import cleanup
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say

# Keys of one query, and of one line of progress.
BATCH = 1000
FIRST = UUID(int=0)


async def check(settings: Settings) -> int:
    """Prints what is missing, damaged or left over, and returns the exit status. Changes nothing; servers may be
    running."""
    folder = settings.storage.directory or settings.data_dir / "files"
    store, staging = Directory(folder / "blobs"), Staging(folder / "uploads")
    wrong = total = 0
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            async for row in _stored(connection):
                total += 1
                if fault := await _fault(store, row):
                    wrong += 1
                    print(f"{store.path(row['key'])}: {fault}; {row['what']} of workspace {row['workspace_id']}")
                if total % BATCH == 0:
                    say(f"storage: {total} checked")
            strays = await cleanup.strays(connection, store, staging)
        except StoreUnavailable as error:
            raise CommandError(f"the store of files cannot be read: {error}") from None
        finally:
            await connection.close()
    for key in strays:
        print(f"{store.path(key)}: nothing in the database refers to it; it may be deleted")
    print(f"{total} checked: {wrong} missing or damaged, {len(strays)} left over")
    return 1 if wrong or strays else 0


async def _stored(connection: Connection) -> AsyncIterator[Record]:
    after = FIRST
    while rows := await cleanup.STORED_KEYS.rows(connection, after=after, limit=BATCH):
        for row in rows:
            yield row
        after = rows[-1]["key"]


async def _fault(store: BlobStore, row: Record) -> str | None:
    """What is wrong with the bytes of a key."""
    digest, size = hashlib.sha256(), 0
    try:
        # One byte more than there should be shows a blob that has grown.
        async for piece in await store.read(row["key"], 0, row["size"] + 1):
            digest.update(piece)
            size += len(piece)
    except BlobMissing:
        return "missing"
    if size != row["size"]:
        return f"has {'more' if size > row['size'] else size} bytes where {row['size']} are expected"
    if row["sha256"] is not None and digest.digest() != row["sha256"]:
        return "has other bytes than were uploaded"
    return None
