"""What a webhook of Clerk says, and what follows from it here.

Webhooks come late, twice, in any order, or never. Each is compared with what is known of its object (`clerk_note`), and
one that is no news changes nothing; so it does not matter in which order they come.
"""

from datetime import UTC, datetime
from typing import Literal

import msgspec

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.settings import CLERK, Clerk
from chat_server.identity.clerk.backend import EmailAddress, Id, Milliseconds, User
from chat_server.sign_in import profiles
from chat_server.sign_in.ending import end_by_identity, end_by_provider

CLERK_NOTE = query("clerk_note", "kind", "object", "member", "gone", "changed_at")
CLERK_KNOWN = query("clerk_known", "issuer", "subject")
CLERK_ADDRESS_SET = query("clerk_address_set", "identity", "email", "email_verified")
CLERK_SYNC_USER = query("clerk_sync_user", "issuer", "user", "organizations", "workspaces")
CLERK_SYNC = query("clerk_sync", "issuer", "organizations", "workspaces", "forced")

ENDED = ("session.ended", "session.removed", "session.revoked")

Outcome = Literal["applied", "stale", "ignored"]


class Event(msgspec.Struct):
    """`timestamp` is when it happened."""

    type: str
    data: msgspec.Raw
    timestamp: Milliseconds | None = None


class _Object(msgspec.Struct):
    id: Id
    updated_at: Milliseconds | None = None


class _Member(msgspec.Struct):
    user_id: Id


class _Membership(msgspec.Struct):
    organization: _Object
    public_user_data: _Member
    updated_at: Milliseconds | None = None


async def apply(connection: Connection, settings: Clerk, event: Event) -> tuple[Outcome, set[int]]:
    """Applies an event in a transaction: what became of it, and the users whose sessions it has ended. Raises
    msgspec.ValidationError for data that are not those of its type."""
    kind, _, verb = event.type.partition(".")
    if event.type in ENDED:
        session = msgspec.json.decode(event.data, type=_Object)
        return await _session_ended(connection, session.id)
    if event.type == "user.deleted":
        gone = msgspec.json.decode(event.data, type=_Object)
        return await user_changed(connection, settings, gone.id, True, None)
    if event.type in ("user.created", "user.updated"):
        user = msgspec.json.decode(event.data, type=User)
        changed = user.updated_at or event.timestamp
        return await user_changed(connection, settings, user.id, user.banned, time_of(changed), user.address)
    if kind == "organizationMembership" and settings.workspaces:
        return await _membership_changed(connection, settings, event, verb == "deleted"), set()
    if event.type == "organization.deleted" and settings.workspaces:
        organization = msgspec.json.decode(event.data, type=_Object)
        return await _organization_deleted(connection, settings, organization.id), set()
    return "ignored", set()


async def note(
    connection: Connection, kind: str, object_id: str, member: str = "", *, gone: bool, at: datetime | None
) -> bool:
    """Records what Clerk says of an object; whether it is news. None: it is gone for good."""
    about = {"kind": kind, "object": object_id, "member": member}
    return bool(await CLERK_NOTE.value(connection, **about, gone=gone, changed_at=at))


async def user_changed(
    connection: Connection,
    settings: Clerk,
    subject: str,
    gone: bool,
    at: datetime | None,
    address: EmailAddress | None = None,
) -> tuple[Outcome, set[int]]:
    """Of a user who was deleted or banned (`gone`) the sessions end that began with Clerk, with the personal access
    tokens that were made in them, and what its organizations have granted goes. Whoever is suspended here stays
    suspended."""
    if not await note(connection, "user", subject, gone=gone, at=at):
        return "stale", set()
    known = await CLERK_KNOWN.row(connection, issuer=settings.issuer, subject=subject)
    if known is None:
        return "applied", set()
    email = profiles.address_of(address.email_address) if address is not None else None
    if address is not None and email is not None:
        await CLERK_ADDRESS_SET.value(
            connection, identity=known["identity_id"], email=email, email_verified=is_verified(address)
        )
    await sync_user(connection, settings, subject)
    ended = await end_by_identity(connection, known["identity_id"]) if gone else []
    return "applied", set(ended)


def is_verified(address: EmailAddress) -> bool:
    return address.verification is not None and address.verification.status == "verified"


async def sync_user(connection: Connection, settings: Clerk, subject: str) -> None:
    """Grants somebody at Clerk the memberships of the organizations that have a workspace, if they are known here."""
    known = await CLERK_KNOWN.row(connection, issuer=settings.issuer, subject=subject)
    if known is not None and settings.workspaces:
        organizations, workspaces = named(settings)
        await CLERK_SYNC_USER.value(
            connection,
            issuer=settings.issuer,
            user=known["user_id"],
            organizations=organizations,
            workspaces=workspaces,
        )


def named(settings: Clerk) -> tuple[list[str], list[int]]:
    """The organizations that have a workspace, and these, in step."""
    return list(settings.workspaces), list(settings.workspaces.values())


async def _session_ended(connection: Connection, sid: str) -> tuple[Outcome, set[int]]:
    if not await note(connection, "session", sid, gone=True, at=None):
        return "stale", set()
    return "applied", set(await end_by_provider(connection, CLERK, sid=sid))


async def _membership_changed(connection: Connection, settings: Clerk, event: Event, gone: bool) -> Outcome:
    """Somebody who was removed and comes back has a new membership at Clerk: the later statement about the two, user
    and organization, counts, whichever of their memberships it is about."""
    membership = msgspec.json.decode(event.data, type=_Membership)
    organization, subject = membership.organization.id, membership.public_user_data.user_id
    if organization not in settings.workspaces:
        return "ignored"
    # A deleted membership keeps the time of its last change.
    first, second = (membership.updated_at, event.timestamp)[:: -1 if gone else 1]
    if not await note(connection, "membership", organization, subject, gone=gone, at=time_of(first or second)):
        return "stale"
    await sync_user(connection, settings, subject)
    return "applied"


async def _organization_deleted(connection: Connection, settings: Clerk, organization: str) -> Outcome:
    """All that it has granted goes, unless that is too much to happen without an operator's look."""
    if not await note(connection, "organization", organization, gone=True, at=None):
        return "stale"
    organizations, workspaces = named(settings)
    await CLERK_SYNC.one(
        connection, issuer=settings.issuer, organizations=organizations, workspaces=workspaces, forced=False
    )
    return "applied"


def time_of(milliseconds: int | None) -> datetime:
    """What does not say when it happened is older than whatever does."""
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
