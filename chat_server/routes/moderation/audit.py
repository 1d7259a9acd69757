"""Reading the audit log of a workspace. Triggers write it."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import END, OptionalQueryId, PathId
from chat_server.http.moments import Moment, known
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.responses.moderation import AuditEntry

AUDIT_OF_WORKSPACE = query("audit_of_workspace", "workspace", "action", "actor", "since", "until", "before", "limit")

Action = Annotated[str | None, QueryParameter(pattern=r"^[a-z_]{1,64}" + END, description="Such as chat_deleted.")]


@get("/workspaces/{workspace_id:int}/audit")
async def list_audit(
    request: ApiRequest,
    workspace_id: PathId,
    action: Action = None,
    actor_id: OptionalQueryId = None,
    since: Moment = None,
    until: Moment = None,
    limit: Limit = DEFAULT_LIMIT,
    before_id: OptionalQueryId = None,
) -> Response[list[AuditEntry]]:
    """Who did what in the workspace, newest first: everything, or one action or actor, from `since` until before
    `until`."""
    await places.workspace(request.pool, request.caller, workspace_id, "read its audit log")
    row = await AUDIT_OF_WORKSPACE.one(
        request.pool,
        workspace=workspace_id,
        **chosen(action, actor_id, since, until),
        before=before_id,
        limit=limit,
    )
    return page(request, row, "before_id")


def chosen(
    action: str | None, actor_id: int | None, since: datetime | None, until: datetime | None
) -> dict[str, str | int | datetime | None]:
    """Which entries of an audit log are asked for, as parameters of its query. Raises Problem 400."""
    return {"action": action, "actor": actor_id, "since": known("since", since), "until": known("until", until)}


SCOPES = scopes.MODERATION
HANDLERS = [list_audit]
