"""Signing in at an identity provider of SAML 2.0, linking it, and signing out here and there.

A browser goes from the page to GET /api/auth/saml/NAME, to the provider, and comes back with a form that the provider's
page posts to …/acs. Such a post from another site brings no cookies of ours (SameSite), so it is answered with a page
of ours that posts the same form again. From there on it goes as with every other provider (through_browser.py). The id
of our request is the sealed attempt, which the provider signs in its answer (InResponseTo); RelayState is not used.
"""

import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathWayIn
from chat_server.http.forms import fields_of, form_of
from chat_server.http.pages import carrying_page
from chat_server.http.steps.authentication import PUBLIC
from chat_server.identity import attempts
from chat_server.identity.outgoing import ProviderUnavailable
from chat_server.identity.saml.person import LogoutRequest, Vouched
from chat_server.identity.saml.refusals import InvalidMessage, ProviderSaysNo
from chat_server.responses.providers import ProviderPage
from chat_server.sign_in import profiles, through_browser
from chat_server.sign_in.beginning import refusals_counted
from chat_server.sign_in.ending import end_by_name_id
from chat_server.sign_in.freshness import require_fresh
from chat_server.sign_in.once import first_use, use
from chat_server.sign_in.through_browser import entered, failed, unavailable

if TYPE_CHECKING:  # what parses XML is an extra
    from chat_server.identity.saml.provider import Provider as SamlProvider

LONGEST_RELAY_STATE = 1024
LOGOUT_SECONDS = 3600
# The `amr` (RFC 8176) of what SAML calls the context of an authentication; others are `fed`.
FACTORS = {
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Password": "pwd",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport": "pwd",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos": "wia",
    "urn:federation:authentication:windows": "wia",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI": "sc",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken": "otp",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract": "mfa",
    "https://refeds.org/profile/mfa": "mfa",
    "http://schemas.microsoft.com/claims/multipleauthn": "mfa",
}
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")

_log = structlog.get_logger()


@get("/auth/saml/{provider:str}", opt=PUBLIC, include_in_schema=False)
async def begin(request: ApiRequest, provider: PathWayIn) -> Response[Any]:
    """Send the browser to the provider."""
    try:
        url, cookie = await _authentication(request, provider)
    except Problem as problem:
        return failed(request, problem)
    return Redirect(url, status_code=303, cookies=[cookie], headers={"Cache-Control": "no-store"})


@get("/auth/saml/{provider:str}/metadata", opt=PUBLIC, include_in_schema=False)
async def our_metadata(request: ApiRequest, provider: PathWayIn) -> Response[bytes]:
    """What the provider must know of us."""
    named = request.parts.providers.saml(provider)
    try:
        return Response(named.our_metadata(), media_type="application/samlmetadata+xml")
    except ProviderUnavailable as error:
        raise unavailable(named, error) from None


@post("/auth/saml/{provider:str}/acs", status_code=200, opt=PUBLIC, include_in_schema=False)
async def come_back(request: ApiRequest, provider: PathWayIn) -> Response[Any]:
    """Where the provider's page posts the form with its answer (the assertion consumer service)."""
    form = await form_of(request)
    response = form.get("SAMLResponse", "")
    try:
        named = request.parts.providers.saml(provider)
        if not _BASE64.fullmatch(response):
            raise Problem(400, "invalid_sign_in", "A form with a SAMLResponse is required.")
        if "carried" not in form and not through_browser.has_begun(request):
            return carrying_page(f"/api/auth/{named.path}/acs", {"SAMLResponse": response, "carried": "1"})
        with refusals_counted(request, named.name):
            said = await _vouched(request, named, response)
            return await _entered(request, named, said)
    except Problem as problem:
        return failed(request, problem)


@post("/auth/saml/{provider:str}/link", status_code=200, opt={"problems": [403, 404, 503]})
async def begin_saml_link(request: ApiRequest, provider: PathWayIn) -> Response[ProviderPage]:
    """Begin to link an account at a provider of SAML to the caller's: go to `url` in this browser. From then on one can
    sign in there."""
    await require_fresh(request)
    url, cookie = await _authentication(request, provider, (request.caller.user_id, request.caller.session_id))
    return Response(ProviderPage(url), media_type="application/json", cookies=[cookie])


@get("/auth/saml/{provider:str}/slo", opt=PUBLIC, include_in_schema=False)
async def sign_out(request: ApiRequest, provider: PathWayIn) -> Response[Any]:
    """Where the provider sends a browser whose sessions end (single logout), and where it comes after ours has."""
    query = request.scope["query_string"].decode("latin-1")
    given = fields_of(query)
    named = request.parts.providers.saml(provider)
    if "SAMLRequest" not in given:
        return _back()
    return await _signed_out(request, named, named.logout_request(query), given)


@post("/auth/saml/{provider:str}/slo", status_code=200, opt=PUBLIC, include_in_schema=False)
async def sign_out_by_form(request: ApiRequest, provider: PathWayIn) -> Response[Any]:
    """The same by a form. Cookies are not needed: the request says who is meant, and is signed."""
    given = await form_of(request)
    named = request.parts.providers.saml(provider)
    if "SAMLRequest" not in given:
        return _back()
    return await _signed_out(request, named, named.posted_logout_request(given["SAMLRequest"]), given)


async def _authentication(request: ApiRequest, name: str, link: tuple[int, int] | None = None) -> tuple[str, Cookie]:
    """Where to send the browser, and the cookie that binds the attempt to it. Raises Problem 404 and 503."""
    provider = request.parts.providers.saml(name)
    attempt, browser, cookie = through_browser.begun(request, provider, link)
    try:
        # An id in XML begins with a letter or a line.
        return await provider.sign_in_url(f"_{attempts.seal(request.parts.signer, attempt, browser)}"), cookie
    except ProviderUnavailable as error:
        raise unavailable(provider, error) from None


async def _vouched(request: ApiRequest, provider: "SamlProvider", response: str) -> Vouched:
    """Whom the provider vouches for, once. Raises Problem 403 and 503."""
    try:
        said = await provider.vouched(response)
        if said.in_response_to is None and not provider.settings.idp_initiated:
            raise InvalidMessage("nobody has asked for it")
        if not await first_use(request, f"assertion {provider.name} {said.assertion_id}", said.seconds_left()):
            raise InvalidMessage("it was used before")
        return said
    except ProviderUnavailable as failure:
        raise unavailable(provider, failure) from None
    except ProviderSaysNo as refusal:
        _log.info("sign-in refused by its provider", provider=provider.name, reason=str(refusal))
        raise Problem(403, "provider_refused", f"{provider.title} has not signed you in.") from None
    except InvalidMessage as failure:
        _log.warning("response of a provider refused", provider=provider.name, reason=str(failure))
        raise Problem(403, "invalid_provider_token", f"The answer of {provider.title} cannot be trusted.") from None


async def _entered(request: ApiRequest, provider: "SamlProvider", said: Vouched) -> Redirect:
    """To the page, if this browser has asked for it, or the provider may begin itself."""
    if said.in_response_to is None:
        attempt = attempts.begin(provider.name)
    else:
        attempt, _ = await through_browser.come_back(request, provider, said.in_response_to.removeprefix("_"))
    issuer = (await provider.metadata()).entity_id
    return await entered(
        request,
        provider,
        attempt,
        profiles.of_assertion(provider.name, provider.settings, issuer, said),
        amr=(FACTORS.get(said.context, through_browser.UNKNOWN_FACTOR),),
        auth_time=said.auth_time,
        sid=said.session_index,
        name_id=msgspec.json.encode(said.name_id).decode(),
    )


async def _signed_out(
    request: ApiRequest, provider: "SamlProvider", reading: Awaitable[LogoutRequest], given: dict[str, str]
) -> Response[Any]:
    """Ends what the request says, and sends the browser back to the provider with our answer."""
    try:
        asked = await reading
        async with request.transaction() as connection:  # a request that could not be obeyed may come again
            if not await use(connection, f"saml logout {provider.name} {asked.id}", LOGOUT_SECONDS):
                raise InvalidMessage("it was used before")
            ended = await end_by_name_id(connection, provider.name, asked.name_id.value, asked.session_indexes)
        for user in ended:
            request.parts.sessions.forget(user)
        relay_state = given.get("RelayState", "")
        answer = await provider.logout_answer(asked, relay_state if len(relay_state) <= LONGEST_RELAY_STATE else None)
    except InvalidMessage as failure:
        _log.warning("request to sign out refused", provider=provider.name, reason=str(failure))
        raise Problem(400, "invalid_logout_request", f"The request to sign out is not valid: {failure}.") from None
    except ProviderUnavailable as failure:
        raise unavailable(provider, failure) from None
    if answer is None:
        return _back()
    url, fields = answer
    if fields:
        return carrying_page(url, fields)
    return Redirect(url, status_code=303, headers={"Cache-Control": "no-store"})


def _back() -> Redirect:
    return Redirect("/signin", status_code=303, headers={"Cache-Control": "no-store"})


SCOPES = scopes.SESSION_ONLY
HANDLERS = [begin, our_metadata, come_back, begin_saml_link, sign_out, sign_out_by_form]
