"""Bindings: who has a role, where, and until when."""

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import Id, OptionalQueryId, PathId, Time
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.roles import RoleBinding

ROLE_BIND = query(
    "role_bind",
    "organization",
    "role",
    "user",
    "group",
    "department",
    "with_below",
    "workspace",
    "scope_department",
    "chat",
    "document",
    "kind",
    "ends_at",
)
ROLE_BINDING_DELETE = query("role_binding_delete", "organization", "binding")
ROLE_BINDING_UPDATE = query("role_binding_update", "organization", "binding", "ends_at")
ROLE_BINDINGS_OF = query("role_bindings_of", "organization", "role", "user", "after", "limit")


class NewRoleBinding(msgspec.Struct, forbid_unknown_fields=True):
    """To one of `user_id`, `group_id` and `department_id`; in one of `workspace_id`, `scope_department_id`, `chat_id`,
    `board_id` and `page_id` or, without any, in the whole organisation. Without `ends_at` it is for good."""

    role_id: Id
    user_id: Id | None = None
    group_id: Id | None = None
    department_id: Id | None = None
    with_below: bool = True
    workspace_id: Id | None = None
    scope_department_id: Id | None = None
    chat_id: Id | None = None
    board_id: Id | None = None
    page_id: Id | None = None
    ends_at: Time | None = None


class RoleBindingChange(msgspec.Struct, forbid_unknown_fields=True):
    """Null: for good."""

    ends_at: Time | None


@get("/organizations/{organization_id:int}/role-bindings")
async def list_role_bindings(
    request: ApiRequest,
    organization_id: PathId,
    role_id: OptionalQueryId = None,
    user_id: OptionalQueryId = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[RoleBinding]]:
    """The bindings, by id: all, those of a role, or those that reach a user, by groups and departments too."""
    await places.organization(request.pool, request.caller, organization_id, "keep its roles")
    row = await ROLE_BINDINGS_OF.one(
        request.pool, organization=organization_id, role=role_id, user=user_id, after=after_id, limit=limit
    )
    return page(request, row)


@post(
    "/organizations/{organization_id:int}/role-bindings",
    responses=retried(RoleBinding),
    opt={"problems": [403, 409, 422]},
)
async def bind_role(
    request: ApiRequest, organization_id: PathId, data: JSONBody[NewRoleBinding], idempotency_key: IdempotencyKey = None
) -> Response[RoleBinding]:
    """Bind a role. The caller must be able to do themselves, everywhere that it reaches, what it permits."""
    documents = {"board": data.board_id, "page": data.page_id}
    subjects = [data.user_id, data.group_id, data.department_id]
    scope = [data.workspace_id, data.scope_department_id, data.chat_id, *documents.values()]
    if sum(subject is not None for subject in subjects) != 1:
        invalid(FieldError("user_id", "one of user_id, group_id and department_id"))
    if sum(place is not None for place in scope) > 1:
        expected = "one of workspace_id, scope_department_id, chat_id, board_id and page_id, or none"
        invalid(FieldError("workspace_id", expected))
    kind, document = next((named for named in documents.items() if named[1] is not None), ("board", None))

    async def bind(connection: Connection) -> Response[RoleBinding]:
        await places.organization.locked(connection, request.caller, organization_id, "keep its roles")
        bound = await ROLE_BIND.value(
            connection,
            organization=organization_id,
            role=data.role_id,
            user=data.user_id,
            group=data.group_id,
            department=data.department_id,
            with_below=data.with_below,
            workspace=data.workspace_id,
            scope_department=data.scope_department_id,
            chat=data.chat_id,
            document=document,
            kind=kind,
            ends_at=data.ends_at,
        )
        if bound is None:
            invalid(FieldError(f"{kind}_id", "a place of the organisation"))
        return verbatim(bound, 201)

    return await once(
        request, idempotency_key, bind, places.organization.still(request.caller, organization_id, "keep its roles")
    )


@patch("/organizations/{organization_id:int}/role-bindings/{binding_id:int}", opt={"problems": [403, 422]})
async def change_role_binding(
    request: ApiRequest, organization_id: PathId, binding_id: PathId, data: JSONBody[RoleBindingChange]
) -> Response[RoleBinding]:
    """Change when a binding ends. To have it end later, the caller must be able to grant it."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its roles")
        changed = await ROLE_BINDING_UPDATE.value(
            connection, organization=organization_id, binding=binding_id, ends_at=data.ends_at
        )
    return verbatim(places.found(changed))


@delete("/organizations/{organization_id:int}/role-bindings/{binding_id:int}")
async def unbind_role(request: ApiRequest, organization_id: PathId, binding_id: PathId) -> None:
    """Take a role back. It grants nothing from then on, and whom it let see a chat or document leaves that at once."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its roles")
        places.found(await ROLE_BINDING_DELETE.value(connection, organization=organization_id, binding=binding_id))


FEATURE: Feature = "enable_user_roles"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [list_role_bindings, bind_role, change_role_binding, unbind_role]
