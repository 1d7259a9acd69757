"""Who is on a board, and as what."""

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import members, places
from chat_server.access.permissions import require_rank
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import BoardRole, Id, PathId
from chat_server.http.idempotency import IdempotencyKey, once, retried
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.verbatim import verbatim
from chat_server.responses.boards import Board, BoardMember
from chat_server.routes.boards.boards import BOARD_BY_ID
from chat_server.routes.chats.chat_members import Heir

BOARD_MEMBER_ADD = query("board_member_add", "board", "user", "role", "inviter")
BOARD_MEMBER_REMOVE = query("board_member_remove", "board", "user")
BOARD_MEMBER_SET_ROLE = query("board_member_set_role", "board", "user", "role")
BOARD_MEMBERS = query("board_members", "board", "after", "limit")
BOARD_TRANSFER = query("board_transfer", "board", "user", "target")


class NewBoardMember(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody of the board's workspace."""

    user_id: Id
    role: BoardRole = "viewer"


class RoleOnBoard(msgspec.Struct, forbid_unknown_fields=True):
    role: BoardRole


@get("/boards/{board_id:int}/members")
async def list_board_members(
    request: ApiRequest, board_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[BoardMember]]:
    """The members of a board, by user id; `after_id` is one."""
    await places.board(request.pool, request.caller, board_id, "list its members")
    return page(request, await BOARD_MEMBERS.one(request.pool, board=board_id, after=after_id, limit=limit))


@post("/boards/{board_id:int}/members", responses=retried(BoardMember))
async def add_board_member(
    request: ApiRequest, board_id: PathId, data: JSONBody[NewBoardMember], idempotency_key: IdempotencyKey = None
) -> Response[BoardMember]:
    """Let somebody of the workspace in, as at most what one is oneself."""
    caller = request.caller

    async def create(connection: Connection) -> Response[BoardMember]:
        board = await places.board.locked(connection, caller, board_id, "add a member")
        require_rank(board, granted=data.role)
        added = await BOARD_MEMBER_ADD.value(
            connection, board=board_id, user=data.user_id, role=data.role, inviter=caller.user_id
        )
        return verbatim(added, 201)

    async def seen(connection: Connection, _: object) -> None:
        await places.board(connection, caller, board_id, "list its members")

    return await once(request, idempotency_key, create, seen)


@patch("/boards/{board_id:int}/members/{user_id:int}")
async def set_board_role(
    request: ApiRequest, board_id: PathId, user_id: PathId, data: JSONBody[RoleOnBoard]
) -> Response[BoardMember]:
    """Change a member's role. It holds for sockets that are open, too."""
    return await members.set_role(request, places.board, BOARD_MEMBER_SET_ROLE, board_id, user_id, data.role)


@delete("/boards/{board_id:int}/members/{user_id:int}")
async def remove_board_member(request: ApiRequest, board_id: PathId, user_id: PathId) -> None:
    """Take somebody off a board. One's own id: leave."""
    await members.remove(request, places.board, BOARD_MEMBER_REMOVE, board_id, user_id)


@post("/boards/{board_id:int}/transfer", status_code=200)
async def transfer_board(request: ApiRequest, board_id: PathId, data: JSONBody[Heir]) -> Response[Board]:
    """Make another member owner in one's own place: the caller is an editor from then on."""
    return await members.transfer(request, places.board, BOARD_TRANSFER, BOARD_BY_ID, board_id, data.user_id)


HANDLERS = [list_board_members, add_board_member, set_board_role, remove_board_member, transfer_board]
