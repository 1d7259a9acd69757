"""Runs the `fechatter` command as a person does: as a process, in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import forks
from tests.support.postgres import fast_folder


@contextmanager
def folder() -> Iterator[Path]:
    """A new working directory that the system user of root's Postgres can reach, too."""
    made = Path(tempfile.mkdtemp(prefix="fechatter-test-", dir=fast_folder()))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made)


def environment(**settings: str) -> dict[str, str]:
    """Ours, without what configures Fechatter, and with these variables."""
    ours = ("FECHATTER_", "CHAT_", "PG")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | settings


def fechatter(cwd: Path, *arguments: str | Path, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end, a minute at most."""
    return forks.run([*map(str, arguments)], environment(**settings), cwd, stdin, timeout=60)
