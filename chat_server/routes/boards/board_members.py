"""The members of a board, and their roles."""

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import DocumentRole, Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, retried
from chat_server.responses.boards import Board, BoardMember
from chat_server.routes.chats.chat_members import Heir
from chat_server.routes.documents import document_members


class NewBoardMember(msgspec.Struct, forbid_unknown_fields=True):
    """A user of the board's workspace."""

    user_id: Id
    role: DocumentRole = "viewer"


class RoleOnBoard(msgspec.Struct, forbid_unknown_fields=True):
    role: DocumentRole


@get("/boards/{board_id:int}/members", opt=delegable("document.list_members"))
async def list_board_members(
    request: ApiRequest, board_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[BoardMember]]:
    """The members of a board, by user id; `after_id` is one."""
    return await document_members.listed(request, places.board, board_id, limit, after_id)


@post("/boards/{board_id:int}/members", responses=retried(BoardMember))
async def add_board_member(
    request: ApiRequest, board_id: PathId, data: JSONBody[NewBoardMember], idempotency_key: IdempotencyKey = None
) -> Response[BoardMember]:
    """Add a user of the workspace, with at most the caller's own role."""
    return await document_members.add(request, places.board, board_id, data.user_id, data.role, idempotency_key)


@patch("/boards/{board_id:int}/members/{user_id:int}")
async def set_board_role(
    request: ApiRequest, board_id: PathId, user_id: PathId, data: JSONBody[RoleOnBoard]
) -> Response[BoardMember]:
    """Change a member's role. It takes effect on open sockets, too."""
    return await document_members.set_role(request, places.board, board_id, user_id, data.role)


@delete("/boards/{board_id:int}/members/{user_id:int}")
async def remove_board_member(request: ApiRequest, board_id: PathId, user_id: PathId) -> None:
    """Remove a member. With the caller's own id: leave."""
    await document_members.remove(request, places.board, board_id, user_id)


@post("/boards/{board_id:int}/transfer", status_code=200)
async def transfer_board(request: ApiRequest, board_id: PathId, data: JSONBody[Heir]) -> Response[Board]:
    """Make another member the owner. The caller becomes an editor."""
    return await document_members.transfer(request, places.board, board_id, data.user_id)


SCOPES = scopes.BOARDS
HANDLERS = [list_board_members, add_board_member, set_board_role, remove_board_member, transfer_board]
