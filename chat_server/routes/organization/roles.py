"""Roles of an organisation's own: sets of permissions, which `role_bindings` gives to people."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Description, OrganizationName, PathId, PermissionName
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.roles import CustomRole

ROLE_CREATE = query("role_create", "organization", "name", "description", "permissions")
ROLE_DELETE = query("role_delete", "organization", "role")
ROLE_UPDATE = query("role_update", "organization", "role", "name", "description", "permissions")
ROLES_OF = query("roles_of", "organization", "after", "limit")

Permissions = Annotated[list[PermissionName], msgspec.Meta(max_length=128)]


class NewRole(msgspec.Struct, forbid_unknown_fields=True):
    """The permissions by their names: `GET /api/permissions` says which are `bindable`."""

    name: OrganizationName
    permissions: Permissions
    description: Description = ""


class RoleChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are."""

    name: OrganizationName | None = None
    permissions: Permissions | None = None
    description: Description | None = None


@get("/organizations/{organization_id:int}/roles")
async def list_roles(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[CustomRole]]:
    """The roles, by id, built-in ones first."""
    await places.organization(request.pool, request.caller, organization_id, "keep its roles")
    return page(request, await ROLES_OF.one(request.pool, organization=organization_id, after=after_id, limit=limit))


@post("/organizations/{organization_id:int}/roles", responses=retried(CustomRole), opt={"problems": [409, 422]})
async def create_role(
    request: ApiRequest, organization_id: PathId, data: JSONBody[NewRole], idempotency_key: IdempotencyKey = None
) -> Response[CustomRole]:
    """Create a role. It grants nothing until it is bound."""

    async def create(connection: Connection) -> Response[CustomRole]:
        await places.organization.locked(connection, request.caller, organization_id, "keep its roles")
        made = await ROLE_CREATE.value(
            connection,
            organization=organization_id,
            name=data.name,
            description=data.description,
            permissions=data.permissions,
        )
        return verbatim(made, 201)

    return await once(
        request, idempotency_key, create, places.organization.still(request.caller, organization_id, "keep its roles")
    )


@patch("/organizations/{organization_id:int}/roles/{role_id:int}", opt={"problems": [409, 422]})
async def change_role(
    request: ApiRequest, organization_id: PathId, role_id: PathId, data: JSONBody[RoleChange]
) -> Response[CustomRole]:
    """Change a role. Its bindings grant what it permits from then on; the caller must be able to do what is added
    wherever it is bound."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its roles")
        changed = await ROLE_UPDATE.value(
            connection,
            organization=organization_id,
            role=role_id,
            name=data.name,
            description=data.description,
            permissions=data.permissions,
        )
    return verbatim(places.found(changed))


@delete("/organizations/{organization_id:int}/roles/{role_id:int}")
async def delete_role(request: ApiRequest, organization_id: PathId, role_id: PathId) -> None:
    """Delete a role and its bindings: they grant nothing any more."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its roles")
        places.found(await ROLE_DELETE.value(connection, organization=organization_id, role=role_id))


FEATURE: Feature = "enable_user_roles"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [list_roles, create_role, change_role, delete_role]
