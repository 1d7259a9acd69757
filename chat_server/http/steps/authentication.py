"""The caller: the access token in the Authorization header, whose session must still be alive.

This guards every route under /api that is not marked `public`, so a new one is closed by default.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from chat_core.problems import Problem
from chat_core.tokens import InvalidToken
from chat_server.http.api_request import Caller, Parts

# The cookie that has the access token for an <img>, which can send no header. Only routes with BY_COOKIE_TOO in their
# `opt` read it: they change nothing, so that another site gains nothing by sending it.
COOKIE = "fechatter_files"
BY_COOKIE_TOO = {"cookie": True}

# For `opt` of a handler that needs no token; `problems` are error statuses that its signature does not imply.
PUBLIC = {"public": True}


def unauthorized(detail: str, code: str = "unauthorized") -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": 'Bearer realm="fechatter"'})


async def authenticate(parts: Parts, authorization: str) -> Caller:
    """The caller whose access token is in this `Authorization` header, which is "" if the request has none. Raises
    Problem 401, and what the database raises."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("An access token is required: send the header Authorization: Bearer TOKEN.")
    try:
        claims = parts.verifier.verify(token.strip())
    except InvalidToken as error:
        raise unauthorized(f"{error}.".capitalize()) from None
    if not await parts.sessions.is_good(claims.session_id, claims.user_id):
        raise unauthorized("This session has ended; sign in again.")
    return Caller(claims.user_id, claims.session_id, claims.expires_at)


class Authentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        parts: Parts = connection.app.state.parts
        authorization = connection.headers.get("authorization", "")
        if not authorization and connection.route_handler.opt.get("cookie"):
            authorization = f"Bearer {connection.cookies.get(COOKIE, '')}"
        return AuthenticationResult(await authenticate(parts, authorization), None)
