"""What the page needs of every way in through a browser, whatever protocol the provider speaks: the buttons, the
session of a sign-in that a provider has confirmed, and where to sign out at the provider too."""

from datetime import UTC, datetime

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Secret
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.identity.outgoing import ProviderUnavailable
from chat_server.responses.auth import SignedIn
from chat_server.responses.providers import ProviderPage, SignInProvider
from chat_server.sign_in import through_browser
from chat_server.sign_in.beginning import Beginning, Device, begin_session, refusals_counted

SESSION_PROVIDER = query("session_provider", "session")


class Exchange(msgspec.Struct, forbid_unknown_fields=True):
    """`device_token` is from an earlier sign-in on this device, to any account."""

    device_token: Secret | None = None


@get("/auth/providers", opt=PUBLIC)
async def list_providers(request: ApiRequest) -> list[SignInProvider]:
    """The ways in besides the password of an account: providers of identity, and directories."""
    pages, forms = request.parts.providers, request.parts.directories
    return [
        *(SignInProvider(each.name, each.title, pages.begin_url(each), "page") for each in pages.all()),
        *(SignInProvider(each.name, each.title, forms.sign_in_url(each.name), "form") for each in forms.all()),
    ]


@post("/auth/provider-session", status_code=200, opt={**PUBLIC, "problems": [401, 403]})
async def begin_provider_session(request: ApiRequest, data: JSONBody[Exchange]) -> Response[SignedIn]:
    """Get the session of a sign-in that a provider has just confirmed, by the cookie that it left in this browser,
    once."""
    result = await through_browser.confirmed(request)
    if result is None:
        raise unauthorized("No provider has just confirmed a sign-in in this browser; start it again.", "no_sign_in")
    began = Beginning(
        result.provider,
        tuple(result.amr),
        datetime.fromtimestamp(result.auth_time, UTC),
        result.sid,
        result.identity_id,
        name_id=result.name_id,
        second_factor=result.second_factor,
    )
    with refusals_counted(request, result.provider):
        signed_in = await begin_session(request, result.user_id, began, Device(data.device_token))
    signed_in.set_cookie(through_browser.no_result(request))
    return signed_in


@get("/auth/provider-logout")
async def provider_logout(request: ApiRequest) -> ProviderPage:
    """Where the caller's browser goes after POST /auth/logout, to sign out at the provider of this session too."""
    providers = request.parts.providers
    session = await SESSION_PROVIDER.one(request.pool, session=request.caller.session_id)
    provider = next((each for each in providers.all() if each.name == session["provider"]), None)
    if provider is None:
        return ProviderPage(None)
    back_to = f"{providers.public_url}/signin"
    try:
        return ProviderPage(await provider.logout_url(back_to, session["provider_sid"], session["name_id"]))
    except ProviderUnavailable:
        return ProviderPage(None)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [list_providers, begin_provider_session, provider_logout]
