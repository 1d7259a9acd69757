"""Opening a stream for somebody else, who is named in the header `Acting-For`, or by `acting_for` in the query.

It belongs to the session of the delegate and counts among their streams. It ends when the first of the delegations that
it is opened by ends, and when one of them or the principal's access changes (fan_out/deputies.py).
"""

import asyncio

import asyncpg
import msgspec
from starlette.requests import Request

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_core.tokens import Claims
from notify_server.fan_out.deputies import CHANGED, Deputy
from notify_server.fan_out.hub import Hub
from notify_server.streams.stream import Stream
from notify_server.subscriptions.subscribe import Opening, Subscriptions, too_many_streams

DELEGATED_STREAM = query("delegated_stream", "delegate", "session", "principal")
HEADER = "acting-for"
NO_DELEGATION = "This user has not delegated anything to you that a stream shows."


def acting_for(request: Request) -> int | None:
    """The principal whom a request names. Raises Problem 400 for an odd id."""
    named = request.headers.get(HEADER) or request.query_params.get("acting_for")
    if named is None:
        return None
    if not (named.isascii() and named.isdecimal()) or not 0 < int(named) < 2**63:
        wrong = FieldError("header.Acting-For", "the id of a user")
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])
    return int(named)


def for_oneself_alone(request: Request) -> None:
    """Raises Problem 403 for an endpoint at which nobody acts for somebody else."""
    if acting_for(request) is not None:
        raise Problem(403, "not_delegated", "Nobody can do this for somebody else.")


async def subscribe_for(
    subscriptions: Subscriptions, stream: Stream, claims: Claims, principal: int, asked: str | None
) -> Opening:
    """As `Subscriptions.subscribe`. Raises Problem 403 unless something is delegated that a stream shows, and 404 where
    the feature is off."""
    hub = subscriptions.hub
    if claims.scopes is not None:
        raise Problem(403, "session_required", "No personal access token may act for somebody else: sign in.")
    own = [deputy for deputy in hub.deputies if deputy.delegate_id == claims.user_id]
    if len(own) >= subscriptions.settings.notify.streams_per_user:
        raise too_many_streams()
    if subscriptions.is_cold(asked):
        await subscriptions.boots.admit(claims.user_id)
    while True:
        found = await _read(subscriptions, claims, principal)
        if found["epoch"] != hub.epoch:
            await subscriptions.reach_epoch(found["epoch"])  # what was read is of another history, and useless
        elif not _overtaken(hub, found["head"], (principal, claims.user_id)):
            break
    delegated = msgspec.json.decode(found["delegated"], type=dict[int, list[str]])
    deputy = Deputy(principal, claims.user_id, found["head"], delegated)
    opening = subscriptions.begin(stream, deputy, deputy, asked, found["floor"])
    ending = asyncio.get_running_loop().call_later(found["seconds"], stream.close, CHANGED)
    forget = stream.forget

    def over() -> None:
        ending.cancel()
        forget()

    stream.forget = over
    return opening


async def _read(subscriptions: Subscriptions, claims: Claims, principal: int) -> asyncpg.Record:
    async with subscriptions.reading() as source:
        found = await DELEGATED_STREAM.row(
            source, delegate=claims.user_id, session=claims.session_id, principal=principal
        )
    if found is None:
        raise Problem(503, "log_missing", "The event log has not been started: run `fechatter migrate up`.")
    if not found["good"]:
        headers = {"WWW-Authenticate": 'Bearer realm="fechatter"'}
        raise Problem(401, "unauthorized", "the session has ended", headers=headers)
    if not found["enabled"]:
        detail = "enable_proxy_system is off on this server: an operator switches it on in app.yaml."
        raise Problem(404, "feature_off", detail, extra={"feature": "enable_proxy_system"})
    if found["delegated"] == "{}" or found["seconds"] is None:
        raise Problem(403, "not_delegated", NO_DELEGATION)
    return found


def _overtaken(hub: Hub, head: int, concerned: tuple[int, int]) -> bool:
    """Whether something has been dispatched meanwhile that what was read may not know."""
    if hub.position <= head:
        return False
    return hub.ring.floor > head or any(
        event.user_id in concerned or event.kind == "FeaturesUpdated" for event in hub.ring.after(head)
    )
