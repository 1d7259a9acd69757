"""What is on a board, to take away: for Yjs, or as JSON."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from chat_core.database.queries import query
from chat_core.documents.process import DocumentProcess
from chat_server.access import places
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import IfNoneMatch, PathId
from chat_server.parts.board_documents import State, present, version_state

BOARD_SEQ = query("board_seq", "board")

MEDIA_TYPES = {"json": "application/json", "yjs": "application/octet-stream"}
# As a thumbnail: shown by itself it runs nothing, whatever it contains.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox"}

OPT = {"answers": tuple(MEDIA_TYPES.values()), "problems": [409]}
RESPONSES = {304: ResponseSpec(None, description="It matches If-None-Match.")}

Format = Annotated[
    Literal["json", "yjs"],
    QueryParameter(
        name="format", description="`json`: each root type as JSON. `yjs`: everything as one update, version 1."
    ),
]


@get("/boards/{board_id:int}/export", opt=OPT, responses=RESPONSES)
async def export_board(
    request: ApiRequest, board_id: PathId, wanted: Format = "json", if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    """What is on the board, to take away. Who wants to follow it opens it over a WebSocket."""
    await places.board(request.pool, request.caller, board_id, "see the board")
    seq = await BOARD_SEQ.value(request.pool, board=board_id)
    if if_none_match == _etag(seq, wanted):
        return _unchanged(if_none_match)
    async with request.parts.board_documents.turn(request.caller.user_id) as documents:
        state = await present(documents, request.pool, board_id)
        data = await _encoded(documents, state, wanted)
    return _attachment(data, wanted, _etag(state.seq, wanted), f"board-{board_id}")


@get("/boards/{board_id:int}/versions/{version_id:int}/export", opt=OPT, responses=RESPONSES)
async def export_board_version(
    request: ApiRequest,
    board_id: PathId,
    version_id: PathId,
    wanted: Format = "json",
    if_none_match: IfNoneMatch = None,
) -> Response[bytes]:
    """What a version of the board has, to take away."""
    await places.board(request.pool, request.caller, board_id, "see the board")
    async with request.parts.board_documents.turn(request.caller.user_id) as documents:
        version = await version_state(request.pool, board_id, version_id)
        etag = _etag(version.seq, wanted)
        if if_none_match == etag:
            return _unchanged(etag)
        data = await _encoded(documents, version, wanted)
    return _attachment(data, wanted, etag, f"board-{board_id}-version-{version_id}")


async def _encoded(documents: DocumentProcess, state: State, wanted: Format) -> bytes:
    return state.data if wanted == "yjs" else await documents.export(state.data)


def _attachment(data: bytes, wanted: Format, etag: str, name: str) -> Response[bytes]:
    disposition = f'attachment; filename="{name}.{wanted}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Disposition": disposition, **HARMLESS}
    return Response(data, media_type=MEDIA_TYPES[wanted], headers=headers)


def _unchanged(etag: str) -> Response[bytes]:
    return Response(b"", status_code=304, headers={"ETag": etag})


def _etag(seq: int, wanted: str) -> str:
    return f'"{seq}-{wanted}"'


HANDLERS = [export_board, export_board_version]
