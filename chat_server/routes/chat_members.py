"""Who is in a chat, and as what."""

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody

from chat_core.pool import Connection
from chat_core.problems import Problem
from chat_core.queries import query
from chat_server import access
from chat_server.answers import Chat, ChatMember, verbatim
from chat_server.api_request import ApiRequest
from chat_server.fields import Id, PathId, Role
from chat_server.idempotency import IdempotencyKey, once, retried
from chat_server.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.permissions import require_rank
from chat_server.routes.chats import CHAT_BY_ID, GROUP_MEMBERS

CHAT_MEMBER_ADD = query("chat_member_add", "chat", "user", "role")
CHAT_MEMBER_REMOVE = query("chat_member_remove", "chat", "user")
CHAT_MEMBER_SET_ROLE = query("chat_member_set_role", "chat", "user", "role")
CHAT_MEMBERS = query("chat_members", "chat", "after", "limit")


class NewChatMember(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody of the chat's workspace."""

    user_id: Id
    role: Role = "member"


class ChatRole(msgspec.Struct, forbid_unknown_fields=True):
    role: Role


@get("/chats/{chat_id:int}/members")
async def list_chat_members(
    request: ApiRequest, chat_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[ChatMember]]:
    """The members of a chat, by user id; `after_id` is one."""
    await access.chat(request.pool, request.caller, chat_id, "list its members")
    row = await CHAT_MEMBERS.one(request.pool, chat=chat_id, after=after_id, limit=limit)
    return page(request, row)


@post("/chats/{chat_id:int}/members", responses=retried(ChatMember))
async def add_chat_member(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewChatMember], idempotency_key: IdempotencyKey = None
) -> Response[ChatMember]:
    """Let somebody of the workspace in, with everything so far read."""

    async def create(connection: Connection) -> Response[ChatMember]:
        chat = await access.chat_locked(connection, request.caller, chat_id, "add a member")
        require_rank(chat, granted=data.role)
        if chat.type == "Group" and chat.member_count >= GROUP_MEMBERS:
            raise Problem(409, "chat_full", f"A Group has at most {GROUP_MEMBERS} members.")
        added = await CHAT_MEMBER_ADD.value(connection, chat=chat_id, user=data.user_id, role=data.role)
        return verbatim(added, 201)

    return await once(request, idempotency_key, create)


@patch("/chats/{chat_id:int}/members/{user_id:int}")
async def set_chat_role(
    request: ApiRequest, chat_id: PathId, user_id: PathId, data: JSONBody[ChatRole]
) -> Response[ChatMember]:
    """Change a member's role, to at most one's own."""
    async with request.transaction() as connection:
        chat = await access.chat_locked(connection, request.caller, chat_id, "change a member's role", target=user_id)
        access.require_member(chat.target_role, "chat")
        require_rank(chat, granted=data.role)
        changed = await CHAT_MEMBER_SET_ROLE.value(connection, chat=chat_id, user=user_id, role=data.role)
    return verbatim(access.found(changed))


@delete("/chats/{chat_id:int}/members/{user_id:int}")
async def remove_chat_member(request: ApiRequest, chat_id: PathId, user_id: PathId) -> None:
    """Take somebody out. One's own id: leave."""
    await _remove(request, chat_id, user_id)


@post("/chats/{chat_id:int}/leave", status_code=204)
async def leave_chat(request: ApiRequest, chat_id: PathId) -> None:
    """Leave a chat."""
    await _remove(request, chat_id, request.caller.user_id)


@post("/chats/{chat_id:int}/join", status_code=200)
async def join_chat(request: ApiRequest, chat_id: PathId) -> Response[Chat]:
    """Become a member of a public channel. To join again changes nothing."""
    caller = request.caller
    async with request.transaction() as connection:
        chat = await access.chat_locked(connection, caller, chat_id, "join the chat")
        if chat.role is None:
            await CHAT_MEMBER_ADD.value(connection, chat=chat_id, user=caller.user_id, role="member")
        joined = await CHAT_BY_ID.value(connection, chat=chat_id, user=caller.user_id)
    return verbatim(access.found(joined))


async def _remove(request: ApiRequest, chat_id: int, user_id: int) -> None:
    action = "leave the chat" if user_id == request.caller.user_id else "remove a member"
    async with request.transaction() as connection:
        chat = await access.chat_locked(connection, request.caller, chat_id, action, target=user_id)
        access.require_member(chat.target_role, "chat")
        require_rank(chat)
        await CHAT_MEMBER_REMOVE.row(connection, chat=chat_id, user=user_id)


HANDLERS = [
    list_chat_members,
    add_chat_member,
    set_chat_role,
    remove_chat_member,
    leave_chat,
    join_chat,
]
