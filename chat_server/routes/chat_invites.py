"""Links that let people into a chat."""

from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.pool import Connection
from chat_core.problems import Problem
from chat_core.queries import query
from chat_server import access, invites
from chat_server.answers.invites import ChatInvite, NewChatInvite
from chat_server.api_request import ApiRequest
from chat_server.fields import PathId, Role
from chat_server.idempotency import IdempotencyKey, retried
from chat_server.invites import ACTION, InviteTerms
from chat_server.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.permissions import require_rank

CHAT_INVITE_CREATE = query("chat_invite_create", "chat", "user", "hash", "role", "seconds", "max_uses")
CHAT_INVITE_CREATOR = query("chat_invite_creator", "chat", "invite")
CHAT_INVITE_DELETE = query("chat_invite_delete", "chat", "invite")
CHAT_INVITES = query("chat_invites", "chat", "after", "limit")


class NewInvite(InviteTerms, kw_only=True):
    """`role` is what it makes of who follows it, at most one's own; `expires_in` is in seconds, a week if not given.
    Without `max_uses` it lets any number in."""

    role: Role = "member"


@post("/chats/{chat_id:int}/invites", responses=retried(NewChatInvite))
async def create_chat_invite(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewInvite], idempotency_key: IdempotencyKey = None
) -> Response[NewChatInvite]:
    """Make an invite. Its token is shown here, and to a retry, and never again."""

    async def make(connection: Connection, token_hash: bytes) -> str:
        chat = await access.chat_locked(connection, request.caller, chat_id, ACTION)
        require_rank(chat, granted=data.role)
        made: str = await CHAT_INVITE_CREATE.value(
            connection,
            chat=chat_id,
            user=request.caller.user_id,
            hash=token_hash,
            role=data.role,
            seconds=data.expires_in,
            max_uses=data.max_uses,
        )
        return made

    async def seen(connection: Connection) -> None:
        await access.chat(connection, request.caller, chat_id, ACTION)

    return await invites.create(request, idempotency_key, make, seen)


@get("/chats/{chat_id:int}/invites")
async def list_chat_invites(
    request: ApiRequest, chat_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[ChatInvite]]:
    """The invites of a chat that have not expired, by id."""
    await access.chat(request.pool, request.caller, chat_id, ACTION)
    return page(request, await CHAT_INVITES.one(request.pool, chat=chat_id, after=after_id, limit=limit))


@delete("/chats/{chat_id:int}/invites/{invite_id:int}")
async def revoke_chat_invite(request: ApiRequest, chat_id: PathId, invite_id: PathId) -> None:
    """Revoke an invite: from now on it lets nobody in."""
    async with request.transaction() as connection:
        await access.chat_locked(connection, request.caller, chat_id, ACTION)
        creator = await CHAT_INVITE_CREATOR.value(connection, chat=chat_id, invite=invite_id)
        if creator is None:
            raise Problem(404, "not_found", "There is no such invite.")
        if creator != request.caller.user_id:
            await access.chat(connection, request.caller, chat_id, "revoke others' invites")
        await CHAT_INVITE_DELETE.row(connection, chat=chat_id, invite=invite_id)


HANDLERS = [create_chat_invite, list_chat_invites, revoke_chat_invite]
