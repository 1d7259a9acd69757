"""Which connections a server accepts, and how long one may stay without a complete request.

Connections are counted by client address and in total. One beyond a limit is not closed immediately: it may request the
routes of /health and /metrics, so that monitoring works when the server is full. RESERVE descriptors are kept for
these; the oldest of them makes way for the newest.

Time is counted in sweeps, one a second, and not by the clock: while this process was held up it has read nothing, and
no client is to blame for that. See docs/adr/0012-how-connections-are-bounded.md.
"""

import resource
import weakref
from collections import Counter as Counts
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import prometheus_client
import structlog

from chat_core.http.addresses import is_trusted, share_of
from chat_core.http.transfers import Transfers
from chat_core.problems import Problem
from chat_core.settings import Settings

# Descriptors for connections that may only request the server's health, and for everything that is not a client
# connection (files, pipes, listening sockets) except the pool and
# transfers.
RESERVE: Final = 64
OWN_DESCRIPTORS: Final = 64
# With hardly any descriptors, some clients are served all the same.
LEAST_CONNECTIONS: Final = 16
# Maximum bytes of unfinished request bodies, over all connections.
UNFINISHED_BYTES: Final = 67_108_864
# Minimum interval, in sweeps, between log lines about refused connections.
TELL_EVERY: Final = 60

_log = structlog.get_logger()


class Swept(Protocol):
    """A connection that is checked once a second, until it is lost or handed over."""

    def sweep(self, now: int) -> None:
        """Closes it if it has kept the server waiting too long; `now` counts sweeps."""
        ...

    def abort(self) -> None:
        """Closes it immediately, without a response."""
        ...


class Place:
    """A counted connection: call `leave` once, when the connection is lost, whichever protocol owns it by then."""

    __slots__ = ("_admission", "_share")

    def __init__(self, admission: "Admission", share: str | None) -> None:
        self._admission, self._share = admission, share

    def leave(self) -> None:
        self._admission.left(self._share)


class Admission:
    """One per server process. `most_body_bytes`: the largest body that any route accepts, other than those whose
    requests `streams` names by method and path: their bodies are handed on while they arrive, however large."""

    def __init__(
        self,
        settings: Settings,
        most_body_bytes: int,
        registry: prometheus_client.CollectorRegistry,
        streams: Callable[[str, str], bool] = lambda method, path: False,
    ) -> None:
        self.limits = settings.connections
        self.most_body_bytes = most_body_bytes
        self.streams = streams
        self.most_unfinished_bytes = max(UNFINISHED_BYTES, 2 * most_body_bytes)
        self.unfinished_bytes = 0
        self.now = 0
        self.open = 0
        # A transfer has a file open.
        kept = RESERVE + OWN_DESCRIPTORS + settings.database.pool_max + self.limits.transfers
        self.most_open = max(LEAST_CONNECTIONS, raise_descriptors() - kept)
        self._trusted = tuple(settings.server.trusted_proxies)
        self.transfers = Transfers(self.limits, self._trusted)
        self._shares: Counts[str] = Counts()
        self._watchers: deque[weakref.ref[Swept]] = deque()
        self._turned_away = 0
        self._last_told = -TELL_EVERY
        self._gauge = prometheus_client.Gauge(
            "fechatter_connections_open",
            "Client connections, including streams.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._refused = prometheus_client.Counter(
            "fechatter_connections_refused",
            "Connections closed for what they sent or failed to send, by the problem's code.",
            ["code"],
            registry=registry,
        )

    def enter(self, peer: str | None) -> Place | Problem:
        """A place for a connection from this address (None: unknown), or why it may only request the server's
        health."""
        if self.open >= self.most_open:
            return self._turn_away(
                peer, Problem(503, "overloaded", "This server has no free connection.", headers={"Retry-After": "1"})
            )
        share = None if peer is None or is_trusted(peer, self._trusted) else share_of(peer)
        if share is not None:
            if self._shares[share] >= self.limits.per_address:
                detail = f"This address already has {self.limits.per_address} connections; close some."
                return self._turn_away(peer, Problem(429, "too_many_connections", detail, headers={"Retry-After": "1"}))
            self._shares[share] += 1
        self.open += 1
        return Place(self, share)

    def watch(self, connection: Swept) -> None:
        """A connection without a place: it is kept while it is among the newest RESERVE of them."""
        self._watchers.append(weakref.ref(connection))
        if len(self._watchers) > RESERVE:
            oldest = self._watchers.popleft()()
            if oldest is not None:
                oldest.abort()

    def left(self, share: str | None) -> None:
        self.open -= 1
        if share is not None:
            self._shares[share] -= 1
            if not self._shares[share]:
                del self._shares[share]

    def refuse(self, problem: Problem, peer: str | None) -> None:
        """Counts and logs the problem that a connection gets as its last response."""
        self._refused.labels(problem.code).inc()
        _log.info("refused", status=problem.status, code=problem.code, address=peer)

    def sweep(self, connections: Iterable[Swept]) -> None:
        """Called once a second, with the connections that have not been handed over."""
        self.now += 1
        for connection in list(connections):
            connection.sweep(self.now)
        self._gauge.set(self.open)

    def _turn_away(self, peer: str | None, problem: Problem) -> Problem:
        self._turned_away += 1
        if self.now - self._last_told >= TELL_EVERY:
            _log.warning("connections turned away", code=problem.code, address=peer, turned_away=self._turned_away)
            self._turned_away, self._last_told = 0, self.now
        return problem


def raise_descriptors() -> int:
    """Raises this process's limit of open files to what the system allows, and returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # macOS says that there is no limit, and takes no number as large as that
            return soft
    return hard if hard != resource.RLIM_INFINITY else 1 << 20
