"""Blobs that are about to be stored. Their keys are queued for deletion first, so that whatever a crash leaves of them
goes. The transaction that comes to use one takes it off the queue, and fails if it has left it already (use_key)."""

from collections.abc import Sequence
from typing import Final

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.storage import Blob, Blobs

# Longer than storing the largest file takes.
DAY_SECONDS: Final = 86_400

KEYS_QUEUE = query("keys_queue", "keys", "seconds")


async def new_blobs(
    database: Connection | Pool,
    blobs: Blobs,
    sizes: Sequence[int],
    *,
    seconds: float,
    store: str | None = None,
    plain: bool = False,
) -> list[Blob]:
    """A blob for each size, to be put and used within so many seconds; in this store, or where new ones go;
    `plain` ones are not encrypted, whatever the settings say."""
    made = [blobs.new(size, store, plain=plain) for size in sizes]
    await KEYS_QUEUE.rows(database, keys=[blob.key for blob in made], seconds=seconds)
    return made
