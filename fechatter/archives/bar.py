"""A bar on stderr for work that takes over two seconds: redrawn on a terminal, else a line every few seconds."""

import sys
import time
from typing import Final

from fechatter.progress import say

SHOWN_AFTER_SECONDS: Final = 2
DRAWN_EVERY_SECONDS: Final = 0.2
SAID_EVERY_SECONDS: Final = 10
WIDTH: Final = 24


class Bar:
    def __init__(self, what: str, total: int) -> None:
        """`total`: 0 if it is not known, or there is nothing to do."""
        self._what, self._total, self._done = what, total, 0
        self._began = time.monotonic()
        self._next = self._began + SHOWN_AFTER_SECONDS
        self._drawn = False
        self._redraws = sys.stderr.isatty()

    def add(self, amount: int = 1) -> None:
        self._done += amount
        now = time.monotonic()
        if now < self._next:
            return
        if self._redraws:
            self._next, self._drawn = now + DRAWN_EVERY_SECONDS, True
            sys.stderr.write(f"\r\x1b[K{self.text(now)}")
            sys.stderr.flush()
        else:
            self._next = now + SAID_EVERY_SECONDS
            say(self.text(now))

    def text(self, now: float) -> str:
        rate = self._done / max(now - self._began, 0.001)
        if not self._total:
            return f"{self._what}: {self._done:,} ({rate:,.0f} a second)"
        part = min(self._done / self._total, 1)
        filled = round(part * WIDTH)
        left = f", {(self._total - self._done) / rate:,.0f} s left" if self._done else ""
        return (
            f"{self._what}: [{'#' * filled}{'.' * (WIDTH - filled)}] {part:4.0%} "
            f"{self._done:,} of {self._total:,}{left}"
        )

    def close(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
