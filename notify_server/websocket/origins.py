"""Which pages may connect: chat_server's own, and those of the configured origins (ADR 13).

A page is chat_server's own if its origin is `server.public_url`, or if it was loaded from the host name of this request
and chat_server's port there. Clients that are not browsers send no Origin and need none.
"""

import re
import time

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_core.problems import Problem
from chat_core.settings import Settings
from notify_server.refusals import refused

# Until an installation sets its address, browsers of this machine may use any of these names for it.
_HERE = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?"
_ORIGIN = re.compile(rf"(https?)://{_HOST}")
_AUTHORITY = re.compile(_HOST, re.IGNORECASE)
# Length to which a refused origin is shown; number of different ones logged in a window, each once.
_SHOWN_CHARACTERS = 200
_MOST_LOGGED = 20
_LOG_WINDOW_SECONDS = 60.0

log = structlog.get_logger()


class Origins:
    """One per server."""

    def __init__(self, settings: Settings) -> None:
        server = settings.server
        port = "" if server.port == 80 else f":{server.port}"  # as a browser writes it
        own = [server.public_url] if server.public_url else [f"http://{host}{port}" for host in _HERE]
        self._named = frozenset((*settings.notify.cors_origins, *own))
        # Scheme and port of chat_server's pages, under whatever name.
        self._pages = {("http", server.port)}
        if server.public_url and (public := _ORIGIN.fullmatch(server.public_url.lower())):
            self._pages.add((public[1], _port(public)))
        self._logged: set[str] = set()
        self._logged_since = 0.0

    def allows(self, origin: str, host: str) -> bool:
        """`host` is the request's Host header: the name under which the page's browser reached this server."""
        if origin in self._named:
            return True
        page, here = _ORIGIN.fullmatch(origin), _AUTHORITY.fullmatch(host)
        if page is None or here is None:
            return False
        return page[2] == here[1].lower() and (page[1], _port(page)) in self._pages

    def refusal(self, headers: Headers) -> Problem | None:
        """Problem 403 for a page that may not connect, which is logged; None for all others."""
        origin, host = headers.get("origin"), headers.get("host", "")
        if origin is None or self.allows(origin, host):
            return None
        shown = ascii(origin[:_SHOWN_CHARACTERS])[1:-1]
        self._log(shown, ascii(host[:_SHOWN_CHARACTERS])[1:-1])
        detail = f"Pages of {shown} may not connect to notify_server: add this origin to notify.cors_origins."
        return Problem(403, "origin_not_allowed", detail)

    def _log(self, origin: str, host: str) -> None:
        now = time.monotonic()
        if now - self._logged_since > _LOG_WINDOW_SECONDS:
            self._logged_since = now
            self._logged.clear()
        if origin not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(origin)
            log.warning("origin refused", origin=origin, host=host, mend="add it to notify.cors_origins")


class OriginGuard:
    """Refuses requests of pages that may not connect, before anything else reads them. A WebSocket's endpoint does
    so itself, since a page's script cannot see a refused handshake."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            upgrades = headers.get("upgrade", "").lower() == "websocket"  # which no script can send without a preflight
            if not upgrades and (problem := self._origins.refusal(headers)) is not None:
                await refused(problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _port(origin: re.Match[str]) -> int:
    return int(origin[3]) if origin[3] else _DEFAULT_PORTS[origin[1]]
