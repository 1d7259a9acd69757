"""Connections whose user is not known yet.

They are counted separately, so that they shut out no known user, and among themselves by client address. A newcomer is
always accepted: if there is no room left, the address that has the most of them loses its oldest one. Honest clients
are strangers only for a moment, so the oldest of many most likely just holds its place.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from chat_core.http.addresses import share_of

if TYPE_CHECKING:
    from notify_server.websocket.websocket_stream import WebSocketStream

MOST_STRANGERS: Final = 1000


class Strangers:
    """One per server."""

    def __init__(self, most: int = MOST_STRANGERS) -> None:
        self._most = most
        # By the key of their address, the oldest first.
        self._of: dict[str, dict[WebSocketStream, None]] = {}
        self._amount = 0

    def add(self, stranger: "WebSocketStream") -> None:
        """It has its place until its user is known, or its connection is gone."""
        over = stranger.reason or not stranger.connected
        if over or stranger in self._of.get(share_of(stranger.address), ()):
            return
        self._of.setdefault(share_of(stranger.address), {})[stranger] = None
        self._amount += 1
        stranger.forget = lambda: self.discard(stranger)
        if self._amount > self._most:
            crowd = max(self._of, key=lambda share: len(self._of[share]))
            oldest = next(iter(self._of[crowd]))
            self.discard(oldest)
            oldest.abort("overloaded")

    def discard(self, stranger: "WebSocketStream") -> None:
        share = share_of(stranger.address)
        of_share = self._of.get(share, {})
        if stranger in of_share:
            del of_share[stranger]
            self._amount -= 1
            if not of_share:
                del self._of[share]

    def __iter__(self) -> "Iterator[WebSocketStream]":
        return (stranger for of_share in list(self._of.values()) for stranger in list(of_share))

    def __len__(self) -> int:
        return self._amount
