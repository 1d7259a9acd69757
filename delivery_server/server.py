"""The process: runs until SIGTERM or SIGINT, and lets what is being sent end."""

import socket
from collections.abc import Callable

from prometheus_client import REGISTRY

from chat_core.http import serving
from chat_core.http.admission import Admission
from chat_core.process import logs
from chat_core.settings import Settings, require
from delivery_server.app import Delivery, build

# No route here reads a body.
MOST_BODY_BYTES = 16_384


def serve(settings: Settings, may_start: Callable[[], None] = lambda: None) -> None:
    """Serves until stopped. `may_start` returns when the database is ready.

    Raises OSError if the port is in use; database errors if the first connect fails.
    """
    logs.configure(settings.log, "delivery-server")
    require(settings, ("database.url",), "delivery-server")
    may_start()
    with serving.listening_socket(settings.delivery.host, settings.delivery.port) as bound:
        serving.run(_serve(settings, bound))


async def _serve(settings: Settings, bound: socket.socket) -> None:
    delivery = Delivery(settings)
    admission = Admission(settings, MOST_BODY_BYTES, REGISTRY)
    server = serving.Server(build(delivery), admission, settings.delivery.drain_seconds, delivery.drain)
    async with delivery.running():
        await server.serve([bound])
    if delivery.background.failed:
        raise SystemExit(1)
