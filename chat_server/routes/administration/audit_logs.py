"""The audit log of an organisation, and both audit logs as files."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final, Literal

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from chat_core.database.queries import Query, query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.attachments import attachment, csv_lines
from chat_server.http.fields import OptionalQueryId, PathId
from chat_server.http.moments import Moment
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.parts.features import Feature
from chat_server.responses.moderation import AuditEntry
from chat_server.routes.moderation.audit import AUDIT_OF_WORKSPACE, Action, chosen

AUDIT_OF_ORGANIZATION = query(
    "audit_of_organization", "organization", "action", "actor", "since", "until", "before", "limit"
)

Format = Literal["csv", "jsonl"]
MEDIA_TYPES: Final[dict[Format, str]] = {"csv": "text/csv", "jsonl": "application/jsonl"}
ANSWERS: Final = ("text/csv; charset=utf-8", "application/jsonl")
ExportFormat = Annotated[Format, QueryParameter(description="CSV with a header, or an object of JSON in each line.")]

# The columns of CSV: `before` and `after` are JSON.
COLUMNS: Final = tuple(AuditEntry.__struct_fields__)
# How many entries are read in one query.
ROWS: Final = 500


@get("/organizations/{organization_id:int}/audit")
async def list_organization_audit(
    request: ApiRequest,
    organization_id: PathId,
    action: Action = None,
    actor_id: OptionalQueryId = None,
    since: Moment = None,
    until: Moment = None,
    limit: Limit = DEFAULT_LIMIT,
    before_id: OptionalQueryId = None,
) -> Response[list[AuditEntry]]:
    """Who did what to the organisation's people, directory and features, newest first. What is done in its workspaces
    is in their own audit logs."""
    await _require(request, organization_id)
    row = await AUDIT_OF_ORGANIZATION.one(
        request.pool,
        organization=organization_id,
        **chosen(action, actor_id, since, until),
        before=before_id,
        limit=limit,
    )
    return page(request, row, "before_id")


@get("/organizations/{organization_id:int}/audit/export", opt={"answers": ANSWERS})
async def export_organization_audit(
    request: ApiRequest,
    organization_id: PathId,
    format: ExportFormat = "csv",  # noqa: A002
    action: Action = None,
    actor_id: OptionalQueryId = None,
    since: Moment = None,
    until: Moment = None,
) -> Stream:
    """The same as a file, all of it."""
    await _require(request, organization_id)
    wanted = {"organization": organization_id, **chosen(action, actor_id, since, until)}
    return _file(request, AUDIT_OF_ORGANIZATION, wanted, format, f"audit-organization-{organization_id}")


@get("/workspaces/{workspace_id:int}/audit/export", opt={"answers": ANSWERS})
async def export_workspace_audit(
    request: ApiRequest,
    workspace_id: PathId,
    format: ExportFormat = "csv",  # noqa: A002
    action: Action = None,
    actor_id: OptionalQueryId = None,
    since: Moment = None,
    until: Moment = None,
) -> Stream:
    """The audit log of a workspace as a file, newest first."""
    await places.workspace(request.pool, request.caller, workspace_id, "read its audit log")
    wanted = {"workspace": workspace_id, **chosen(action, actor_id, since, until)}
    return _file(request, AUDIT_OF_WORKSPACE, wanted, format, f"audit-workspace-{workspace_id}")


async def _require(request: ApiRequest, organization_id: int) -> None:
    await places.organization(request.pool, request.caller, organization_id, "read its audit log")


def _file(request: ApiRequest, entries: Query, wanted: Mapping[str, Any], file_format: Format, name: str) -> Stream:
    return Stream(
        _parts(request, entries, wanted, file_format),
        headers=attachment(f"{name}.{file_format}"),
        media_type=MEDIA_TYPES[file_format],
    )


async def _parts(
    request: ApiRequest, entries: Query, wanted: Mapping[str, Any], file_format: Format
) -> AsyncIterator[bytes]:
    if file_format == "csv":
        yield csv_lines([COLUMNS])
    before: int | None = None
    while True:
        row = await entries.one(request.pool, **wanted, before=before, limit=ROWS)
        found: list[dict[str, Any]] = json.loads(row["items"])
        if file_format == "csv":
            yield csv_lines([[_cell(entry.get(column)) for column in COLUMNS] for entry in found])
        else:
            yield b"".join(json.dumps(entry, ensure_ascii=False).encode() + b"\n" for entry in found)
        before = row["next"]
        if before is None:
            return


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


SCOPES = scopes.SESSION_ONLY
FEATURE: Feature = "enable_advanced_admin"
HANDLERS = [list_organization_audit, export_organization_audit, export_workspace_audit]
