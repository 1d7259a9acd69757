"""Pages: their names, templates, and deletion, which can be undone."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import DocumentName, Id, PathId, Search
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.binding import is_within
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.page_content import contents
from chat_server.page_content.copies import with_new_ids
from chat_server.page_content.patching import limits_of
from chat_server.responses.pages import Page
from chat_server.routes.documents import documents
from chat_server.routes.documents.documents import DOCUMENT_UPDATE
from chat_server.routes.pages.page_history import RESTORED
from chat_server.routes.pages.page_restoring import restored

PAGE_CREATE = query("page_create", "user", "workspace", "name", "schema", "content", "is_template")
PAGE_SET_TEMPLATE = query("page_set_template", "page", "is_template")
PAGES_OF_WORKSPACE = query("pages_of_workspace", "workspace", "user", "deleted", "template", "search", "after", "limit")

Deleted = Annotated[bool, QueryParameter(description="Deleted pages that the caller owns, instead of the others.")]
Template = Annotated[bool | None, QueryParameter(description="Only templates, or only other pages.")]


class NewPage(msgspec.Struct, forbid_unknown_fields=True):
    """By default an empty page. `template` is a page that the caller sees, of which it begins as a copy, with
    components of new ids; `content` is what it contains instead. With the schema `free` that may be any JSON."""

    name: DocumentName
    template: Id | None = None
    schema: Literal["page", "free"] | None = None
    content: Any | msgspec.UnsetType = msgspec.UNSET
    is_template: bool = False


class PageChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are."""

    name: DocumentName | None = None
    is_template: bool | None = None


class EarlierContent(msgspec.Struct, forbid_unknown_fields=True):
    """What the page contained at `version`."""

    version: Id


@get("/workspaces/{workspace_id:int}/pages")
async def list_pages(
    request: ApiRequest,
    workspace_id: PathId,
    deleted: Deleted = False,
    template: Template = None,
    search: Search = "",
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Page]]:
    """The pages of a workspace that the caller is a member of, by id."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    asked = {"deleted": deleted, "template": template, "search": search, "after": after_id, "limit": limit}
    caller = request.caller.user_id
    return page(request, await PAGES_OF_WORKSPACE.one(request.pool, workspace=workspace_id, user=caller, **asked))


@post("/workspaces/{workspace_id:int}/pages", responses=retried(Page))
async def create_page(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[NewPage], idempotency_key: IdempotencyKey = None
) -> Response[Page]:
    """Create a page, owned by the caller."""
    caller = request.caller
    await places.workspace(request.pool, caller, workspace_id, places.page.create)
    schema, content = await _beginning(request, data)

    async def make(connection: Connection) -> Response[Any]:
        await places.workspace(connection, caller, workspace_id, places.page.create)
        made = await PAGE_CREATE.value(
            connection,
            user=caller.user_id,
            workspace=workspace_id,
            name=data.name,
            schema=schema,
            content=content,
            is_template=data.is_template,
        )
        return created(made, places.page.path)

    async def seen(connection: Connection, first: Any) -> None:
        await places.page(connection, caller, first["id"], "see the document")

    return await once(request, idempotency_key, make, seen)


async def _beginning(request: ApiRequest, data: NewPage) -> tuple[str, str | None]:
    """The schema of a new page and what it contains; None: what every page begins with."""
    if data.template is None:
        schema = data.schema or "page"
        given = data.content is not msgspec.UNSET
        return schema, contents.checked(data.content, schema, limits_of(request)) if given else None
    if data.content is not msgspec.UNSET or data.schema is not None:
        invalid(FieldError("template", "either a template or content and schema"))
    if not await is_within(request, "document", data.template):
        raise Problem(404, "not_found", "There is no such page, or you may not see it.")
    await places.page(request.pool, request.caller, data.template, "see the document")
    original = await contents.at(request.pool, data.template)
    if original.schema == "page":
        original.document = with_new_ids(original.document)
    return original.schema, original.text()


@get("/pages/{page_id:int}", opt=delegable("document.see"))
async def show_page(request: ApiRequest, page_id: PathId) -> Response[Page]:
    """A page as the caller sees it."""
    return await documents.show(request, places.page, page_id)


@patch("/pages/{page_id:int}")
async def update_page(request: ApiRequest, page_id: PathId, data: JSONBody[PageChange]) -> Response[Page]:
    """Change the name, or make it a template or an ordinary page."""
    async with request.transaction() as connection:
        await places.page.locked(connection, request.caller, page_id, "change its name and thumbnail")
        if data.is_template is not None:
            await PAGE_SET_TEMPLATE.row(connection, page=page_id, is_template=data.is_template)
        place = places.page.at(page_id)
        changed = await DOCUMENT_UPDATE.value(connection, **place, user=request.caller.user_id, name=data.name)
    return verbatim(places.found(changed))


@delete("/pages/{page_id:int}")
async def delete_page(request: ApiRequest, page_id: PathId) -> None:
    """Delete a page: only its owners still see it, and they may restore it. What it has published is not served
    meanwhile."""
    await documents.delete(request, places.page, page_id)


@post("/pages/{page_id:int}/restore", opt={"problems": [410]}, responses=RESTORED)
async def restore_page(
    request: ApiRequest,
    page_id: PathId,
    data: JSONBody[EarlierContent | None] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[Page]:
    """Make the content what it was at a version, by a patch that reaches open editors like any other. Without a body:
    restore a deleted page, with all its members and content."""
    if data is None:
        return await documents.restore(request, places.page, page_id)
    await places.page(request.pool, request.caller, page_id, "edit its content")
    earlier = await contents.at(request.pool, page_id, data.version)
    return await restored(request, page_id, earlier.document, idempotency_key)


SCOPES = scopes.PAGES
HANDLERS = [list_pages, create_page, show_page, update_page, delete_page, restore_page]
