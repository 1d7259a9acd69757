"""Groups of an organisation's people, which messages can mention."""

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Description, ExternalId, GroupName, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.departments import Group, GroupMember
from chat_server.routes.organization.departments import sees_all

GROUP_CREATE = query("group_create", "organization", "name", "description", "external_id")
GROUP_DELETE = query("group_delete", "organization", "group")
GROUP_MEMBER_PUT = query("group_member_put", "organization", "group", "user")
GROUP_MEMBER_TAKE = query("group_member_take", "organization", "group", "user")
GROUP_MEMBERS = query("group_members", "organization", "group", "user", "all", "after", "limit")
GROUP_UPDATE = query("group_update", "organization", "group", "name", "description")
GROUPS_OF = query("groups_of", "organization", "user", "all", "after", "limit")


class NewGroup(msgspec.Struct, forbid_unknown_fields=True):
    """`@name` mentions it. `external_id`: its name elsewhere, which never changes."""

    name: GroupName
    description: Description = ""
    external_id: ExternalId | None = None


class GroupChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are."""

    name: GroupName | None = None
    description: Description | None = None


@get("/organizations/{organization_id:int}/groups")
async def list_groups(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Group]]:
    """The groups, by id. `member_count` is of those whom the caller finds in the directory."""
    access = await places.organization(request.pool, request.caller, organization_id, "read its directory")
    row = await GROUPS_OF.one(
        request.pool,
        organization=organization_id,
        user=request.caller.user_id,
        all=sees_all(access),
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@post("/organizations/{organization_id:int}/groups", responses=retried(Group))
async def create_group(
    request: ApiRequest, organization_id: PathId, data: JSONBody[NewGroup], idempotency_key: IdempotencyKey = None
) -> Response[Group]:
    """Create a group."""

    async def create(connection: Connection) -> Response[Group]:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        made = await GROUP_CREATE.value(
            connection,
            organization=organization_id,
            name=data.name,
            description=data.description,
            external_id=data.external_id,
        )
        return verbatim(made, 201)

    return await once(
        request,
        idempotency_key,
        create,
        places.organization.still(request.caller, organization_id, "keep its directory"),
    )


@patch("/organizations/{organization_id:int}/groups/{group_id:int}")
async def change_group(
    request: ApiRequest, organization_id: PathId, group_id: PathId, data: JSONBody[GroupChange]
) -> Response[Group]:
    """Change a group's name or description."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        changed = await GROUP_UPDATE.value(
            connection, organization=organization_id, group=group_id, name=data.name, description=data.description
        )
    return verbatim(places.found(changed))


@delete("/organizations/{organization_id:int}/groups/{group_id:int}")
async def delete_group(request: ApiRequest, organization_id: PathId, group_id: PathId) -> None:
    """Delete a group."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        places.found(await GROUP_DELETE.value(connection, organization=organization_id, group=group_id))


@get("/organizations/{organization_id:int}/groups/{group_id:int}/members")
async def list_group_members(
    request: ApiRequest,
    organization_id: PathId,
    group_id: PathId,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[GroupMember]]:
    """The people of a group whom the caller finds in the directory, by user id; `after_id` is one."""
    access = await places.organization(request.pool, request.caller, organization_id, "read its directory")
    row = await GROUP_MEMBERS.one(
        request.pool,
        organization=organization_id,
        group=group_id,
        user=request.caller.user_id,
        all=sees_all(access),
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@put("/organizations/{organization_id:int}/groups/{group_id:int}/members/{user_id:int}", status_code=204)
async def put_group_member(request: ApiRequest, organization_id: PathId, group_id: PathId, user_id: PathId) -> None:
    """Put one of the organisation's people into a group. Repeating this changes nothing."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        put = await GROUP_MEMBER_PUT.value(connection, organization=organization_id, group=group_id, user=user_id)
        places.found(put)


@delete("/organizations/{organization_id:int}/groups/{group_id:int}/members/{user_id:int}")
async def take_group_member(request: ApiRequest, organization_id: PathId, group_id: PathId, user_id: PathId) -> None:
    """Take somebody out of a group. Repeating this changes nothing."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        await GROUP_MEMBER_TAKE.row(connection, organization=organization_id, group=group_id, user=user_id)


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [
    *(list_groups, create_group, change_group, delete_group),
    *(list_group_members, put_group_member, take_group_member),
]
