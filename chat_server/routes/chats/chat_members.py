"""The members of a chat, and their roles."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import members, places
from chat_server.access.acts import password_needed
from chat_server.access.permissions import ChatAccess, forbidden, require_rank
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, GivenPassword, Id, PathId, Role, Seconds
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps import limits
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.responses.chats import Chat, ChatMember
from chat_server.routes.chats.chats import CHAT_BY_ID, GROUP_MEMBERS

CHAT_MEMBER_ADD = query("chat_member_add", "chat", "user", "role")
CHAT_MEMBER_REMOVE = query("chat_member_remove", "chat", "user")
CHAT_MEMBER_SILENCE = query("chat_member_silence", "chat", "user", "seconds")
CHAT_MEMBER_SET_ROLE = query("chat_member_set_role", "chat", "user", "role")
CHAT_MEMBERS = query("chat_members", "chat", "after", "limit")
CHAT_MEMBERS_NAMED = query("chat_members_named", "chat", "name", "limit")
CHAT_PASSWORD = query("chat_password", "chat")
CHAT_TRANSFER = query("chat_transfer", "chat", "user", "target")

NAMED_MOST = 20
MemberName = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=80,
        pattern=ANY_TEXT,
        description="The beginning of a user name, or of a word of a full name; of one in Chinese, Japanese or "
        "Korean any part. Case and accents are ignored. At most 20 active members, those who posted last first.",
    ),
]


class NewChatMember(msgspec.Struct, forbid_unknown_fields=True):
    """A user of the chat's workspace."""

    user_id: Id
    role: Role = "member"


class ChatRole(msgspec.Struct, forbid_unknown_fields=True):
    role: Role


class Silence(msgspec.Struct, forbid_unknown_fields=True):
    """From now on."""

    seconds: Seconds


class Heir(msgspec.Struct, forbid_unknown_fields=True):
    """Another member."""

    user_id: Id


class Join(msgspec.Struct, forbid_unknown_fields=True):
    """`password` is that of a private channel."""

    password: GivenPassword | None = None


@get("/chats/{chat_id:int}/members", opt=delegable("chat.list_members"))
async def list_chat_members(
    request: ApiRequest, chat_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0, q: MemberName = None
) -> Response[list[ChatMember]]:
    """The members of a chat, by user id; `after_id` is one. With `q`: those to offer while a name is typed."""
    await places.chat(request.pool, request.caller, chat_id, "list its members")
    if q is not None:
        most = min(limit, NAMED_MOST)
        return verbatim(await CHAT_MEMBERS_NAMED.value(request.pool, chat=chat_id, name=q.strip(), limit=most))
    row = await CHAT_MEMBERS.one(request.pool, chat=chat_id, after=after_id, limit=limit)
    return page(request, row)


@post("/chats/{chat_id:int}/members", responses=retried(ChatMember))
async def add_chat_member(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewChatMember], idempotency_key: IdempotencyKey = None
) -> Response[ChatMember]:
    """Add a user of the workspace. Everything so far counts as read."""

    async def create(connection: Connection) -> Response[ChatMember]:
        chat = await places.chat.locked(connection, request.caller, chat_id, "add a member")
        require_rank(chat, granted=data.role)
        added = await let_in(connection, chat, chat_id, data.user_id, data.role)
        return verbatim(added, 201)

    return await once(request, idempotency_key, create, places.chat.still(request.caller, chat_id, "list its members"))


async def let_in(connection: Connection, chat: ChatAccess, chat_id: int, user_id: int, role: Role) -> str:
    """Adds a member; the caller has locked the chat. Raises Problem 409 if a Group is full."""
    require_room(chat)
    added: str = await CHAT_MEMBER_ADD.value(connection, chat=chat_id, user=user_id, role=role)
    return added


def require_room(chat: ChatAccess) -> None:
    """Raises Problem 409 if a Group is full."""
    if chat.type == "Group" and chat.member_count >= GROUP_MEMBERS:
        raise Problem(409, "chat_full", f"A Group can have at most {GROUP_MEMBERS} members.")


@patch("/chats/{chat_id:int}/members/{user_id:int}")
async def set_chat_role(
    request: ApiRequest, chat_id: PathId, user_id: PathId, data: JSONBody[ChatRole]
) -> Response[ChatMember]:
    """Change a member's role, up to the caller's own."""
    return await members.set_role(request, places.chat, CHAT_MEMBER_SET_ROLE, chat_id, user_id, data.role)


@delete("/chats/{chat_id:int}/members/{user_id:int}")
async def remove_chat_member(request: ApiRequest, chat_id: PathId, user_id: PathId) -> None:
    """Remove a member. With the caller's own id: leave."""
    if user_id == request.caller.user_id:
        await request.act("leave_chat", chat_id)
        return
    await members.remove(request, places.chat, CHAT_MEMBER_REMOVE, chat_id, user_id)


@post("/chats/{chat_id:int}/leave", status_code=204)
async def leave_chat(request: ApiRequest, chat_id: PathId) -> None:
    """Leave a chat."""
    await request.act("leave_chat", chat_id)


@post("/chats/{chat_id:int}/join", status_code=200)
async def join_chat(request: ApiRequest, chat_id: PathId, data: JSONBody[Join | None] = None) -> Response[Chat]:
    """Join a public channel, or a private one with its password; guesses are limited as for signing in. Joining
    again changes nothing."""
    caller = request.caller
    hashed = await _checked_password(request, chat_id, data.password if data else None)
    if hashed is None:
        return verbatim(places.found(await request.act("join_chat", chat_id)))
    async with request.transaction() as connection:
        chat = await places.chat.locked(connection, caller, chat_id, "join the chat")
        if chat.role is None:
            if chat.has_password and hashed != await CHAT_PASSWORD.value(connection, chat=chat_id):
                raise _wrong_password()
            await CHAT_MEMBER_ADD.value(connection, chat=chat_id, user=caller.user_id, role="member")
        joined = await CHAT_BY_ID.value(connection, chat=chat_id, user=caller.user_id)
    return verbatim(places.found(joined))


async def _checked_password(request: ApiRequest, chat_id: int, password: str | None) -> str | None:
    """The hash against which the password was verified, if one is required. No transaction is open meanwhile."""
    chat = await places.chat(request.pool, request.caller, chat_id, "join the chat")
    if chat.role is not None or not chat.has_password:
        return None
    if password is None:
        raise password_needed()
    charged = await limits.charge_chat_password(request, chat_id)
    async with request.parts.passwords.turn(request.asker) as turn:
        hashed: str | None = await CHAT_PASSWORD.value(request.pool, chat=chat_id)
        if not await turn.verify(password, hashed):
            raise _wrong_password()
    await limits.refund(request, charged)
    return hashed


def _wrong_password() -> Problem:
    return Problem(403, "wrong_password", "This is not the channel's password.")


@put("/chats/{chat_id:int}/members/{user_id:int}/silence", opt={"scopes": scopes.MODERATION})
async def silence_member(
    request: ApiRequest, chat_id: PathId, user_id: PathId, data: JSONBody[Silence]
) -> Response[ChatMember]:
    """Keep a member from posting for a time. Leaving and returning does not end it."""
    return verbatim(await _silence(request, chat_id, user_id, data.seconds))


@delete("/chats/{chat_id:int}/members/{user_id:int}/silence", opt={"scopes": scopes.MODERATION})
async def end_silence(request: ApiRequest, chat_id: PathId, user_id: PathId) -> None:
    """Let a member post again."""
    await _silence(request, chat_id, user_id, None)


async def _silence(request: ApiRequest, chat_id: int, user_id: int, seconds: int | None) -> str:
    async with request.transaction() as connection:
        chat = await places.chat.locked(connection, request.caller, chat_id, "silence a member", target=user_id)
        places.require_member(chat.target_role, "chat")
        require_rank(chat)
        if user_id == request.caller.user_id:
            raise forbidden("You cannot silence yourself, or end your own silence.")
        changed = await CHAT_MEMBER_SILENCE.value(connection, chat=chat_id, user=user_id, seconds=seconds)
    return places.found(changed)


@post("/chats/{chat_id:int}/transfer", status_code=200)
async def transfer_chat(request: ApiRequest, chat_id: PathId, data: JSONBody[Heir]) -> Response[Chat]:
    """Make another member the owner. The caller becomes an admin."""
    return await members.transfer(request, places.chat, CHAT_TRANSFER, CHAT_BY_ID, chat_id, data.user_id)


SCOPES = scopes.CHATS
HANDLERS = [
    list_chat_members,
    add_chat_member,
    set_chat_role,
    remove_chat_member,
    leave_chat,
    join_chat,
    silence_member,
    end_silence,
    transfer_chat,
]
