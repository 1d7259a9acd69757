"""Looks up who somebody is to a workspace or chat, and asks `permissions` whether that is enough.

The functions that say `locked` are for changes: within their transaction nobody's role can change any more, and the
chat's or workspace's row is taken before those of its members, as the triggers of a message do.
"""

from chat_core.pool import Connection, Pool
from chat_core.problems import Problem
from chat_core.queries import query
from chat_server.api_request import Caller
from chat_server.permissions import ChatAccess, WorkspaceAccess, require_in_chat, require_in_workspace

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


async def of_inviter(
    connection: Connection, inviter: int, chat_id: int, workspace_id: int, guest: int
) -> tuple[WorkspaceAccess | None, ChatAccess | None]:
    """What somebody is in a workspace and a chat who has invited a guest there; both stand still from here on."""
    await WORKSPACE_LOCK.value(connection, workspace=workspace_id, user=inviter)
    await CHAT_LOCK.value(connection, chat=chat_id, user=inviter)
    home = await WORKSPACE_ACCESS.row(connection, workspace=workspace_id, user=inviter, target=guest)
    chat = await CHAT_ACCESS.row(connection, chat=chat_id, user=inviter, target=guest)
    return WorkspaceAccess(**home) if home else None, ChatAccess(**chat) if chat else None


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
    """Raises Problem 404 where the user whom a call names is no member. `of` is "chat" or "workspace"."""
    if role is None:
        raise Problem(404, "not_found", f"This user is not a member of the {of}.")
