"""A folder for what one server writes and nobody needs after it. A lock file beside it says that the server lives; what
is left of those that were killed goes when another one begins."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chat_core.storage.directory import make_folder


@contextmanager
def scratch_folder(folder: Path) -> Iterator[None]:
    """Makes this folder, which is nobody else's, and removes it at the end. Raises OSError."""
    make_folder(folder.parent)
    _discard_leftovers(folder.parent)
    lock = _lock_file(folder)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        make_folder(folder)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _lock_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _discard_leftovers(parent: Path) -> None:
    for lock in parent.glob("*.lock"):
        with suppress(FileNotFoundError):
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
            try:
                with suppress(BlockingIOError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                    lock.unlink(missing_ok=True)
            finally:
                os.close(descriptor)
