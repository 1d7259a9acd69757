"""Updates on which Yjs fails: they were removed from their board, and its owners see which ones."""

from litestar import Response, get

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.responses.boards import QuarantinedUpdate

BOARD_QUARANTINE_PAGE = query("board_quarantine_page", "board", "after", "limit")


@get("/boards/{board_id:int}/quarantine")
async def list_board_quarantine(
    request: ApiRequest, board_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[QuarantinedUpdate]]:
    """Quarantined updates, on which Yjs fails and without which the board continues, by their seq."""
    await places.board(request.pool, request.caller, board_id, "see what is in quarantine")
    return page(request, await BOARD_QUARANTINE_PAGE.one(request.pool, board=board_id, after=after_id, limit=limit))


SCOPES = scopes.BOARDS
HANDLERS = [list_board_quarantine]
