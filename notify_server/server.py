"""The process: runs the application until SIGTERM or SIGINT, and drains its streams."""

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry

from chat_core.http import serving
from chat_core.http.admission import Admission
from chat_core.http.connection import Connection
from chat_core.process import logs
from chat_core.settings import Settings, require
from chat_core.tokens import Verifier
from notify_server.app import Notify, build
from notify_server.refusals import refuse_overloaded
from notify_server.subscriptions.openings import Openings

# The kernel's send buffer of each stream. By default it grows to MBs while there is memory, and then shrinks
# arbitrarily, so that of a thousand streams some starve. With a limit all are behind alike, and how far is known here.
SEND_BUFFER_BYTES = 131_072
# No route here reads a body; some clients send one with every request, which is ignored.
MOST_BODY_BYTES = 16_384
# How long requests may continue after the drain: those for the server's health.
REST_SECONDS = 1.0
FOR_MONITORING = ("/health", "/metrics")


class StreamAdmission(Admission):
    """`openings` limits how many requests begin at a time."""

    def __init__(self, settings: Settings, openings: Openings, registry: CollectorRegistry = REGISTRY) -> None:
        super().__init__(settings, MOST_BODY_BYTES, registry)
        self.openings = openings


class StreamConnection(Connection):
    """Reachable for the endpoints of streams, which take it over in the middle of a response."""

    admission: StreamAdmission

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        openings = self.admission.openings
        start: Callable[..., None] = super()._start_asgi_task
        if cycle.scope["path"].startswith(FOR_MONITORING):  # a crowd must not make the server look dead
            start(cycle, app)
        elif openings.full:
            start(cycle, refuse_overloaded)
        else:
            openings.begin(partial(start, cycle, app))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: dict[str, Any] = {"fechatter.connection": {"protocol": self}}
        self.scope["extensions"] = extensions


def serve(settings: Settings, may_start: Callable[[], None] = lambda: None) -> None:
    """Serves until stopped. `may_start` returns when the database is ready; work that does not need it is done before.

    Raises OSError if the port is in use; database errors if the first connect fails.
    """
    logs.configure(settings.log, "notify-server")
    require(settings, ("database.url", "auth.public_key"), "notify-server")
    assert settings.auth.public_key is not None  # noqa: S101 - required above
    notify = Notify(settings, Verifier(settings.auth.public_key, settings.auth.issuer))
    may_start()
    with serving.listening_socket(settings.notify.host, settings.notify.port, SEND_BUFFER_BYTES) as bound:
        serving.run(_serve(notify, bound))


async def _serve(notify: Notify, bound: socket.socket) -> None:
    admission = StreamAdmission(notify.settings, notify.arrivals)
    server = serving.Server(build(notify), admission, REST_SECONDS, notify.drain, StreamConnection)
    async with notify.running():
        await server.serve([bound])
    if notify.background.failed:
        raise SystemExit(1)
