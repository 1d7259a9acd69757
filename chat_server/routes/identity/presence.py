"""Presence: users' presence, its mode, and their status."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Response, get, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.queries import query
from chat_core.problems import FieldError
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import NOWHERE, ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import Id, PresenceMode, QueryId, StatusEmoji, StatusText, Time
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.binding import BOUND
from chat_server.http.verbatim import verbatim
from chat_server.responses.users import OwnPresence, Presence, User

PRESENCES = query("presences_of_workspace", "workspace", "viewer", "users", "after", "limit")
SET_PRESENCE_MODE = query("user_set_presence_mode", "user", "mode")
SET_STATUS = query("user_set_status", "user", "text", "emoji", "until")

UserIds = Annotated[
    list[Id] | None, QueryParameter(max_items=100, description="Only these members, such as those that a client shows.")
]


class ChosenPresence(msgspec.Struct, forbid_unknown_fields=True):
    """`auto` is the actual state: online, away while idle, offline without a stream. `invisible` looks offline to
    others."""

    presence_mode: PresenceMode


class ChosenStatus(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields are empty: without text and emoji the status is removed. Without `until` it stays."""

    text: StatusText | None = None
    emoji: StatusEmoji | None = None
    until: Time | None = None


class ActivityReport(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the user has been idle in this session's clients for a while."""

    idle: bool


@get("/presence", opt={"scopes": scopes.WORKSPACES, **BOUND})
async def list_presences(
    request: ApiRequest,
    workspace_id: QueryId,
    user_ids: UserIds = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Presence]]:
    """The presence of a workspace's members, by user id. Later `PresenceChanged` events are newer than this."""
    workspace_id = request.caller.within(workspace_id) or NOWHERE
    await places.workspace(request.pool, request.caller, workspace_id, "see its members' presence")
    row = await PRESENCES.one(
        request.pool,
        workspace=workspace_id,
        viewer=request.caller.user_id,
        users=user_ids,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@put("/users/me/presence")
async def choose_presence(request: ApiRequest, data: JSONBody[ChosenPresence]) -> Response[OwnPresence]:
    """Choose how other users see the caller."""
    async with request.transaction() as connection:
        chosen = await SET_PRESENCE_MODE.value(connection, user=request.caller.user_id, mode=data.presence_mode)
    return verbatim(places.found(chosen))


@put("/users/me/status")
async def set_status(request: ApiRequest, data: JSONBody[ChosenStatus]) -> Response[User]:
    """Set the caller's status, optionally until a time."""
    if data.until is not None and (data.until <= datetime.now(UTC) or data.text is data.emoji is None):
        invalid(FieldError("until", "a future time, for a status with a text or an emoji"))
    async with request.transaction() as connection:
        changed = await SET_STATUS.value(
            connection, user=request.caller.user_id, text=data.text, emoji=data.emoji, until=data.until
        )
    return verbatim(places.found(changed))


@put("/users/me/activity", status_code=204)
async def report_activity(request: ApiRequest, data: JSONBody[ActivityReport]) -> None:
    """Report that this session's clients have become idle or active. A user whose sessions are all idle is away."""
    caller = request.caller
    with request.parts.metrics.ephemeral("activity"):
        await request.parts.activity.report(caller.user_id, caller.session_id, data.idle)


SCOPES = scopes.PROFILE
HANDLERS = [list_presences, choose_presence, set_status, report_activity]
