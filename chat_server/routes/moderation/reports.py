"""Reports: members report messages, and admins of the workspace handle the reports."""

from typing import Annotated

import msgspec
from litestar import Response, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Description, OptionalQueryId, PathId, ReportReason, ReportStatus
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.verbatim import verbatim
from chat_server.responses.moderation import OwnReport, Report

REPORT_BY_ID = query("report_by_id", "report", "workspace")
REPORT_FILE = query("report_file", "message", "chat", "reporter", "reason", "comment")
REPORT_HANDLE = query("report_handle", "report", "workspace", "status", "note")
REPORT_OF = query("report_of", "message", "chat", "reporter")
REPORTS_OF_WORKSPACE = query("reports_of_workspace", "workspace", "status", "before", "limit")

Status = Annotated[ReportStatus | None, QueryParameter(description="Only these.")]


class NewReport(msgspec.Struct, forbid_unknown_fields=True):
    reason: ReportReason
    comment: Description = ""


class Handling(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. The note is for the other admins."""

    status: ReportStatus | None = None
    note: Description | None = None


@post(
    "/chats/{chat_id:int}/messages/{message_id:int}/report",
    responses={
        200: ResponseSpec(OwnReport, description="The caller has reported this message before; the first report.")
    },
)
async def report_message(
    request: ApiRequest, chat_id: PathId, message_id: PathId, data: JSONBody[NewReport]
) -> Response[OwnReport]:
    """Report a message, with its current content, to the workspace's admins. Only they see who reported it."""
    reporter = request.caller.user_id
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "report a message")
        filed = await REPORT_FILE.value(
            connection,
            message=message_id,
            chat=chat_id,
            reporter=reporter,
            reason=data.reason,
            comment=data.comment,
        )
        if filed is None:
            known = await REPORT_OF.value(connection, message=message_id, chat=chat_id, reporter=reporter)
            if known is None:
                raise Problem(404, "not_found", "There is no such message in the chat.")
            return verbatim(known)
    return verbatim(filed, 201)


@get("/workspaces/{workspace_id:int}/reports", opt=delegable("workspace.handle_reports"))
async def list_reports(
    request: ApiRequest,
    workspace_id: PathId,
    status: Status = None,
    limit: Limit = DEFAULT_LIMIT,
    before_id: OptionalQueryId = None,
) -> Response[list[Report]]:
    """The reports of a workspace, newest first."""
    await places.workspace(request.pool, request.caller, workspace_id, "see and handle reports")
    row = await REPORTS_OF_WORKSPACE.one(
        request.pool, workspace=workspace_id, status=status, before=before_id, limit=limit
    )
    return page(request, row, "before_id")


@get("/workspaces/{workspace_id:int}/reports/{report_id:int}", opt=delegable("workspace.handle_reports"))
async def show_report(request: ApiRequest, workspace_id: PathId, report_id: PathId) -> Response[Report]:
    """One report, with the reported message."""
    await places.workspace(request.pool, request.caller, workspace_id, "see and handle reports")
    return verbatim(_found(await REPORT_BY_ID.value(request.pool, report=report_id, workspace=workspace_id)))


@patch("/workspaces/{workspace_id:int}/reports/{report_id:int}", opt=delegable("workspace.handle_reports"))
async def handle_report(
    request: ApiRequest, workspace_id: PathId, report_id: PathId, data: JSONBody[Handling]
) -> Response[Report]:
    """Set the outcome of a report. Its maker is notified of its status."""
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "see and handle reports")
        handled = await REPORT_HANDLE.value(
            connection, report=report_id, workspace=workspace_id, status=data.status, note=data.note
        )
    return verbatim(_found(handled))


def _found(report: str | None) -> str:
    if report is None:
        raise Problem(404, "not_found", "There is no such report in this workspace.")
    return report


SCOPES = scopes.MODERATION
HANDLERS = [report_message, list_reports, show_report, handle_report]
