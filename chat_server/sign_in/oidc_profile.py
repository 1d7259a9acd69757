"""What claims say of a person, as far as it is usable here, and whether the settings admit them."""

import re

from chat_core.problems import Problem
from chat_core.settings import OidcProvider
from chat_server.identity.names import ADDRESS, PLAIN
from chat_server.identity.oidc.tokens import Claims
from chat_server.sign_in.people import Profile

_EMAIL, _NAME = re.compile(ADDRESS), re.compile(rf"(?=\s*\S){PLAIN}")
LONGEST_EMAIL, LONGEST_NAME = 254, 64


def profile(name: str, settings: OidcProvider, claims: Claims) -> Profile:
    """Raises Problem 403 for somebody whom the settings do not admit."""
    names = settings.claims
    given = _text(claims.get(names.email))
    email = given if len(given) <= LONGEST_EMAIL and _EMAIL.fullmatch(given) else None
    domain = email.rpartition("@")[2].lower() if email else ""
    owns = domain in settings.owns_domains
    verified = email is not None and _is_verified(claims.get(names.email_verified), owns)
    if settings.hd and _text(claims.get("hd")).lower() not in settings.hd:
        raise _not_admitted("Your account there is of another organization.")
    if settings.allowed_domains and not (verified and domain in settings.allowed_domains):
        raise _not_admitted("Your e-mail address there is of another domain, or not verified.")
    fullname = _text(claims.get(names.name)).strip()[:LONGEST_NAME].strip()
    return Profile(
        provider=name,
        issuer=settings.issuer,
        subject=claims["sub"],
        email=email,
        email_verified=verified,
        fullname=fullname if _NAME.fullmatch(fullname) else (email or "Somebody").partition("@")[0][:LONGEST_NAME],
        groups=_groups(claims.get(names.groups)),
    )


def _groups(claim: object) -> frozenset[str] | None:
    """Some providers give a single group as a text. What is neither is as if the claim were missing."""
    if isinstance(claim, str):
        return frozenset([claim])
    return frozenset(group for group in claim if isinstance(group, str)) if isinstance(claim, list) else None


def _is_verified(claim: object, owns_domain: bool) -> bool:
    """Some providers say it as a text. One that says nothing is believed about addresses of its own domain."""
    return claim is True or claim == "true" or (claim is None and owns_domain)


def _text(claim: object) -> str:
    return claim.replace("\0", "") if isinstance(claim, str) else ""


def _not_admitted(why: str) -> Problem:
    return Problem(403, "not_admitted", f"{why} This server admits others.")
