"""What must hold for a session token of Clerk before anything in it is believed.

Versions 1 and 2 of the claims: https://clerk.com/docs/guides/sessions/session-tokens
"""

from collections.abc import Collection
from dataclasses import dataclass

from chat_core.settings import Clerk
from chat_server.identity.keys import Keys
from chat_server.identity.signed_tokens import Claims, InvalidToken, text_of, verified_claims

_UNKNOWN, _SECOND_FACTOR = "fed", "mfa"


@dataclass(frozen=True, slots=True)
class ClerkSession:
    """A session at Clerk, as one of its tokens describes it. `organization` is the active one, of which the user is a
    member at `issued_at` (seconds since 1970). `factor_minutes` is how long ago the user proved who they are; None: the
    token does not say."""

    user: str
    sid: str
    issued_at: int
    organization: str | None
    factor_minutes: int | None
    amr: tuple[str, ...]


async def verified_session(
    token: str, settings: Clerk, keys: Keys, parties: Collection[str], *, from_cookie: bool
) -> ClerkSession:
    """The session of a token that Clerk has issued to one of these origins. A cookie goes to every subdomain, so there
    the token must say to which origin (`azp`). Raises InvalidToken and ProviderUnavailable."""
    claims = await verified_claims(
        token,
        keys,
        issuer=settings.issuer,
        audience=None,
        algorithms=("RS256",),
        types=("jwt",),
        required=["iss", "sub", "sid", "iat", "exp"],
        leeway=settings.clock_skew_seconds,
        names_key=True,
    )
    party = claims.get("azp")
    if party not in parties and not (party is None and not from_cookie):
        raise InvalidToken("it was issued to another origin, or does not say to which")
    if claims.get("sts", "active") != "active":
        raise InvalidToken("its session is pending: the user has not finished signing in")
    if "act" in claims:
        raise InvalidToken("somebody else acts as its user")
    first, second = _factor_ages(claims)
    return ClerkSession(
        user=text_of(claims, "sub"),
        sid=text_of(claims, "sid"),
        issued_at=int(claims["iat"]),
        organization=_organization(claims),
        factor_minutes=first,
        amr=(_UNKNOWN,) if second is None else (_UNKNOWN, _SECOND_FACTOR),
    )


def _organization(claims: Claims) -> str | None:
    """In `o.id` since version 2, in `org_id` before."""
    nested = claims.get("o")
    found = nested.get("id") if isinstance(nested, dict) else claims.get("org_id")
    return found if isinstance(found, str) and 0 < len(found) <= 255 else None


def _factor_ages(claims: Claims) -> tuple[int | None, int | None]:
    """Minutes since the first and the second factor were verified (`fva`); -1 there: not in this session."""
    ages = claims.get("fva")
    if not isinstance(ages, list) or len(ages) != 2:
        return None, None
    first, second = (age if isinstance(age, int) and 0 <= age < 10_000_000 else None for age in ages)
    return first, second
