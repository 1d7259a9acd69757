"""What an organisation's admins see and end of its people's sessions, whom they suspend, and what workspaces store."""

from litestar import Response, delete, get, put

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.permissions import require_rank
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import OptionalQueryId, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.parts.features import Feature
from chat_server.responses.administration import SessionOfMember, WorkspaceStorage
from chat_server.routes.administration.kept_accounts import require_kept_account, require_kept_accounts
from chat_server.routes.identity.devices import SESSION_END
from chat_server.sign_in.freshness import require_fresh

MEMBER_SUSPEND = query("member_suspend", "organization", "person", "suspended")
SESSION_OF_KEPT_ACCOUNT = query("session_of_kept_account", "organization", "target")
SESSIONS_OF_ORGANIZATION = query("sessions_of_organization", "organization", "user", "after", "limit")
STORAGE_OF_ORGANIZATION = query("storage_of_organization", "organization", "after", "limit")


@get("/organizations/{organization_id:int}/sessions", opt={"problems": [403]})
async def list_sessions_of_members(
    request: ApiRequest,
    organization_id: PathId,
    user_id: OptionalQueryId = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[SessionOfMember]]:
    """The open sessions of members whose accounts the organisation keeps, by id: of all of them, or of one."""
    await places.organization(request.pool, request.caller, organization_id, "see and end its people's sessions")
    await require_kept_accounts(request.pool, organization_id)
    row = await SESSIONS_OF_ORGANIZATION.one(
        request.pool, organization=organization_id, user=user_id, after=after_id, limit=limit
    )
    return page(request, row)


@delete("/organizations/{organization_id:int}/sessions/{session_id:int}", opt={"problems": [403]})
async def end_session_of_member(request: ApiRequest, organization_id: PathId, session_id: PathId) -> None:
    """End a session of a member whose account the organisation keeps, and whose role is not above the caller's. Needs a
    fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        caller = await places.organization.locked(
            connection, request.caller, organization_id, "see and end its people's sessions"
        )
        await require_kept_accounts(connection, organization_id)
        user_id = await SESSION_OF_KEPT_ACCOUNT.value(connection, organization=organization_id, target=session_id)
        if user_id is None:
            raise Problem(404, "not_found", "No member of the organisation has an open session with this id.")
        target = await places.organization.of(connection, request.caller.user_id, organization_id, user_id)
        require_rank(target or caller)
        await SESSION_END.row(connection, user=user_id, target=session_id)
    request.parts.sessions.forget(user_id)


@put("/organizations/{organization_id:int}/members/{user_id:int}/suspension", opt={"problems": [403]}, status_code=204)
async def suspend_member(request: ApiRequest, organization_id: PathId, user_id: PathId) -> None:
    """Suspend a member whose account the organisation keeps, and whose role is not above the caller's: their sessions
    and streams end, and they cannot sign in. What they have written stays. Needs a fresh sign-in. Repeating this
    changes nothing."""
    if user_id == request.caller.user_id:
        raise Problem(403, "forbidden", "Nobody suspends themselves.")
    await _suspend(request, organization_id, user_id, suspended=True)
    request.parts.sessions.forget(user_id)


@delete(
    "/organizations/{organization_id:int}/members/{user_id:int}/suspension", opt={"problems": [403]}, status_code=204
)
async def reinstate_member(request: ApiRequest, organization_id: PathId, user_id: PathId) -> None:
    """Take the organisation's suspension back. A suspension by an operator or a directory stays. Needs a fresh
    sign-in. Repeating this changes nothing."""
    await _suspend(request, organization_id, user_id, suspended=False)


async def _suspend(request: ApiRequest, organization_id: int, user_id: int, *, suspended: bool) -> None:
    await require_fresh(request)
    async with request.transaction() as connection:
        caller = await places.organization.locked(
            connection, request.caller, organization_id, "suspend a person, or take that back", target=user_id
        )
        places.require_member(caller.target_role, "organisation")
        require_rank(caller)
        if suspended:
            await require_kept_account(connection, organization_id, user_id)
        await MEMBER_SUSPEND.row(connection, organization=organization_id, person=user_id, suspended=suspended)


@get("/organizations/{organization_id:int}/storage")
async def list_storage_of_organization(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[WorkspaceStorage]]:
    """How much each workspace of the organisation stores, and how long its messages are kept, by workspace id. Owners
    of a workspace change that with `PUT /workspaces/{id}`."""
    await places.organization(request.pool, request.caller, organization_id, "see its figures")
    row = await STORAGE_OF_ORGANIZATION.one(request.pool, organization=organization_id, after=after_id, limit=limit)
    return page(request, row)


SCOPES = scopes.SESSION_ONLY
FEATURE: Feature = "enable_advanced_admin"
HANDLERS = [
    list_sessions_of_members,
    end_session_of_member,
    suspend_member,
    reinstate_member,
    list_storage_of_organization,
]
