"""The members of a workspace, and their roles."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError
from chat_server.access import members, places
from chat_server.access.permissions import require_rank
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import ANY_TEXT, Email, Id, PathId, Role, Username
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.identity.names import canonical_address
from chat_server.responses.workspaces import WorkspaceMember
from chat_server.sign_in.freshness import require_fresh

USER_FIND = query("user_find", "user", "email", "username")
WORKSPACE_MEMBER_ADD = query("workspace_member_add", "workspace", "user", "role")
WORKSPACE_MEMBER_REMOVE = query("workspace_member_remove", "workspace", "user")
WORKSPACE_MEMBER_SET_ROLE = query("workspace_member_set_role", "workspace", "user", "role")
WORKSPACE_MEMBERS = query("workspace_members", "workspace", "words", "after", "limit")


Named = Annotated[
    str, QueryParameter(max_length=80, pattern=ANY_TEXT, description="Words: each in a full or user name.")
]


class NewWorkspaceMember(msgspec.Struct, forbid_unknown_fields=True):
    """An existing user, by one of `user_id`, `email` and `username`."""

    user_id: Id | None = None
    email: Email | None = None
    username: Username | None = None
    role: Role = "member"

    def __post_init__(self) -> None:
        if self.email is not None:
            self.email = canonical_address(self.email)


class WorkspaceRole(msgspec.Struct, forbid_unknown_fields=True):
    role: Role


@get("/workspaces/{workspace_id:int}/members", opt=delegable("workspace.list_members"))
async def list_workspace_members(
    request: ApiRequest, workspace_id: PathId, q: Named = "", limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[WorkspaceMember]]:
    """The members of a workspace, by user id; `after_id` is one. With `q`, those whose names have its words."""
    await places.workspace(request.pool, request.caller, workspace_id, "list its members and their profiles")
    row = await WORKSPACE_MEMBERS.one(
        request.pool, workspace=workspace_id, words=q.split(), after=after_id, limit=limit
    )
    return page(request, row)


@post("/workspaces/{workspace_id:int}/members", responses=retried(WorkspaceMember))
async def add_workspace_member(
    request: ApiRequest,
    workspace_id: PathId,
    data: JSONBody[NewWorkspaceMember],
    idempotency_key: IdempotencyKey = None,
) -> Response[WorkspaceMember]:
    """Add a user who shares another workspace with the caller. For others it is `403 invitation_needed`: invite
    them. A role above member takes a fresh sign-in."""
    if data.role != "member":
        await require_fresh(request)

    async def create(connection: Connection) -> Response[WorkspaceMember]:
        caller = await places.workspace.locked(connection, request.caller, workspace_id, "add a member")
        require_rank(caller, granted=data.role)
        user_id, _ = await named_user(connection, data)
        added = await WORKSPACE_MEMBER_ADD.value(connection, workspace=workspace_id, user=user_id, role=data.role)
        return verbatim(added, 201)

    return await once(
        request,
        idempotency_key,
        create,
        places.workspace.still(request.caller, workspace_id, "list its members and their profiles"),
    )


async def named_user(connection: Connection, data: NewWorkspaceMember) -> tuple[int, str]:
    """The user's id, and the field that names them. Raises Problem 422."""
    named = {"user_id": data.user_id, "email": data.email, "username": data.username}
    given = [field for field, value in named.items() if value is not None]
    if len(given) != 1:
        invalid(FieldError("user_id", "one of user_id, email and username"))
    user_id: int | None = await USER_FIND.value(connection, user=data.user_id, email=data.email, username=data.username)
    if user_id is None:
        invalid(FieldError(given[0], "an existing user"))
    return user_id, given[0]


@patch("/workspaces/{workspace_id:int}/members/{user_id:int}", opt={"problems": [403], "scopes": scopes.SESSION_ONLY})
async def set_workspace_role(
    request: ApiRequest, workspace_id: PathId, user_id: PathId, data: JSONBody[WorkspaceRole]
) -> Response[WorkspaceMember]:
    """Change a member's role, up to the caller's own, after a fresh sign-in."""
    await require_fresh(request)
    return await members.set_role(
        request, places.workspace, WORKSPACE_MEMBER_SET_ROLE, workspace_id, user_id, data.role
    )


@delete("/workspaces/{workspace_id:int}/members/{user_id:int}")
async def remove_workspace_member(request: ApiRequest, workspace_id: PathId, user_id: PathId) -> None:
    """Remove a member from the workspace and all its chats. With the caller's own id: leave it."""
    await members.remove(request, places.workspace, WORKSPACE_MEMBER_REMOVE, workspace_id, user_id)


SCOPES = scopes.WORKSPACES
HANDLERS = [
    list_workspace_members,
    add_workspace_member,
    set_workspace_role,
    remove_workspace_member,
]
