"""Small pictures of pages."""

from litestar import Response, delete, get, put

from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import IfNoneMatch, PathId
from chat_server.responses.pages import PageThumbnail
from chat_server.routes.documents import document_thumbnails
from chat_server.routes.documents.document_thumbnails import LARGEST, SET, SHOWN, UNCHANGED


@get("/pages/{page_id:int}/thumbnail", opt=SHOWN, responses=UNCHANGED)
async def show_page_thumbnail(
    request: ApiRequest, page_id: PathId, if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    """The picture itself; 404 where there is none."""
    return await document_thumbnails.show(request, places.page, page_id, if_none_match)


@put("/pages/{page_id:int}/thumbnail", opt=SET, request_max_body_size=LARGEST)
async def set_page_thumbnail(request: ApiRequest, page_id: PathId) -> Response[PageThumbnail]:
    """A PNG, JPEG or WebP of at most 256 KiB, replacing the previous one."""
    return await document_thumbnails.put(request, places.page, page_id)


@delete("/pages/{page_id:int}/thumbnail")
async def remove_page_thumbnail(request: ApiRequest, page_id: PathId) -> None:
    """Remove the picture."""
    await document_thumbnails.remove(request, places.page, page_id)


SCOPES = scopes.PAGES
HANDLERS = [show_page_thumbnail, set_page_thumbnail, remove_page_thumbnail]
