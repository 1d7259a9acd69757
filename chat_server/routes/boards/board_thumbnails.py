"""Small pictures of boards."""

from litestar import Response, delete, get, put

from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import IfNoneMatch, PathId
from chat_server.responses.boards import BoardThumbnail
from chat_server.routes.documents import document_thumbnails
from chat_server.routes.documents.document_thumbnails import LARGEST, SET, SHOWN, UNCHANGED


@get("/boards/{board_id:int}/thumbnail", opt=SHOWN, responses=UNCHANGED)
async def show_thumbnail(request: ApiRequest, board_id: PathId, if_none_match: IfNoneMatch = None) -> Response[bytes]:
    """The picture itself; 404 where there is none."""
    return await document_thumbnails.show(request, places.board, board_id, if_none_match)


@put("/boards/{board_id:int}/thumbnail", opt=SET, request_max_body_size=LARGEST)
async def set_thumbnail(request: ApiRequest, board_id: PathId) -> Response[BoardThumbnail]:
    """A PNG, JPEG or WebP of at most 256 KiB, replacing the previous one."""
    return await document_thumbnails.put(request, places.board, board_id)


@delete("/boards/{board_id:int}/thumbnail")
async def remove_thumbnail(request: ApiRequest, board_id: PathId) -> None:
    """Remove the picture."""
    await document_thumbnails.remove(request, places.board, board_id)


SCOPES = scopes.BOARDS
HANDLERS = [show_thumbnail, set_thumbnail, remove_thumbnail]
