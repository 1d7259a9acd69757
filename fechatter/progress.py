"""Progress lines on stderr, with the time since the command started."""

import contextlib
import sys
import time

_started = time.monotonic()


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone while we are still stopping
        # In one write, its end of line included: the servers write to the same terminal.
        print(f"[{time.monotonic() - _started:6.1f}s] {text}\n", end="", file=sys.stderr, flush=True)
