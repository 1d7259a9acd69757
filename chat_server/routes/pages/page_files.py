"""Files that are attached to pages."""

from litestar import Response, delete, get, put

from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit
from chat_server.responses.files import File
from chat_server.routes.documents import document_files


@get("/pages/{page_id:int}/files")
async def list_page_files(
    request: ApiRequest, page_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[File]]:
    """The files that are attached to a page, by id. Its members may fetch them."""
    return await document_files.listed(request, places.page, page_id, limit, after_id)


@put("/pages/{page_id:int}/files/{file_id:int}", opt={"problems": [409, 422]})
async def attach_page_file(request: ApiRequest, page_id: PathId, file_id: PathId) -> Response[File]:
    """Attach a file of the workspace that the caller sees, so that all members of the page may fetch it. A page can
    have 1,000. Repeating this changes nothing."""
    return await document_files.attach(request, places.page, page_id, file_id)


@delete("/pages/{page_id:int}/files/{file_id:int}", opt={"problems": [409]})
async def detach_page_file(request: ApiRequest, page_id: PathId, file_id: PathId) -> None:
    """Take a file off a page. If it is used nowhere else, it is deleted. Repeating this changes nothing."""
    await document_files.detach(request, places.page, page_id, file_id)


SCOPES = scopes.PAGES
HANDLERS = [list_page_files, attach_page_file, detach_page_file]
