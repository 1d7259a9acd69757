"""Exports of a page's content, as a JSON file."""

from litestar import Response, get

from chat_server.access import places
from chat_server.http import etags, scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import IfNoneMatch, PathId
from chat_server.page_content import contents
from chat_server.routes.documents import document_export
from chat_server.routes.documents.document_export import RESPONSES, exported, unchanged
from chat_server.routes.documents.document_versions import kept

MEDIA_TYPE = "application/json"
OPT = {"answers": (MEDIA_TYPE,), "problems": [409]}


@get("/pages/{page_id:int}/export", opt=OPT, responses=RESPONSES)
async def export_page(request: ApiRequest, page_id: PathId, if_none_match: IfNoneMatch = None) -> Response[bytes]:
    """Export the content of a page. To follow it live, open it over a WebSocket."""
    version = await document_export.seq(request, places.page, page_id)
    if etags.has(if_none_match, _etag(version)):
        return unchanged(_etag(version))
    content = await contents.at(request.pool, page_id)
    data = content.text().encode()
    return exported(data, MEDIA_TYPE, _etag(content.version), f"page-{page_id}.json")


@get("/pages/{page_id:int}/versions/{version_id:int}/export", opt=OPT, responses=RESPONSES)
async def export_page_version(
    request: ApiRequest, page_id: PathId, version_id: PathId, if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    """Export the content of a named version of a page."""
    await places.page(request.pool, request.caller, page_id, "see the document")
    version = await kept(request.pool, places.page, page_id, version_id)
    etag = _etag(version.seq)
    if etags.has(if_none_match, etag):
        return unchanged(etag)
    return exported(version.state, MEDIA_TYPE, etag, f"page-{page_id}-version-{version_id}.json")


def _etag(version: int) -> str:
    return f'"{version}"'


SCOPES = scopes.PAGES
HANDLERS = [export_page, export_page_version]
