"""Blobs that are about to be stored. Their keys are queued for deletion first, so that whatever a crash leaves of them
goes. The transaction that comes to use one takes it off the queue, and fails if it has left it already (use_key)."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from anyio import to_thread

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.storage import Blob, Blobs
from chat_server.media.process import Copy, LookFailed

# Longer than storing the largest file takes.
DAY_SECONDS: Final = 86_400

# What the process that decodes may have written, whatever a hostile file has made of it.
NAMES: Final = ("thumbnail.webp", "preview.webp")

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
    """A blob for each size, to be put and used within `seconds`; in this store, or where new ones go;
    `plain` ones are not encrypted, whatever the settings say."""
    made = [blobs.new(size, store, plain=plain) for size in sizes]
    await KEYS_QUEUE.rows(database, keys=[blob.key for blob in made], seconds=seconds)
    return made


async def stored_copies(
    database: Connection | Pool, blobs: Blobs, folder: Path, copies: Sequence[Copy], *, seconds: float
) -> list[dict[str, Any]]:
    """What the process that decodes has written into a folder, once it is in the store. Raises LookFailed if that is
    not what it may write, and StoreUnavailable."""
    paths = [folder / copy.name for copy in copies]
    for copy, path in zip(copies, paths, strict=True):
        if copy.name not in NAMES or not stat.S_ISREG(path.lstat().st_mode):
            raise LookFailed(f"it has written {copy.name!r}")
    made = await new_blobs(database, blobs, [path.stat().st_size for path in paths], seconds=seconds)
    stored = []
    for copy, path, blob in zip(copies, paths, made, strict=True):
        await to_thread.run_sync(_sync, path)
        await blobs.put(blob, path)
        place = {"key": str(blob.key), "store": blob.store, "sealed_key": (blob.sealed_key or b"").hex() or None}
        stored.append({"name": path.stem, **place, "size": blob.size, "width": copy.width, "height": copy.height})
    return stored


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
