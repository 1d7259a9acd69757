"""Links that let people into a chat. Whoever follows one is let in by the person who made it: as far as that person may
still let them in."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from chat_core.pool import Connection
from chat_core.problems import Problem
from chat_core.queries import query
from chat_core.tokens import hash_secret, new_secret
from chat_server import access
from chat_server.answers import created, verbatim
from chat_server.answers.chats import Chat
from chat_server.answers.invites import ChatInvite, InviteTarget, NewChatInvite
from chat_server.api_request import ApiRequest
from chat_server.fields import PathId, Role, Seconds
from chat_server.idempotency import IdempotencyKey, once, retried
from chat_server.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.permissions import adds_to_workspace, require_rank, still_invites
from chat_server.routes.chat_members import let_in
from chat_server.routes.chats import CHAT_BY_ID
from chat_server.routes.workspace_members import WORKSPACE_MEMBER_ADD

CHAT_INVITE_CREATE = query("chat_invite_create", "chat", "user", "hash", "role", "seconds", "max_uses")
CHAT_INVITE_CREATOR = query("chat_invite_creator", "chat", "invite")
CHAT_INVITE_DELETE = query("chat_invite_delete", "chat", "invite")
CHAT_INVITES = query("chat_invites", "chat", "after", "limit")
INVITE_BY_TOKEN = query("invite_by_token", "hash")
INVITE_SHOWN = query("invite_shown", "invite", "user")
INVITE_USE = query("invite_use", "invite")

WEEK = 7 * 24 * 3600
ACTION = "invite by link"

Token = Annotated[str, PathParameter(max_length=100, description="Of POST /api/chats/{chat_id}/invites.")]


class NewInvite(msgspec.Struct, forbid_unknown_fields=True):
    """`role` is what it makes of who follows it, at most one's own; `expires_in` is in seconds, a week if not given.
    Without `max_uses` it lets any number in."""

    role: Role = "member"
    expires_in: Seconds = WEEK
    max_uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None


@post("/chats/{chat_id:int}/invites", responses=retried(NewChatInvite))
async def create_invite(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewInvite], idempotency_key: IdempotencyKey = None
) -> Response[NewChatInvite]:
    """Make an invite. Its token is shown here, and to a retry, and never again."""
    token_of = request.parts.signer.secret_of

    # What is kept for a retry has the seed in the token's place.
    async def create(connection: Connection) -> Response[Any]:
        seed, _ = new_secret()
        chat = await access.chat_locked(connection, request.caller, chat_id, ACTION)
        require_rank(chat, granted=data.role)
        made = await CHAT_INVITE_CREATE.value(
            connection,
            chat=chat_id,
            user=request.caller.user_id,
            hash=hash_secret(token_of(seed)),
            role=data.role,
            seconds=data.expires_in,
            max_uses=data.max_uses,
        )
        seeded = msgspec.json.encode({**msgspec.json.decode(made), "token": seed}).decode()
        return created(seeded, f"/api/chats/{chat_id}/invites")

    async def seen(connection: Connection, first: Any) -> None:
        await access.chat(connection, request.caller, chat_id, ACTION)
        if await INVITE_BY_TOKEN.row(connection, hash=hash_secret(token_of(first["token"]))) is None:
            raise _no_invite()

    answer = await once(request, idempotency_key, create, seen)
    shown = msgspec.json.decode(answer.content)
    answer.content = msgspec.json.encode({**shown, "token": token_of(shown["token"])})
    return answer


@get("/chats/{chat_id:int}/invites")
async def list_invites(
    request: ApiRequest, chat_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[ChatInvite]]:
    """The invites of a chat that have not expired, by id."""
    await access.chat(request.pool, request.caller, chat_id, ACTION)
    return page(request, await CHAT_INVITES.one(request.pool, chat=chat_id, after=after_id, limit=limit))


@delete("/chats/{chat_id:int}/invites/{invite_id:int}")
async def revoke_invite(request: ApiRequest, chat_id: PathId, invite_id: PathId) -> None:
    """Revoke an invite: from now on it lets nobody in."""
    async with request.transaction() as connection:
        await access.chat_locked(connection, request.caller, chat_id, ACTION)
        creator = await CHAT_INVITE_CREATOR.value(connection, chat=chat_id, invite=invite_id)
        if creator is None:
            raise Problem(404, "not_found", "There is no such invite.")
        if creator != request.caller.user_id:
            await access.chat(connection, request.caller, chat_id, "revoke others' invites")
        await CHAT_INVITE_DELETE.row(connection, chat=chat_id, invite=invite_id)


@get("/invites/{token:str}")
async def show_invite(request: ApiRequest, token: Token) -> Response[InviteTarget]:
    """What an invite leads to."""
    invite = await INVITE_BY_TOKEN.row(request.pool, hash=hash_secret(token))
    if invite is None:
        raise _no_invite()
    shown = await INVITE_SHOWN.value(request.pool, invite=invite["id"], user=request.caller.user_id)
    if shown is None:
        raise _no_invite()
    return verbatim(shown)


@post("/invites/{token:str}/accept", status_code=200)
async def accept_invite(request: ApiRequest, token: Token) -> Response[Chat]:
    """Follow an invite into its chat, and into the workspace that the chat is in. Who is in the chat already uses none
    up."""
    guest = request.caller.user_id
    async with request.transaction() as connection:
        invite = await INVITE_BY_TOKEN.row(connection, hash=hash_secret(token))
        if invite is None:
            raise _no_invite()
        chat_id = invite["chat_id"]
        home, chat = await access.of_inviter(connection, invite["created_by"], chat_id, invite["workspace_id"], guest)
        if not (home and chat and still_invites(chat, invite["role"])):
            raise _no_invite()
        if chat.target_role is None:
            if home.target_role is None:
                if not adds_to_workspace(home):
                    raise Problem(
                        403,
                        "invite_within_workspace",
                        "This invite is for people of its workspace: who made it may not add anybody to that.",
                    )
                await WORKSPACE_MEMBER_ADD.value(
                    connection, workspace=invite["workspace_id"], user=guest, role="member"
                )
            if await INVITE_USE.value(connection, invite=invite["id"]) is None:
                raise _no_invite()
            await let_in(connection, chat, chat_id, guest, invite["role"])
        joined = await CHAT_BY_ID.value(connection, chat=chat_id, user=guest)
    return verbatim(access.found(joined))


def _no_invite() -> Problem:
    return Problem(
        404, "not_found", "There is no such invite, or it has expired, was revoked, is used up, or its maker has gone."
    )


HANDLERS = [create_invite, list_invites, revoke_invite, show_invite, accept_invite]
