"""What a way in says of a person, as far as it is usable here, and whether the settings admit them."""

import re

from chat_core.problems import Problem
from chat_core.settings import LdapDirectory, OidcProvider, SamlProvider, WayIn
from chat_server.identity.ldap.entries import DirectoryPerson
from chat_server.identity.names import ADDRESS, PLAIN, canonical_address
from chat_server.identity.saml.person import Vouched
from chat_server.identity.signed_tokens import LONGEST_SUBJECT, Claims
from chat_server.sign_in.people import Profile

_EMAIL, _NAME = re.compile(ADDRESS), re.compile(rf"(?=\s*\S){PLAIN}")
# The issuer of directories' identities; their servers come and go.
ISSUER = "ldap"
LONGEST_EMAIL, LONGEST_NAME = 254, 64


def of_claims(name: str, settings: OidcProvider, claims: Claims) -> Profile:
    """The person of an ID token. Raises Problem 403 for somebody whom the settings do not admit."""
    names = settings.claims
    if settings.hd and _text(claims.get("hd")).lower() not in settings.hd:
        raise _not_admitted("Your account there is of another organization.")
    return admitted(
        name,
        settings,
        issuer=settings.issuer,
        subject=claims["sub"],
        email=claims.get(names.email),
        email_verified=claims.get(names.email_verified),
        fullname=claims.get(names.name),
        groups=claims.get(names.groups),
    )


def of_directory(name: str, settings: LdapDirectory, person: DirectoryPerson) -> Profile:
    """The person of a directory's entry, which says of no address that it is verified. Raises Problem 403 for somebody
    whom the settings do not admit."""
    groups = None if person.groups is None else sorted(person.groups)
    return admitted(
        name, settings, issuer=ISSUER, subject=person.subject, email=person.email, fullname=person.name, groups=groups
    )


def of_assertion(name: str, settings: SamlProvider, issuer: str, said: Vouched) -> Profile:
    """The person of an assertion. Raises Problem 403 for somebody whom the settings do not admit, or without a name
    that stays the same."""
    names = settings.attributes
    if names.subject is not None:
        subject = next(iter(said.attributes.get(names.subject, ())), "")
    else:
        subject = "" if said.name_id.format.endswith(":transient") else said.name_id.value
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise Problem(403, "invalid_provider_token", "The provider does not say by which name it will know you again.")
    address = said.name_id.value if said.name_id.format.endswith(":emailAddress") else None
    return admitted(
        name,
        settings,
        issuer=issuer,
        subject=subject,
        email=_first(said, names.email) or address,
        fullname=_first(said, names.name),
        groups=next((said.attributes[each] for each in names.groups if each in said.attributes), None),
    )


def _first(said: Vouched, names: list[str]) -> str | None:
    return next((value for name in names for value in said.attributes.get(name, ())), None)


def admitted(
    name: str,
    settings: WayIn,
    *,
    issuer: str,
    subject: str,
    email: object,
    fullname: object,
    email_verified: object = None,
    groups: object = None,
) -> Profile:
    """The person whom the way in of this name describes, with what of it is usable here. A way in that does not say
    whether an address is verified (None) is believed about those of its own domains. Raises Problem 403 for somebody
    whom the settings do not admit."""
    address = address_of(email)
    domain = address.rpartition("@")[2].lower() if address else ""
    verified = address is not None and _is_verified(email_verified, domain in settings.owns_domains)
    if settings.allowed_domains and not (verified and domain in settings.allowed_domains):
        raise _not_admitted("Your e-mail address there is of another domain, or not verified.")
    return Profile(
        provider=name,
        issuer=issuer,
        subject=subject,
        email=address,
        email_verified=verified,
        fullname=shown_name(fullname, (address or "Somebody").partition("@")[0]),
        says_name=bool(_text(fullname).strip()),
        groups=_groups(groups),
    )


def address_of(claim: object) -> str | None:
    """An address that an account could have."""
    given = canonical_address(_text(claim))
    return given if len(given) <= LONGEST_EMAIL and _EMAIL.fullmatch(given) else None


def shown_name(*claims: object) -> str:
    """The first of them that an account could have as its name, cut off where it is too long."""
    shown = (_text(claim).strip()[:LONGEST_NAME].strip() for claim in claims)
    return next((each for each in shown if _NAME.fullmatch(each)), "Somebody")


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
