"""Prometheus metrics of a server that may run as several processes (`workers: N`).

A worker keeps its figures in small files in a directory that its parent created, named by the worker's number. Any
worker that is asked adds all of them up. A restarted worker continues the files of the one that died, so counters never
fall; its gauges start again (`forget_gauges`).
"""

import os
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE_LATEST
from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

# The library's own name, which it reads when it is imported.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def join(worker: int) -> None:
    """Makes this process that worker of a server. Call before the first metric is created."""
    if FOLDER in os.environ:
        # Numbers instead of process ids: a server that dies often would otherwise fill the directory with files.
        values.ValueClass = values.MultiProcessValue(lambda: worker)  # type: ignore[no-untyped-call]


def shared_folder() -> Path | None:
    """The directory of a server's workers, private to its user; None if there is only one."""
    return Path(os.environ[FOLDER]) if FOLDER in os.environ else None


def forget_gauges(worker: int, folder: str) -> None:
    """The worker has died: its gauges no longer count."""
    mark_process_dead(worker, folder)  # type: ignore[no-untyped-call]


def exposition(registry: CollectorRegistry) -> bytes:
    """The text that Prometheus reads: of this process, or of all workers together."""
    if FOLDER in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
