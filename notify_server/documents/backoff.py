"""The back-off that some clients lack: a request that is refused again and again hears of it later each time.

npm's y-websocket waits longer after each attempt that failed, and before version 3.1 takes an accepted handshake for a
success, whatever comes behind it: it asks again a tenth of a second after each close, for ever. Such a socket is over
at once, as any that is refused; only its close frame comes late. Until then it is a stranger's, and counts as one.
"""

import hashlib
import time

from starlette.requests import Request

from chat_core.http.addresses import share_of

# The first refusal is told at once, the second one after so long, each further one after twice as long.
FIRST_SECONDS = 1.0
# npm's clients end a socket themselves that says nothing for 30 seconds.
LONGEST_SECONDS = 20.0
# A request that has not been refused for so long, besides what it had to wait, is as good as a new one.
FORGET_SECONDS = 60.0
MOST_REMEMBERED = 10_000
# What distinguishes requests to open a board, besides the URL: who asks.
_HEADERS = ("authorization", "sec-websocket-protocol")


class Backoff:
    """One per server."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        # How often each has been refused in a row, and until when that counts; the one refused last comes last.
        self._refused: dict[bytes, tuple[int, float]] = {}

    def seconds(self, asked: bytes) -> float:
        """How late a refusal of this request is to be told; takes note that it is refused. `asked` is from `digest`."""
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
    """The same for the same request from the same address (IPv6 by /64)."""
    parts = [share_of(address), request.url.path, request.url.query]
    parts += [request.headers.get(name, "") for name in _HEADERS]
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()
