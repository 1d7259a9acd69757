"""The members of a page, and their roles."""

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import DocumentRole, Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, retried
from chat_server.responses.pages import Page, PageMember
from chat_server.routes.chats.chat_members import Heir
from chat_server.routes.documents import document_members


class NewPageMember(msgspec.Struct, forbid_unknown_fields=True):
    """A user of the page's workspace."""

    user_id: Id
    role: DocumentRole = "viewer"


class RoleOnPage(msgspec.Struct, forbid_unknown_fields=True):
    role: DocumentRole


@get("/pages/{page_id:int}/members", opt=delegable("document.list_members"))
async def list_page_members(
    request: ApiRequest, page_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[PageMember]]:
    """The members of a page, by user id; `after_id` is one."""
    return await document_members.listed(request, places.page, page_id, limit, after_id)


@post("/pages/{page_id:int}/members", responses=retried(PageMember))
async def add_page_member(
    request: ApiRequest, page_id: PathId, data: JSONBody[NewPageMember], idempotency_key: IdempotencyKey = None
) -> Response[PageMember]:
    """Add a user of the workspace, with at most the caller's own role."""
    return await document_members.add(request, places.page, page_id, data.user_id, data.role, idempotency_key)


@patch("/pages/{page_id:int}/members/{user_id:int}")
async def set_page_role(
    request: ApiRequest, page_id: PathId, user_id: PathId, data: JSONBody[RoleOnPage]
) -> Response[PageMember]:
    """Change a member's role. It takes effect on open sockets, too."""
    return await document_members.set_role(request, places.page, page_id, user_id, data.role)


@delete("/pages/{page_id:int}/members/{user_id:int}")
async def remove_page_member(request: ApiRequest, page_id: PathId, user_id: PathId) -> None:
    """Remove a member. With the caller's own id: leave."""
    await document_members.remove(request, places.page, page_id, user_id)


@post("/pages/{page_id:int}/transfer", status_code=200)
async def transfer_page(request: ApiRequest, page_id: PathId, data: JSONBody[Heir]) -> Response[Page]:
    """Make another member the owner. The caller becomes an editor."""
    return await document_members.transfer(request, places.page, page_id, data.user_id)


SCOPES = scopes.PAGES
HANDLERS = [list_page_members, add_page_member, set_page_role, remove_page_member, transfer_page]
