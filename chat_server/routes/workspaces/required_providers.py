"""The provider by which alone the members of a workspace sign in."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.access.actions import WorkspaceAction
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Id, PathId
from chat_server.http.verbatim import verbatim
from chat_server.responses.workspaces import RequiredProvider
from chat_server.sign_in.freshness import require_fresh

REQUIRED_PROVIDER_OF_WORKSPACE = query("required_provider_of_workspace", "workspace")
PROVIDER_REQUIRE = query("provider_require", "workspace", "provider", "break_glass_owner")
PROVIDER_REQUIRE_NO_MORE = query("provider_require_no_more", "workspace")

ACTION: WorkspaceAction = "choose how its members sign in"


class Requirement(msgspec.Struct, forbid_unknown_fields=True):
    """`provider` is its name in the settings. `break_glass_owner_id`: the one owner who may sign in otherwise, for when
    the provider is away; by default the caller."""

    provider: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    break_glass_owner_id: Id | None = None


@get("/workspaces/{workspace_id:int}/required-provider")
async def show_required_provider(request: ApiRequest, workspace_id: PathId) -> Response[RequiredProvider]:
    """The provider by which alone members sign in; 404 if they sign in as they like."""
    await places.workspace(request.pool, request.caller, workspace_id, ACTION)
    return verbatim(places.found(await REQUIRED_PROVIDER_OF_WORKSPACE.value(request.pool, workspace=workspace_id)))


@put("/workspaces/{workspace_id:int}/required-provider", opt={"problems": [403, 409]})
async def require_provider(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[Requirement]
) -> Response[RequiredProvider]:
    """Require members to sign in by this provider, after a fresh sign-in. Their sessions that began otherwise end at
    once, also the caller's own, unless they are the break-glass owner."""
    await require_fresh(request)
    if data.provider not in request.parts.settings.auth.way_in_names():
        expected = FieldError("provider", "the name of a provider in this server's settings")
        raise Problem(422, "validation_failed", f"provider: expected {expected.expected}.", [expected])
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, ACTION)
        required = await PROVIDER_REQUIRE.value(
            connection,
            workspace=workspace_id,
            provider=data.provider,
            break_glass_owner=data.break_glass_owner_id or request.caller.user_id,
        )
    return verbatim(required)


@delete("/workspaces/{workspace_id:int}/required-provider", opt={"problems": [403]})
async def require_no_provider(request: ApiRequest, workspace_id: PathId) -> None:
    """Let members sign in as they like, after a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, ACTION)
        await PROVIDER_REQUIRE_NO_MORE.row(connection, workspace=workspace_id)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [show_required_provider, require_provider, require_no_provider]
