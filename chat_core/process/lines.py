"""Lines for whoever reads them from a file descriptor, without ever waiting for them.

A pipe that nobody reads is full after 64 KiB. Whoever writes to it then waits, and an event loop with everything on it.
So a pipe or a terminal is opened once more, without blocking, for this process alone: several processes have the same
one, and theirs stays as it is. Each write has no more bytes than a pipe takes as a whole (PIPE_BUF, pipe(7)) and ends
with a line if that fits: such lines of several processes do not mix. What does not go now is kept for later, up to a
bound. Lines above it are dropped and counted, and their number is reported once there is room again.
"""

import asyncio
import atexit
import os
import select
import stat
import threading
import time
from collections.abc import Callable

MOST_BYTES = 1 << 20
RETRY_SECONDS = 0.1
# More than this does not wait for the end of the loop's turn.
SOONEST_BYTES = 1 << 16
# How long the process waits for a reader at its end, and between attempts.
LAST_SECONDS = 1.0
LAST_PAUSE_SECONDS = 0.01


class LineWriter:
    """Writes whole lines to `fd`, in their order, from any thread. `dropped` is called with the number of lines that
    found no room, once there is some."""

    def __init__(self, fd: int, dropped: Callable[[int], None]) -> None:
        self._fd, self._dropped = _without_blocking(fd), dropped
        self._waiting = bytearray()
        self._lost = 0
        self._loop: asyncio.AbstractEventLoop | None = None  # which is going to flush
        self._lock = threading.RLock()  # `dropped` writes a line too
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLOUT)
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
        """Writes what is left, as far as it goes within LAST_SECONDS, and how many lines were dropped."""
        end = time.monotonic() + LAST_SECONDS
        while True:
            self._flush()
            if not self._waiting or (left := end - time.monotonic()) <= 0:
                return
            self._poll.poll(left * 1000)
            time.sleep(LAST_PAUSE_SECONDS)  # a terminal that is held may be called writable all the same

    def _add(self, line: str) -> None:
        data = line.encode(errors="backslashreplace") + b"\n"
        with self._lock:
            if len(self._waiting) + len(data) > MOST_BYTES:
                self._lost += 1
            else:
                self._waiting += data

    def _flush_later(self, seconds: float) -> bool:
        """Whether a loop is going to."""
        if self._loop is not None and not self._loop.is_closed():
            return True
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._loop.call_later(seconds, self._flush_as_scheduled)
        return True

    def _flush_as_scheduled(self) -> None:
        self._loop = None
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


def _without_blocking(fd: int) -> int:
    """A description of our own of a pipe or terminal; `fd` itself where there is none to be had. A file takes every
    write, and has to keep the position that all its writers share."""
    mode = os.fstat(fd).st_mode
    if stat.S_ISFIFO(mode) or os.isatty(fd):
        try:
            return os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:  # no /proc, or a pipe of another user; one whose reader has gone
            pass
    return fd
