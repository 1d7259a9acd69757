"""Looks up who somebody is to a workspace, chat or board, and asks `permissions` whether that is enough.

The functions that say `locked` are for changes: within their transaction nobody's role can change any more, and the row
of the chat, board or workspace is taken before those of its members, as the triggers of a message do.
"""

from chat_core.pool import Connection, Pool
from chat_core.problems import Problem
from chat_core.queries import query
from chat_server.api_request import Caller
from chat_server.permissions import (
    BoardAccess,
    ChatAccess,
    WorkspaceAccess,
    require_in_chat,
    require_in_workspace,
    require_on_board,
)

BOARD_ACCESS = query("board_access", "board", "user", "target")
BOARD_LOCK = query("board_lock", "board", "user")
CHAT_ACCESS = query("chat_access", "chat", "user", "target")
CHAT_LOCK = query("chat_lock", "chat", "user")
WORKSPACE_ACCESS = query("workspace_access", "workspace", "user", "target")
WORKSPACE_LOCK = query("workspace_lock", "workspace", "user")


async def chat(
    connection: Connection | Pool, caller: Caller, chat_id: int, action: str, target: int | None = None
) -> ChatAccess:
    """Raises Problem 404 or 403 unless the caller may. `target` is the member whom the action is about."""
    row = await CHAT_ACCESS.row(connection, chat=chat_id, user=caller.user_id, target=target)
    return require_in_chat(action, ChatAccess(**row) if row else None)


async def silenced(pool: Pool, caller: Caller, chat_id: int) -> Problem:
    """What somebody is told whom the database has found silenced, or what else keeps them from posting by now."""
    try:
        await chat(pool, caller, chat_id, "post a message")
    except Problem as problem:
        return problem
    return Problem(503, "try_again", "You may post again.", headers={"Retry-After": "1"})


async def chat_locked(
    connection: Connection, caller: Caller, chat_id: int, action: str, target: int | None = None
) -> ChatAccess:
    await CHAT_LOCK.value(connection, chat=chat_id, user=caller.user_id)
    return await chat(connection, caller, chat_id, action, target)


async def board(
    connection: Connection | Pool, caller: Caller, board_id: int, action: str, target: int | None = None
) -> BoardAccess:
    """Raises Problem 404, 403 or, of a deleted one, 409 unless the caller may."""
    row = await BOARD_ACCESS.row(connection, board=board_id, user=caller.user_id, target=target)
    return require_on_board(action, BoardAccess(**row) if row else None)


async def board_locked(
    connection: Connection, caller: Caller, board_id: int, action: str, target: int | None = None
) -> BoardAccess:
    await BOARD_LOCK.value(connection, board=board_id, user=caller.user_id)
    return await board(connection, caller, board_id, action, target)


# What somebody is there who has invited a guest. It stands still from here on: first a workspace, then what is in it.


async def inviter_in_workspace(
    connection: Connection, inviter: int, workspace_id: int, guest: int
) -> WorkspaceAccess | None:
    await WORKSPACE_LOCK.value(connection, workspace=workspace_id, user=inviter)
    home = await WORKSPACE_ACCESS.row(connection, workspace=workspace_id, user=inviter, target=guest)
    return WorkspaceAccess(**home) if home else None


async def inviter_in_chat(connection: Connection, inviter: int, chat_id: int, guest: int) -> ChatAccess | None:
    await CHAT_LOCK.value(connection, chat=chat_id, user=inviter)
    there = await CHAT_ACCESS.row(connection, chat=chat_id, user=inviter, target=guest)
    return ChatAccess(**there) if there else None


async def inviter_on_board(connection: Connection, inviter: int, board_id: int, guest: int) -> BoardAccess | None:
    await BOARD_LOCK.value(connection, board=board_id, user=inviter)
    there = await BOARD_ACCESS.row(connection, board=board_id, user=inviter, target=guest)
    return BoardAccess(**there) if there else None


async def workspace(
    connection: Connection | Pool, caller: Caller, workspace_id: int, action: str, target: int | None = None
) -> WorkspaceAccess:
    """Raises Problem 404 or 403 unless the caller may. `target` is the member whom the action is about."""
    row = await WORKSPACE_ACCESS.row(connection, workspace=workspace_id, user=caller.user_id, target=target)
    return require_in_workspace(action, WorkspaceAccess(**row) if row else None)


async def workspace_locked(
    connection: Connection, caller: Caller, workspace_id: int, action: str, target: int | None = None
) -> WorkspaceAccess:
    await WORKSPACE_LOCK.value(connection, workspace=workspace_id, user=caller.user_id)
    return await workspace(connection, caller, workspace_id, action, target)


def found(json: str | None) -> str:
    """Raises Problem 404 where something was deleted between its check and its use."""
    if json is None:
        raise Problem(404, "not_found", "It was deleted just now.")
    return json


def require_member(role: object, of: str) -> None:
    """Raises Problem 404 where the user whom a call names is no member. `of` is "chat", "board" or "workspace"."""
    if role is None:
        raise Problem(404, "not_found", f"This user is not a member of the {of}.")
