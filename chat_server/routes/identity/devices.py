"""Where a user is signed in, and by which ways in they can be."""

from litestar import Response, delete, get

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.responses.auth import Identity, Session
from chat_server.sign_in.freshness import require_fresh

IDENTITIES_OF_USER = query("identities_of_user", "user", "after", "limit")
IDENTITY_REMOVE = query("identity_remove", "user", "identity")
SESSION_END = query("session_end", "user", "target")
SESSIONS_OF_USER = query("sessions_of_user", "user", "session", "after", "limit")


@get("/auth/sessions")
async def list_sessions(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Session]]:
    """The caller's open sessions, by id."""
    row = await SESSIONS_OF_USER.one(
        request.pool, user=request.caller.user_id, session=request.caller.session_id, after=after_id, limit=limit
    )
    return page(request, row)


@delete("/auth/sessions/{session_id:int}", opt={"problems": [403]})
async def end_session(request: ApiRequest, session_id: PathId) -> None:
    """End one of the caller's sessions, and its streams. Another one than this needs a fresh sign-in."""
    if session_id != request.caller.session_id:
        await require_fresh(request)
    async with request.transaction() as connection:
        ended = await SESSION_END.value(connection, user=request.caller.user_id, target=session_id)
    if ended is None:
        raise Problem(404, "not_found", "You have no open session with this id.")
    request.parts.sessions.forget(request.caller.user_id)


@get("/auth/identities")
async def list_identities(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Identity]]:
    """The ways in that are linked to the caller's account, besides its password, by id."""
    row = await IDENTITIES_OF_USER.one(request.pool, user=request.caller.user_id, after=after_id, limit=limit)
    return page(request, row)


@delete("/auth/identities/{identity_id:int}", opt={"problems": [403, 409]})
async def remove_identity(request: ApiRequest, identity_id: PathId) -> None:
    """Remove a way in, and end the sessions that began with it. Needs a fresh sign-in; the last way in stays."""
    await require_fresh(request)
    async with request.transaction() as connection:
        outcome = await IDENTITY_REMOVE.value(connection, user=request.caller.user_id, identity=identity_id)
    if outcome == "unknown":
        raise Problem(404, "not_found", "You have no way in with this id.")
    request.parts.sessions.forget(request.caller.user_id)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [list_sessions, end_session, list_identities, remove_identity]
