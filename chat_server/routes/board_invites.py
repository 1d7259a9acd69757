"""Links that let people onto a board."""

from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.pool import Connection
from chat_core.problems import Problem
from chat_core.queries import query
from chat_server import access, invites
from chat_server.answers.invites import BoardInvite, NewBoardInvite
from chat_server.api_request import ApiRequest
from chat_server.fields import BoardRole, PathId
from chat_server.idempotency import IdempotencyKey, retried
from chat_server.invites import ACTION, InviteTerms
from chat_server.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.permissions import require_rank

BOARD_INVITE_CREATE = query("board_invite_create", "board", "user", "hash", "role", "seconds", "max_uses")
BOARD_INVITE_CREATOR = query("board_invite_creator", "board", "invite")
BOARD_INVITE_DELETE = query("board_invite_delete", "board", "invite")
BOARD_INVITES = query("board_invites", "board", "after", "limit")


class NewInviteToBoard(InviteTerms, kw_only=True):
    """`role` is what it makes of who follows it, at most one's own; `expires_in` is in seconds, a week if not given.
    Without `max_uses` it lets any number in."""

    role: BoardRole = "viewer"


@post("/boards/{board_id:int}/invites", responses=retried(NewBoardInvite))
async def create_board_invite(
    request: ApiRequest, board_id: PathId, data: JSONBody[NewInviteToBoard], idempotency_key: IdempotencyKey = None
) -> Response[NewBoardInvite]:
    """Make an invite. Its token is shown here, and to a retry, and never again."""

    async def make(connection: Connection, token_hash: bytes) -> str:
        board = await access.board_locked(connection, request.caller, board_id, ACTION)
        require_rank(board, granted=data.role)
        made: str = await BOARD_INVITE_CREATE.value(
            connection,
            board=board_id,
            user=request.caller.user_id,
            hash=token_hash,
            role=data.role,
            seconds=data.expires_in,
            max_uses=data.max_uses,
        )
        return made

    async def seen(connection: Connection) -> None:
        await access.board(connection, request.caller, board_id, ACTION)

    return await invites.create(request, idempotency_key, make, seen)


@get("/boards/{board_id:int}/invites")
async def list_board_invites(
    request: ApiRequest, board_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[BoardInvite]]:
    """The invites to a board that have not expired, by id."""
    await access.board(request.pool, request.caller, board_id, ACTION)
    return page(request, await BOARD_INVITES.one(request.pool, board=board_id, after=after_id, limit=limit))


@delete("/boards/{board_id:int}/invites/{invite_id:int}")
async def revoke_board_invite(request: ApiRequest, board_id: PathId, invite_id: PathId) -> None:
    """Revoke an invite: from now on it lets nobody in."""
    async with request.transaction() as connection:
        await access.board_locked(connection, request.caller, board_id, ACTION)
        creator = await BOARD_INVITE_CREATOR.value(connection, board=board_id, invite=invite_id)
        if creator is None:
            raise Problem(404, "not_found", "There is no such invite.")
        if creator != request.caller.user_id:
            await access.board(connection, request.caller, board_id, "revoke others' invites")
        await BOARD_INVITE_DELETE.row(connection, board=board_id, invite=invite_id)


HANDLERS = [create_board_invite, list_board_invites, revoke_board_invite]
