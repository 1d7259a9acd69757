"""Whether the stores of files take, return and delete what servers put there."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from chat_core.settings import Settings, SettingsError
from chat_core.storage import BlobMissing, StoreUnavailable, open_storage
from chat_core.storage.blob_store import BlobStore
from chat_core.storage.directory import Directory
from fechatter.commands.doctor.finding import Finding

LONGEST_SECONDS = 30
PROBE = uuid4()


async def stores_hold(settings: Settings) -> AsyncIterator[Finding]:
    """One finding for each store of which there are settings."""
    try:
        blobs, _ = open_storage(settings)
    except SettingsError as error:
        yield Finding("storage", "", str(error))
        return
    for name, store in blobs.stores.items():
        yield await (_directory(store) if isinstance(store, Directory) else _probed(name, store, None))


async def _directory(store: Directory) -> Finding:
    """Nothing is created that the server could not write to later: folders are its own user's."""
    folder = store.path(PROBE).parents[2]
    if not folder.exists():
        parent = next(parent for parent in folder.absolute().parents if parent.exists())
        problem = (
            None if os.access(parent, os.W_OK) else f"{parent} cannot be written to, and {folder} is to be made there"
        )
        return Finding("storage", f"directory: {folder} is made with the first file", problem)
    if folder.stat().st_uid != os.geteuid():
        return Finding("storage", f"directory: not tried, since {folder} is another user's: run doctor as that user")
    return await _probed("directory", store, folder)


async def _probed(name: str, store: BlobStore, folder: Path | None) -> Finding:
    key, given, step = uuid4(), secrets.token_bytes(64), "write"
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            with TemporaryDirectory(dir=folder) as scratch:
                source = Path(scratch) / "probe"
                source.write_bytes(given)
                await store.put(key, source)
            step = "read"
            if b"".join([piece async for piece in await store.read(key, 0, len(given))]) != given:
                return Finding("storage", "", f"{name}: {store.place(key)} has other bytes than were written there")
            step = "delete"
            await store.delete(key)
    except (StoreUnavailable, BlobMissing, OSError) as error:
        left = f"; {store.place(key)} is left" if step != "write" else ""
        return Finding("storage", "", f"{name}: cannot {step}: {error or type(error).__name__}{left}")
    return Finding("storage", f"{name}: a probe was written, read and deleted")
