"""Chats."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.access.permissions import require_in_chat
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import (
    ChatName,
    ChatType,
    Description,
    Id,
    MemberIds,
    OptionalQueryId,
    Password,
    PathId,
    RetentionDays,
    Search,
)
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.acting_for import delegable, not_delegated
from chat_server.http.steps.binding import BOUND
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.chats import Chat

CHAT_ARCHIVE = query("chat_archive", "chat", "user", "archived")
CHAT_BY_ID = query("chat_by_id", "chat", "user")
CHAT_CREATE = query("chat_create", "user", "workspace", "type", "name", "description", "members")
CHAT_DELETE = query("chat_delete", "chat")
CHAT_PASSWORD_SET = query("chat_password_set", "chat", "hash")
CHAT_UPDATE = query("chat_update", "chat", "user", "name", "description", "set_retention", "retention_days")
CHATS_DELEGATED = query("chats_delegated", "user", "delegate", "workspace", "search", "after", "limit")
CHATS_JOINABLE = query("chats_joinable", "user", "workspace", "search", "after", "limit")
CHATS_OF_USER = query("chats_of_user", "user", "workspace", "search", "after", "limit")
WORKSPACE_HOME = query("workspace_home", "user")

GROUP_MEMBERS = 1000

Joinable = Annotated[bool, QueryParameter(description="Channels to join, instead of the caller's own chats.")]


class NewChat(msgspec.Struct, forbid_unknown_fields=True):
    """`members` are user ids; the caller is a member without being listed. A Single chat has exactly one other.

    Without `workspace_id`, the chat is created in the workspace in which the caller has been longest.
    """

    type: ChatType
    members: MemberIds
    name: ChatName = ""
    workspace_id: Id | None = None
    description: Description = ""


class ChatPassword(msgspec.Struct, forbid_unknown_fields=True):
    password: Password


class ChatChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. A null `retention_days` means the workspace's."""

    name: ChatName | None = None
    description: Description | None = None
    retention_days: RetentionDays | msgspec.UnsetType | None = msgspec.UNSET


@get("/chats", opt=BOUND | delegable("chat.see"))
async def list_chats(
    request: ApiRequest,
    workspace_id: OptionalQueryId = None,
    joinable: Joinable = False,
    search: Search = "",
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Chat]]:
    """The caller's chats, by id, each with its last message and unread counts."""
    caller = request.caller
    workspace_id = caller.within(workspace_id)
    if workspace_id is not None:
        await places.workspace(request.pool, caller, workspace_id, "see the workspace")
    asked = {"user": caller.user_id, "workspace": workspace_id, "search": search, "after": after_id, "limit": limit}
    if caller.delegate_id is not None:
        if joinable:
            raise not_delegated("join the chat")
        return page(request, await CHATS_DELEGATED.one(request.pool, delegate=caller.delegate_id, **asked))
    chats = CHATS_JOINABLE if joinable else CHATS_OF_USER
    return page(request, await chats.one(request.pool, **asked))


@post(
    "/chats",
    responses=retried(Chat, "The existing Single chat of these two users, or the first response to this key."),
    opt=BOUND,
)
async def create_chat(
    request: ApiRequest, data: JSONBody[NewChat], idempotency_key: IdempotencyKey = None
) -> Response[Chat]:
    """Create a chat, owned by the caller. An existing Single chat is returned with 200."""
    caller = request.caller
    _check(data, caller.user_id)

    async def create(connection: Connection) -> Response[Chat]:
        workspace_id = caller.within(data.workspace_id)
        if workspace_id is None:
            workspace_id = await WORKSPACE_HOME.value(connection, user=caller.user_id)
        if workspace_id is None:
            raise Problem(409, "no_workspace", "You are in no workspace; create one first.")
        await places.workspace(connection, caller, workspace_id, "create a chat in it")
        made = await CHAT_CREATE.one(
            connection,
            user=caller.user_id,
            workspace=workspace_id,
            type=data.type,
            name=data.name,
            description=data.description,
            members=data.members,
        )
        return created(made["chat"], "/api/chats") if made["created"] else verbatim(made["chat"])

    async def seen(connection: Connection, first: Any) -> None:
        await places.chat(connection, caller, first["id"], "see the chat")

    return await once(request, idempotency_key, create, seen)


@get("/chats/{chat_id:int}", opt=delegable("chat.see"))
async def show_chat(request: ApiRequest, chat_id: PathId) -> Response[Chat]:
    """A chat as the caller sees it."""
    await places.chat(request.pool, request.caller, chat_id, "see the chat")
    shown = await CHAT_BY_ID.value(request.pool, chat=chat_id, user=request.caller.user_id)
    return verbatim(places.found(shown))


@put("/chats/{chat_id:int}", opt=delegable("chat.rename"))
async def update_chat(request: ApiRequest, chat_id: PathId, data: JSONBody[ChatChange]) -> Response[Chat]:
    """Change the name, the description, or for how many days messages are kept."""
    async with request.transaction() as connection:
        chat = await places.chat.locked(connection, request.caller, chat_id, "change its name and description")
        if data.name is not None:
            _check_name(data.name, chat.type)
        if data.retention_days is not msgspec.UNSET:
            require_in_chat("set how long its messages are kept", chat)
        changed = await CHAT_UPDATE.value(
            connection,
            chat=chat_id,
            user=request.caller.user_id,
            name=data.name,
            description=data.description,
            set_retention=data.retention_days is not msgspec.UNSET,
            retention_days=None if data.retention_days is msgspec.UNSET else data.retention_days,
        )
    return verbatim(places.found(changed))


@delete("/chats/{chat_id:int}")
async def delete_chat(request: ApiRequest, chat_id: PathId) -> None:
    """Delete a chat, with its messages."""
    async with request.transaction() as connection:
        await places.chat.locked(connection, request.caller, chat_id, "delete the chat")
        await CHAT_DELETE.row(connection, chat=chat_id)


@put("/chats/{chat_id:int}/password", status_code=204)
async def set_chat_password(request: ApiRequest, chat_id: PathId, data: JSONBody[ChatPassword]) -> None:
    """Let members of the workspace find a private channel, and join it with this password."""
    async with request.parts.passwords.turn(request.asker) as turn:
        await places.chat(request.pool, request.caller, chat_id, "set its password")
        hashed = await turn.hash(data.password)
    await _set_password(request, chat_id, hashed)


@delete("/chats/{chat_id:int}/password")
async def remove_chat_password(request: ApiRequest, chat_id: PathId) -> None:
    """Hide a private channel again. Its members stay."""
    await _set_password(request, chat_id, None)


async def _set_password(request: ApiRequest, chat_id: int, hashed: str | None) -> None:
    async with request.transaction() as connection:
        await places.chat.locked(connection, request.caller, chat_id, "set its password")
        await CHAT_PASSWORD_SET.row(connection, chat=chat_id, hash=hashed)


@post("/chats/{chat_id:int}/archive", status_code=200, opt=delegable("chat.archive"))
async def archive_chat(request: ApiRequest, chat_id: PathId) -> Response[Chat]:
    """Make a chat read-only. Archiving it again changes nothing."""
    return await _archive(request, chat_id, True)


@post("/chats/{chat_id:int}/unarchive", status_code=200, opt=delegable("chat.archive"))
async def unarchive_chat(request: ApiRequest, chat_id: PathId) -> Response[Chat]:
    """Unarchive a chat."""
    return await _archive(request, chat_id, False)


async def _archive(request: ApiRequest, chat_id: int, archived: bool) -> Response[Chat]:
    async with request.transaction() as connection:
        await places.chat.locked(connection, request.caller, chat_id, "archive or unarchive it")
        changed = await CHAT_ARCHIVE.value(connection, chat=chat_id, user=request.caller.user_id, archived=archived)
    return verbatim(places.found(changed))


def _check(chat: NewChat, caller: int) -> None:
    others = set(chat.members) - {caller}
    if chat.type == "Single" and len(others) != 1:
        invalid(FieldError("members", "exactly one other user in a Single chat"))
    if chat.type == "Group" and len(others) >= GROUP_MEMBERS:
        invalid(FieldError("members", f"at most {GROUP_MEMBERS} members of a Group, including you"))
    _check_name(chat.name, chat.type)


def _check_name(name: str, chat_type: ChatType) -> None:
    if chat_type in ("PrivateChannel", "PublicChannel") and not name.strip():
        invalid(FieldError("name", "a name of 1 to 80 characters, since this is a channel"))


SCOPES = scopes.CHATS
HANDLERS = [
    list_chats,
    create_chat,
    show_chat,
    update_chat,
    delete_chat,
    set_chat_password,
    remove_chat_password,
    archive_chat,
    unarchive_chat,
]
