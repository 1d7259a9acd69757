"""Named versions of pages. Any version can be read for as long as the page's history is kept; a named one stays."""

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import DocumentName, Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, retried
from chat_server.page_content import contents
from chat_server.responses.pages import PageVersion
from chat_server.routes.documents import document_versions
from chat_server.routes.documents.document_versions import ACTION

VERSIONS = {"limit": "versions"}


class NewPageVersion(msgspec.Struct, forbid_unknown_fields=True):
    """`version` is by default the newest."""

    name: DocumentName
    version: Id | None = None


class PageVersionChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are."""

    name: DocumentName | None = None


@get("/pages/{page_id:int}/versions", opt=delegable("document.see"))
async def list_page_versions(
    request: ApiRequest, page_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[PageVersion]]:
    """The named versions of a page, by id; at most a hundred."""
    return await document_versions.listed(request, places.page, page_id, limit, after_id)


@post("/pages/{page_id:int}/versions", opt={**VERSIONS, "problems": [410]}, responses=retried(PageVersion))
async def create_page_version(
    request: ApiRequest, page_id: PathId, data: JSONBody[NewPageVersion], idempotency_key: IdempotencyKey = None
) -> Response[PageVersion]:
    """Keep the content of the page at a version, under a name."""
    await places.page(request.pool, request.caller, page_id, ACTION)
    kept = await contents.at(request.pool, page_id, data.version)
    state = kept.text().encode()
    return await document_versions.keep(request, places.page, page_id, data.name, kept.version, state, idempotency_key)


@get("/pages/{page_id:int}/versions/{version_id:int}", opt=delegable("document.see"))
async def show_page_version(request: ApiRequest, page_id: PathId, version_id: PathId) -> Response[PageVersion]:
    """A named version, without its content."""
    return await document_versions.show(request, places.page, page_id, version_id)


@patch("/pages/{page_id:int}/versions/{version_id:int}")
async def rename_page_version(
    request: ApiRequest, page_id: PathId, version_id: PathId, data: JSONBody[PageVersionChange]
) -> Response[PageVersion]:
    """Change its name."""
    return await document_versions.rename(request, places.page, page_id, version_id, data.name)


@delete("/pages/{page_id:int}/versions/{version_id:int}")
async def delete_page_version(request: ApiRequest, page_id: PathId, version_id: PathId) -> None:
    """Delete a named version for good. The page's content is not affected."""
    await document_versions.delete(request, places.page, page_id, version_id)


SCOPES = scopes.PAGES
HANDLERS = [
    *(list_page_versions, create_page_version, show_page_version, rename_page_version, delete_page_version),
]
