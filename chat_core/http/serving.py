"""An HTTP server process: its socket, uvicorn, and how a signal ends it.

With `workers: N` it is one of several on one port. Each listens on its own socket with SO_REUSEPORT, and the kernel
distributes connections by their addresses: of 1,000 long-lived ones, four workers had 229 to 268 each, whereas one
socket shared by all gave them 56 to 451 (the first to wake accepts all it can). The price: connections that a dying
worker has not yet accepted are reset with its others; a worker that is missing gets none.
"""

import asyncio
import functools
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from types import FrameType
from typing import Any, cast

import structlog
import uvicorn
import uvloop

from chat_core.http.admission import Admission
from chat_core.http.connection import Connection
from chat_core.process import metrics

# A peer that acknowledges nothing for this long is gone, even without a FIN.
HALF_OPEN_MILLISECONDS = 30_000
# Connections that are accepted in a turn of the event loop. Whom the kernel has no place for comes back by TCP's
# doubling delays, after up to a minute, so they wait here instead, where it is known how many they are.
ACCEPTED_AT_ONCE = 8
# As many as the kernel lets wait (net.core.somaxconn).
MOST_UNACCEPTED = 65_535
# uvicorn's.
TICKS_IN_A_SECOND = 10

_log = structlog.get_logger()


class _Supervision:
    """What our parent has passed to us, if we have one."""

    worker: int | None = None
    ready_fd: int | None = None
    start_fd: int | None = None


def supervise(worker: int | None, ready_fd: int | None, start_fd: int | None) -> None:
    """Makes this process one of several workers, with its number in every log line. `ready_fd`, a pipe, gets a byte
    once it listens; `start_fd`, another, has one as soon as it may start. Each may be None. Call before a server's
    package is imported."""
    _Supervision.worker, _Supervision.ready_fd, _Supervision.start_fd = worker, ready_fd, start_fd
    if worker is not None:
        structlog.contextvars.bind_contextvars(worker=worker)
        metrics.join(worker)


def is_first_worker() -> bool:
    """Whether this process is the server's only one, or the one for what only one of them does."""
    return _Supervision.worker in (None, 1)


def wait_for_parent() -> None:
    """Waits until the parent allows this server to start. SystemExit if the parent is gone."""
    if _Supervision.start_fd is not None and not os.read(_Supervision.start_fd, 1):
        raise SystemExit(1)


def _tell_parent() -> None:
    if _Supervision.ready_fd is not None:
        os.write(_Supervision.ready_fd, b"1")
        os.close(_Supervision.ready_fd)
        _Supervision.ready_fd = None


def listening_socket(host: str, port: int, send_buffer_bytes: int | None = None) -> socket.socket:
    """A bound socket; OSError if the address is in use. `send_buffer_bytes` is what the kernel may buffer for each
    of its connections, doubled for its own bookkeeping (socket(7)); by default the kernel decides, up to some MB."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Accepted sockets inherit all of these.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if _Supervision.worker is not None:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if send_buffer_bytes is not None:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
        if sys.platform == "linux":
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, HALF_OPEN_MILLISECONDS)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


async def _nothing() -> None:
    pass


class Server(uvicorn.Server):
    """uvicorn with our connections and our log, exit status 0 after a signal, and `drain` before the shutdown.

    While it drains it still listens: load balancers and monitoring ask how it is, and whoever comes for something else
    is told to go elsewhere. `drain_seconds`: how long requests may continue after that.
    """

    def __init__(
        self,
        app: Any,
        admission: Admission,
        drain_seconds: float,
        drain: Callable[[], Awaitable[None]] = _nothing,
        connection: type[Connection] = Connection,
    ) -> None:
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        self._drain, self._admission = drain, admission
        self._again: list[socket.socket] = []
        http: Any = functools.partial(connection, admission)  # uvicorn calls it as it would a class
        super().__init__(
            uvicorn.Config(
                app,
                http=http,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=MOST_UNACCEPTED,
                # Only the application knows who may speak for a client's address.
                proxy_headers=False,
                timeout_graceful_shutdown=max(1, round(drain_seconds)),
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """uvloop accepts one connection of a socket in a turn of the loop, so each is there several times."""
        self._again = [bound.dup() for bound in sockets or [] for _ in range(ACCEPTED_AT_ONCE - 1)]
        await super().startup(None if sockets is None else [*sockets, *self._again])
        _log.info("listening", addresses=[bound.getsockname()[:2] for bound in sockets or []])
        _tell_parent()

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_IN_A_SECOND == 0:
            self._admission.sweep(cast("set[Connection]", self.server_state.connections))
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Does not record the signal to raise it again at the end, as uvicorn does; a second Ctrl-C speeds up the
        stop."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def main_loop(self) -> None:
        await super().main_loop()
        draining = asyncio.ensure_future(self._drain())
        ticks = 0
        while not draining.done():
            ticks += 1
            await asyncio.wait([draining], timeout=1 / TICKS_IN_A_SECOND)
            await self.on_tick(ticks)
        await draining

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(None if sockets is None else [*sockets, *self._again])
        _log.info("stopped")


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs a server to its end, on uvloop.

    Nearly everything a request creates is freed with its last reference, so the cycle collector runs rarely: with
    Python's defaults it took half the time of a reconnect storm.
    """
    gc.enable()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
