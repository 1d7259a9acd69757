"""Signing in at a provider of identity (OpenID Connect), linking it, and the provider's word that a session has ended.

A browser goes from the page to GET /api/auth/oidc/NAME, to the provider, and back to …/callback, which leaves the
result in a cookie and sends the browser to the page that signs in (sign_in/through_browser.py).
"""

from typing import Any

import structlog
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathWayIn
from chat_server.http.forms import form_of
from chat_server.http.steps.authentication import PUBLIC
from chat_server.identity import attempts
from chat_server.identity.attempts import Attempt
from chat_server.identity.oidc.provider import Provider
from chat_server.identity.outgoing import ProviderRefused, ProviderUnavailable
from chat_server.identity.signed_tokens import Claims, InvalidToken
from chat_server.responses.providers import ProviderPage
from chat_server.sign_in import profiles, through_browser
from chat_server.sign_in.beginning import refusals_counted
from chat_server.sign_in.ending import end_by_provider
from chat_server.sign_in.freshness import require_fresh
from chat_server.sign_in.once import use
from chat_server.sign_in.through_browser import entered, failed, unavailable

IDENTITY_OF = query("identity_of", "provider", "issuer", "subject")

LOGOUT_TOKEN_SECONDS = 3600

_log = structlog.get_logger()


@get("/auth/google", opt=PUBLIC, include_in_schema=False)
async def begin_at_google(request: ApiRequest) -> Response[Any]:
    return await _begun(request, "google")


@get("/auth/google/callback", opt=PUBLIC, include_in_schema=False)
async def come_back_from_google(request: ApiRequest) -> Response[Any]:
    return await _come_back(request, "google")


@get("/auth/oidc/{provider:str}", opt=PUBLIC, include_in_schema=False)
async def begin(request: ApiRequest, provider: PathWayIn) -> Response[Any]:
    """Send the browser to the provider."""
    return await _begun(request, provider)


@get("/auth/oidc/{provider:str}/callback", opt=PUBLIC, include_in_schema=False)
async def come_back(request: ApiRequest, provider: PathWayIn) -> Response[Any]:
    """Where the provider sends the browser back, with `state`, and `code` or `error`, and `iss`."""
    return await _come_back(request, provider)


@post("/auth/oidc/{provider:str}/link", status_code=200, opt={"problems": [403, 404, 503]})
async def begin_link(request: ApiRequest, provider: PathWayIn) -> Response[ProviderPage]:
    """Begin to link an account at a provider to the caller's: go to `url` in this browser. From then on one can sign
    in there."""
    await require_fresh(request)
    caller = request.caller
    at = request.parts.providers.oidc(provider)
    url, cookie = await _authorization(request, at, (caller.user_id, caller.session_id))
    return Response(ProviderPage(url), media_type="application/json", cookies=[cookie])


@post("/auth/oidc/{provider:str}/reauthenticate", status_code=200, opt={"problems": [404, 503]})
async def begin_reauthentication(request: ApiRequest, provider: PathWayIn) -> Response[ProviderPage]:
    """Begin to prove again who one is, at a provider that is linked, for acts that ask for a fresh sign-in (403
    `reauthentication_required`): go to `url` in this browser. For users without a password."""
    caller = request.caller
    at = request.parts.providers.oidc(provider)
    url, cookie = await _authorization(request, at, (caller.user_id, caller.session_id), again=True)
    return Response(ProviderPage(url), media_type="application/json", cookies=[cookie])


@post("/auth/oidc/{provider:str}/backchannel-logout", status_code=200, opt={**PUBLIC, "problems": [400, 404, 503]})
async def back_channel_logout(request: ApiRequest, provider: PathWayIn) -> Response[None]:
    """End the sessions that a provider says have ended, by a logout token in the form's field `logout_token`
    (OpenID Connect Back-Channel Logout 1.0). Their streams close at once."""
    from_provider = request.parts.providers.oidc(provider)
    form = await form_of(request)
    try:
        claims = await from_provider.logout_claims(form.get("logout_token", ""))
    except InvalidToken as error:
        _log.warning("logout token refused", provider=provider, reason=str(error))
        raise Problem(400, "invalid_logout_token", f"The logout token is not valid: {error}.") from None
    except ProviderUnavailable as error:
        raise unavailable(from_provider, error) from None
    ended: list[int] = []
    async with request.transaction() as connection:  # a token whose sessions could not be ended may come again
        if not await use(connection, f"logout {provider} {claims['jti']}", LOGOUT_TOKEN_SECONDS):
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
        url, cookie = await _authorization(request, request.parts.providers.oidc(name))
    except Problem as problem:
        return failed(request, problem)
    return Redirect(url, status_code=303, cookies=[cookie], headers={"Cache-Control": "no-store"})


async def _authorization(
    request: ApiRequest, provider: Provider, link: tuple[int, int] | None = None, again: bool = False
) -> tuple[str, Cookie]:
    """Where to send the browser, and the cookie that binds the attempt to it. Raises Problem 503."""
    attempt, browser, cookie = through_browser.begun(request, provider, link, again)
    state = attempts.seal(request.parts.signer, attempt, browser)
    nonce, verifier = _secrets(request, attempt, browser)
    try:
        callback = request.parts.providers.callback_url(provider)
        url = await provider.authorization_url(callback, state, nonce, verifier, again=again)
    except ProviderUnavailable as error:
        raise unavailable(provider, error) from None
    return url, cookie


async def _come_back(request: ApiRequest, name: str) -> Response[Any]:
    """To the page, with the result in a cookie, or with what went wrong."""
    try:
        provider = request.parts.providers.oidc(name)
        with refusals_counted(request, provider.name):
            attempt, claims = await _confirmed(request, provider)
            who = profiles.of_claims(provider.name, provider.settings, claims)
            amr, auth_time, sid = claims.get("amr"), claims.get("auth_time"), claims.get("sid")
            factors = tuple(str(factor)[:20] for factor in amr[:10]) if isinstance(amr, list) else ()
            return await entered(
                request,
                provider,
                attempt,
                who,
                amr=factors,
                auth_time=auth_time if isinstance(auth_time, int) and auth_time > 0 else None,
                sid=sid if isinstance(sid, str) and 0 < len(sid) <= 255 else None,
                second_factor="provider" if _shows_factor(provider, factors, claims.get("acr")) else None,
            )
    except Problem as problem:
        return failed(request, problem)


async def _confirmed(request: ApiRequest, provider: Provider) -> tuple[Attempt, Claims]:
    """The attempt that this browser began here, once, and what the provider says of who has signed in."""
    given = request.query_params
    attempt, browser = await through_browser.come_back(request, provider, given.get("state", ""))
    nonce, verifier = _secrets(request, attempt, browser)
    callback = request.parts.providers.callback_url(provider)
    try:
        await provider.check_issuer(given.get("iss"))
        if "error" in given or not given.get("code"):
            raise ProviderRefused(given.get("error", "no code")[:100])
        return attempt, await provider.claims(given["code"], callback, nonce, verifier)
    except ProviderUnavailable as failure:
        raise unavailable(provider, failure) from None
    except ProviderRefused as refusal:
        _log.info("sign-in refused by its provider", provider=provider.name, reason=str(refusal))
        raise Problem(403, "provider_refused", f"{provider.title} has not signed you in.") from None
    except InvalidToken as failure:
        _log.warning("token of a provider refused", provider=provider.name, reason=str(failure))
        raise Problem(403, "invalid_provider_token", f"The answer of {provider.title} cannot be trusted.") from None


def _shows_factor(provider: Provider, amr: tuple[str, ...], acr: object) -> bool:
    """Whether the provider has verified a second factor, and the settings believe it."""
    settings = provider.settings
    return settings.trusts_mfa and ("mfa" in amr or (isinstance(acr, str) and acr in settings.mfa_acr))


def _secrets(request: ApiRequest, attempt: Attempt, browser: str) -> tuple[str, str]:
    """The nonce, and the verifier of PKCE."""
    nonce, verifier = (
        attempts.secret_of(request.parts.signer, f"oidc {what}", attempt, browser) for what in ("nonce", "verifier")
    )
    return nonce, verifier


SCOPES = scopes.SESSION_ONLY
HANDLERS = [
    begin_at_google,
    come_back_from_google,
    begin,
    come_back,
    begin_link,
    begin_reauthentication,
    back_channel_logout,
]
