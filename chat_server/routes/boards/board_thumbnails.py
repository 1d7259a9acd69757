"""Small pictures of boards, made by clients, for lists of them. What a picture is its first bytes say, never its
sender; the database looks."""

from typing import Final

from litestar import Response, delete, get, put
from litestar.openapi.datastructures import ResponseSpec

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import IfNoneMatch, PathId
from chat_server.http.verbatim import verbatim
from chat_server.responses.boards import BoardThumbnail

BOARD_THUMBNAIL = query("board_thumbnail", "board", "unless")
BOARD_THUMBNAIL_REMOVE = query("board_thumbnail_remove", "board")
BOARD_THUMBNAIL_SET = query("board_thumbnail_set", "board", "data")

LARGEST = 262_144
ACTION: Final = "change its name and thumbnail"
PICTURES = ("image/png", "image/jpeg", "image/webp")
# Shown by itself it runs nothing, whatever it contains.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox"}


@get(
    "/boards/{board_id:int}/thumbnail",
    opt={"answers": PICTURES},
    responses={304: ResponseSpec(None, description="It matches If-None-Match.")},
)
async def show_thumbnail(request: ApiRequest, board_id: PathId, if_none_match: IfNoneMatch = None) -> Response[bytes]:
    """The picture itself; 404 where there is none."""
    await places.board(request.pool, request.caller, board_id, "see the board")
    row = await BOARD_THUMBNAIL.row(request.pool, board=board_id, unless=if_none_match)
    if row is None:
        raise Problem(404, "not_found", "This board has no thumbnail.")
    headers = {"ETag": row["version"], "Cache-Control": "private, no-cache", **HARMLESS}
    if row["data"] is None:
        return Response(b"", status_code=304, headers=headers)
    return Response(row["data"], media_type=row["media_type"], headers=headers)


@put(
    "/boards/{board_id:int}/thumbnail",
    opt={"takes": PICTURES, "largest": LARGEST, "problems": [409]},
    request_max_body_size=LARGEST,
)
async def set_thumbnail(request: ApiRequest, board_id: PathId) -> Response[BoardThumbnail]:
    """A PNG, JPEG or WebP of at most 256 KiB, in place of the one before."""
    await places.board(request.pool, request.caller, board_id, ACTION)
    picture = await request.body()
    async with request.transaction() as connection:
        await places.board.locked(connection, request.caller, board_id, ACTION)
        kept = await BOARD_THUMBNAIL_SET.value(connection, board=board_id, data=picture)
    return verbatim(kept)


@delete("/boards/{board_id:int}/thumbnail")
async def remove_thumbnail(request: ApiRequest, board_id: PathId) -> None:
    """Take the picture away."""
    async with request.transaction() as connection:
        await places.board.locked(connection, request.caller, board_id, ACTION)
        await BOARD_THUMBNAIL_REMOVE.row(connection, board=board_id)


HANDLERS = [show_thumbnail, set_thumbnail, remove_thumbnail]
