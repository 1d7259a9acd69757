"""Permissions by their names, and what lets somebody have one."""

from typing import Any

import msgspec
from litestar import Response, get

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.access.names import actions_named
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.bodies import invalid
from chat_server.http.fields import OptionalQueryId, QueryPermission
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.roles import Permission, PermissionExplained, PermissionRefusal

PERMISSION_SOURCES = query("permission_sources", "user", "permission", "kind", "place")
PERMISSIONS_LIST = query("permissions_list")


@get("/permissions")
async def list_permissions(request: ApiRequest) -> Response[list[Permission]]:
    """All permissions, by name: what each needs, and whether a role or a delegation can have it."""
    return verbatim(await PERMISSIONS_LIST.value(request.pool))


@get("/permissions/explain", opt={"problems": [403, 404, 422]})
async def explain_permission(
    request: ApiRequest,
    permission: QueryPermission,
    user_id: OptionalQueryId = None,
    organization_id: OptionalQueryId = None,
    workspace_id: OptionalQueryId = None,
    chat_id: OptionalQueryId = None,
    board_id: OptionalQueryId = None,
    page_id: OptionalQueryId = None,
) -> Response[PermissionExplained]:
    """Whether a user may do something in one place now, and what permits it: their membership, and each binding.
    Without `user_id` the caller. About others whoever may change members' roles in the place is told."""
    named: list[tuple[places.Kind[Any, Any], int | None]] = [
        (places.organization, organization_id),
        (places.workspace, workspace_id),
        (places.chat, chat_id),
        (places.board, board_id),
        (places.page, page_id),
    ]
    given = [(kind, place) for kind, place in named if place is not None]
    if len(given) != 1:
        expected = "one of organization_id, workspace_id, chat_id, board_id and page_id"
        invalid(FieldError("query.workspace_id", expected))
    [(kind, place)] = given
    actions = actions_named(kind.name, [permission])
    if not actions:
        invalid(FieldError("query.permission", f"a permission in a place of this kind ({kind.name})"))
    user = user_id or request.caller.user_id
    await kind(request.pool, request.caller, place, kind.see)
    if user != request.caller.user_id:
        await kind(request.pool, request.caller, place, kind.change_role)
    refusal = None
    try:
        await kind(request.pool, Caller(user, 0, 0), place, next(iter(actions)))
    except Problem as problem:
        refusal = PermissionRefusal(problem.status, problem.code, problem.detail)
    sources = await PERMISSION_SOURCES.value(
        request.pool, user=user, permission=permission, kind=kind.name, place=place
    )
    explained = {
        "user_id": user,
        "permission": permission,
        "allowed": refusal is None,
        "sources": msgspec.Raw(sources.encode()),
        "refusal": refusal,
    }
    return verbatim(msgspec.json.encode(explained).decode())


FEATURE: Feature = "enable_user_roles"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [list_permissions, explain_permission]
