"""Exports of a board's content: for Yjs, or as JSON."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from chat_server.access import places
from chat_server.http import etags, scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import IfNoneMatch, PathId
from chat_server.parts.board_documents import load, present, quarantine
from chat_server.routes.documents import document_export
from chat_server.routes.documents.document_export import RESPONSES, exported, unchanged
from chat_server.routes.documents.document_versions import kept

MEDIA_TYPES = {"json": "application/json", "yjs": "application/octet-stream"}

OPT = {"answers": tuple(MEDIA_TYPES.values()), "problems": [409]}

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
    """Export the content of a board. To follow it live, open it over a WebSocket."""
    seq = await document_export.seq(request, places.board, board_id)
    if etags.has(if_none_match, _etag(seq, wanted)):
        return unchanged(_etag(seq, wanted))
    async with request.parts.board_documents.turn(request.caller.user_id) as documents:
        if wanted == "yjs":
            state = await present(documents, request.pool, board_id)
            seq, data = state.seq, state.data
        else:
            stored = await load(request.pool, board_id)
            data, failing = await documents.export(stored.base, stored.updates)
            await quarantine(request.pool, board_id, stored, failing)
            seq = stored.seq
    return exported(data, MEDIA_TYPES[wanted], _etag(seq, wanted), f"board-{board_id}.{wanted}")


@get("/boards/{board_id:int}/versions/{version_id:int}/export", opt=OPT, responses=RESPONSES)
async def export_board_version(
    request: ApiRequest,
    board_id: PathId,
    version_id: PathId,
    wanted: Format = "json",
    if_none_match: IfNoneMatch = None,
) -> Response[bytes]:
    """Export the content of a version of a board."""
    await places.board(request.pool, request.caller, board_id, "see the document")
    async with request.parts.board_documents.turn(request.caller.user_id) as documents:
        version = await kept(request.pool, places.board, board_id, version_id)
        etag = _etag(version.seq, wanted)
        if etags.has(if_none_match, etag):
            return unchanged(etag)
        data = version.state if wanted == "yjs" else (await documents.export(version.state, []))[0]
    return exported(data, MEDIA_TYPES[wanted], etag, f"board-{board_id}-version-{version_id}.{wanted}")


def _etag(seq: int, wanted: str) -> str:
    return f'"{seq}-{wanted}"'


SCOPES = scopes.BOARDS
HANDLERS = [export_board, export_board_version]
