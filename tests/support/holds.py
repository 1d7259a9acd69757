"""How long the event loop is held by one thing: the CPU time of this thread, which other processes do not lengthen."""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock


class Holds:
    """`longest` is the longest callback so far, a task's step among them, in seconds, and `what` that was."""

    def __init__(self) -> None:
        self.longest, self.what = 0.0, ""

    def note(self, seconds: float, what: object) -> None:
        if seconds > self.longest:
            self.longest, self.what = seconds, repr(what)


@contextmanager
def holds() -> Iterator[Holds]:
    """Watches every callback of asyncio's own loop (uvloop's cannot be watched)."""
    seen = Holds()
    run = asyncio.Handle._run

    def watched(handle: asyncio.Handle) -> None:
        task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
        begun = time.thread_time()
        run(handle)
        if watching:  # else it has gone on to what comes after that
            seen.note(time.thread_time() - begun, task if isinstance(task, asyncio.Task) else handle)

    gc.collect()
    gc.freeze()  # what the tests themselves have made is no server's, to be looked through for garbage
    watching = True
    try:
        with mock.patch.object(asyncio.Handle, "_run", watched):
            yield seen
    finally:
        watching = False
        gc.unfreeze()
