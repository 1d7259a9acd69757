"""What a drill is: a fault that is made on real processes, and what must come of it."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

# Why something cannot be had on this machine, or None where it can.
Need = Callable[[], str | None]


@dataclass
class Exercise:
    """One run of a drill. What is started goes into `stack`, which ends it."""

    keys: Path
    folder: Path
    seconds: float
    seed: str
    report: Callable[[str], None]
    stack: AsyncExitStack


@dataclass(frozen=True)
class Drill:
    """`run` returns what was seen, in a few words with figures; what it asserts must hold. `minutes` is how long it
    makes faults, where it is given no other time; a drill that makes its fault once ignores it."""

    fault: str
    expected: str
    run: Callable[[Exercise], Awaitable[str]]
    minutes: float = 1
    needs: Sequence[Need] = field(default_factory=tuple)

    def missing(self) -> str | None:
        """The first thing that it needs and that is not here."""
        return next((reason for need in self.needs if (reason := need())), None)


def root() -> str | None:
    return None if os.geteuid() == 0 else "it needs root"


def program(name: str, package: str) -> Need:
    """A program of Debian."""
    return lambda: None if shutil.which(name) else f"{name} is not installed (Debian: {package})"


def namespaces() -> str | None:
    """The right to make network namespaces."""
    if shutil.which("ip") is None:
        return "ip is not installed (Debian: iproute2)"
    made = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    return None if made.returncode == 0 else "there is no right to make network namespaces"


def tmpfs() -> str | None:
    """The right to mount."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    made = subprocess.run(command, capture_output=True, check=False)
    return None if made.returncode == 0 else "there is no right to mount a tmpfs"


def faketime() -> str | None:
    """What gives a process another time than the machine's."""
    return None if faketime_library() else "libfaketime is not installed (Debian: libfaketime)"


def faketime_library(threads: bool = False) -> Path | None:
    """`threads`: for a process that has several."""
    name = f"libfaketime{'MT' if threads else ''}.so.1"
    return next(Path("/usr/lib").glob(f"*/faketime/{name}"), None)


def memory_cgroup() -> str | None:
    """A folder in which groups with a limit of memory can be made."""
    return None if memory_groups() else "there is no right to make memory cgroups"


def memory_groups() -> Path | None:
    """Where groups of processes with a limit of memory are made: of version 1, or of 2 where the root delegates it."""
    first = Path("/sys/fs/cgroup/memory")
    if first.is_dir() and os.access(first, os.W_OK):
        return first
    second = Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError):
        if "memory" in (second / "cgroup.subtree_control").read_text() and os.access(second, os.W_OK):
            return second
    return None
