"""Organisations: parents of workspaces, and their people."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.permissions import require_rank
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import (
    Email,
    Id,
    OptionalQueryId,
    OrganizationName,
    PathId,
    PersonKind,
    Role,
    UserIds,
    Username,
)
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.organizations import (
    ListedMember,
    Organization,
    OrganizationMember,
    OrganizationWorkspace,
)
from chat_server.routes.organization.people import Words, meant
from chat_server.routes.workspaces.workspace_members import NewWorkspaceMember, named_user
from chat_server.sign_in.freshness import require_fresh

ORGANIZATION_BY_ID = query("organization_by_id", "organization", "user")
ORGANIZATION_CREATE = query("organization_create", "user", "name")
ORGANIZATION_DELETE = query("organization_delete", "organization")
ORGANIZATION_FEATURE_RESET = query("organization_feature_reset", "organization", "name")
ORGANIZATION_FEATURE_SET = query("organization_feature_set", "organization", "name", "enabled")
ORGANIZATION_MEMBER_ADD = query("organization_member_add", "organization", "user", "kind", "role")
ORGANIZATION_MEMBER_REMOVE = query("organization_member_remove", "organization", "user")
ORGANIZATION_MEMBER_UPDATE = query(
    "organization_member_update", "organization", "user", "kind", "role", "set_manager", "manager"
)
ORGANIZATION_MEMBERS = query(
    "organization_members", "organization", "words", "patterns", "department", "kind", "ids", "after", "limit"
)
ORGANIZATION_RENAME = query("organization_rename", "organization", "name")
ORGANIZATION_WORKSPACE_PUT = query("organization_workspace_put", "organization", "workspace")
ORGANIZATION_WORKSPACE_TAKE = query("organization_workspace_take", "organization", "workspace")
ORGANIZATION_WORKSPACES = query("organization_workspaces", "organization", "after", "limit")
ORGANIZATIONS_OF_USER = query("organizations_of_user", "user", "after", "limit")


Kind = Annotated[PersonKind | None, QueryParameter(description="Members, guests or bots alone.")]
PathFeature = Annotated[Feature, PathParameter(description="A feature's name.")]


class OrganizationBody(msgspec.Struct, forbid_unknown_fields=True):
    name: OrganizationName


class NewOrganizationMember(msgspec.Struct, forbid_unknown_fields=True):
    """An existing user, by one of `user_id`, `email` and `username`, who shares a workspace with the caller."""

    user_id: Id | None = None
    email: Email | None = None
    username: Username | None = None
    kind: PersonKind = "member"
    role: Role = "member"


class OrganizationMemberChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are; `manager_id` is another person of the organisation, or null for none. A member
    who becomes a guest leaves the organisation's workspaces."""

    kind: PersonKind | None = None
    role: Role | None = None
    manager_id: Id | msgspec.UnsetType | None = msgspec.UNSET


class FeatureSwitch(msgspec.Struct, forbid_unknown_fields=True):
    """null: as on the server."""

    enabled: bool | None


@get("/organizations")
async def list_organizations(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Organization]]:
    """The caller's organisations, by id."""
    row = await ORGANIZATIONS_OF_USER.one(request.pool, user=request.caller.user_id, after=after_id, limit=limit)
    return page(request, row)


@post("/organizations", responses=retried(Organization))
async def create_organization(
    request: ApiRequest, data: JSONBody[OrganizationBody], idempotency_key: IdempotencyKey = None
) -> Response[Organization]:
    """Found an organisation, owned by the caller. It has no workspaces yet."""

    async def create(connection: Connection) -> Response[Organization]:
        made = await ORGANIZATION_CREATE.value(connection, user=request.caller.user_id, name=data.name)
        return created(made, "/api/organizations")

    async def seen(connection: Connection, first: Any) -> None:
        await places.organization(connection, request.caller, first["id"], "see the organisation")

    return await once(request, idempotency_key, create, seen)


@get("/organizations/{organization_id:int}")
async def show_organization(request: ApiRequest, organization_id: PathId) -> Response[Organization]:
    """One of the caller's organisations."""
    await places.organization(request.pool, request.caller, organization_id, "see the organisation")
    return await _shown(request, request.pool, organization_id)


@put("/organizations/{organization_id:int}")
async def rename_organization(
    request: ApiRequest, organization_id: PathId, data: JSONBody[OrganizationBody]
) -> Response[Organization]:
    """Change an organisation's name."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "change its name")
        await ORGANIZATION_RENAME.row(connection, organization=organization_id, name=data.name)
        return await _shown(request, connection, organization_id)


@delete("/organizations/{organization_id:int}", opt={"problems": [403, 409]})
async def delete_organization(request: ApiRequest, organization_id: PathId) -> None:
    """Delete an organisation that has no workspaces any more, and its directory. Needs a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "delete the organisation")
        await ORGANIZATION_DELETE.row(connection, organization=organization_id)


@get("/organizations/{organization_id:int}/members")
async def list_organization_members(
    request: ApiRequest,
    organization_id: PathId,
    q: Words = "",
    department_id: OptionalQueryId = None,
    kind: Kind = None,
    ids: UserIds = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[ListedMember]]:
    """The people of an organisation, guests, bots and the suspended too, by user id; `after_id` is one. All of them, or
    those whom the words find, in a department and those below it, of a kind, with one of these ids. Only for its
    admins: others search the directory."""
    await places.organization(request.pool, request.caller, organization_id, "list its people")
    words, patterns = meant(q)
    row = await ORGANIZATION_MEMBERS.one(
        request.pool,
        organization=organization_id,
        words=words,
        patterns=patterns,
        department=department_id,
        kind=kind,
        ids=None if ids is None else [int(one) for one in ids.split(",")],
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@post("/organizations/{organization_id:int}/members", responses=retried(OrganizationMember))
async def add_organization_member(
    request: ApiRequest,
    organization_id: PathId,
    data: JSONBody[NewOrganizationMember],
    idempotency_key: IdempotencyKey = None,
) -> Response[OrganizationMember]:
    """Put a user who shares a workspace with the caller into the organisation. A role above member takes a fresh
    sign-in."""
    if data.role != "member":
        await require_fresh(request)

    async def create(connection: Connection) -> Response[OrganizationMember]:
        caller = await places.organization.locked(connection, request.caller, organization_id, "add a person")
        require_rank(caller, granted=data.role)
        named = NewWorkspaceMember(user_id=data.user_id, email=data.email, username=data.username)
        user_id, _ = await named_user(connection, named)
        added = await ORGANIZATION_MEMBER_ADD.value(
            connection, organization=organization_id, user=user_id, kind=data.kind, role=data.role
        )
        return verbatim(added, 201)

    return await once(
        request, idempotency_key, create, places.organization.still(request.caller, organization_id, "list its people")
    )


@patch("/organizations/{organization_id:int}/members/{user_id:int}", opt={"problems": [403]})
async def change_organization_member(
    request: ApiRequest, organization_id: PathId, user_id: PathId, data: JSONBody[OrganizationMemberChange]
) -> Response[OrganizationMember]:
    """Change a person's kind, role or manager. Kind and role take a fresh sign-in."""
    if data.kind is not None or data.role is not None:
        await require_fresh(request)
    async with request.transaction() as connection:
        caller = await places.organization.locked(
            connection, request.caller, organization_id, "change a person's role", target=user_id
        )
        places.require_member(caller.target_role, "organisation")
        require_rank(caller, granted=data.role)
        changed = await ORGANIZATION_MEMBER_UPDATE.value(
            connection,
            organization=organization_id,
            user=user_id,
            kind=data.kind,
            role=data.role,
            set_manager=data.manager_id is not msgspec.UNSET,
            manager=None if data.manager_id is msgspec.UNSET else data.manager_id,
        )
    return verbatim(places.found(changed))


@delete("/organizations/{organization_id:int}/members/{user_id:int}", opt={"problems": [403, 409]})
async def remove_organization_member(request: ApiRequest, organization_id: PathId, user_id: PathId) -> None:
    """Remove a person from the organisation, and so from all its workspaces. With the caller's own id: leave it."""
    action = places.organization.leave if user_id == request.caller.user_id else "remove a person"
    async with request.transaction() as connection:
        caller = await places.organization.locked(connection, request.caller, organization_id, action, target=user_id)
        places.require_member(caller.target_role, "organisation")
        require_rank(caller)
        await ORGANIZATION_MEMBER_REMOVE.row(connection, organization=organization_id, user=user_id)


@get("/organizations/{organization_id:int}/workspaces")
async def list_organization_workspaces(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[OrganizationWorkspace]]:
    """The workspaces of an organisation, by id: of those that the caller is not in, this is all that they see."""
    await places.organization(request.pool, request.caller, organization_id, "list its people")
    row = await ORGANIZATION_WORKSPACES.one(request.pool, organization=organization_id, after=after_id, limit=limit)
    return page(request, row)


@put(
    "/organizations/{organization_id:int}/workspaces/{workspace_id:int}", opt={"problems": [403, 409]}, status_code=204
)
async def put_workspace(request: ApiRequest, organization_id: PathId, workspace_id: PathId) -> None:
    """Put a workspace of which the caller is an owner into the organisation: its members are people of the
    organisation from now on. Needs a fresh sign-in. Repeating this changes nothing."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await _require_both(request, connection, organization_id, workspace_id)
        put = await ORGANIZATION_WORKSPACE_PUT.value(connection, organization=organization_id, workspace=workspace_id)
        if put is None:
            raise Problem(409, "workspace_has_organization", "The workspace is in another organisation.")


@delete("/organizations/{organization_id:int}/workspaces/{workspace_id:int}", opt={"problems": [403, 409]})
async def take_workspace(request: ApiRequest, organization_id: PathId, workspace_id: PathId) -> None:
    """Take a workspace out of the organisation; its guests leave it. Needs a fresh sign-in. Repeating this changes
    nothing."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await _require_both(request, connection, organization_id, workspace_id)
        await ORGANIZATION_WORKSPACE_TAKE.row(connection, organization=organization_id, workspace=workspace_id)


@put("/organizations/{organization_id:int}/features/{name:str}", opt={"problems": [403]}, status_code=204)
async def switch_feature(
    request: ApiRequest, organization_id: PathId, name: PathFeature, data: JSONBody[FeatureSwitch]
) -> None:
    """Do without a feature of the server in this organisation, or have it again. What is off on the server only an
    operator switches on. Needs a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "choose its features")
        if data.enabled is None:
            await ORGANIZATION_FEATURE_RESET.row(connection, organization=organization_id, name=name)
        else:
            await ORGANIZATION_FEATURE_SET.row(
                connection, organization=organization_id, name=name, enabled=data.enabled
            )


async def _require_both(request: ApiRequest, connection: Connection, organization_id: int, workspace_id: int) -> None:
    """The caller owns both."""
    action: Any = "put a workspace into it, or take it out"
    await places.organization.locked(connection, request.caller, organization_id, action)
    await places.workspace.locked(connection, request.caller, workspace_id, "delete the workspace")


async def _shown(request: ApiRequest, connection: Any, organization_id: int) -> Response[Organization]:
    shown = await ORGANIZATION_BY_ID.value(connection, organization=organization_id, user=request.caller.user_id)
    return verbatim(places.found(shown))


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [
    list_organizations,
    create_organization,
    show_organization,
    rename_organization,
    delete_organization,
    list_organization_members,
    add_organization_member,
    change_organization_member,
    remove_organization_member,
    list_organization_workspaces,
    put_workspace,
    take_workspace,
    switch_feature,
]
