"""Invitations of users into workspaces. Those who may add members make them, and the invited users accept or decline.

Links to chats and boards are in `invites.py`.
"""

from typing import Final, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.access.permissions import require_rank
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.responses.workspaces import InvitationBlock, Workspace, WorkspaceInvitation
from chat_server.routes.workspaces.workspace_members import NewWorkspaceMember, named_user
from chat_server.routes.workspaces.workspaces import WORKSPACE_BY_ID
from chat_server.sign_in.freshness import require_fresh

INVITATION_ACCEPT = query("invitation_accept", "user", "workspace")
INVITATION_BLOCK_LIFT = query("invitation_block_lift", "user", "block_id")
INVITATION_BLOCKS = query("invitation_blocks", "user", "after", "limit")
INVITATION_DECLINE = query("invitation_decline", "user", "workspace", "block")
INVITATIONS_OF_USER = query("invitations_of_user", "user", "after", "limit")
WORKSPACE_INVITATION_ADD = query("workspace_invitation_add", "workspace", "user", "role", "inviter")
WORKSPACE_INVITATION_ROLE = query("workspace_invitation_role", "workspace", "user")
WORKSPACE_INVITATION_WITHDRAW = query("workspace_invitation_withdraw", "workspace", "user")
WORKSPACE_INVITATIONS = query("workspace_invitations", "workspace", "after", "limit")

ACTION: Final = "add a member"


class Declined(msgspec.Struct, forbid_unknown_fields=True):
    """`block`: receive no more invitations from this inviter, or into this workspace."""

    block: Literal["inviter", "workspace"] | None = None


@post("/workspaces/{workspace_id:int}/invitations", responses=retried(WorkspaceInvitation))
async def invite_into_workspace(
    request: ApiRequest,
    workspace_id: PathId,
    data: JSONBody[NewWorkspaceMember],
    idempotency_key: IdempotencyKey = None,
) -> Response[WorkspaceInvitation]:
    """Invite a user into the workspace. They accept or decline. A role above member takes a fresh sign-in."""
    if data.role != "member":
        await require_fresh(request)

    async def create(connection: Connection) -> Response[WorkspaceInvitation]:
        caller = await places.workspace.locked(connection, request.caller, workspace_id, ACTION)
        require_rank(caller, granted=data.role)
        guest, field = await named_user(connection, data)
        if guest == request.caller.user_id:
            invalid(FieldError(field, "somebody else"))
        made = await WORKSPACE_INVITATION_ADD.value(
            connection, workspace=workspace_id, user=guest, role=data.role, inviter=request.caller.user_id
        )
        return verbatim(made, 201)

    return await once(request, idempotency_key, create, places.workspace.still(request.caller, workspace_id, ACTION))


@get("/workspaces/{workspace_id:int}/invitations")
async def list_workspace_invitations(
    request: ApiRequest, workspace_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[WorkspaceInvitation]]:
    """The unanswered invitations into a workspace, by user id; `after_id` is one."""
    await places.workspace(request.pool, request.caller, workspace_id, ACTION)
    row = await WORKSPACE_INVITATIONS.one(request.pool, workspace=workspace_id, after=after_id, limit=limit)
    return page(request, row)


@delete("/workspaces/{workspace_id:int}/invitations/{user_id:int}")
async def withdraw_workspace_invitation(request: ApiRequest, workspace_id: PathId, user_id: PathId) -> None:
    """Withdraw an invitation that the caller could have made, whoever made it."""
    async with request.transaction() as connection:
        caller = await places.workspace.locked(connection, request.caller, workspace_id, ACTION)
        role = await WORKSPACE_INVITATION_ROLE.value(connection, workspace=workspace_id, user=user_id)
        if role is None:
            raise _no_invitation()
        require_rank(caller, granted=role)
        await WORKSPACE_INVITATION_WITHDRAW.row(connection, workspace=workspace_id, user=user_id)


@get("/invitations")
async def list_invitations(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[WorkspaceInvitation]]:
    """The workspaces that the caller is invited into, by workspace id; `after_id` is one."""
    row = await INVITATIONS_OF_USER.one(request.pool, user=request.caller.user_id, after=after_id, limit=limit)
    return page(request, row)


@post("/invitations/{workspace_id:int}/accept", status_code=200)
async def accept_invitation(request: ApiRequest, workspace_id: PathId) -> Response[Workspace]:
    """Join a workspace. For a member this changes nothing."""
    user = request.caller.user_id
    async with request.transaction() as connection:
        accepted = await INVITATION_ACCEPT.value(connection, user=user, workspace=workspace_id)
        shown = await WORKSPACE_BY_ID.value(connection, workspace=workspace_id, user=user)
        if not accepted and shown is None:
            raise _no_invitation()
    return verbatim(places.found(shown))


@post("/invitations/{workspace_id:int}/decline", status_code=204)
async def decline_invitation(request: ApiRequest, workspace_id: PathId, data: JSONBody[Declined | None] = None) -> None:
    """Decline an invitation, and optionally block the workspace or the inviter. The inviter is not notified."""
    async with request.transaction() as connection:
        block = data.block if data else None
        user = request.caller.user_id
        if not await INVITATION_DECLINE.value(connection, user=user, workspace=workspace_id, block=block):
            raise _no_invitation()


@get("/invitation-blocks")
async def list_invitation_blocks(
    request: ApiRequest, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[InvitationBlock]]:
    """The caller's blocked inviters and workspaces."""
    row = await INVITATION_BLOCKS.one(request.pool, user=request.caller.user_id, after=after_id, limit=limit)
    return page(request, row)


@delete("/invitation-blocks/{block_id:int}")
async def lift_invitation_block(request: ApiRequest, block_id: PathId) -> None:
    """Remove a block."""
    async with request.transaction() as connection:
        user = request.caller.user_id
        if await INVITATION_BLOCK_LIFT.value(connection, user=user, block_id=block_id) is None:
            raise Problem(404, "not_found", "You have no such block.")


def _no_invitation() -> Problem:
    return Problem(404, "not_found", "There is no such invitation, or it was withdrawn.")


SCOPES = scopes.WORKSPACES
HANDLERS = [
    invite_into_workspace,
    list_workspace_invitations,
    withdraw_workspace_invitation,
    list_invitations,
    accept_invitation,
    decline_invitation,
    list_invitation_blocks,
    lift_invitation_block,
]
