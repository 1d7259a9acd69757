"""Bodies that are handed on while they arrive, and large responses: how many at a time, and how fast at least.

A transfer lasts as long as its client is slow. So transfers have limits of their own, and never use up those of other
requests.
"""

import asyncio
import contextlib
import fcntl
import sys
import termios
from collections import Counter as Counts

from chat_core.http.addresses import client_address, is_trusted, share_of
from chat_core.problems import Problem
from chat_core.settings import Connections

# A response with a longer body is a transfer.
LARGE_RESPONSE_BYTES = 262_144


class Transfer:
    """A counted one: call `end` once."""

    __slots__ = ("_share", "_transfers")

    def __init__(self, transfers: "Transfers", share: str | None) -> None:
        self._transfers, self._share = transfers, share

    def end(self) -> None:
        self._transfers.ended(self._share)


class Transfers:
    """Those of one server process."""

    def __init__(self, limits: Connections, trusted: tuple[str, ...]) -> None:
        self._limits, self._trusted = limits, trusted
        self._shares: Counts[str] = Counts()
        self.running = 0

    def begin(self, peer: str | None, headers: list[tuple[bytes, bytes]]) -> Transfer:
        """Raises Problem if there are too many, in all or of this client address (IPv6: /64). `headers` are those of
        the request: behind trusted proxies they have the address."""
        forwarded = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        address = client_address(peer or "", forwarded, self._trusted)
        share = None if address == "unknown" or is_trusted(address, self._trusted) else share_of(address)
        most, most_of_address = self._limits.transfers, self._limits.transfers_per_address
        if share is not None and self._shares[share] >= most_of_address:
            detail = f"This address already has {most_of_address} uploads and downloads; wait for one to end."
            raise Problem(429, "too_many_transfers", detail, headers={"Retry-After": "5"})
        if self.running >= most:
            detail = "Too many uploads and downloads at the same time; try again shortly."
            raise Problem(503, "overloaded", detail, headers={"Retry-After": "5"})
        self.running += 1
        if share is not None:
            self._shares[share] += 1
        return Transfer(self, share)

    def ended(self, share: str | None) -> None:
        self.running -= 1
        if share is not None:
            self._shares[share] -= 1
            if not self._shares[share]:
                del self._shares[share]


class Pace:
    """Bytes that a client is waited for, against a minimum rate. It may fall behind by `seconds`, however fast it was
    before."""

    __slots__ = ("_credit", "_most", "_rate")

    def __init__(self, rate: int, seconds: int) -> None:
        self._rate = rate
        self._most = self._credit = rate * seconds

    def passed(self, size: int) -> None:
        self._credit = min(self._most, self._credit + size)

    def is_kept(self) -> bool:
        """Call once for each second in which the client was waited for."""
        self._credit -= self._rate
        return self._credit >= 0


class Unread:
    """The bytes of a response that its client has yet to acknowledge, while nothing is added to them."""

    __slots__ = ("_pace", "_size", "_transport")

    def __init__(self, transport: asyncio.Transport, limits: Connections) -> None:
        self._transport = transport
        self._pace = Pace(limits.body_bytes_per_second, limits.idle_seconds)
        self.begin()

    def begin(self) -> None:
        """Something has been added."""
        self._size = self._measured()

    def count(self) -> None:
        size = self._measured()
        self._pace.passed(max(0, self._size - size))
        self._size = size

    def is_kept(self) -> bool:
        """As `Pace.is_kept`."""
        self.count()
        return self._pace.is_kept()

    def _measured(self) -> int:
        """With the kernel's queue: it takes more only once a third of its megabytes is free, which to a slow client
        can take minutes (SIOCOUTQ of tcp(7), the same number as TIOCOUTQ)."""
        queued = 0
        connected = self._transport.get_extra_info("socket")
        # Elsewhere than on Linux there may be no such request, and a closed socket has no queue.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            queued = int.from_bytes(fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        return self._transport.get_write_buffer_size() + queued
