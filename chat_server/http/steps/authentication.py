"""The caller: the access token in the Authorization header, whose session must still be alive. A personal access token
must have the scope of the route too.

This guards every route under /api that is not marked `public`, so a new one is closed by default.
"""

import time
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from chat_core.personal_tokens import PREFIX, is_well_formed
from chat_core.problems import Problem, insufficient_scope
from chat_core.tokens import InvalidToken
from chat_server.http.api_request import ApiRequest, Caller, Parts
from chat_server.http.scopes import scope_of
from chat_server.http.steps import acting_for, limits
from chat_server.http.steps.binding import require_within
from chat_server.identity.personal_tokens import PersonalToken

# The cookie that has the access token for an <img>, which can send no header. Only routes with BY_COOKIE_TOO in their
# `opt` read it: they change nothing, so that another site gains nothing by sending it.
COOKIE = "fechatter_files"
BY_COOKIE_TOO = {"cookie": True}

# For `opt` of a handler that needs no token; `problems` are error statuses that its signature does not imply.
PUBLIC = {"public": True}


def unauthorized(detail: str, code: str = "unauthorized") -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": 'Bearer realm="fechatter"'})


def session_required() -> Problem:
    return Problem(403, "session_required", "No personal access token may do this: sign in.")


async def authenticate(
    connection: ASGIConnection[Any, Any, Any, Any], authorization: str, parts: Parts | None = None
) -> Caller:
    """The caller whose token is in this `Authorization` header, which is "" if the request has none. Raises Problem
    401, 403 if a personal access token does not have the scope of the route, and what the database raises."""
    parts = parts or cast("Parts", connection.app.state.parts)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("An access token is required: send the header Authorization: Bearer TOKEN.")
    token = token.strip()
    if token.startswith(PREFIX):
        return await _by_personal_token(ApiRequest(connection.scope), token)
    try:
        claims = parts.verifier.verify(token)
    except InvalidToken as error:
        raise unauthorized(f"{error}.".capitalize()) from None
    sessions = parts.sessions
    if not (
        sessions.knows(claims.session_id, claims.user_id) or await sessions.is_good(claims.session_id, claims.user_id)
    ):
        raise unauthorized("This session has ended; sign in again.")
    return Caller(claims.user_id, claims.session_id, claims.expires_at)


async def _by_personal_token(request: ApiRequest, token: str) -> Caller:
    found = await personal_token(request, token)
    needed = scope_of(request.route_handler)
    if needed is None:
        raise session_required()
    if needed not in found.scopes:
        raise insufficient_scope(needed)
    if found.workspace_id is not None:
        await require_within(request, found.workspace_id)
    request.parts.personal_tokens.used(found.session_id)
    return Caller(found.user_id, found.session_id, found.expires_at, found.scopes, found.workspace_id)


async def personal_token(request: ApiRequest, token: str) -> PersonalToken:
    """A personal access token that has not ended, whatever its scopes. Raises Problem 401."""
    parts = request.parts
    if not is_well_formed(token):
        raise unauthorized("This is not a whole personal access token: its checksum is wrong.")
    found = parts.personal_tokens.known(token)
    if found is None:
        await limits.charge_stranger(request)
        found = await parts.personal_tokens.find(token)
    # An app's session has one token after the other, and outlives them.
    if (
        found is None
        or found.expires_at <= time.time()
        or not await parts.sessions.is_good(found.session_id, found.user_id)
    ):
        raise unauthorized("This personal access token has ended, or never was one; make another one.")
    return found


class Authentication(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        authorization = connection.headers.get("authorization", "")
        if not authorization and connection.route_handler.opt.get("cookie"):
            token = connection.cookies.get(COOKIE, "").strip()
            authorization = "" if token.startswith(PREFIX) else f"Bearer {token}"
        caller = await authenticate(connection, authorization)
        if (principal := connection.headers.get(acting_for.HEADER)) is not None:
            caller = await acting_for.acting_for(ApiRequest(connection.scope), caller, principal)
        return AuthenticationResult(caller, None)
