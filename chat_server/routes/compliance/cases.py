"""Exports for a case: one person asks for what a hold covers, another approves it, and the first one fetches it."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from litestar.response import Stream

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.actions import WorkspaceAction
from chat_server.access.permissions import forbidden
from chat_server.compliance.case_export import MEDIA_TYPE, exported
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.attachments import attachment
from chat_server.http.fields import VISIBLE_TEXT, Id, OptionalQueryId, PathId
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.compliance import CaseOfHold
from chat_server.sign_in.freshness import require_fresh

CASE_ASK = query("case_ask", "workspace", "hold", "reason", "user")
CASE_BY_ID = query("case_by_id", "workspace", "case")
CASE_DECIDE = query("case_decide", "workspace", "case", "user", "approved")
CASE_EXPORT_BEGIN = query("case_export_begin", "case")
CASES_OF_WORKSPACE = query("cases_of_workspace", "workspace", "before", "limit")

_ACTION: WorkspaceAction = "ask for and approve exports of cases"


class NewCase(msgspec.Struct, forbid_unknown_fields=True):
    """`reason` is for whoever approves it, and for the audit log."""

    hold_id: Id
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=VISIBLE_TEXT)]


@get("/workspaces/{workspace_id:int}/cases")
async def list_cases(
    request: ApiRequest, workspace_id: PathId, limit: Limit = DEFAULT_LIMIT, before_id: OptionalQueryId = None
) -> Response[list[CaseOfHold]]:
    """The exports that have been asked for, newest first."""
    await places.workspace(request.pool, request.caller, workspace_id, _ACTION)
    row = await CASES_OF_WORKSPACE.one(request.pool, workspace=workspace_id, before=before_id, limit=limit)
    return page(request, row, "before_id")


@post("/workspaces/{workspace_id:int}/cases", responses=retried(CaseOfHold))
async def ask_for_case(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[NewCase], idempotency_key: IdempotencyKey = None
) -> Response[CaseOfHold]:
    """Ask for an export of all that a hold covers. Another person must approve it."""

    async def create(connection: Connection) -> Response[CaseOfHold]:
        await may(connection, None)
        asked: str = await CASE_ASK.value(
            connection, workspace=workspace_id, hold=data.hold_id, reason=data.reason, user=request.caller.user_id
        )
        return created(asked, f"/api/workspaces/{workspace_id}/cases")

    async def may(connection: Connection, _asked: object) -> None:
        await places.workspace.locked(connection, request.caller, workspace_id, _ACTION)

    return await once(request, idempotency_key, create, may)


@get("/workspaces/{workspace_id:int}/cases/{case_id:int}")
async def show_case(request: ApiRequest, workspace_id: PathId, case_id: PathId) -> Response[CaseOfHold]:
    """One case."""
    await places.workspace(request.pool, request.caller, workspace_id, _ACTION)
    return verbatim((await _found(request, workspace_id, case_id))["json"])


@post("/workspaces/{workspace_id:int}/cases/{case_id:int}/approve", status_code=200)
async def approve_case(request: ApiRequest, workspace_id: PathId, case_id: PathId) -> Response[CaseOfHold]:
    """Approve an export that somebody else has asked for, for seven days. Needs a fresh sign-in."""
    await require_fresh(request)
    return await _decide(request, workspace_id, case_id, approved=True)


@post("/workspaces/{workspace_id:int}/cases/{case_id:int}/decline", status_code=200)
async def decline_case(request: ApiRequest, workspace_id: PathId, case_id: PathId) -> Response[CaseOfHold]:
    """Decline an export for good, or withdraw one's own."""
    return await _decide(request, workspace_id, case_id, approved=False)


@get("/workspaces/{workspace_id:int}/cases/{case_id:int}/export", opt={"answers": (MEDIA_TYPE,), "problems": [409]})
async def export_case(request: ApiRequest, workspace_id: PathId, case_id: PathId) -> Stream:
    """Fetch an approved export: for whoever asked for it, with a fresh sign-in. Each line is an object of JSON with the
    hash of the line before it; `fechatter export verify` checks it. The audit log has its beginning and its end."""
    await require_fresh(request)
    await places.workspace(request.pool, request.caller, workspace_id, _ACTION)
    if (await _found(request, workspace_id, case_id))["asked_by"] != request.caller.user_id:
        raise forbidden("Only the person who has asked for this export may fetch it.")
    async with request.transaction() as connection:
        manifest: str = await CASE_EXPORT_BEGIN.value(connection, case=case_id)
    headers = attachment(f"case-{case_id}.jsonl")
    return Stream(exported(request, case_id, manifest), headers=headers, media_type=MEDIA_TYPE)


async def _decide(request: ApiRequest, workspace_id: int, case_id: int, *, approved: bool) -> Response[Any]:
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, _ACTION)
        decided = await CASE_DECIDE.value(
            connection, workspace=workspace_id, case=case_id, user=request.caller.user_id, approved=approved
        )
    if decided is None:
        raise _missing()
    return verbatim(decided)


async def _found(request: ApiRequest, workspace_id: int, case_id: int) -> Any:
    row = await CASE_BY_ID.row(request.pool, workspace=workspace_id, case=case_id)
    if row is None:
        raise _missing()
    return row


def _missing() -> Problem:
    return Problem(404, "not_found", "There is no such case in this workspace.")


SCOPES = scopes.SESSION_ONLY
FEATURE = "enable_advanced_admin"
HANDLERS = [list_cases, ask_for_case, show_case, approve_case, decline_case, export_case]
