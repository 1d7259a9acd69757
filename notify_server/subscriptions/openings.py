"""Answers begin a few at a time: a thousand connections may arrive in one turn of the event loop, and open streams
should not wait for all of them."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

# Answering the opening of a socket takes a third of a millisecond, and an event reaches its readers over several turns:
# with 16 in a turn, turns were 6 ms long while a thousand arrived. More turns do not make an opening dearer.
AT_ONCE: Final = 4
# The most that wait, about ten seconds' work: beyond that newcomers are refused at once, since clients give up.
MOST_WAITING: Final = 20_000


class Openings:
    """One per server. First come, first served."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._at_once = self._left = at_once
        self._most_waiting = most_waiting
        self._waiting: deque[Callable[[], object]] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        return len(self._waiting) >= self._most_waiting

    def begin(self, start: Callable[[], object]) -> None:
        """Calls it, in this turn of the loop or soon."""
        if self._left == self._at_once:
            asyncio.get_running_loop().call_soon(self._next_turn)
        if self._left:
            self._left -= 1
            start()
        else:
            self._waiting.append(start)

    def _next_turn(self) -> None:
        self._left = self._at_once
        for _ in range(min(self._at_once, len(self._waiting))):
            self.begin(self._waiting.popleft())
