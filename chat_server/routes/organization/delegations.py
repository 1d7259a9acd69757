"""Delegations: who may act for whom (docs/organization/acting-for.md). `http/steps/acting_for.py` is their use."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import ANY_TEXT, Id, PathId, Time
from chat_server.http.steps import acting_for
from chat_server.http.verbatim import verbatim
from chat_server.responses.organization.delegations import Delegation

DELEGATION_ACCEPT = query("delegation_accept", "delegation", "user")
DELEGATION_OFFER = query(
    "delegation_offer",
    "principal",
    "delegate",
    "permissions",
    "workspace",
    "chat",
    "document",
    "kind",
    "starts_at",
    "ends_at",
    "reason",
)
DELEGATION_REVOKE = query("delegation_revoke", "delegation", "user")
DELEGATIONS_OF_USER = query("delegations_of_user", "user")


class NewDelegation(msgspec.Struct, forbid_unknown_fields=True):
    """To somebody who shares a workspace with the caller. At most one place. Without `starts_at` it begins when it is
    accepted; it ends at most 180 days after its start."""

    delegate_id: Id
    permissions: Annotated[list[acting_for.Delegable], msgspec.Meta(min_length=1, max_length=64)]
    ends_at: Time
    starts_at: Time | None = None
    workspace_id: Id | None = None
    chat_id: Id | None = None
    board_id: Id | None = None
    page_id: Id | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500, pattern=ANY_TEXT)] = ""


@get("/delegations")
async def list_delegations(request: ApiRequest) -> Response[list[Delegation]]:
    """The open delegations that the caller has given or received, by id; at most 100."""
    return verbatim(await DELEGATIONS_OF_USER.value(request.pool, user=request.caller.user_id))


@post("/delegations", opt={"problems": [409, 422]})
async def offer_delegation(request: ApiRequest, data: JSONBody[NewDelegation]) -> Response[Delegation]:
    """Let somebody act for the caller. It is in force once they have accepted."""
    documents = {"board": data.board_id, "page": data.page_id}
    places = [data.workspace_id, data.chat_id, *documents.values()]
    if sum(place is not None for place in places) > 1:
        invalid(FieldError("workspace_id", "one of workspace_id, chat_id, board_id and page_id, or none"))
    if data.ends_at <= (data.starts_at or datetime.now(data.ends_at.tzinfo)):
        invalid(FieldError("ends_at", "a time in the future, after starts_at"))
    kind, document = next((named for named in documents.items() if named[1] is not None), ("board", None))
    async with request.transaction() as connection:
        offered = await DELEGATION_OFFER.value(
            connection,
            principal=request.caller.user_id,
            delegate=data.delegate_id,
            permissions=data.permissions,
            workspace=data.workspace_id,
            chat=data.chat_id,
            document=document,
            kind=kind,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            reason=data.reason,
        )
    if offered is None:
        invalid(FieldError(f"{kind}_id", "a place that you are in"))
    return verbatim(offered, 201)


@post("/delegations/{delegation_id:int}/accept", status_code=200)
async def accept_delegation(request: ApiRequest, delegation_id: PathId) -> Response[Delegation]:
    """Accept a delegation that the caller has been offered. Accepting it again changes nothing."""
    async with request.transaction() as connection:
        accepted = await DELEGATION_ACCEPT.value(connection, delegation=delegation_id, user=request.caller.user_id)
    if accepted is None:
        raise Problem(404, "not_found", "Nobody has offered you this delegation, or it has ended.")
    return verbatim(accepted)


@delete("/delegations/{delegation_id:int}")
async def revoke_delegation(request: ApiRequest, delegation_id: PathId) -> None:
    """Take back a delegation that the caller has given, or lay down one that they have received. What is being done by
    it is done; from then on nothing is, and the delegate's streams for the principal end."""
    async with request.transaction() as connection:
        revoked = await DELEGATION_REVOKE.value(connection, delegation=delegation_id, user=request.caller.user_id)
    if revoked is None:
        raise Problem(404, "not_found", "You have neither given nor received this delegation, or it has ended.")


SCOPES = scopes.SESSION_ONLY
FEATURE = acting_for.FEATURE
HANDLERS = [list_delegations, offer_delegation, accept_delegation, revoke_delegation]
