"""Made-up tokens and tickets, by the client's address: each costs the database a query, and nobody needs many."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from chat_core.http.addresses import share_of
from chat_core.problems import Problem
from chat_core.settings import Limits

# Addresses that are counted; beyond that, the one that was counted first is forgotten.
MOST_ADDRESSES = 20_000


class Strangers:
    """Counts per process, against `limits.public`, look-ups of what turned out to be unknown. Good ones do not count,
    so any number of clients behind one address reconnect at the same time."""

    def __init__(self, limits: Limits) -> None:
        self._quota = limits.public if limits.window_seconds else 0
        self._window = limits.window_seconds
        # By share of an address: how many, and when the window ends.
        self._counted: dict[str, tuple[int, float]] = {}

    @contextmanager
    def looked_up(self, address: str) -> Iterator[None]:
        """Around a look-up, which ends with a Problem 401 if nothing is found. Raises Problem 429 before it."""
        if not self._quota:
            yield
            return
        share, now = share_of(address), time.monotonic()
        number, ends = self._counted.get(share, (0, 0.0))
        if ends <= now:
            number, ends = 0, now + self._window
        if number >= self._quota:
            seconds = max(1, round(ends - now))
            raise Problem(
                429,
                "rate_limited",
                f"Too many unknown tokens; try again in {seconds} seconds.",
                headers={"Retry-After": str(seconds)},
                extra={"limit": "public", "retry_after": seconds},
            )
        # It counts from its beginning, or many at once would all pass.
        self._count(share, 1, ends)
        try:
            yield
        except Problem:  # it stays counted
            raise
        except BaseException:
            self._count(share, -1, ends)
            raise
        self._count(share, -1, ends)

    def _count(self, share: str, by: int, ends: float) -> None:
        number, known = self._counted.get(share, (0, ends))
        if known != ends:  # another window has begun
            number = 0
        number = max(0, number + by)
        if number == 0:
            self._counted.pop(share, None)
            return
        if share not in self._counted and len(self._counted) >= MOST_ADDRESSES:
            del self._counted[next(iter(self._counted))]
        self._counted[share] = number, ends
