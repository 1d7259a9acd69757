"""What this server has told the leader, until the leader tells it to all, and so to this server as well."""

from typing import Final

from notify_server.relay.node import SILENCE_SECONDS

# What is told beyond counts as lost.
MOST: Final = 10_000


class Told:
    """Times are those of one clock that only goes forward."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._overflowed_at: float | None = None

    def tell(self, text: str, now: float) -> None:
        if len(self._at) < MOST:
            self._at.setdefault(text, now)
        elif self._overflowed_at is None:
            self._overflowed_at = now

    def hear(self, text: str) -> None:
        self._at.pop(text, None)

    def lost_seconds(self, now: float) -> float:
        """How long ago something was told that should be back by now and is not; 0 if nothing is lost. It is asked for
        once: what is lost is told anew."""
        oldest = next(iter(self._at.values()), now)
        if self._overflowed_at is not None:
            oldest = min(oldest, self._overflowed_at)
        if now - oldest < SILENCE_SECONDS:
            return 0.0
        self._at.clear()
        self._overflowed_at = None
        return now - oldest
