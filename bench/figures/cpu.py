"""Who was busy during a measurement, and so what limited it."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

# A process of one thread at this share of a core has no more to give; some time always goes to switching.
SATURATED = 0.9
TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """CPU use of some processes, children included, and of the whole machine, from its making until `stop`, which was
    `seconds`."""

    seconds = 0.0

    def __init__(self, **pids: int) -> None:
        self._pids = pids
        self._before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        self._machine_before = _busy_seconds()
        self._started = time.monotonic()

    def stop(self) -> dict[str, float]:
        """Cores' worth of CPU by name: 1.0 is one core. `machine` is the total, whoever used it."""
        self.seconds = seconds = time.monotonic() - self._started
        shares = {name: (cpu_seconds(pid) - self._before[name]) / seconds for name, pid in self._pids.items()}
        return {**shares, "machine": (_busy_seconds() - self._machine_before) / seconds}


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its descendants, those that have ended and been waited for too."""
    total = 0
    try:
        tree = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return 0.0
    for member in tree:
        try:
            # After the name in parentheses, which may hold anything: fields 3 and on, see proc_pid_stat(5).
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(ticks) for ticks in fields[11:15])  # utime, stime, cutime, cstime
    return total / TICKS


def servers(shares: Mapping[str, float]) -> float:
    """What all that was metered took, without the load generator and the rest of the machine."""
    return sum(share for name, share in shares.items() if name not in ("machine", "generator"))


def limited_by(shares: Mapping[str, float], generator: str = "generator") -> str:
    """A note such as "limited by the server (server 0.98, postgres 0.41, generator 0.22 of 2 cores)".

    `shares` is what Meter.stop gives, with the load generator's. Postgres is many processes, so its share alone
    says nothing: it shows where the whole machine is busy or where all wait.
    """
    cores = len(os.sched_getaffinity(0))
    used = ", ".join(f"{name} {share:.2f}" for name, share in shares.items() if name != "machine")
    single = {name: share for name, share in shares.items() if name not in ("machine", "postgres", generator)}
    busiest = max(single, key=lambda name: single[name], default="")
    if shares.get(generator, 0) >= SATURATED:
        limit = "the load generator was the bottleneck, not the server"
    elif busiest and single[busiest] >= SATURATED:
        limit = f"limited by {busiest}, which had a core to itself"
    elif shares["machine"] >= SATURATED * cores:
        limit = f"limited by the machine: all {cores} cores were busy"
    else:
        limit = "limited by waiting (disk, locks, round trips): no process had used up a core"
    others = shares["machine"] - sum(share for name, share in shares.items() if name != "machine")
    return f"{limit} ({used}, everything else {max(0.0, others):.2f}, of {cores} cores)"


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)
