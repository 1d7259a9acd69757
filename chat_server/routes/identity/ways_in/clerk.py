"""Signing in with a session token of Clerk, linking it, and Clerk's word about what has changed there.

A client exchanges its token for a session: there is one kind of session, whatever the way in. A browser that has no
session at Clerk goes from the page to GET /api/auth/clerk, to Clerk's page, and back to …/callback with Clerk's cookie.
"""

import time
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
import structlog
from litestar import Response, get, post
from litestar.params import JSONBody
from litestar.response import Redirect

from chat_core.problems import Problem
from chat_core.settings import CLERK
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.identity import attempts
from chat_server.identity.attempts import Attempt
from chat_server.identity.clerk import webhooks
from chat_server.identity.clerk.clerk import Clerk
from chat_server.identity.clerk.tokens import ClerkSession
from chat_server.identity.outgoing import ProviderUnavailable
from chat_server.identity.signed_tokens import InvalidToken
from chat_server.provisioning import clerk_events as events
from chat_server.responses.auth import SignedIn
from chat_server.routes.identity.ways_in.providers import Exchange
from chat_server.sign_in import people, profiles, through_browser
from chat_server.sign_in.beginning import Beginning, Device, begin_session, refusals_counted
from chat_server.sign_in.freshness import require_fresh
from chat_server.sign_in.people import Person, Profile

# What Clerk puts into a token fits a cookie, of 4 KiB.
LONGEST_TOKEN: Final = 8192

_log = structlog.get_logger()


class Link(msgspec.Struct, forbid_unknown_fields=True):
    """A session token of Clerk, which is not in the header Authorization here."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TOKEN)]


@post("/auth/clerk/session", status_code=200, opt={**PUBLIC, "problems": [401, 403, 404, 503]})
async def exchange(request: ApiRequest, data: JSONBody[Exchange]) -> Response[SignedIn]:
    """Get a session for a session token of Clerk, in the header `Authorization: Bearer` or in Clerk's cookie
    `__session`. It ends when Clerk says that its own has ended."""
    clerk = request.parts.providers.clerk()
    with refusals_counted(request, CLERK):
        there = await _verified(clerk, request.headers.get("authorization", ""), request.cookies)
        person = await _person(request, clerk, there)
        began = Beginning(CLERK, there.amr, _auth_time(request, there), there.sid, person.identity_id)
        return await begin_session(request, person.user_id, began, Device(data.device_token))


@post("/auth/clerk/link", status_code=204, opt={"problems": [401, 403, 404, 409, 503]})
async def link(request: ApiRequest, data: JSONBody[Link]) -> None:
    """Link the user of a session token of Clerk to the caller's account: from then on they can sign in with Clerk.
    Needs a fresh sign-in."""
    await require_fresh(request)
    clerk = request.parts.providers.clerk()
    there = await _verified(clerk, f"Bearer {data.token}", {})
    await people.link(request, await _profile(clerk, there))
    await _grant(request, clerk, there)


@get("/auth/clerk", opt=PUBLIC, include_in_schema=False)
async def begin(request: ApiRequest) -> Response[Any]:
    """Send the browser to Clerk's page."""
    clerk = _with_a_page(request)
    attempt, browser, cookie = through_browser.begun(request, clerk, None)
    state = attempts.seal(request.parts.signer, attempt, browser)
    back_to = f"{request.parts.providers.begin_url(clerk)}/callback?state={state}"
    headers = {"Cache-Control": "no-store"}
    return Redirect(clerk.sign_in_url(back_to), status_code=303, cookies=[cookie], headers=headers)


@get("/auth/clerk/callback", opt=PUBLIC, include_in_schema=False)
async def come_back(request: ApiRequest) -> Response[Any]:
    """Where Clerk's page sends the browser back, with `state`; who it is says the cookie `__session`."""
    try:
        clerk = _with_a_page(request)
        with refusals_counted(request, CLERK):
            attempt, _ = await through_browser.come_back(request, clerk, request.query_params.get("state", ""))
            return await _entered(request, clerk, attempt)
    except Problem as problem:
        return through_browser.failed(request, problem)


@post("/webhooks/clerk", status_code=204, opt={**PUBLIC, "problems": [400, 404, 503]})
async def webhook(request: ApiRequest) -> None:
    """Hear from Clerk what has changed: users, sessions, organizations and their members. Svix signs it, in the headers
    `svix-id`, `svix-timestamp` and `svix-signature`."""
    clerk = request.parts.providers.clerk()
    counted = request.parts.metrics.webhooks
    try:
        event = await _signed_event(request, clerk)
        async with request.transaction() as connection:
            outcome, ended = await events.apply(connection, clerk.settings, event)
    except (webhooks.InvalidWebhook, msgspec.DecodeError) as error:
        counted.labels(CLERK, "refused").inc()
        why = str(error) if isinstance(error, webhooks.InvalidWebhook) else "its body is not an event of Clerk"
        _log.warning("webhook refused", provider=CLERK, reason=why)
        raise Problem(400, "invalid_webhook", f"The webhook is not valid: {why}.") from None
    counted.labels(CLERK, outcome).inc()
    for user in ended:
        request.parts.sessions.forget(user)


async def _signed_event(request: ApiRequest, clerk: Clerk) -> events.Event:
    try:
        secrets = [webhooks.key_of(secret) for secret in clerk.settings.webhook_secrets()]
    except (OSError, ValueError) as error:
        _log.error("webhook_secret_file cannot be used", provider=CLERK, reason=str(error))
        raise Problem(503, "provider_unavailable", "The secret of Clerk's webhooks cannot be read here.") from None
    body = await request.body()
    names = ("svix-id", "svix-timestamp", "svix-signature")
    message_id, sent_at, signatures = (request.headers.get(name, "") for name in names)
    webhooks.verify(secrets, message_id, sent_at, signatures, body, time.time())
    return msgspec.json.decode(body, type=events.Event)


async def _entered(request: ApiRequest, clerk: Clerk, attempt: Attempt) -> Redirect:
    there = await _verified(clerk, "", request.cookies)
    profile = await _profile(clerk, there)
    auth_time = int(_auth_time(request, there).timestamp())
    response = await through_browser.entered(
        request, clerk, attempt, profile, amr=there.amr, auth_time=auth_time, sid=there.sid
    )
    await _grant(request, clerk, there)
    return response


def _with_a_page(request: ApiRequest) -> Clerk:
    clerk = request.parts.providers.clerk()
    if clerk.settings.sign_in_url is None:
        raise Problem(404, "not_found", "There is no page of Clerk to sign in at: auth.clerk.sign_in_url is not set.")
    return clerk


async def _verified(clerk: Clerk, authorization: str, cookies: dict[str, str]) -> ClerkSession:
    """The session at Clerk of a token. Raises Problem 401 and 503."""
    try:
        return await clerk.session(authorization, cookies)
    except InvalidToken as error:
        _log.info("token of a provider refused", provider=CLERK, reason=str(error))
        raise unauthorized(f"A valid session token of Clerk is required: {error}.", "invalid_provider_token") from None
    except ProviderUnavailable as error:
        raise through_browser.unavailable(clerk, error) from None


async def _profile(clerk: Clerk, there: ClerkSession) -> Profile:
    """Tokens do not say who somebody is, so Clerk is asked; that also tells that they are still there. Raises Problem
    401, 403 and 503."""
    try:
        user = await clerk.backend.user(there.user)
    except ProviderUnavailable as error:
        raise through_browser.unavailable(clerk, error) from None
    if user is None or user.id != there.user or user.banned:
        raise unauthorized("Clerk has no such user any more, or has banned them.", "invalid_provider_token")
    address = user.address
    return profiles.admitted(
        CLERK,
        clerk.settings,
        issuer=clerk.settings.issuer,
        subject=there.user,
        email=address.email_address if address else None,
        email_verified=address is not None and events.is_verified(address),
        fullname=user.fullname,
    )


async def _person(request: ApiRequest, clerk: Clerk, there: ClerkSession) -> Person:
    """Whoever is behind the session here, with the memberships of their organizations."""
    person = await people.admitted_by(request, await _profile(clerk, there), clerk.settings)
    await _grant(request, clerk, there)
    return person


async def _grant(request: ApiRequest, clerk: Clerk, there: ClerkSession) -> None:
    """The memberships of their organizations. The token names the active one alone, so it can tell of a membership, and
    not of the end of one."""
    if not clerk.settings.workspaces:
        return
    async with request.transaction() as connection:
        if there.organization in clerk.settings.workspaces:
            at = datetime.fromtimestamp(there.issued_at, UTC)
            await events.note(connection, "membership", there.organization, there.user, gone=False, at=at)
        await events.sync_user(connection, clerk.settings, there.user)


def _auth_time(request: ApiRequest, there: ClerkSession) -> datetime:
    """When the user proved who they are. If Clerk does not say, that is too long ago for what needs a fresh sign-in."""
    if there.factor_minutes is None:
        return datetime.fromtimestamp(there.issued_at - request.parts.settings.auth.fresh_seconds - 1, UTC)
    return datetime.fromtimestamp(there.issued_at - there.factor_minutes * 60, UTC)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [exchange, link, begin, come_back, webhook]
