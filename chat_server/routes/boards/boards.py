"""Boards: what they are called, and their deletion, which can be taken back."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import BoardName, PathId, Search
from chat_server.http.idempotency import IdempotencyKey, once, retried
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.boards import Board

BOARD_BY_ID = query("board_by_id", "board", "user")
BOARD_CREATE = query("board_create", "user", "workspace", "name")
BOARD_DELETE = query("board_delete", "board")
BOARD_RESTORE = query("board_restore", "board", "user")
BOARD_UPDATE = query("board_update", "board", "user", "name")
BOARDS_OF_WORKSPACE = query("boards_of_workspace", "workspace", "user", "deleted", "search", "after", "limit")

DELETE_OR_RESTORE: Final = "delete the board, or restore it"

Deleted = Annotated[bool, QueryParameter(description="Deleted boards that the caller owns, instead of the others.")]


class NewBoard(msgspec.Struct, forbid_unknown_fields=True):
    name: BoardName


class BoardChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays."""

    name: BoardName | None = None


@get("/workspaces/{workspace_id:int}/boards")
async def list_boards(
    request: ApiRequest,
    workspace_id: PathId,
    deleted: Deleted = False,
    search: Search = "",
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Board]]:
    """The boards of a workspace that the caller is a member of, by id."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    row = await BOARDS_OF_WORKSPACE.one(
        request.pool,
        workspace=workspace_id,
        user=request.caller.user_id,
        deleted=deleted,
        search=search,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@post("/workspaces/{workspace_id:int}/boards", responses=retried(Board))
async def create_board(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[NewBoard], idempotency_key: IdempotencyKey = None
) -> Response[Board]:
    """Make a board; the caller owns it."""
    caller = request.caller

    async def create(connection: Connection) -> Response[Board]:
        await places.workspace(connection, caller, workspace_id, "create a board in it")
        made = await BOARD_CREATE.value(connection, user=caller.user_id, workspace=workspace_id, name=data.name)
        return created(made, "/api/boards")

    async def seen(connection: Connection, first: Any) -> None:
        await places.board(connection, caller, first["id"], "see the board")

    return await once(request, idempotency_key, create, seen)


@get("/boards/{board_id:int}")
async def show_board(request: ApiRequest, board_id: PathId) -> Response[Board]:
    """A board as the caller sees it."""
    await places.board(request.pool, request.caller, board_id, "see the board")
    shown = await BOARD_BY_ID.value(request.pool, board=board_id, user=request.caller.user_id)
    return verbatim(places.found(shown))


@patch("/boards/{board_id:int}")
async def update_board(request: ApiRequest, board_id: PathId, data: JSONBody[BoardChange]) -> Response[Board]:
    """Change the name."""
    async with request.transaction() as connection:
        await places.board.locked(connection, request.caller, board_id, "change its name and thumbnail")
        changed = await BOARD_UPDATE.value(connection, board=board_id, user=request.caller.user_id, name=data.name)
    return verbatim(places.found(changed))


@delete("/boards/{board_id:int}")
async def delete_board(request: ApiRequest, board_id: PathId) -> None:
    """Delete a board: nobody sees it any more but its owners, who may restore it."""
    async with request.transaction() as connection:
        await places.board.locked(connection, request.caller, board_id, DELETE_OR_RESTORE)
        await BOARD_DELETE.row(connection, board=board_id)


@post("/boards/{board_id:int}/restore", status_code=200)
async def restore_board(request: ApiRequest, board_id: PathId) -> Response[Board]:
    """Take a deletion back, with all members and what is on the board. To restore it again changes nothing."""
    async with request.transaction() as connection:
        await places.board.locked(connection, request.caller, board_id, DELETE_OR_RESTORE)
        restored = await BOARD_RESTORE.value(connection, board=board_id, user=request.caller.user_id)
    return verbatim(places.found(restored))


HANDLERS = [list_boards, create_board, show_board, update_board, delete_board, restore_board]
