"""Pushes to the caller's device; docs/notifications/push.md."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody

from chat_core.base64url import base64url, from_base64url
from chat_core.database.queries import query
from chat_core.outgoing import web_push
from chat_core.outgoing.refused import Refused
from chat_core.outgoing.targets import target
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import BASE64URL, END
from chat_server.http.verbatim import verbatim
from chat_server.responses.notifications import Push, PushSubscription

PUSH_KEY = query("push_key")
PUSH_KEY_KEEP = query("push_key_keep", "private", "public")
PUSH_SUBSCRIPTION_SHOWN = query("push_subscription_shown", "session")
PUSH_SUBSCRIBE = query("push_subscribe", "user", "session", "endpoint", "public_key", "secret", "language")
PUSH_UNSUBSCRIBE = query("push_unsubscribe", "session")

KEY_FIELD = "body.keys.p256dh"
SECRET_BYTES = 16

Endpoint = Annotated[str, msgspec.Meta(min_length=9, max_length=2048, pattern=r"^https?://[\x21-\x7e]+" + END)]


class PushKeys(msgspec.Struct, forbid_unknown_fields=True):
    """As PushSubscription.toJSON() has them, in base64url: the device's public key, and its secret."""

    p256dh: Annotated[str, msgspec.Meta(min_length=87, max_length=87, pattern=BASE64URL)]
    auth: Annotated[str, msgspec.Meta(min_length=22, max_length=22, pattern=BASE64URL)]


class NewPushSubscription(msgspec.Struct, forbid_unknown_fields=True):
    """`language`: of what is shown beside the message itself."""

    endpoint: Endpoint
    keys: PushKeys
    language: Literal["en", "zh"] = "en"


@get("/push")
async def show_push(request: ApiRequest) -> Response[Push]:
    """The key that a browser subscribes with, null where the server sends no pushes; and where this session's device is
    pushed to."""
    if request.parts.settings.push.contact is None:
        return verbatim('{"public_key":null,"subscription":null}')
    key: bytes | None = await PUSH_KEY.value(request.pool)
    if key is None:
        private, public = web_push.new_pair()
        async with request.transaction() as connection:
            key = await PUSH_KEY_KEEP.value(connection, private=private, public=public)
    shown = await PUSH_SUBSCRIPTION_SHOWN.value(request.pool, session=request.caller.session_id)
    return verbatim(f'{{"public_key":"{base64url(key)}","subscription":{shown or "null"}}}')


@put("/push/subscription", opt={"problems": [404, 422]})
async def subscribe_to_pushes(request: ApiRequest, data: JSONBody[NewPushSubscription]) -> Response[PushSubscription]:
    """Push to this session's device, until it is told otherwise or the session ends. Repeat it now and then: one that
    was not for 90 days ends."""
    if request.parts.settings.push.contact is None:
        raise Problem(404, "push_off", "This server sends no pushes.")
    try:
        asked = target(data.endpoint, request.parts.settings.push.allow_hosts)
    except Refused as error:
        invalid(FieldError("body.endpoint", str(error)))
    if asked.scheme != "https" and not asked.exempt:
        invalid(FieldError("body.endpoint", "a URL that begins with https://"))
    public_key, secret = from_base64url(data.keys.p256dh), from_base64url(data.keys.auth)
    if not web_push.is_public_key(public_key):
        invalid(FieldError(KEY_FIELD, "a point of the curve P-256"))
    if len(secret) != SECRET_BYTES:
        invalid(FieldError("body.keys.auth", "16 bytes"))
    async with request.transaction() as connection:
        made = await PUSH_SUBSCRIBE.value(
            connection,
            user=request.caller.user_id,
            session=request.caller.session_id,
            endpoint=data.endpoint,
            public_key=public_key,
            secret=secret,
            language=data.language,
        )
    return verbatim(made)


@delete("/push/subscription", opt={"problems": [404]})
async def unsubscribe_from_pushes(request: ApiRequest) -> None:
    """Push to this session's device no more."""
    async with request.transaction() as connection:
        places.found(await PUSH_UNSUBSCRIBE.value(connection, session=request.caller.session_id))


SCOPES = scopes.SESSION_ONLY
HANDLERS = [show_push, subscribe_to_pushes, unsubscribe_from_pushes]
