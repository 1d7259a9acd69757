"""The process: runs the application until SIGTERM or SIGINT, and drains its streams."""

import asyncio
import socket
from typing import Any

from sse_starlette.sse import AppStatus
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chat_core import logs, serving
from chat_core.settings import Settings, require
from chat_core.tokens import Verifier
from notify_server.app import Notify, build

# What the kernel keeps of each stream. Left to itself it keeps MBs while there is memory, and then shrinks whom it
# likes, so that of a thousand streams some starve; with a bound all are behind alike, and how far is known here.
SEND_BUFFER_BYTES = 131_072


class StreamProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which can hand its connection over to another protocol in the middle of a response."""

    _cycles: tuple[RequestResponseCycle, ...] = ()
    _lost = False

    def _unsupported_upgrade_warning(self) -> None:
        """uvicorn knows of no WebSocket here; what a request to upgrade is answered is the endpoint's to say."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: dict[str, Any] = {"fechatter.connection": {"protocol": self}}
        self.scope["extensions"] = extensions

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._cycles = (*(cycle for cycle in self._cycles if not cycle.response_complete), self.cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._lost = True
        self._end_cycles()

    def hand_over(self, successor: asyncio.Protocol) -> bool:
        """The response under way is the successor's to go on with, and uvicorn is done with this connection. Whatever
        the client had pipelined behind it is dropped. False if the connection is lost already."""
        if self._lost:
            return False
        self._end_cycles()
        self.connections.discard(self)
        self.pipeline.clear()
        self._unset_keepalive_if_required()
        self.transport.set_protocol(successor)
        self.transport.resume_reading()  # else nobody would hear of the client's leaving
        return True

    def _end_cycles(self) -> None:
        """Tells every response under way, where uvicorn tells the last request's: a pipelined one hides the stream."""
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        self._cycles = ()


def serve(settings: Settings) -> None:
    """Serves until told to stop. OSError when the port is taken; database errors when the first connect fails."""
    logs.configure(settings.log, "notify-server")
    require(settings, ("database.url", "auth.public_key"), "notify-server")
    assert settings.auth.public_key is not None  # noqa: S101 - required above
    # Streams end by Notify.drain, spread over a window, and not all at once.
    AppStatus.enable_automatic_graceful_drain = False
    notify = Notify(settings, Verifier(settings.auth.public_key, settings.auth.issuer))
    with serving.listening_socket(settings.notify.host, settings.notify.port, SEND_BUFFER_BYTES) as bound:
        serving.run(_serve(notify, bound))


async def _serve(notify: Notify, bound: socket.socket) -> None:
    server = serving.Server(build(notify), notify.settings.notify.drain_seconds, notify.drain, StreamProtocol)
    async with notify.running():
        await server.serve([bound])
    if notify.failed:
        raise SystemExit(1)
