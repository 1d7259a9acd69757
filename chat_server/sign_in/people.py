"""From what a provider of sign-ins vouches for to one of our users, by one rule: `identify` in
sql/functions/identity/identities.sql."""

from collections.abc import Mapping
from dataclasses import dataclass

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.settings import WayIn
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps import limits

IDENTIFY = query(
    "identify",
    "provider",
    "issuer",
    "subject",
    "email",
    "email_verified",
    "owns_domain",
    "may_create",
    "fullname",
)
NAME_FOLLOW = query("name_follow", "identity", "fullname")
INVITE_LETS_IN = query("invite_lets_in", "hash")
GRANTS_SYNC = query("grants_sync", "source", "user", "workspaces")
ORGANIZATIONS_SYNC = query("organizations_sync", "source", "user", "groups", "departments")
IDENTITY_ADD = query("identity_add", "user", "provider", "issuer", "subject", "email", "email_verified")


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as a provider describes them. People are found by provider, issuer and subject; `email_verified` is the
    provider's word for it. `says_name`: `fullname` is its word too, and not made of the address. `groups` are all that
    it has the person in; None if it did not say: nothing changes."""

    provider: str
    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    fullname: str = ""
    says_name: bool = False
    groups: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Person:
    user_id: int
    identity_id: int


async def person_of(
    request: ApiRequest,
    profile: Profile,
    *,
    owns_domains: frozenset[str],
    creates: bool,
) -> Person:
    """The user behind a profile. `owns_domains` are the domains of addresses whose owner the provider is; `creates` is
    whether people who have no account get one. Raises Problem 429 after too many new accounts, and 403 with what to do
    instead; both change nothing."""
    domain = (profile.email or "").rpartition("@")[2].lower()
    allowed = request.parts.settings.auth.allowed_domains
    async with request.transaction() as connection:
        found = await IDENTIFY.one(
            connection,
            provider=profile.provider,
            issuer=profile.issuer,
            subject=profile.subject,
            email=profile.email,
            email_verified=profile.email_verified,
            owns_domain=domain in owns_domains,
            may_create=creates and (not allowed or domain in allowed),
            fullname=profile.fullname.strip() or (profile.email or "").partition("@")[0],
        )
        if found["outcome"] == "created":
            await limits.charge_sign_up(request, connection)
    match found["outcome"]:
        case "taken":
            raise Problem(
                403,
                "address_taken",
                "An account with this e-mail address exists. Sign in to it as before, then link this way in.",
            )
        case "unverified":
            raise Problem(
                403, "address_unverified", "Verify your e-mail address with the provider, then sign in again."
            )
        case "refused":
            raise Problem(403, "no_account", "You have no account here: ask the operator of this server.")
    if found["outcome"] == "claimed":
        request.parts.sessions.forget(found["user_id"])
    if profile.says_name and found["known_name"] != profile.fullname:
        # A transaction of its own: whoever changes an identity together with its user locks the user first.
        async with request.transaction() as connection:
            await NAME_FOLLOW.row(connection, identity=found["identity_id"], fullname=profile.fullname)
    return Person(found["user_id"], found["identity_id"])


async def _place(request: ApiRequest, profile: Profile, user: int, settings: WayIn) -> None:
    """Puts somebody where the groups say that the provider has them in, and takes them from where it has put them
    before. Each is a transaction of its own: a synchronisation locks the source before it locks any identity or user.
    """
    if profile.groups is None:
        return

    def meant(named: Mapping[str, int]) -> list[int]:
        return sorted({named[group] for group in profile.groups or () if group in named})

    key = {"source": profile.provider, "user": user}
    if settings.workspaces:
        async with request.transaction() as connection:
            await GRANTS_SYNC.row(connection, **key, workspaces=meant(settings.workspaces))
    # Without any, too: what the settings named before is taken back.
    groups, departments = meant(settings.organization_groups), meant(settings.departments)
    async with request.transaction() as connection:
        await ORGANIZATIONS_SYNC.row(connection, **key, groups=groups, departments=departments)


async def is_invited(request: ApiRequest, invite_hash: bytes) -> bool:
    """Whether this is the hash of an invite with which somebody may make an account."""
    return bool(await INVITE_LETS_IN.value(request.pool, hash=invite_hash))


async def admitted_by(
    request: ApiRequest, profile: Profile, settings: WayIn, invite_hash: bytes | None = None
) -> Person:
    """The same, by the rules of a way in's settings. `invite_hash` is that of an invite with which they have come."""
    creates, signup = settings.creates_accounts, request.parts.settings.auth.signup
    if creates is None:
        invited = signup == "invited" and invite_hash is not None and await is_invited(request, invite_hash)
        creates = signup == "open" or invited
    person = await person_of(request, profile, owns_domains=frozenset(settings.owns_domains), creates=creates)
    await _place(request, profile, person.user_id, settings)
    return person


async def link(request: ApiRequest, profile: Profile) -> int:
    """Links the profile to the caller; returns the identity's id. Raises Problem 409 if it is another user's."""
    async with request.transaction() as connection:
        identity: int | None = await IDENTITY_ADD.value(
            connection,
            user=request.caller.user_id,
            provider=profile.provider,
            issuer=profile.issuer,
            subject=profile.subject,
            email=profile.email,
            email_verified=profile.email_verified,
        )
    if identity is None:
        raise Problem(409, "identity_taken", "Another user signs in with this already.")
    return identity
