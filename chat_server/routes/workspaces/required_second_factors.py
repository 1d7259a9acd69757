"""The demand of a workspace that its members have a second factor."""

from litestar import Response, delete, get, put

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId
from chat_server.http.verbatim import verbatim
from chat_server.responses.workspaces import RequiredSecondFactor
from chat_server.routes.workspaces.required_providers import ACTION
from chat_server.sign_in.freshness import require_fresh

REQUIRED_SECOND_FACTOR_OF_WORKSPACE = query("required_second_factor_of_workspace", "workspace")
SECOND_FACTOR_REQUIRE = query("second_factor_require", "workspace")
SECOND_FACTOR_REQUIRE_NO_MORE = query("second_factor_require_no_more", "workspace")


@get("/workspaces/{workspace_id:int}/required-second-factor")
async def show_required_second_factor(request: ApiRequest, workspace_id: PathId) -> Response[RequiredSecondFactor]:
    """Since when members must have a second factor; 404 if they need none."""
    await places.workspace(request.pool, request.caller, workspace_id, ACTION)
    demand = await REQUIRED_SECOND_FACTOR_OF_WORKSPACE.value(request.pool, workspace=workspace_id)
    return verbatim(places.found(demand))


@put("/workspaces/{workspace_id:int}/required-second-factor", opt={"problems": [403]})
async def require_second_factor(request: ApiRequest, workspace_id: PathId) -> Response[RequiredSecondFactor]:
    """Demand a second factor of all members, after a fresh sign-in. Sessions that have shown none end at once, also the
    caller's own; whoever has none enrols one at the next sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, ACTION)
        demand = await SECOND_FACTOR_REQUIRE.value(connection, workspace=workspace_id)
    return verbatim(demand)


@delete("/workspaces/{workspace_id:int}/required-second-factor", opt={"problems": [403]})
async def require_no_second_factor(request: ApiRequest, workspace_id: PathId) -> None:
    """Demand it no more, after a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, ACTION)
        await SECOND_FACTOR_REQUIRE_NO_MORE.row(connection, workspace=workspace_id)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [show_required_second_factor, require_second_factor, require_no_second_factor]
