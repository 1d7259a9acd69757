"""Following invites, to a chat or a board. Who follows one is let in by the person who made it: as far as that person
may still let them in."""

from typing import Annotated

from asyncpg import Record
from litestar import Response, get, post
from litestar.params import PathParameter

from chat_core.pool import Connection
from chat_core.problems import Problem
from chat_core.queries import query
from chat_server import access, invites
from chat_server.answers import verbatim
from chat_server.answers.boards import Board
from chat_server.answers.chats import Chat
from chat_server.answers.invites import InviteTarget
from chat_server.api_request import ApiRequest
from chat_server.permissions import WorkspaceAccess, adds_to_workspace, still_invites
from chat_server.routes.board_members import BOARD_MEMBER_ADD
from chat_server.routes.boards import BOARD_BY_ID
from chat_server.routes.chat_members import let_in
from chat_server.routes.chats import CHAT_BY_ID
from chat_server.routes.workspace_members import WORKSPACE_MEMBER_ADD

BOARD_INVITE_SHOWN = query("board_invite_shown", "invite", "user")
BOARD_INVITE_USE = query("board_invite_use", "invite")
CHAT_INVITE_SHOWN = query("chat_invite_shown", "invite", "user")
CHAT_INVITE_USE = query("chat_invite_use", "invite")

Token = Annotated[
    str,
    PathParameter(
        max_length=100, description="Of POST /api/chats/{chat_id}/invites or POST /api/boards/{board_id}/invites."
    ),
]


@get("/invites/{token:str}")
async def show_invite(request: ApiRequest, token: Token) -> Response[InviteTarget]:
    """What an invite leads to."""
    invite = await invites.by_token(request.pool, token)
    target = CHAT_INVITE_SHOWN if invite["chat_id"] else BOARD_INVITE_SHOWN
    shown = await target.value(request.pool, invite=invite["id"], user=request.caller.user_id)
    if shown is None:
        raise invites.no_invite()
    return verbatim(shown)


@post("/invites/{token:str}/accept", status_code=200)
async def accept_invite(request: ApiRequest, token: Token) -> Response[Chat | Board]:
    """Follow an invite into its chat or onto its board, and into the workspace that this is in. Who is there already
    uses none up."""
    guest = request.caller.user_id
    async with request.transaction() as connection:
        invite = await invites.by_token(connection, token)
        join = _join_chat if invite["chat_id"] else _join_board
        joined = await join(connection, invite, guest)
    return verbatim(access.found(joined))


async def _join_chat(connection: Connection, invite: Record, guest: int) -> str | None:
    chat_id, inviter = invite["chat_id"], invite["created_by"]
    home = await access.inviter_in_workspace(connection, inviter, invite["workspace_id"], guest)
    chat = await access.inviter_in_chat(connection, inviter, chat_id, guest)
    if chat is None or not still_invites(chat, invite["role"]):
        raise invites.no_invite()
    if chat.target_role is None:
        await _enter_workspace(connection, invite, home, guest)
        if await CHAT_INVITE_USE.value(connection, invite=invite["id"]) is None:
            raise invites.no_invite()
        await let_in(connection, chat, chat_id, guest, invite["role"])
    joined: str | None = await CHAT_BY_ID.value(connection, chat=chat_id, user=guest)
    return joined


async def _join_board(connection: Connection, invite: Record, guest: int) -> str | None:
    board_id, inviter = invite["board_id"], invite["created_by"]
    home = await access.inviter_in_workspace(connection, inviter, invite["workspace_id"], guest)
    board = await access.inviter_on_board(connection, inviter, board_id, guest)
    if board is None or board.deleted or not still_invites(board, invite["role"]):
        raise invites.no_invite()
    if board.target_role is None:
        await _enter_workspace(connection, invite, home, guest)
        if await BOARD_INVITE_USE.value(connection, invite=invite["id"]) is None:
            raise invites.no_invite()
        await BOARD_MEMBER_ADD.value(connection, board=board_id, user=guest, role=invite["role"], inviter=inviter)
    joined: str | None = await BOARD_BY_ID.value(connection, board=board_id, user=guest)
    return joined


async def _enter_workspace(connection: Connection, invite: Record, home: WorkspaceAccess | None, guest: int) -> None:
    """Lets the guest into the workspace too. Raises Problem 403 unless the inviter may, 404 where they have left it."""
    if home is None:
        raise invites.no_invite()
    if home.target_role is None:
        if not adds_to_workspace(home):
            raise Problem(
                403,
                "invite_within_workspace",
                "This invite is for people of its workspace: who made it may not add anybody to that.",
            )
        await WORKSPACE_MEMBER_ADD.value(connection, workspace=invite["workspace_id"], user=guest, role="member")


HANDLERS = [show_invite, accept_invite]
