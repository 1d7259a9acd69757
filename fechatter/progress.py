"""Progress lines on stderr, with the time since the command started."""

import functools
import sys
import time

from chat_core.process.lines import LineWriter

_started = time.monotonic()


def say(text: str) -> None:
    """Never waits: whoever should read it may be gone, and a command still has to stop."""
    _lines().write(f"[{time.monotonic() - _started:6.1f}s] {text}")


@functools.cache
def _lines() -> LineWriter:
    return LineWriter(sys.stderr.fileno(), lambda lines: say(f"{lines} lines dropped: nobody read them"))
