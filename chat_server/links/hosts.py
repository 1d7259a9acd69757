"""How often a host is asked: messages may name one as often as they like, and it is nobody's to flood."""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from typing import Final

MOST_A_MINUTE: Final = 30
_MINUTE: Final = 60.0
_MOST_HOSTS: Final = 10_000


class Hosts:
    def __init__(self, most_a_minute: int = MOST_A_MINUTE) -> None:
        self._most = most_a_minute
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, hosts: Iterable[str], now: float) -> float:
        """0 if all may be asked now, each as often as it is named, which counts; else when they may be, and nothing
        counts: a message that is put off again and again would use up what it waits for."""
        wanted = Counter(hosts)
        wait = max((self._wait(host, times, now) for host, times in wanted.items()), default=0.0)
        if wait == 0:
            for host in wanted.elements():
                self.asked(host, now)
        return wait

    def asked(self, host: str, now: float) -> None:
        """Counts what could not be known before: where redirects and pictures have led."""
        self._asked.setdefault(host, deque(maxlen=self._most)).append(now)
        self._asked.move_to_end(host)
        while len(self._asked) > _MOST_HOSTS:
            self._asked.popitem(last=False)

    def busy(self, now: float) -> list[str]:
        """The hosts that may not be asked now."""
        return [host for host, asked in self._asked.items() if len(asked) == self._most and asked[0] > now - _MINUTE]

    def _wait(self, host: str, times: int, now: float) -> float:
        recent = [at for at in self._asked.get(host, ()) if at > now - _MINUTE]
        over = len(recent) + min(times, self._most) - self._most
        return recent[over - 1] + _MINUTE - now if over > 0 else 0.0
