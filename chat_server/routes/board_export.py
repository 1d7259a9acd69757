"""What is on a board, to take away: for Yjs, or as JSON."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from chat_core.documents.process import Documents
from chat_core.queries import query
from chat_server import access
from chat_server.api_request import ApiRequest
from chat_server.board_documents import State, present
from chat_server.fields import IfNoneMatch, PathId

BOARD_SEQ = query("board_seq", "board")

MEDIA_TYPES = {"json": "application/json", "yjs": "application/octet-stream"}
# As a thumbnail: shown by itself it runs nothing, whatever it contains.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox"}

Format = Annotated[
    Literal["json", "yjs"],
    QueryParameter(
        name="format", description="`json`: each root type as JSON. `yjs`: all of it as one update, version 1."
    ),
]


@get(
    "/boards/{board_id:int}/export",
    opt={"answers": tuple(MEDIA_TYPES.values()), "problems": [409]},
    responses={304: ResponseSpec(None, description="It is the one of If-None-Match.")},
)
async def export_board(
    request: ApiRequest, board_id: PathId, wanted: Format = "json", if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    """What is on the board, to take away. Who wants to follow it opens it over a WebSocket."""
    await access.board(request.pool, request.caller, board_id, "see the board")
    seq = await BOARD_SEQ.value(request.pool, board=board_id)
    if if_none_match == _etag(seq, wanted):
        return Response(b"", status_code=304, headers={"ETag": if_none_match})
    async with request.parts.board_documents.turn() as documents:
        state = await present(documents, request.pool, board_id)
        return await _exported(documents, state, wanted, f"board-{board_id}")


async def _exported(documents: Documents, state: State, wanted: Format, name: str) -> Response[bytes]:
    data = state.data if wanted == "yjs" else await documents.export(state.data)
    return Response(
        data,
        media_type=MEDIA_TYPES[wanted],
        headers={
            "ETag": _etag(state.seq, wanted),
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'attachment; filename="{name}.{wanted}"',
            **HARMLESS,
        },
    )


def _etag(seq: int, wanted: str) -> str:
    return f'"{seq}-{wanted}"'


HANDLERS = [export_board]
