"""Changes of members that workspaces, chats and documents share: a role, a removal, a new owner."""

from typing import Any

from litestar import Response

from chat_core.database.queries import Query
from chat_core.problems import FieldError
from chat_server.access import places
from chat_server.access.permissions import require_rank
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import DocumentRole, Role
from chat_server.http.verbatim import verbatim

AnyKind = places.Kind[Any, Any]


async def set_role(
    request: ApiRequest, kind: AnyKind, change: Query, place: int, user_id: int, role: Role | DocumentRole
) -> Response[Any]:
    """Responds with the member after `change`."""
    async with request.transaction() as connection:
        caller = await kind.locked(connection, request.caller, place, "change a member's role", target=user_id)
        places.require_member(caller.target_role, kind.name)
        require_rank(caller, granted=role)
        changed = await change.value(connection, user=user_id, role=role, **kind.at(place))
    return verbatim(places.found(changed))


async def remove(request: ApiRequest, kind: AnyKind, removal: Query, place: int, user_id: int) -> None:
    """With the caller's own id: leave."""
    action = kind.leave if user_id == request.caller.user_id else "remove a member"
    async with request.transaction() as connection:
        caller = await kind.locked(connection, request.caller, place, action, target=user_id)
        places.require_member(caller.target_role, kind.name)
        require_rank(caller)
        await removal.row(connection, user=user_id, **kind.at(place))


async def transfer(
    request: ApiRequest, kind: AnyKind, change: Query, shown: Query, place: int, heir: int
) -> Response[Any]:
    """Responds with the place as the caller then sees it."""
    user = request.caller.user_id
    async with request.transaction() as connection:
        caller = await kind.locked(connection, request.caller, place, "transfer its ownership", target=heir)
        places.require_member(caller.target_role, kind.name)
        if heir == user:
            invalid(FieldError("user_id", "another member"))
        if await change.row(connection, user=user, target=heir, **kind.at(place)) is None:
            invalid(FieldError("user_id", "a member whose account is active"))
        transferred = await shown.value(connection, user=user, **kind.at(place))
    return verbatim(places.found(transferred))
