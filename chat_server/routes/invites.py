"""Invite links to chats and documents: creating, listing, revoking and accepting them. An invite acts with the
authority of its maker: it works as far as they may still add members."""

from typing import Annotated, Any, Final

import msgspec
from asyncpg import Record
from litestar import Response, delete, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from chat_core.constraints import of_kind
from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import Problem, from_constraint
from chat_core.tokens import hash_secret, new_secret
from chat_server.access import places
from chat_server.access.actions import ChatAction
from chat_server.access.permissions import (
    ChatAccess,
    DocumentAccess,
    WorkspaceAccess,
    adds_to_workspace,
    archived,
    require_rank,
    still_invites,
)
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import DocumentRole, PathId, Role, Seconds
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.authentication import PUBLIC
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.boards import Board
from chat_server.responses.chats import Chat
from chat_server.responses.invites import (
    BoardInvite,
    ChatInvite,
    InvitePreview,
    InviteTarget,
    NewBoardInvite,
    NewChatInvite,
    NewPageInvite,
    PageInvite,
)
from chat_server.responses.pages import Page
from chat_server.routes.chats.chat_members import let_in, require_room
from chat_server.routes.chats.chats import CHAT_BY_ID
from chat_server.routes.documents import document_members
from chat_server.routes.documents.documents import DOCUMENT_BY_ID
from chat_server.routes.workspaces.workspace_members import WORKSPACE_MEMBER_ADD

INVITE_BY_TOKEN = query("invite_by_token", "hash")
INVITE_CREATE = query("invite_create", "chat", "document", "user", "hash", "role", "seconds", "max_uses")
INVITE_CREATOR = query("invite_creator", "chat", "document", "invite")
INVITE_DELETE = query("invite_delete", "invite")
INVITE_PREVIEW = query("invite_preview", "invite")
INVITE_SHOWN = query("invite_shown", "invite", "user")
INVITE_USE = query("invite_use", "invite")
INVITES = query("invites", "chat", "document", "after", "limit")

ACTION: Final = "invite by link"
MOST_MEMBERS = 1000
WEEK = 7 * 24 * 3600

# The target of an invite.
Kind = places.Kind[ChatAccess, ChatAction] | places.DocumentPlace

Token = Annotated[
    str,
    PathParameter(
        max_length=100,
        description="From POST /api/chats/{chat_id}/invites, and likewise of boards and pages.",
    ),
]


class InviteTerms(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`expires_in` is in seconds, by default a week. Without `max_uses`, any number may use it."""

    expires_in: Seconds = WEEK
    max_uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class NewInvite(InviteTerms, kw_only=True):
    """`role` is given to those who accept, at most the caller's own. `expires_in` is in seconds, by default a week.
    Without `max_uses`, any number may use it."""

    role: Role = "member"


class NewInviteToDocument(InviteTerms, kw_only=True):
    """`role` is given to those who accept, at most the caller's own. `expires_in` is in seconds, by default a week.
    Without `max_uses`, any number may use it."""

    role: DocumentRole = "viewer"


@post("/chats/{chat_id:int}/invites", responses=retried(NewChatInvite))
async def create_chat_invite(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NewInvite], idempotency_key: IdempotencyKey = None
) -> Response[NewChatInvite]:
    """Create an invite. Its token is shown only here and in a retry."""
    return await _create(request, places.chat, chat_id, data, idempotency_key)


@post("/boards/{board_id:int}/invites", responses=retried(NewBoardInvite), opt={"scopes": scopes.BOARDS})
async def create_board_invite(
    request: ApiRequest, board_id: PathId, data: JSONBody[NewInviteToDocument], idempotency_key: IdempotencyKey = None
) -> Response[NewBoardInvite]:
    """Create an invite. Its token is shown only here and in a retry."""
    return await _create(request, places.board, board_id, data, idempotency_key)


@post("/pages/{page_id:int}/invites", responses=retried(NewPageInvite), opt={"scopes": scopes.PAGES})
async def create_page_invite(
    request: ApiRequest, page_id: PathId, data: JSONBody[NewInviteToDocument], idempotency_key: IdempotencyKey = None
) -> Response[NewPageInvite]:
    """Create an invite. Its token is shown only here and in a retry."""
    return await _create(request, places.page, page_id, data, idempotency_key)


async def _create(
    request: ApiRequest, kind: Kind, place: int, terms: NewInvite | NewInviteToDocument, idempotency_key: str | None
) -> Response[Any]:
    token_of = request.parts.signer.secret_of

    # For a retry, the seed is stored instead of the token.
    async def make(connection: Connection) -> Response[Any]:
        inviter = await kind.locked(connection, request.caller, place, ACTION)
        require_rank(inviter, granted=terms.role)
        seed, _ = new_secret()
        made = await INVITE_CREATE.value(
            connection,
            **_leads_to(kind, place),
            user=request.caller.user_id,
            hash=hash_secret(token_of(seed)),
            role=terms.role,
            seconds=terms.expires_in,
            max_uses=terms.max_uses,
        )
        seeded = msgspec.json.encode({**msgspec.json.decode(made), "token": seed}).decode()
        return created(seeded, request.url.path)

    async def still_good(connection: Connection, first: Any) -> None:
        await kind(connection, request.caller, place, ACTION)
        await _by_token(connection, token_of(first["token"]))

    answer = await once(request, idempotency_key, make, still_good)
    shown = msgspec.json.decode(answer.content)
    answer.content = msgspec.json.encode({**shown, "token": token_of(shown["token"])})
    return answer


@get("/chats/{chat_id:int}/invites")
async def list_chat_invites(
    request: ApiRequest, chat_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[ChatInvite]]:
    """The invites to a chat that have not expired, by id."""
    return await _list(request, places.chat, chat_id, limit, after_id)


@get("/boards/{board_id:int}/invites", opt={"scopes": scopes.BOARDS})
async def list_board_invites(
    request: ApiRequest, board_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[BoardInvite]]:
    """The invites to a board that have not expired, by id."""
    return await _list(request, places.board, board_id, limit, after_id)


@get("/pages/{page_id:int}/invites", opt={"scopes": scopes.PAGES})
async def list_page_invites(
    request: ApiRequest, page_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[PageInvite]]:
    """The invites to a page that have not expired, by id."""
    return await _list(request, places.page, page_id, limit, after_id)


async def _list(request: ApiRequest, kind: Kind, place: int, limit: int, after_id: int) -> Response[Any]:
    await kind(request.pool, request.caller, place, ACTION)
    return page(request, await INVITES.one(request.pool, **_leads_to(kind, place), after=after_id, limit=limit))


@delete("/chats/{chat_id:int}/invites/{invite_id:int}")
async def revoke_chat_invite(request: ApiRequest, chat_id: PathId, invite_id: PathId) -> None:
    """Revoke an invite. It no longer admits anyone."""
    await _revoke(request, places.chat, chat_id, invite_id)


@delete("/boards/{board_id:int}/invites/{invite_id:int}", opt={"scopes": scopes.BOARDS})
async def revoke_board_invite(request: ApiRequest, board_id: PathId, invite_id: PathId) -> None:
    """Revoke an invite. It no longer admits anyone."""
    await _revoke(request, places.board, board_id, invite_id)


@delete("/pages/{page_id:int}/invites/{invite_id:int}", opt={"scopes": scopes.PAGES})
async def revoke_page_invite(request: ApiRequest, page_id: PathId, invite_id: PathId) -> None:
    """Revoke an invite. It no longer admits anyone."""
    await _revoke(request, places.page, page_id, invite_id)


async def _revoke(request: ApiRequest, kind: Kind, place: int, invite_id: int) -> None:
    async with request.transaction() as connection:
        await kind.locked(connection, request.caller, place, ACTION)
        creator = await INVITE_CREATOR.value(connection, **_leads_to(kind, place), invite=invite_id)
        if creator is None:
            raise Problem(404, "not_found", "There is no such invite.")
        if creator != request.caller.user_id:
            await kind(connection, request.caller, place, "revoke others' invites")
        await INVITE_DELETE.row(connection, invite=invite_id)


def _leads_to(kind: Kind, place: int) -> dict[str, int | None]:
    return {"chat": None, "document": None, "document" if isinstance(kind, places.DocumentPlace) else "chat": place}


@get("/invites/{token:str}", opt={"problems": [403, 409], "scopes": scopes.SESSION_ONLY})
async def show_invite(request: ApiRequest, token: Token) -> Response[InviteTarget]:
    """What an invite leads to, for a user whom it would admit right now."""
    guest = request.caller.user_id
    async with request.transaction() as connection:
        invite = await _by_token(connection, token)
        # Whatever would prevent accepting prevents looking: accept the invite and roll that back.
        trial = connection.transaction()
        await trial.start()
        try:
            await _follow(connection, invite, guest)
        finally:
            await trial.rollback()
        shown = await INVITE_SHOWN.value(connection, invite=invite["id"], user=guest)
    return verbatim(places.found(shown))


@get("/invites/{token:str}/preview", opt={**PUBLIC, "problems": [403, 409]})
async def preview_invite(request: ApiRequest, token: Token) -> Response[InvitePreview]:
    """Who invites to what, for visitors who are not signed in, if the invite would admit a new user right now."""
    invite = await _by_token(request.pool, token)
    kind, place = _place(invite)
    _require_room(_require_invites(await kind.whole(request.pool, invite["created_by"], place), invite["role"]))
    _require_adds(await places.workspace.whole(request.pool, invite["created_by"], invite["workspace_id"]))
    shown = await INVITE_PREVIEW.value(request.pool, invite=invite["id"])
    if shown is None:
        raise _no_invite()
    return verbatim(shown)


@post("/invites/{token:str}/accept", status_code=200, opt={"scopes": scopes.SESSION_ONLY})
async def accept_invite(request: ApiRequest, token: Token) -> Response[Chat | Board | Page]:
    """Accept an invite to a chat, board or page, and join its workspace. For a member this uses up nothing."""
    guest = request.caller.user_id
    async with request.transaction() as connection:
        invite = await _by_token(connection, token)
        await _follow(connection, invite, guest)
        if invite["chat_id"]:
            joined = await CHAT_BY_ID.value(connection, chat=invite["chat_id"], user=guest)
        else:
            kind, document = _place(invite)
            joined = await DOCUMENT_BY_ID.value(connection, **kind.at(document), user=guest)
    return verbatim(places.found(joined))


async def _follow(connection: Connection, invite: Record, guest: int) -> None:
    """Adds the guest. Raises Problem, or the database's error, if that is not possible."""
    kind, place = _place(invite)
    inviter, role = invite["created_by"], invite["role"]
    home = await places.workspace.inviter(connection, inviter, invite["workspace_id"], guest)
    there = _require_invites(await kind.inviter(connection, inviter, place, guest), role)
    if there.target_role is not None:
        return
    _require_room(there)
    if _require_adds(home).target_role is None:
        workspace = invite["workspace_id"]
        await WORKSPACE_MEMBER_ADD.value(connection, workspace=workspace, user=guest, role="member")
    if await INVITE_USE.value(connection, invite=invite["id"]) is None:
        raise _no_invite()
    if isinstance(there, ChatAccess):
        await let_in(connection, there, place, guest, role)
    else:
        await document_members.let_in(connection, places.DOCUMENTS[there.kind], place, guest, role, inviter)


def _place(invite: Record) -> tuple[Kind, int]:
    """The target. Raises Problem 404 if it is a document of a kind that this server does not know."""
    if invite["chat_id"]:
        return places.chat, invite["chat_id"]
    kind = places.DOCUMENTS.get(invite["kind"])
    if kind is None:
        raise _no_invite()
    return kind, invite["document_id"]


def _require_invites(
    there: ChatAccess | DocumentAccess | None, role: Role | DocumentRole
) -> ChatAccess | DocumentAccess:
    """The inviter's role in the chat or document. Raises Problem 404 if they may no longer add members."""
    if there is None or not still_invites(there, role):
        raise _no_invite()
    return there


def _require_room(there: ChatAccess | DocumentAccess) -> None:
    """Raises Problem 409 if nobody can join: an archived chat, or a full Group or document."""
    if isinstance(there, DocumentAccess):
        if there.member_count >= MOST_MEMBERS:
            raise from_constraint(of_kind("document_members_amount", there.kind))
        return
    if there.archived:
        raise archived()
    require_room(there)


def _require_adds(home: WorkspaceAccess | None) -> WorkspaceAccess:
    """The inviter's role in the workspace. Raises Problem 404 if they have left it, and 403 if the guest is not a
    member and the inviter may not add one."""
    if home is None:
        raise _no_invite()
    if home.target_role is None and not adds_to_workspace(home):
        raise Problem(
            403,
            "invite_within_workspace",
            "This invite is for members of its workspace only: its maker may not add members there.",
        )
    return home


async def _by_token(connection: Connection | Pool, token: str) -> Record:
    """An invite that has not ended, though it may be used up. Raises Problem 404."""
    invite = await INVITE_BY_TOKEN.row(connection, hash=hash_secret(token))
    if invite is None:
        raise _no_invite()
    return invite


def _no_invite() -> Problem:
    return Problem(
        404, "not_found", "There is no such invite, or it has expired, was revoked or used up, or its maker has left."
    )


SCOPES = scopes.CHATS
HANDLERS = [
    create_chat_invite,
    create_board_invite,
    create_page_invite,
    list_chat_invites,
    list_board_invites,
    list_page_invites,
    revoke_chat_invite,
    revoke_board_invite,
    revoke_page_invite,
    show_invite,
    preview_invite,
    accept_invite,
]
