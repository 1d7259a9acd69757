"""Lines for whoever reads them from a file descriptor, without ever waiting for them.

A pipe that nobody reads is full after 64 KiB. Whoever writes to it then waits, and an event loop with everything on it.
So each write has no more bytes than a pipe takes at once if poll() calls it writable (PIPE_BUF, pipe(7)), and ends with
a line: lines of several workers on one pipe do not mix. What does not go now is kept for later, up to a bound. Lines
above it are dropped and counted, and their number is told once there is room again.
"""

import asyncio
import atexit
import os
import select
import threading
import time
from collections.abc import Callable

MOST_BYTES = 1 << 20
RETRY_SECONDS = 0.1
# More than this does not wait for the end of the loop's turn.
SOONEST_BYTES = 1 << 16
# How long the process waits for a reader at its end.
LAST_SECONDS = 1.0


class LineWriter:
    """Writes whole lines to `fd`, in their order, from any thread. `dropped` is called with the number of lines that
    found no room, once there is some."""

    def __init__(self, fd: int, dropped: Callable[[int], None]) -> None:
        self._fd, self._dropped = fd, dropped
        self._waiting = bytearray()
        self._lost = 0
        self._scheduled = False
        self._lock = threading.RLock()  # `dropped` writes a line too
        self._poll = select.poll()
        self._poll.register(fd, select.POLLOUT)
        atexit.register(self.close)

    def write(self, line: str) -> None:
        """Now, with all lines before it."""
        self._add(line)
        self._flush()

    def write_soon(self, line: str) -> None:
        """Together with the other lines of this turn of the event loop; now, where no loop runs."""
        self._add(line)
        if len(self._waiting) > SOONEST_BYTES or not self._flush_later(0):
            self._flush()

    def close(self) -> None:
        """Writes what is left, as far as it goes within LAST_SECONDS."""
        end = time.monotonic() + LAST_SECONDS
        while self._waiting and (left := end - time.monotonic()) > 0:
            self._poll.poll(left * 1000)
            self._write_what_goes()

    def _add(self, line: str) -> None:
        data = line.encode(errors="backslashreplace") + b"\n"
        with self._lock:
            if len(self._waiting) + len(data) > MOST_BYTES:
                self._lost += 1
            else:
                self._waiting += data

    def _flush_later(self, seconds: float) -> bool:
        """Whether a loop is going to."""
        if not self._scheduled:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return False
            self._scheduled = True
            loop.call_later(seconds, self._flush_as_scheduled)
        return True

    def _flush_as_scheduled(self) -> None:
        self._scheduled = False
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            self._write_what_goes()
            if self._waiting:
                self._flush_later(RETRY_SECONDS)
            elif self._lost:
                lost, self._lost = self._lost, 0
                self._dropped(lost)

    def _write_what_goes(self) -> None:
        with self._lock:
            while self._waiting and self._poll.poll(0):
                end = self._waiting.rfind(b"\n", 0, select.PIPE_BUF) + 1 or select.PIPE_BUF
                try:
                    del self._waiting[: os.write(self._fd, self._waiting[:end])]
                except BlockingIOError:  # somebody else has filled it
                    return
                except OSError:  # nobody will ever read it
                    self._waiting.clear()
