"""Cookies of signing in: for this browser's own requests, and out of the reach of scripts.

The page keeps its refresh token in one (docs/adr/0057-the-pages-refresh-token-is-in-a-cookie.md). It says so with each
request that begins or goes on with a session, by a header that no other site can make a browser send: a cookie without
it counts for nothing.
"""

from typing import Final, Literal
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from chat_server.http.api_request import ApiRequest

SESSION: Final = "fechatter_session"
# `Fechatter-Session: cookie`. CORS must not allow it.
HEADER: Final = "fechatter-session"

SECONDS_OF_DAY: Final = 86_400


def keeps_session(request: ApiRequest) -> bool:
    """Whether this client wants its refresh token in a cookie."""
    return request.headers.get(HEADER) == "cookie"


def refresh_token_of(request: ApiRequest) -> str | None:
    """What the browser has, if the request may use it."""
    return request.cookies.get(_session_name(request)) if keeps_session(request) else None


def with_refresh_token(request: ApiRequest, token: str) -> Cookie:
    days = request.parts.settings.auth.refresh_token_days
    return cookie(request, _session_name(request), token, days * SECONDS_OF_DAY)


def without_session(request: ApiRequest) -> list[Cookie]:
    """Removes the session's cookie, where the browser has one."""
    name = _session_name(request)
    return [cookie(request, name, "", 0)] if name in request.cookies else []


def _session_name(request: ApiRequest) -> str:
    """With the port, if the URL has one: servers on one host share cookies, and would end each other's sessions."""
    port = urlsplit(request.parts.providers.public_url).port
    return name_of(request, SESSION if port is None else f"{SESSION}_{port}")


def name_of(request: ApiRequest, name: str) -> str:
    """`__Host-`: no other host, and nobody between us and the browser, can have set it (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if request.parts.providers.are_reached_safely else name


def cookie(
    request: ApiRequest, name: str, value: str, seconds: int, same_site: Literal["lax", "strict"] = "strict"
) -> Cookie:
    """`name` is what name_of() says."""
    return Cookie(
        key=name,
        value=value,
        path="/",
        max_age=seconds,
        httponly=True,
        secure=request.parts.providers.are_reached_safely,
        samesite=same_site,
    )
