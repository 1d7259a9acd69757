"""Workspaces."""

from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.access.actions import WorkspaceAction
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Description, Id, PathId, RetentionDays, WorkspaceName
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.binding import BOUND
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.workspaces import StorageUsage, Workspace
from chat_server.sign_in.freshness import require_fresh

STORAGE_OF_WORKSPACE = query("storage_of_workspace", "workspace", "user")
WORKSPACE_BY_ID = query("workspace_by_id", "workspace", "user")
WORKSPACE_CREATE = query("workspace_create", "user", "name", "description")
WORKSPACE_DELETE = query("workspace_delete", "workspace")
WORKSPACE_UPDATE = query(
    "workspace_update",
    "workspace",
    "name",
    "description",
    "set_retention",
    "retention_days",
    "show_emails",
    "link_previews",
    "public_publishing",
    "set_icon",
    "icon_file",
)
WORKSPACES_OF_USER = query("workspaces_of_user", "user", "workspace", "after", "limit")


class NewWorkspace(msgspec.Struct, forbid_unknown_fields=True):
    name: WorkspaceName
    description: Description = ""


class WorkspaceChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. A null `retention_days` keeps messages forever. `show_emails`: whether
    members see each other's e-mail addresses. `link_previews`: whether links in new messages are fetched, to show what
    they lead to. `public_publishing`: whether pages may be published for everyone. `icon_file_id`: a picture of the
    workspace that the caller sees; null for none."""

    name: WorkspaceName | None = None
    description: Description | None = None
    icon_file_id: Id | msgspec.UnsetType | None = msgspec.UNSET
    retention_days: RetentionDays | msgspec.UnsetType | None = msgspec.UNSET
    show_emails: bool | None = None
    link_previews: bool | None = None
    public_publishing: bool | None = None


@get("/workspaces", opt=BOUND)
async def list_workspaces(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Workspace]]:
    """The caller's workspaces, by id."""
    row = await WORKSPACES_OF_USER.one(
        request.pool, user=request.caller.user_id, workspace=request.caller.within(), after=after_id, limit=limit
    )
    return page(request, row)


@post("/workspaces", responses=retried(Workspace))
async def create_workspace(
    request: ApiRequest, data: JSONBody[NewWorkspace], idempotency_key: IdempotencyKey = None
) -> Response[Workspace]:
    """Create a workspace, owned by the caller."""

    async def create(connection: Connection) -> Response[Workspace]:
        made = await WORKSPACE_CREATE.value(
            connection, user=request.caller.user_id, name=data.name, description=data.description
        )
        return created(made, "/api/workspaces")

    async def seen(connection: Connection, first: Any) -> None:
        await places.workspace(connection, request.caller, first["id"], "see the workspace")

    return await once(request, idempotency_key, create, seen)


@get("/workspaces/{workspace_id:int}", opt=delegable("workspace.see"))
async def show_workspace(request: ApiRequest, workspace_id: PathId) -> Response[Workspace]:
    """One of the caller's workspaces."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    shown = await WORKSPACE_BY_ID.value(request.pool, workspace=workspace_id, user=request.caller.user_id)
    return verbatim(places.found(shown))


@put("/workspaces/{workspace_id:int}")
async def update_workspace(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[WorkspaceChange]
) -> Response[Workspace]:
    """Change the name, the description, the icon, the retention, whether members see addresses, whether links are
    fetched, or whether pages may be published for everyone."""
    async with request.transaction() as connection:
        access = await places.workspace.locked(connection, request.caller, workspace_id, "see the workspace")
        for action in _actions(data):
            await places.workspace.permit(connection, request.caller, workspace_id, action, access)
        await WORKSPACE_UPDATE.row(
            connection,
            workspace=workspace_id,
            name=data.name,
            description=data.description,
            set_retention=data.retention_days is not msgspec.UNSET,
            retention_days=None if data.retention_days is msgspec.UNSET else data.retention_days,
            show_emails=data.show_emails,
            link_previews=data.link_previews,
            public_publishing=data.public_publishing,
            set_icon=data.icon_file_id is not msgspec.UNSET,
            icon_file=None if data.icon_file_id is msgspec.UNSET else data.icon_file_id,
        )
        changed = await WORKSPACE_BY_ID.value(connection, workspace=workspace_id, user=request.caller.user_id)
    return verbatim(places.found(changed))


def _actions(data: WorkspaceChange) -> list[WorkspaceAction]:
    """What a change does: a role may permit one without the others."""
    done: dict[WorkspaceAction, bool] = {
        "set how long messages are kept": data.retention_days is not msgspec.UNSET,
        "choose whether members see addresses": data.show_emails is not None,
        "choose whether links are fetched": data.link_previews is not None,
        "choose whether pages may be public": data.public_publishing is not None,
    }
    chosen = [action for action, is_done in done.items() if is_done]
    named = data.name is not None or data.description is not None or data.icon_file_id is not msgspec.UNSET
    return chosen if chosen and not named else ["change its name and description", *chosen]


@delete("/workspaces/{workspace_id:int}", opt={"problems": [403], "scopes": scopes.SESSION_ONLY})
async def delete_workspace(request: ApiRequest, workspace_id: PathId) -> None:
    """Delete a workspace, with its chats and their messages. Needs a fresh sign-in."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "delete the workspace")
        await WORKSPACE_DELETE.row(connection, workspace=workspace_id)


@get("/workspaces/{workspace_id:int}/storage")
async def show_storage(request: ApiRequest, workspace_id: PathId) -> Response[StorageUsage]:
    """The storage usage and quota of a workspace. `yours` is the caller's share in all workspaces."""
    await places.workspace(request.pool, request.caller, workspace_id, "see how much is stored in it")
    return verbatim(await STORAGE_OF_WORKSPACE.value(request.pool, workspace=workspace_id, user=request.caller.user_id))


SCOPES = scopes.WORKSPACES
HANDLERS = [list_workspaces, create_workspace, show_workspace, update_workspace, delete_workspace, show_storage]
