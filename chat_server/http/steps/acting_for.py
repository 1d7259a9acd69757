"""Acting for somebody else: whose rights a request uses, and how far (ADR 75).

A request says so in the header `Acting-For`. Its caller is then the principal, with the principal's rights as they are
now, and `delegate_id` is who has signed in. What is not delegated at the place is refused: here, by what the route
declares, and again with every action that a handler asks of `access/places.py`. A route that declares nothing is for
nobody else.
"""

from typing import Any, Final, Literal, get_args

from chat_core.database.pool import Source
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.fields import LARGEST_ID
from chat_server.http.steps import feature
from chat_server.parts.features import Feature

DELEGATED = query("delegated", "delegate", "principal", "kind", "place")
DELEGATED_ANYWHERE = query("delegated_anywhere", "delegate", "principal", "permission")

# What may be done for somebody else: reading, and what is written down with both names. Nothing that outlives a
# delegation (members, roles, invites, ownership, credentials), and nothing that is exported.
Delegable = Literal[
    "workspace.see",
    "workspace.list_members",
    "workspace.handle_reports",
    "chat.see",
    "chat.list_members",
    "chat.read_messages",
    "chat.post_message",
    "chat.edit_own_messages",
    "chat.delete_others_messages",
    "chat.see_readers",
    "chat.rename",
    "chat.archive",
    "document.see",
    "document.list_members",
]
DELEGABLE: Final[frozenset[str]] = frozenset(get_args(Delegable))

HEADER: Final = "acting-for"
FEATURE: Final[Feature] = "enable_proxy_system"
# What the parameter of a path names.
PLACES: Final = {"workspace_id": "workspace", "chat_id": "chat", "board_id": "board", "page_id": "page"}


def delegable(permission: Delegable) -> dict[str, Any]:
    """For `opt` of a handler: it can be done for somebody else who has delegated this permission at the place in its
    path; without one, its handler limits what it shows to where it is delegated."""
    return {"delegable": permission}


async def at(connection: Source, delegate: int, principal: int, kind: str, place: int) -> frozenset[str]:
    """The names of what is delegated at a place now."""
    return frozenset(await DELEGATED.value(connection, delegate=delegate, principal=principal, kind=kind, place=place))


async def acting_for(request: ApiRequest, delegate: Caller, named: str) -> Caller:
    """The caller of a request that `delegate` makes for the principal who is named in its header. Raises Problem 400
    for an odd id, 403 unless it is delegated, and 404 where the feature is off. What nobody can do for somebody else is
    403 in any case: such a route takes no header."""
    permission: str | None = request.route_handler.opt.get("delegable")
    if permission is None:
        raise not_delegated("nobody can do it for somebody else")
    feature.require(request, FEATURE)
    if not (named.isascii() and named.isdecimal()) or not 0 < int(named) <= LARGEST_ID:
        wrong = FieldError("header.Acting-For", "the id of a user")
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])
    if delegate.scopes is not None:
        raise Problem(403, "session_required", "No personal access token may act for somebody else: sign in.")
    principal = int(named)
    for parameter, kind in PLACES.items():
        if (place := request.path_params.get(parameter)) is not None:
            may = 0 < place <= LARGEST_ID and permission in await at(
                request.pool, delegate.user_id, principal, kind, place
            )
            break
    else:
        may = await DELEGATED_ANYWHERE.value(
            request.pool, delegate=delegate.user_id, principal=principal, permission=permission
        )
    if not may:
        raise not_delegated(permission)
    return Caller(principal, delegate.session_id, delegate.token_expires_at, delegate_id=delegate.user_id)


def not_delegated(what: str) -> Problem:
    return Problem(403, "not_delegated", f"This user has not delegated this to you: {what}.")
