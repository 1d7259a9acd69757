"""Progress lines on stderr, with the time since the command started."""

import contextlib
import sys
import time

_started = time.monotonic()


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone while we are still stopping
        print(f"[{time.monotonic() - _started:6.1f}s] {text}", file=sys.stderr, flush=True)
