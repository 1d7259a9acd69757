"""Sensitive acts ask for a session whose user has proved who they are a short while ago. A personal access token proves
nothing of the kind."""

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.authentication import session_required

SESSION_AUTH_AGE = query("session_auth_age", "session")
SESSION_REAUTHENTICATED = query("session_reauthenticated", "session", "amr")


def require_session(request: ApiRequest) -> None:
    """Raises Problem 403 `session_required` for a personal access token, whatever its scopes."""
    if request.caller.scopes is not None:
        raise session_required()


async def require_fresh(request: ApiRequest) -> None:
    """Raises Problem 403 `reauthentication_required` unless the caller has signed in or authenticated again within
    `auth.fresh_seconds`, and `session_required` for a personal access token."""
    require_session(request)
    allowed = request.parts.settings.auth.fresh_seconds
    age = await SESSION_AUTH_AGE.value(request.pool, session=request.caller.session_id)
    if age is None or age > allowed:
        raise Problem(
            403,
            "reauthentication_required",
            f"This needs a sign-in of the last {allowed} seconds: authenticate again, then repeat the request.",
            extra={"max_age": allowed},
        )


async def authenticated_again(request: ApiRequest, *amr: str) -> None:
    """The caller has proved again who they are, in these ways (RFC 8176)."""
    async with request.transaction() as connection:
        await SESSION_REAUTHENTICATED.row(connection, session=request.caller.session_id, amr=list(amr))
