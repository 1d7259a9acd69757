"""Subscriptions: what a bot sees, sent to a webhook by delivery_server; docs/integrations/webhooks.md."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.log.cursor import Cursor
from chat_core.outgoing.refused import Refused
from chat_core.outgoing.signing import Scheme, SigningKey
from chat_core.problems import FieldError, Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import END, LARGEST_ID, NAME, Id, PathId, PathIdOrZero
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.http.verbatim import verbatim
from chat_server.responses.integrations.subscriptions import (
    DeliveryAttempt,
    FailedDelivery,
    NewSubscription,
    Subscription,
    SubscriptionKey,
)
from chat_server.routes.integrations.bots import BOT_BY_ID, managed, shown_once
from chat_server.sign_in.freshness import require_fresh, require_session

SUBSCRIPTION_CREATE = query(
    "subscription_create", *("bot", "name", "address", "kinds", "chats", "ordered", "epoch", "position", "user")
)
SUBSCRIPTION_SECRET_ADD = query("subscription_secret_add", "subscription", "scheme", "secret")
SUBSCRIPTION_SHOWN = query("subscription_shown", "bot", "subscription")
SUBSCRIPTION_UPDATE = query(
    "subscription_update",
    *("bot", "subscription", "name", "address", "kinds", "chats", "ordered", "epoch", "position", "enabled"),
)
SUBSCRIPTION_DELETE = query("subscription_delete", "bot", "subscription")
SUBSCRIPTIONS_OF_BOT = query("subscriptions_of_bot", "bot")
DELIVERIES_OF_SUBSCRIPTION = query("deliveries_of_subscription", "subscription", "after", "limit")
ATTEMPTS_OF_SUBSCRIPTION = query("attempts_of_subscription", "subscription", "before", "limit")
DELIVERY_AGAIN = query("delivery_again", "bot", "subscription", "position")

NO_SUBSCRIPTION = "The bot has no subscription with this id."

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=NAME)]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
Kind = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[A-Z][A-Za-z]*" + END)]
CursorText = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[0-9a-z]+\.[0-9]+" + END)]
# A failed `reset` is at position 0, which a list from its beginning has to have.
BEFORE_ALL = -1
AfterPosition = Annotated[
    int,
    QueryParameter(
        ge=BEFORE_ALL,
        le=LARGEST_ID,
        description="Start after this position: see the Link header of the previous page.",
    ),
]
BeforeId = Annotated[
    int,
    QueryParameter(ge=1, le=LARGEST_ID, description="Start before this id: see the Link header of the previous page."),
]


class SubscriptionWish(msgspec.Struct, forbid_unknown_fields=True):
    """Without `kinds` and `chat_ids` all that the bot sees is sent. `ordered`: an event waits until the one before it
    has been delivered. `cursor` is where it begins, such as one of last week; without it, now. `scheme`: `v1` signs
    with a secret, `v1a` with a key whose public half verifies."""

    name: Name
    url: Url
    kinds: Annotated[list[Kind], msgspec.Meta(min_length=1, max_length=100)] | None = None
    chat_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=100)] | None = None
    ordered: bool = True
    scheme: Scheme = "v1"
    cursor: CursorText | None = None


class SubscriptionChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. An empty list of `kinds` or `chat_ids` means all. A `cursor` sends again what
    follows it, or leaves out what precedes it. `enabled`: false pauses it, true goes on, also after it was disabled."""

    name: Name | None = None
    url: Url | None = None
    kinds: Annotated[list[Kind], msgspec.Meta(max_length=100)] | None = None
    chat_ids: Annotated[list[Id], msgspec.Meta(max_length=100)] | None = None
    ordered: bool | None = None
    cursor: CursorText | None = None
    enabled: bool | None = None


class SubscriptionKeyWish(msgspec.Struct, forbid_unknown_fields=True):
    scheme: Scheme = "v1"


@post("/bots/{bot_id:int}/subscriptions", opt={"problems": [409, 422]})
async def create_subscription(
    request: ApiRequest, bot_id: PathId, data: JSONBody[SubscriptionWish]
) -> Response[NewSubscription]:
    """Send what a bot sees to a webhook. Needs a fresh sign-in. The response alone has a secret."""
    await require_fresh(request)
    _check_url(request, data.url)
    epoch, position = _cursor(data.cursor)
    key = SigningKey.new(data.scheme)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        made: int = await SUBSCRIPTION_CREATE.value(
            connection,
            bot=bot_id,
            name=data.name,
            address=data.url,
            kinds=data.kinds,
            chats=data.chat_ids,
            ordered=data.ordered,
            epoch=epoch,
            position=position,
            user=request.caller.user_id,
        )
        await SUBSCRIPTION_SECRET_ADD.row(connection, subscription=made, scheme=key.scheme, secret=key.secret)
        shown = await _shown(connection, bot_id, made)
    return shown_once(shown, key=key.shown)


@get("/bots/{bot_id:int}/subscriptions")
async def list_subscriptions(request: ApiRequest, bot_id: PathId) -> Response[list[Subscription]]:
    """All subscriptions of a bot, at most 20, by id."""
    require_session(request)
    await managed(request.pool, request, bot_id, BOT_BY_ID)
    return verbatim(await SUBSCRIPTIONS_OF_BOT.value(request.pool, bot=bot_id))


@get("/bots/{bot_id:int}/subscriptions/{subscription_id:int}")
async def show_subscription(request: ApiRequest, bot_id: PathId, subscription_id: PathId) -> Response[Subscription]:
    """A subscription, and how far it is."""
    require_session(request)
    await managed(request.pool, request, bot_id, BOT_BY_ID)
    shown = await SUBSCRIPTION_SHOWN.value(request.pool, bot=bot_id, subscription=subscription_id)
    return verbatim(_there(shown))


@patch("/bots/{bot_id:int}/subscriptions/{subscription_id:int}", opt={"problems": [422]})
async def change_subscription(
    request: ApiRequest, bot_id: PathId, subscription_id: PathId, data: JSONBody[SubscriptionChange]
) -> Response[Subscription]:
    """Change a subscription, move its cursor, pause it, or enable it again. Another `url` needs a fresh sign-in."""
    require_session(request)
    if data.url is not None:
        await require_fresh(request)
        _check_url(request, data.url)
    epoch, position = _cursor(data.cursor)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        shown = await SUBSCRIPTION_UPDATE.value(
            connection,
            bot=bot_id,
            subscription=subscription_id,
            name=data.name,
            address=data.url,
            kinds=data.kinds,
            chats=data.chat_ids,
            ordered=data.ordered,
            epoch=epoch,
            position=position,
            enabled=data.enabled,
        )
    return verbatim(_there(shown))


@delete("/bots/{bot_id:int}/subscriptions/{subscription_id:int}")
async def delete_subscription(request: ApiRequest, bot_id: PathId, subscription_id: PathId) -> None:
    """Delete a subscription: nothing more is sent."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        _there(await SUBSCRIPTION_DELETE.value(connection, bot=bot_id, subscription=subscription_id))


@post("/bots/{bot_id:int}/subscriptions/{subscription_id:int}/key", opt={"problems": [422]})
async def replace_subscription_key(
    request: ApiRequest, bot_id: PathId, subscription_id: PathId, data: JSONBody[SubscriptionKeyWish]
) -> Response[SubscriptionKey]:
    """Sign with a new key, and for a day more with the former one. Needs a fresh sign-in. The response alone has a
    secret."""
    await require_fresh(request)
    key = SigningKey.new(data.scheme)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        _there(await SUBSCRIPTION_SHOWN.value(connection, bot=bot_id, subscription=subscription_id))
        await SUBSCRIPTION_SECRET_ADD.row(
            connection, subscription=subscription_id, scheme=key.scheme, secret=key.secret
        )
    return shown_once(msgspec.json.encode({"scheme": key.scheme}).decode(), key=key.shown)


@get("/bots/{bot_id:int}/subscriptions/{subscription_id:int}/deliveries")
async def list_failed_deliveries(
    request: ApiRequest,
    bot_id: PathId,
    subscription_id: PathId,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterPosition = BEFORE_ALL,
) -> Response[list[FailedDelivery]]:
    """Events whose delivery has failed, by position: those that are tried again, and dead letters."""
    await _managed_subscription(request, bot_id, subscription_id)
    return page(
        request,
        await DELIVERIES_OF_SUBSCRIPTION.one(request.pool, subscription=subscription_id, after=after_id, limit=limit),
    )


@post("/bots/{bot_id:int}/subscriptions/{subscription_id:int}/deliveries/{position:int}", status_code=202)
async def deliver_again(
    request: ApiRequest, bot_id: PathId, subscription_id: PathId, position: PathIdOrZero
) -> Response[FailedDelivery]:
    """Send an event again whose delivery has failed: at once, and with all its attempts."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        again = await DELIVERY_AGAIN.value(connection, bot=bot_id, subscription=subscription_id, position=position)
    if again is None:
        raise Problem(404, "not_found", "No delivery of this event has failed.")
    return verbatim(again, 202)


@get("/bots/{bot_id:int}/subscriptions/{subscription_id:int}/attempts")
async def list_delivery_attempts(
    request: ApiRequest,
    bot_id: PathId,
    subscription_id: PathId,
    limit: Limit = DEFAULT_LIMIT,
    before_id: BeforeId = LARGEST_ID,
) -> Response[list[DeliveryAttempt]]:
    """The newest attempts of a subscription, the newest first: at least 500."""
    await _managed_subscription(request, bot_id, subscription_id)
    row = await ATTEMPTS_OF_SUBSCRIPTION.one(request.pool, subscription=subscription_id, before=before_id, limit=limit)
    return page(request, row, "before_id")


async def _managed_subscription(request: ApiRequest, bot_id: int, subscription_id: int) -> None:
    """Raises Problem 404 or 403."""
    require_session(request)
    await managed(request.pool, request, bot_id, BOT_BY_ID)
    _there(await SUBSCRIPTION_SHOWN.value(request.pool, bot=bot_id, subscription=subscription_id))


async def _shown(connection: Connection, bot_id: int, subscription_id: int) -> str:
    shown: str = await SUBSCRIPTION_SHOWN.value(connection, bot=bot_id, subscription=subscription_id)
    return shown


def _there(found: str | None) -> str:
    if found is None:
        raise Problem(404, "not_found", NO_SUBSCRIPTION)
    return found


def _check_url(request: ApiRequest, url: str) -> None:
    """Raises Problem 422 for a URL that is never asked for; where its name leads is checked whenever it is."""
    try:
        request.parts.outgoing.check(url)
    except Refused as error:
        wrong = FieldError("body.url", f"the URL of a webhook: {error}")
        raise Problem(422, "url_refused", f"This URL cannot be asked: {error}", [wrong]) from error


def _cursor(text: str | None) -> tuple[str | None, int | None]:
    if text is None:
        return None, None
    try:
        cursor = Cursor.parse(text)
    except ValueError:
        wrong = FieldError("body.cursor", "epoch.position, as events have it")
        raise Problem(422, "subscriptions_cursor_in_log", "This is no cursor of the event log.", [wrong]) from None
    if cursor.position > LARGEST_ID:
        raise Problem(422, "subscriptions_cursor_in_log", "This is no cursor of the event log.")
    return cursor.epoch, cursor.position


FEATURE = "enable_bot_messages"
SCOPES = scopes.Scopes("workspaces:read", None)
HANDLERS = [
    create_subscription,
    list_subscriptions,
    show_subscription,
    change_subscription,
    delete_subscription,
    replace_subscription_key,
    list_failed_deliveries,
    deliver_again,
    list_delivery_attempts,
]
