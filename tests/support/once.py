"""What takes long to make and is only looked at: made once in a test run, for all of its processes."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from tests.support.postgres import CLUSTERS


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A file or folder that `make` makes at the path it is given. The first process of this test run that needs it
    makes it while the others wait."""
    made = Path(os.environ[CLUSTERS], name)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            new = made.with_suffix(".new")
            make(new)
            new.rename(made)
    return made
