"""What Clerk has now against what is known of it here, for the webhooks that never came.

Clerk is asked first, in pages; then everything is applied in one transaction. Nothing changes if an answer is missing,
or if more than a tenth of those who are signed in, or of the memberships, would go; but that is on record then.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.settings import CLERK, Clerk
from chat_server.identity.clerk.backend import Backend, User
from chat_server.sign_in.clerk_events import CLERK_SYNC, named, note, user_changed
from chat_server.sign_in.ending import end_by_provider

CLERK_LET_GO = query("clerk_let_go")
CLERK_NOTE_MEMBERS = query("clerk_note_members", "organization", "members", "read_at")
CLERK_PEOPLE = query("clerk_people", "issuer")
CLERK_GO = query("clerk_go", "had", "going", "forced")
DATABASE_TIME = query("database_time")

# Of a session that has ended for good.
OVER = frozenset({"abandoned", "ended", "expired", "removed", "replaced", "revoked"})


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`users` are those of Clerk. The rest is what has changed here. `stopped`: more than a tenth would have gone."""

    users: int
    people_gone: int
    sessions_ended: int
    granted: int
    withdrawn: int
    stopped: bool


class _TooManyGo(Exception):
    """So many grants would go that nothing may change."""

    def __init__(self, had: int, going: int) -> None:
        self.had, self.going = had, going


class _There(msgspec.Struct):
    """What Clerk says. `gone` are those of the people here who are deleted or banned; `over` are ended sessions."""

    users: dict[str, User]
    gone: dict[str, User | None]
    over: list[str]
    members: dict[str, list[str] | None]


async def reconcile(connection: Connection, settings: Clerk, backend: Backend, *, forced: bool = False) -> Reconciled:
    """Reconciles once. `forced` lets more than a tenth go. Raises ProviderUnavailable, which changes nothing."""
    read_at: datetime = await DATABASE_TIME.value(connection)
    people = await CLERK_PEOPLE.rows(connection, issuer=settings.issuer)
    sids = {person["subject"]: person["sids"] for person in people}
    there = await _there(backend, settings, sids)
    try:
        async with connection.transaction():
            forced = forced or await CLERK_LET_GO.value(connection)
            if await CLERK_GO.value(connection, had=len(people), going=len(there.gone), forced=forced):
                return Reconciled(len(there.users), 0, 0, 0, 0, stopped=True)
            ended = await _apply(connection, settings, there, read_at)
            organizations, workspaces = named(settings)
            synced = await CLERK_SYNC.one(
                connection, issuer=settings.issuer, organizations=organizations, workspaces=workspaces, forced=forced
            )
            if synced["stopped"]:
                raise _TooManyGo(synced["had"], synced["going"])
    except _TooManyGo as grants:
        await CLERK_GO.value(connection, had=grants.had, going=grants.going, forced=False)
        return Reconciled(len(there.users), 0, 0, 0, 0, stopped=True)
    return Reconciled(len(there.users), len(there.gone), ended, synced["granted"], synced["withdrawn"], stopped=False)


async def _there(backend: Backend, settings: Clerk, sids: dict[str, list[str]]) -> _There:
    """Asks Clerk. Whoever is not in its list is asked for: somebody who left meanwhile moves the pages."""
    users = {user.id: user async for user in backend.users()}
    gone: dict[str, User | None] = {}
    over: list[str] = []
    for subject, theirs in sids.items():
        user = users.get(subject) or await backend.user(subject)
        if user is None or user.banned:
            gone[subject] = user
            continue
        for sid in theirs:
            session = await backend.session(sid)
            if session is None or session.status in OVER:
                over.append(sid)
    members = {organization: await backend.members(organization) for organization in settings.workspaces}
    return _There(users, gone, over, members)


async def _apply(connection: Connection, settings: Clerk, there: _There, read_at: datetime) -> int:
    """Returns how many sessions at Clerk have ended."""
    for subject, user in there.gone.items():
        await user_changed(connection, settings, subject, True, read_at if user else None)
    for sid in there.over:
        await note(connection, "session", sid, gone=True, at=None)
        await end_by_provider(connection, CLERK, sid=sid)
    for organization, members in there.members.items():
        await CLERK_NOTE_MEMBERS.value(connection, organization=organization, members=members, read_at=read_at)
    return len(there.over)
