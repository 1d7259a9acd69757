"""Boards: their names, and deletion, which can be undone."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import DocumentName, PathId, Search
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, retried
from chat_server.responses.boards import Board
from chat_server.routes.documents import documents

Deleted = Annotated[bool, QueryParameter(description="Deleted boards that the caller owns, instead of the others.")]


class NewBoard(msgspec.Struct, forbid_unknown_fields=True):
    name: DocumentName


class BoardChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are."""

    name: DocumentName | None = None


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
    return await documents.listed(
        request, places.board, workspace_id, deleted=deleted, search=search, limit=limit, after_id=after_id
    )


@post("/workspaces/{workspace_id:int}/boards", responses=retried(Board))
async def create_board(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[NewBoard], idempotency_key: IdempotencyKey = None
) -> Response[Board]:
    """Create a board, owned by the caller."""
    return await documents.create(request, places.board, workspace_id, data.name, idempotency_key)


@get("/boards/{board_id:int}", opt=delegable("document.see"))
async def show_board(request: ApiRequest, board_id: PathId) -> Response[Board]:
    """A board as the caller sees it."""
    return await documents.show(request, places.board, board_id)


@patch("/boards/{board_id:int}")
async def update_board(request: ApiRequest, board_id: PathId, data: JSONBody[BoardChange]) -> Response[Board]:
    """Change the name."""
    return await documents.rename(request, places.board, board_id, data.name)


@delete("/boards/{board_id:int}")
async def delete_board(request: ApiRequest, board_id: PathId) -> None:
    """Delete a board: only its owners still see it, and they may restore it."""
    await documents.delete(request, places.board, board_id)


@post("/boards/{board_id:int}/restore", status_code=200)
async def restore_board(request: ApiRequest, board_id: PathId) -> Response[Board]:
    """Restore a deleted board, with all its members and content. Restoring it again changes nothing."""
    return await documents.restore(request, places.board, board_id)


SCOPES = scopes.BOARDS
HANDLERS = [list_boards, create_board, show_board, update_board, delete_board, restore_board]
