"""Whether somebody may do an act (`parts/act.py`), from what its transaction has found under its locks."""

from dataclasses import replace

from chat_core.database.pool import Connection
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.actions import ChatAction
from chat_server.access.names import actions_named
from chat_server.access.permissions import ChatAccess, Lacking, forbidden
from chat_server.http.api_request import Caller
from chat_server.http.steps import acting_for
from chat_server.parts.act import Act, Apart, Found, Kind

ACTIONS: dict[Kind, ChatAction] = {
    "add_reaction": "react to a message",
    "remove_reaction": "react to a message",
    "move_read_marker": "move the read marker",
    "move_read_marker_back": "move the read marker",
    "edit_message": "edit or delete own messages",
    "delete_message": "read its messages",  # and then what depends on whose it is
    "pin_message": "pin a message",
    "unpin_message": "pin a message",
    "join_chat": "join the chat",
    "leave_chat": "leave the chat",
}


async def require(connection: Connection, act: Act, found: Found, alone: bool) -> None:
    """Raises Problem unless the user may do it; or Apart, unless it is `alone`, where what a membership permits does
    not decide it, since that takes further queries."""
    if act.delegate_id is not None and not alone:
        raise Apart
    access = None if found.chat is None else ChatAccess(**found.chat, target_role=None)
    if act.delegate_id is not None and access is not None:
        delegated = await acting_for.at(connection, act.delegate_id, act.user_id, places.chat.name, act.chat_id)
        access = replace(access, delegated=actions_named(places.chat.name, delegated))
    access = await _permit(connection, act, ACTIONS[act.kind], access, alone)
    if act.kind == "join_chat" and access.role is None and access.has_password:
        raise password_needed()
    if act.kind == "leave_chat" and access.role == "owner" and not alone:
        raise Apart  # whether another owner stays is found at COMMIT
    if act.kind == "unpin_message" or act.message_id is None:
        return  # of no message, there is nothing to unpin
    if found.sender_id is None:
        raise no_message()
    if act.kind == "edit_message":
        if found.sender_id != act.user_id:
            raise forbidden("Only its sender can edit a message.")
        if found.is_deleted:
            raise message_deleted()
    if act.kind == "delete_message":
        own = found.sender_id == act.user_id
        await _permit(
            connection, act, "edit or delete own messages" if own else "delete others' messages", access, alone
        )


async def _permit(
    connection: Connection, act: Act, action: ChatAction, access: ChatAccess | None, alone: bool
) -> ChatAccess:
    if alone:
        caller = Caller(act.user_id, 0, 0, delegate_id=act.delegate_id)
        return await places.chat.permit(connection, caller, act.chat_id, action, access)
    try:
        return places.chat.require(action, access)
    except Lacking:
        if access is None:
            raise
        raise Apart from None  # a role that is bound to them may permit it


def password_needed() -> Problem:
    return Problem(403, "password_needed", "A password is required to join this channel.")


def message_deleted() -> Problem:
    return Problem(409, "message_deleted", "This message has been deleted.")


def no_message() -> Problem:
    return Problem(404, "not_found", "There is no such message in this chat.")
