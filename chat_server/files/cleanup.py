"""Deletes bytes that nothing refers to: those of messages that were deleted, of files that were never used, and of
uploads that have expired.

Whatever removes the last use of a blob queues its key in the same transaction (sql/triggers/files/). A key is never
used again, so nothing can begin to refer to it while its bytes are being deleted. Several servers share the work.
"""

import asyncio
import time
from typing import Final, cast
from uuid import UUID

import structlog

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.storage import Blobs, Staging, StoreUnavailable
from chat_server.files.uploads import Uploads

PERIOD_SECONDS: Final = 60
BATCH: Final = 100
# A stray blob is younger than the longest step between its bytes and its row.
STRAY_SECONDS: Final = 86_400

BLOB_DELETION_FAILED = query("blob_deletion_failed", "key", "error")
BLOB_DELETIONS_DONE = query("blob_deletions_done", "keys")
BLOB_DELETIONS_TAKE = query("blob_deletions_take", "limit")
KEYS_UNKNOWN = query("keys_unknown", "keys")
STORED_KEYS = query("stored_keys", "after", "limit")
UPLOADS_EXPIRE = query("uploads_expire", "limit")

_log = structlog.get_logger()


async def clean_files(pool: Pool, uploads: Uploads) -> None:
    """Runs until cancelled. Failures, such as an unavailable store, are logged and retried. Once a day it looks for
    bytes that nothing refers to, and reports them: there should be none, so none is deleted unasked."""
    looked_at = time.monotonic()
    while True:
        try:
            await clean_once(pool, uploads)
            await uploads.blobs.discard_leftovers(time.time() - STRAY_SECONDS)
            if time.monotonic() - looked_at > STRAY_SECONDS:
                looked_at = time.monotonic()
                if found := await strays(pool, uploads.blobs, uploads.staging):
                    _log.error("the store has bytes that nothing refers to", keys=len(found), first=str(found[0]))
        except Exception as error:
            _log.warning("clean-up of files failed", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(PERIOD_SECONDS)


async def clean_once(pool: Pool, uploads: Uploads) -> int:
    """Returns how many keys were deleted from the store."""
    while await UPLOADS_EXPIRE.value(pool, limit=BATCH) == BATCH:
        pass
    total = 0
    while taken := await _delete_batch(pool, uploads):
        total += taken
        if taken < BATCH:
            break
    return total


async def _delete_batch(pool: Pool, uploads: Uploads) -> int:
    """Returns the number of keys that are gone; those that could not be deleted stay."""
    async with pool.acquire() as acquired, acquired.transaction():
        connection = cast("Connection", acquired)
        gone: list[UUID] = []
        for row in await BLOB_DELETIONS_TAKE.rows(connection, limit=BATCH):
            key = row["key"]
            if row["used"]:
                _log.info("another workspace has these bytes, which stay", key=str(key))
            else:
                try:
                    await uploads.staging.discard(key)
                    await uploads.blobs.delete(key)
                except StoreUnavailable as error:
                    _log.warning("a blob cannot be deleted", key=str(key), error=str(error))
                    await BLOB_DELETION_FAILED.row(connection, key=key, error=str(error))
                    continue
            gone.append(key)
        await BLOB_DELETIONS_DONE.row(connection, keys=gone)
    return len(gone)


async def strays(
    pool: Connection | Pool, blobs: Blobs, staging: Staging, older_than: float = STRAY_SECONDS
) -> list[UUID]:
    """Old enough keys in the stores and of staged uploads that nothing refers to: there should be none."""
    edge = time.time() - older_than
    found: list[UUID] = []
    keys = [key for key, modified_at in await staging.uploads() if modified_at < edge]
    for store in blobs.stores.values():
        async for stored in store.stored():
            if stored.modified_at < edge:
                keys.append(stored.key)
            if len(keys) >= 1000:
                found += [row["key"] for row in await KEYS_UNKNOWN.rows(pool, keys=keys)]
                keys.clear()
    return found + [row["key"] for row in await KEYS_UNKNOWN.rows(pool, keys=keys)]
