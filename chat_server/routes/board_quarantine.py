"""Updates on which Yjs fails: they are on their board no more, and its owners see which they were."""

from litestar import Response, get

from chat_core.queries import query
from chat_server import access
from chat_server.answers.boards import QuarantinedUpdate
from chat_server.api_request import ApiRequest
from chat_server.fields import PathId
from chat_server.paging import DEFAULT_LIMIT, AfterId, Limit, page

BOARD_QUARANTINE_PAGE = query("board_quarantine_page", "board", "after", "limit")


@get("/boards/{board_id:int}/quarantine")
async def list_board_quarantine(
    request: ApiRequest, board_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[QuarantinedUpdate]]:
    """Updates that the board goes on without, since Yjs fails on them, by their seq."""
    await access.board(request.pool, request.caller, board_id, "see what is in quarantine")
    return page(request, await BOARD_QUARANTINE_PAGE.one(request.pool, board=board_id, after=after_id, limit=limit))


HANDLERS = [list_board_quarantine]
