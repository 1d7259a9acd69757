"""How often a host is asked: messages may name one as often as they like, and it is nobody's to flood."""

from collections import OrderedDict, deque
from typing import Final

MOST_A_MINUTE: Final = 30
_MINUTE: Final = 60.0
_MOST_HOSTS: Final = 10_000


class Hosts:
    def __init__(self, most_a_minute: int = MOST_A_MINUTE) -> None:
        self._most = most_a_minute
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, host: str, now: float) -> float:
        """0 if it may be asked now, which counts; else when it may be."""
        times = self._asked.setdefault(host, deque())
        self._asked.move_to_end(host)
        while len(self._asked) > _MOST_HOSTS:
            self._asked.popitem(last=False)
        while times and times[0] <= now - _MINUTE:
            times.popleft()
        if len(times) >= self._most:
            return times[0] + _MINUTE - now
        times.append(now)
        return 0.0
