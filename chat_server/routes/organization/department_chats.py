"""Chats whose members follow a department's people."""

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.departments import DepartmentChat

DEPARTMENT_CHAT_PUT = query("department_chat_put", "organization", "department", "chat", "with_below")
DEPARTMENT_CHAT_TAKE = query("department_chat_take", "organization", "department", "chat")
DEPARTMENT_CHATS = query("department_chats", "organization", "after", "limit")


class Following(msgspec.Struct, forbid_unknown_fields=True):
    """`with_below`: the people of departments below it, too."""

    with_below: bool = True


@get("/organizations/{organization_id:int}/department-chats")
async def list_department_chats(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[DepartmentChat]]:
    """The chats that follow departments, by id."""
    await places.organization(request.pool, request.caller, organization_id, "keep its directory")
    row = await DEPARTMENT_CHATS.one(request.pool, organization=organization_id, after=after_id, limit=limit)
    return page(request, row)


@put("/organizations/{organization_id:int}/departments/{department_id:int}/chats/{chat_id:int}")
async def follow_department(
    request: ApiRequest, organization_id: PathId, department_id: PathId, chat_id: PathId, data: JSONBody[Following]
) -> Response[DepartmentChat]:
    """Let the members of a chat, of which the caller is an admin, follow the people of a department as far as they are
    in its workspace. Members who are there already stay, whatever becomes of the department."""
    async with request.transaction() as connection:
        await _require_both(request, connection, organization_id, chat_id)
        put = await DEPARTMENT_CHAT_PUT.value(
            connection,
            organization=organization_id,
            department=department_id,
            chat=chat_id,
            with_below=data.with_below,
        )
    return verbatim(places.found(put))


@delete(
    "/organizations/{organization_id:int}/departments/{department_id:int}/chats/{chat_id:int}", opt={"problems": [409]}
)
async def leave_department(
    request: ApiRequest, organization_id: PathId, department_id: PathId, chat_id: PathId
) -> None:
    """From here on the chat does not follow the department: whoever came by it alone leaves. Repeating this changes
    nothing."""
    async with request.transaction() as connection:
        await _require_both(request, connection, organization_id, chat_id)
        await DEPARTMENT_CHAT_TAKE.row(connection, organization=organization_id, department=department_id, chat=chat_id)


async def _require_both(request: ApiRequest, connection: Connection, organization_id: int, chat_id: int) -> None:
    """The caller keeps the directory, and is an admin of the chat."""
    await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
    await places.chat.locked(connection, request.caller, chat_id, "change its name and description")


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [list_department_chats, follow_department, leave_department]
