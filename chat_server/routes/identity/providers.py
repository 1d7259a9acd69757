"""Signing in at a provider of identity (OpenID Connect), linking it, and the provider's word that a session has ended.

A browser goes from the page to GET /api/auth/oidc/NAME, to the provider, and back to …/callback, which leaves the
result in a cookie and sends the browser to the page that signs in. That page exchanges the cookie for a session.
"""

import time
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
import structlog
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody, PathParameter
from litestar.response import Redirect

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.tokens import hash_secret, new_secret
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.fields import Secret
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.identity.oidc import attempts
from chat_server.identity.oidc.attempts import Attempt, Result
from chat_server.identity.oidc.outgoing import ProviderRefused, ProviderUnavailable
from chat_server.identity.oidc.provider import Provider
from chat_server.identity.oidc.tokens import Claims, InvalidToken
from chat_server.responses.auth import SignedIn
from chat_server.responses.providers import ProviderPage, SignInProvider
from chat_server.sign_in import people
from chat_server.sign_in.beginning import Beginning, Device, begin_session, refusals_counted
from chat_server.sign_in.ending import end_by_provider
from chat_server.sign_in.freshness import require_fresh
from chat_server.sign_in.oidc_profile import profile

IDENTITY_OF = query("identity_of", "provider", "issuer", "subject")
SESSION_PROVIDER = query("session_provider", "session")
USE_ONCE = query("use_once", "hash", "expires_at")

BROWSER, RESULT = "fechatter_browser", "fechatter_result"
LOGOUT_TOKEN_SECONDS = 3600
# The `amr` of a provider that does not say how it has authenticated somebody.
UNKNOWN_FACTOR = "fed"

Name = Annotated[str, PathParameter(max_length=32, pattern=r"^[a-z][a-z0-9_-]*$")]

_log = structlog.get_logger()


class Exchange(msgspec.Struct, forbid_unknown_fields=True):
    """`device_token` is from an earlier sign-in on this device, to any account."""

    device_token: Secret | None = None


@get("/auth/providers", opt=PUBLIC)
async def list_providers(request: ApiRequest) -> list[SignInProvider]:
    """The providers of identity at which people can sign in here."""
    providers = request.parts.providers
    return [SignInProvider(each.name, each.title, providers.begin_url(each)) for each in providers.all()]


@get("/auth/google", opt=PUBLIC, include_in_schema=False)
async def begin_at_google(request: ApiRequest) -> Response[Any]:
    return await _begun(request, "google")


@get("/auth/google/callback", opt=PUBLIC, include_in_schema=False)
async def come_back_from_google(request: ApiRequest) -> Response[Any]:
    return await _come_back(request, "google")


@get("/auth/oidc/{provider:str}", opt=PUBLIC, include_in_schema=False)
async def begin(request: ApiRequest, provider: Name) -> Response[Any]:
    """Send the browser to the provider."""
    return await _begun(request, provider)


@get("/auth/oidc/{provider:str}/callback", opt=PUBLIC, include_in_schema=False)
async def come_back(request: ApiRequest, provider: Name) -> Response[Any]:
    """Where the provider sends the browser back, with `state`, and `code` or `error`, and `iss`."""
    return await _come_back(request, provider)


@post("/auth/provider-session", status_code=200, opt={**PUBLIC, "problems": [401, 403]})
async def begin_provider_session(request: ApiRequest, data: JSONBody[Exchange]) -> Response[SignedIn]:
    """Get the session of a sign-in that a provider has just confirmed, by the cookie that it left in this browser,
    once."""
    signer = request.parts.signer
    result = attempts.unseal(signer, request.cookies.get(_cookie_name(request, RESULT), ""), Result)
    if result is None or not await _first_use(request, f"result {result.seed}", attempts.RESULT_SECONDS):
        raise unauthorized("No provider has just confirmed a sign-in in this browser; start it again.", "no_sign_in")
    began = Beginning(
        result.provider,
        tuple(result.amr),
        datetime.fromtimestamp(result.auth_time, UTC),
        result.sid,
        result.identity_id,
    )
    with refusals_counted(request, result.provider):
        signed_in = await begin_session(request, result.user_id, began, Device(data.device_token))
    signed_in.set_cookie(_cookie(request, RESULT, "", 0))
    return signed_in


@post("/auth/oidc/{provider:str}/link", status_code=200, opt={"problems": [403, 404, 503]})
async def begin_link(request: ApiRequest, provider: Name) -> Response[ProviderPage]:
    """Begin to link an account at a provider to the caller's: go to `url` in this browser. From then on one can sign
    in there."""
    await require_fresh(request)
    caller = request.caller
    url, cookie = await _authorization(request, provider, (caller.user_id, caller.session_id))
    return Response(ProviderPage(url), media_type="application/json", cookies=[cookie])


@get("/auth/provider-logout")
async def provider_logout(request: ApiRequest) -> ProviderPage:
    """Where the caller's browser goes after POST /auth/logout, to sign out at the provider of this session too."""
    providers = request.parts.providers
    name: str | None = await SESSION_PROVIDER.value(request.pool, session=request.caller.session_id)
    provider = next((each for each in providers.all() if each.name == name), None)
    if provider is None:
        return ProviderPage(None)
    try:
        return ProviderPage(await provider.logout_url(f"{providers.public_url}/signin"))
    except ProviderUnavailable:
        return ProviderPage(None)


@post("/auth/oidc/{provider:str}/backchannel-logout", status_code=200, opt={**PUBLIC, "problems": [400, 404, 503]})
async def back_channel_logout(request: ApiRequest, provider: Name) -> Response[None]:
    """End the sessions that a provider says have ended, by a logout token in the form's field `logout_token`
    (OpenID Connect Back-Channel Logout 1.0). Their streams close at once."""
    from_provider = request.parts.providers.named(provider)
    form = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
    try:
        claims = await from_provider.logout_claims(form.get("logout_token", [""])[0])
    except InvalidToken as error:
        _log.warning("logout token refused", provider=provider, reason=str(error))
        raise Problem(400, "invalid_logout_token", f"The logout token is not valid: {error}.") from None
    except ProviderUnavailable as error:
        raise _unavailable(from_provider, error) from None
    ended: list[int] = []
    async with request.transaction() as connection:  # a token whose sessions could not be ended may come again
        if not await _use(connection, f"logout {provider} {claims['jti']}", LOGOUT_TOKEN_SECONDS):
            raise Problem(400, "invalid_logout_token", "The logout token was used before.")
        identity, subject = None, claims.get("sub")
        if subject is not None:
            issuer = from_provider.settings.issuer
            identity = await IDENTITY_OF.value(connection, provider=provider, issuer=issuer, subject=subject)
        if subject is None or identity is not None:
            ended = await end_by_provider(connection, provider, sid=claims.get("sid"), identity=identity)
    for user in ended:
        request.parts.sessions.forget(user)
    return Response(None, status_code=200, headers={"Cache-Control": "no-store"})


async def _begun(request: ApiRequest, name: str) -> Response[Any]:
    try:
        url, cookie = await _authorization(request, name)
    except Problem as problem:
        return _failed(request, problem)
    return Redirect(url, status_code=303, cookies=[cookie], headers={"Cache-Control": "no-store"})


async def _authorization(request: ApiRequest, name: str, link: tuple[int, int] | None = None) -> tuple[str, Cookie]:
    """Where to send the browser, and the cookie that binds the attempt to it. Raises Problem 404 and 503."""
    parts = request.parts
    provider = parts.providers.named(name)
    browser = request.cookies.get(_cookie_name(request, BROWSER)) or new_secret()[0]
    attempt = attempts.begin(name, link)
    nonce, verifier = attempts.secrets_of(parts.signer, attempt, browser)
    state = attempts.seal(parts.signer, attempt, browser)
    try:
        url = await provider.authorization_url(parts.providers.callback_url(provider), state, nonce, verifier)
    except ProviderUnavailable as error:
        raise _unavailable(provider, error) from None
    return url, _cookie(request, BROWSER, browser, attempts.ATTEMPT_SECONDS)


async def _come_back(request: ApiRequest, name: str) -> Response[Any]:
    """To the page, with the result in a cookie, or with what went wrong."""
    try:
        provider = request.parts.providers.named(name)
        with refusals_counted(request, provider.name):
            attempt, claims = await _confirmed(request, provider)
            cookies, fragment = await _entered(request, provider, attempt, claims)
    except Problem as problem:
        return _failed(request, problem)
    return Redirect(f"/signin#/{fragment}", status_code=303, cookies=cookies, headers={"Cache-Control": "no-store"})


async def _confirmed(request: ApiRequest, provider: Provider) -> tuple[Attempt, Claims]:
    """The attempt that this browser began here, once, and what the provider says of who has signed in."""
    parts, given = request.parts, request.query_params
    browser = request.cookies.get(_cookie_name(request, BROWSER), "")
    attempt = attempts.unseal(parts.signer, given.get("state", ""), Attempt, browser) if browser else None
    if attempt is None or attempt.provider != provider.name:
        raise Problem(400, "invalid_sign_in", "This sign-in has expired, or was begun in another browser.")
    if not await _first_use(request, f"attempt {attempt.seed}", attempts.ATTEMPT_SECONDS):
        raise Problem(400, "invalid_sign_in", "This sign-in was used before.")
    nonce, verifier = attempts.secrets_of(parts.signer, attempt, browser)
    try:
        await provider.check_issuer(given.get("iss"))
        if "error" in given or not given.get("code"):
            raise ProviderRefused(given.get("error", "no code")[:100])
        return attempt, await provider.claims(given["code"], parts.providers.callback_url(provider), nonce, verifier)
    except ProviderUnavailable as failure:
        raise _unavailable(provider, failure) from None
    except ProviderRefused as refusal:
        _log.info("sign-in refused by its provider", provider=provider.name, reason=str(refusal))
        raise Problem(403, "provider_refused", f"{provider.title} has not signed you in.") from None
    except InvalidToken as failure:
        _log.warning("token of a provider refused", provider=provider.name, reason=str(failure))
        raise Problem(403, "invalid_provider_token", f"The answer of {provider.title} cannot be trusted.") from None


async def _entered(
    request: ApiRequest, provider: Provider, attempt: Attempt, claims: Claims
) -> tuple[list[Cookie], str]:
    """The cookie for the page, and what it does next."""
    parts, settings = request.parts, provider.settings
    who = profile(provider.name, settings, claims)
    if attempt.link is not None:
        user_id, session_id = attempt.link
        if not await parts.sessions.is_good(session_id, user_id):
            raise Problem(400, "invalid_sign_in", "The session that began this has ended.")
        request.scope["user"] = Caller(user_id, session_id, 0)  # they act, though the browser sent no token
        await people.link(request, who)
        return [], "linked"
    creates = settings.creates_accounts
    if creates is None:
        creates = parts.settings.auth.signup == "open"
    owns = frozenset(settings.owns_domains)
    known = await people.person_of(request, who, owns_domains=owns, creates=creates, workspaces=settings.workspaces)
    now = int(time.time())
    amr, auth_time, sid = claims.get("amr"), claims.get("auth_time"), claims.get("sid")
    result = Result(
        attempt.seed,
        now,
        provider.name,
        known.user_id,
        known.identity_id,
        [str(factor)[:20] for factor in amr[:10]] if isinstance(amr, list) and amr else [UNKNOWN_FACTOR],
        min(auth_time, now) if isinstance(auth_time, int) and auth_time > 0 else now,
        sid if isinstance(sid, str) and 0 < len(sid) <= 255 else None,
    )
    return [_cookie(request, RESULT, attempts.seal(parts.signer, result), attempts.RESULT_SECONDS)], "signed-in"


async def _first_use(request: ApiRequest, what: str, seconds: int) -> bool:
    """Whether this is used for the first time. It is remembered for so long."""
    async with request.change() as connection:
        return await _use(connection, what, seconds)


async def _use(connection: Connection, what: str, seconds: int) -> bool:
    expires_at = datetime.fromtimestamp(time.time() + seconds + 60, UTC)
    return bool(await USE_ONCE.value(connection, hash=hash_secret(what), expires_at=expires_at))


def _failed(request: ApiRequest, problem: Problem) -> Response[Any]:
    """A browser gets the page, which says what the problem's code means; other clients get the problem."""
    if "text/html" not in request.headers.get("accept", ""):
        raise problem
    return Redirect(f"/signin#/failed/{problem.code}", status_code=303, headers={"Cache-Control": "no-store"})


def _unavailable(provider: Provider, error: ProviderUnavailable) -> Problem:
    _log.warning("provider unavailable", provider=provider.name, reason=str(error))
    detail = f"{provider.title} cannot be reached right now; try again shortly."
    return Problem(503, "provider_unavailable", detail, headers={"Retry-After": "10"})


def _cookie_name(request: ApiRequest, name: str) -> str:
    return f"__Host-{name}" if request.parts.providers.are_reached_safely else name


def _cookie(request: ApiRequest, name: str, value: str, seconds: int) -> Cookie:
    """For this browser's own requests, and not for scripts. `Lax`, since the provider sends the browser back."""
    return Cookie(
        key=_cookie_name(request, name),
        value=value,
        path="/",
        max_age=seconds,
        httponly=True,
        secure=request.parts.providers.are_reached_safely,
        samesite="lax" if name == BROWSER else "strict",
    )


HANDLERS = [
    list_providers,
    begin_at_google,
    come_back_from_google,
    begin,
    come_back,
    begin_provider_session,
    begin_link,
    provider_logout,
    back_channel_logout,
]
