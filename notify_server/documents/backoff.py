"""The back-off that some clients lack: a request that is refused repeatedly is closed later each time.

npm's y-websocket backs off after failed attempts, but before version 3.1 treats an accepted handshake as a success,
whatever follows: it reconnects a tenth of a second after each close, forever. Such a socket ends immediately, as any
that is refused; only its close frame is late. Until then it counts as a stranger's.
"""

import hashlib
import time

from starlette.requests import Request

from chat_core.http.addresses import share_of

# The first refusal is closed immediately, the second after this delay, each further one after twice as long.
FIRST_SECONDS = 1.0
# npm's clients close a socket themselves after 30 seconds of silence.
LONGEST_SECONDS = 20.0
# A request that has not been refused for this long, in addition to its delay, counts as new.
FORGET_SECONDS = 60.0
MOST_REMEMBERED = 10_000
# What distinguishes requests to open a board, besides the URL: their credentials.
_HEADERS = ("authorization", "sec-websocket-protocol")


class Backoff:
    """One per server."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        # How often each has been refused in a row, and until when that counts; the most recently refused last.
        self._refused: dict[bytes, tuple[int, float]] = {}

    def seconds(self, asked: bytes) -> float:
        """How late to close this refused request; records the refusal. `asked` is from `digest`."""
        now = time.monotonic()
        times, until = self._refused.pop(asked, (0, 0.0))
        if now > until:
            times = 0
        late = min(FIRST_SECONDS * 2 ** (times - 1), LONGEST_SECONDS) if times else 0.0
        self._refused[asked] = times + 1, now + late + FORGET_SECONDS
        if len(self._refused) > self._most:
            del self._refused[next(iter(self._refused))]
        return late


def digest(request: Request, address: str) -> bytes:
    """The same for repeated requests from one address (IPv6: its /64)."""
    parts = [share_of(address), request.url.path, request.url.query]
    parts += [request.headers.get(name, "") for name in _HEADERS]
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()
