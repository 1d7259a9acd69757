"""What the figures were measured on."""

import os
import platform
import re
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from chat_core.database.embedded_account import wheel_programs

FSYNCS = 100


@dataclass(frozen=True, slots=True)
class Machine:
    """`fsync_ms` is the median time to append 8 KiB to a file and fdatasync it, where the databases lie."""

    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    postgres: str
    fsync_ms: float
    load: float

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gib:.0f} GiB, Linux {self.kernel}, Python {self.python}, "
            f"PostgreSQL {self.postgres}\nfdatasync of 8 KiB {self.fsync_ms:.2f} ms; "
            f"load average of the last minute, before the start, {self.load:.2f}"
        )


def describe() -> Machine:
    return Machine(
        _cpu(),
        len(os.sched_getaffinity(0)),
        psutil.virtual_memory().total / 2**30,
        platform.release(),
        platform.python_version(),
        _postgres(),
        _fsync_ms(),
        os.getloadavg()[0],
    )


def _cpu() -> str:
    named = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return named[1] if named else platform.machine()


def _postgres() -> str:
    """ "postgres (PostgreSQL) 18.1" → 18.1, of the embedded one."""
    told = subprocess.run([wheel_programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    return told.stdout.split()[2]


def _fsync_ms() -> float:
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(FSYNCS):
            file.write(b"\0" * 8192)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
