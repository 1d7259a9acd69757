"""Legal holds: what they cover is kept when it is edited or deleted (sql/functions/compliance/holds.sql). Nobody reads
it here; that takes a case."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PLAIN_TEXT, Description, Id, OptionalQueryId, PathId
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.compliance import Hold
from chat_server.sign_in.freshness import require_fresh

HOLD_BY_ID = query("hold_by_id", "workspace", "hold")
HOLD_PLACE = query("hold_place", "workspace", "name", "reason", "user", "chat", "since", "until")
HOLD_RELEASE = query("hold_release", "workspace", "hold", "reason")
HOLDS_OF_WORKSPACE = query("holds_of_workspace", "workspace", "released", "before", "limit")

Released = Annotated[bool | None, QueryParameter(description="Only those that are, or are not.")]


class NewHold(msgspec.Struct, forbid_unknown_fields=True):
    """At least one of `user_id`, `chat_id`, `since` and `until`. A hold on a user covers what they say, and what others
    say in the chats that they are in. It covers what was said from `since` until before `until`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=PLAIN_TEXT)]
    reason: Description = ""
    user_id: Id | None = None
    chat_id: Id | None = None
    since: datetime | None = None
    until: datetime | None = None


class Release(msgspec.Struct, forbid_unknown_fields=True):
    reason: Description = ""


@get("/workspaces/{workspace_id:int}/holds")
async def list_holds(
    request: ApiRequest,
    workspace_id: PathId,
    released: Released = None,
    limit: Limit = DEFAULT_LIMIT,
    before_id: OptionalQueryId = None,
) -> Response[list[Hold]]:
    """The workspace's legal holds, newest first."""
    await places.workspace(request.pool, request.caller, workspace_id, "place and release holds")
    row = await HOLDS_OF_WORKSPACE.one(
        request.pool, workspace=workspace_id, released=released, before=before_id, limit=limit
    )
    return page(request, row, "before_id")


@post("/workspaces/{workspace_id:int}/holds", responses=retried(Hold))
async def place_hold(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[NewHold], idempotency_key: IdempotencyKey = None
) -> Response[Hold]:
    """Place a legal hold. What it covers is kept from now on when it is edited or deleted; nobody is told. It lets
    nobody read anything."""
    if data.user_id is None and data.chat_id is None and data.since is None and data.until is None:
        missing = FieldError("user_id", "a user, a chat or a time that the hold covers")
        raise Problem(422, "validation_failed", f"{missing.path}: expected {missing.expected}.", [missing])

    async def create(connection: Connection) -> Response[Hold]:
        await may(connection, None)
        placed: str = await HOLD_PLACE.value(
            connection,
            workspace=workspace_id,
            name=data.name,
            reason=data.reason,
            user=data.user_id,
            chat=data.chat_id,
            since=data.since,
            until=data.until,
        )
        return created(placed, f"/api/workspaces/{workspace_id}/holds")

    async def may(connection: Connection, _placed: object) -> None:
        # Not locked: placing waits for deletions, which may wait for the workspace's row.
        await places.workspace(connection, request.caller, workspace_id, "place and release holds")

    return await once(request, idempotency_key, create, may)


@get("/workspaces/{workspace_id:int}/holds/{hold_id:int}")
async def show_hold(request: ApiRequest, workspace_id: PathId, hold_id: PathId) -> Response[Hold]:
    """One legal hold."""
    await places.workspace(request.pool, request.caller, workspace_id, "place and release holds")
    return verbatim(_found(await HOLD_BY_ID.value(request.pool, workspace=workspace_id, hold=hold_id)))


@post("/workspaces/{workspace_id:int}/holds/{hold_id:int}/release", status_code=200)
async def release_hold(
    request: ApiRequest, workspace_id: PathId, hold_id: PathId, data: JSONBody[Release]
) -> Response[Hold]:
    """Release a legal hold for good: not the person whom it is on, and with a fresh sign-in. What no other hold keeps
    is deleted seven days later."""
    await require_fresh(request)
    async with request.transaction() as connection:
        await places.workspace(connection, request.caller, workspace_id, "place and release holds")
        released = await HOLD_RELEASE.value(connection, workspace=workspace_id, hold=hold_id, reason=data.reason)
    return verbatim(_found(released))


def _found(hold: str | None) -> str:
    if hold is None:
        raise Problem(404, "not_found", "There is no such hold in this workspace.")
    return hold


SCOPES = scopes.SESSION_ONLY
FEATURE = "enable_advanced_admin"
HANDLERS = [list_holds, place_hold, show_hold, release_hold]
