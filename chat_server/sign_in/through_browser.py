"""Every way in that takes the browser to a provider: the attempt that goes with it, its way back, and the result that
the page exchanges for a session. What the provider says, and whether it is believed, is each protocol's own."""

import time
from typing import Any

import structlog
from litestar import Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.tokens import hash_secret, new_secret
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.identity import attempts
from chat_server.identity.attempts import Attempt, Result
from chat_server.identity.outgoing import ProviderUnavailable
from chat_server.identity.providers import Provider
from chat_server.sign_in import people, second_factor
from chat_server.sign_in.cookies import cookie, name_of
from chat_server.sign_in.freshness import authenticated_again
from chat_server.sign_in.once import first_use
from chat_server.sign_in.people import Profile

IDENTITY_HOLDER = query("identity_holder", "provider", "issuer", "subject")

BROWSER, RESULT = "fechatter_browser", "fechatter_result"
# The `amr` of a provider that does not say how it has authenticated somebody.
UNKNOWN_FACTOR = "fed"
CLOCK_SKEW_SECONDS = 60

_log = structlog.get_logger()


def begun(
    request: ApiRequest, provider: Provider, link: tuple[int, int] | None, again: bool = False
) -> tuple[Attempt, str, Cookie]:
    """A new attempt, the secret of the browser that makes it, and the cookie that binds the two: `Lax`, since the
    provider sends the browser back. Of an invite (`?invite=`) the attempt has the hash, which the provider may see."""
    browser, bound = browser_secret(request)
    invite = request.query_params.get("invite") if link is None else None
    hashed = hash_secret(invite).hex() if invite else None
    return attempts.begin(provider.name, link, again, hashed), browser, bound


def browser_secret(request: ApiRequest) -> tuple[str, Cookie]:
    """The secret of the browser that begins something, new or the one that it has, and the cookie that keeps it."""
    browser = browser_of(request) or new_secret()[0]
    return browser, cookie(request, name_of(request, BROWSER), browser, attempts.ATTEMPT_SECONDS, "lax")


def browser_of(request: ApiRequest) -> str:
    """The secret that this browser has; empty if it has begun nothing."""
    return request.cookies.get(name_of(request, BROWSER), "")


def has_begun(request: ApiRequest) -> bool:
    """Whether this browser says that it has made an attempt. A request that another site posts does not bring the
    cookie."""
    return name_of(request, BROWSER) in request.cookies


async def come_back(request: ApiRequest, provider: Provider, state: str) -> tuple[Attempt, str]:
    """The attempt that this browser began at this provider, which is used up now, and the browser's secret. Raises
    Problem 400."""
    browser = browser_of(request)
    attempt = attempts.unseal(request.parts.signer, state, Attempt, browser) if browser else None
    if attempt is None or attempt.provider != provider.name:
        raise Problem(400, "invalid_sign_in", "This sign-in has expired, or was begun in another browser.")
    if not await first_use(request, f"attempt {attempt.seed}", attempts.ATTEMPT_SECONDS):
        raise Problem(400, "invalid_sign_in", "This sign-in was used before.")
    return attempt, browser


async def entered(
    request: ApiRequest,
    provider: Provider,
    attempt: Attempt,
    who: Profile,
    *,
    amr: tuple[str, ...] = (),
    auth_time: int | None = None,
    sid: str | None = None,
    name_id: str | None = None,
    second_factor: str | None = None,
) -> Redirect:
    """To the page, with the result of what the provider vouches for in a cookie; or linked, or the session made fresh,
    if that was asked for. `amr`, `auth_time` (seconds since 1970), `sid` and `name_id` are the provider's word about
    its own session; `second_factor` is `provider` if the settings believe that it has verified one."""
    parts, settings = request.parts, provider.settings
    if attempt.link is not None:
        user_id, session_id = attempt.link
        if not await parts.sessions.is_good(session_id, user_id):
            raise Problem(400, "invalid_sign_in", "The session that began this has ended.")
        request.scope["user"] = Caller(user_id, session_id, 0)  # they act, though the browser sent no token
        if attempt.again:
            await _prove_again(request, attempt, who, amr, auth_time)
            return to_page("proved-again")
        await people.link(request, who)
        return to_page("linked")
    invite_hash = bytes.fromhex(attempt.invite) if attempt.invite else None
    known = await people.admitted_by(request, who, settings, invite_hash)
    now = int(time.time())
    result = Result(
        attempt.seed,
        now,
        provider.name,
        known.user_id,
        known.identity_id,
        list(amr) or [UNKNOWN_FACTOR],
        now if auth_time is None else min(auth_time, now),
        sid,
        name_id,
        second_factor,
    )
    sealed = attempts.seal(parts.signer, result)
    return to_page("signed-in", [cookie(request, name_of(request, RESULT), sealed, attempts.RESULT_SECONDS)])


async def _prove_again(
    request: ApiRequest, attempt: Attempt, who: Profile, amr: tuple[str, ...], auth_time: int | None
) -> None:
    """Makes the caller's session fresh, if it is they who have just signed in at the provider, and not by a session
    that they had there. Raises Problem 403."""
    holder = await IDENTITY_HOLDER.value(request.pool, provider=who.provider, issuer=who.issuer, subject=who.subject)
    if holder != request.caller.user_id:
        raise Problem(403, "identity_taken", "You have signed in there as somebody else.")
    if auth_time is None:
        raise Problem(
            403,
            "no_auth_time",
            "The provider does not say when you signed in there (auth_time), though it was asked (max_age): sign out "
            "here, and sign in again.",
        )
    if auth_time < attempt.begun_at - CLOCK_SKEW_SECONDS:
        raise Problem(403, "provider_refused", "The provider has not asked you to sign in again.")
    # Or a session that somebody has left open, at a browser that the provider knows, could remove the factor.
    if await second_factor.enrolled(request, request.caller.user_id) is not None:
        raise Problem(403, "second_factor_required", "You have a second factor: sign out, and sign in again with it.")
    await authenticated_again(request, *(amr or (UNKNOWN_FACTOR,)))


async def confirmed(request: ApiRequest) -> Result | None:
    """What a provider has just confirmed in this browser, once."""
    given = request.cookies.get(name_of(request, RESULT), "")
    result = attempts.unseal(request.parts.signer, given, Result)
    if result is None or not await first_use(request, f"result {result.seed}", attempts.RESULT_SECONDS):
        return None
    return result


def no_result(request: ApiRequest) -> Cookie:
    """Removes the cookie of a result."""
    return cookie(request, name_of(request, RESULT), "", 0)


def to_page(fragment: str, cookies: list[Cookie] | None = None) -> Redirect:
    """Back to the page that signs in: the only place to which browsers are sent from a provider."""
    headers = {"Cache-Control": "no-store"}
    return Redirect(f"/signin#/{fragment}", status_code=303, cookies=cookies or [], headers=headers)


def failed(request: ApiRequest, problem: Problem) -> Response[Any]:
    """A browser gets the page, which says what the problem's code means; other clients get the problem."""
    if "text/html" not in request.headers.get("accept", ""):
        raise problem
    return to_page(f"failed/{problem.code}")


def unavailable(provider: Provider, error: ProviderUnavailable) -> Problem:
    _log.warning("provider unavailable", provider=provider.name, reason=str(error))
    detail = f"{provider.title} cannot be reached right now; try again shortly."
    return Problem(503, "provider_unavailable", detail, headers={"Retry-After": "10"})
