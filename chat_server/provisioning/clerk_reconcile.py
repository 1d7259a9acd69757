"""What Clerk has now against what is known of it here, for the webhooks that never came.

Clerk is asked first, in pages; then everything is applied in one transaction. Nothing changes if an answer is missing,
or if more than a tenth of those who are signed in, or of the memberships, would go; but that is on record then.

Webhooks come meanwhile. What Clerk has said of an object is noted with the time that Clerk gives it, so whichever is
applied last, the newer statement counts, and no clock of ours is compared with Clerk's. All objects are locked before
any row is, as by a webhook, so neither waits for the other in a circle.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.settings import CLERK, Clerk
from chat_server.identity.clerk.backend import Backend, User
from chat_server.provisioning.clerk_events import CLERK_SYNC, named, note, time_of, user_changed
from chat_server.sign_in.ending import end_by_provider

CLERK_LET_GO = query("clerk_let_go")
CLERK_BANNED = query("clerk_banned")
CLERK_LOCK_OBJECTS = query("clerk_lock_objects", "kinds", "objects")
CLERK_MEMBERS = query("clerk_members", "organizations")
CLERK_NOTE_MEMBERS = query("clerk_note_members", "organization", "members", "changed_at", "known", "known_at")
CLERK_PEOPLE = query("clerk_people", "issuer")
CLERK_GO = query("clerk_go", "had", "going", "forced")

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
    """What Clerk says. `gone` are those of the people here who are deleted or banned, `back` those who were banned and
    are no longer; `over` are ended sessions. `known`: by organization, whom we knew as members before, and of when."""

    users: dict[str, User]
    gone: dict[str, User | None]
    back: list[User]
    over: list[str]
    members: dict[str, dict[str, int] | None]
    known: dict[str, dict[str, datetime]]

    def objects(self) -> list[tuple[str, str]]:
        users = [*self.gone, *(user.id for user in self.back)]
        organizations = [(kind, name) for kind in ("organization", "membership") for name in self.members]
        return [*(("session", sid) for sid in self.over), *(("user", user) for user in users), *organizations]


async def reconcile(connection: Connection, settings: Clerk, backend: Backend, *, forced: bool = False) -> Reconciled:
    """Reconciles once. `forced` lets more than a tenth go. Raises ProviderUnavailable, which changes nothing."""
    people = await CLERK_PEOPLE.rows(connection, issuer=settings.issuer)
    sids = {person["subject"]: person["sids"] for person in people}
    banned = {row["id"] for row in await CLERK_BANNED.rows(connection)}
    listed: list[Any] = await CLERK_MEMBERS.rows(connection, organizations=list(settings.workspaces))
    known = {row["organization"]: dict(zip(row["members"], row["changed_at"], strict=True)) for row in listed}
    there = await _there(backend, settings, sids, banned, known)
    try:
        async with connection.transaction():
            forced = forced or await CLERK_LET_GO.value(connection)
            if await CLERK_GO.value(connection, had=len(people), going=len(there.gone), forced=forced):
                return Reconciled(len(there.users), 0, 0, 0, 0, stopped=True)
            kinds, objects = zip(*there.objects(), strict=True) if there.objects() else ((), ())
            await CLERK_LOCK_OBJECTS.value(connection, kinds=list(kinds), objects=list(objects))
            ended = await _apply(connection, settings, there)
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


async def _there(
    backend: Backend,
    settings: Clerk,
    sids: dict[str, list[str]],
    banned: set[str],
    known: dict[str, dict[str, datetime]],
) -> _There:
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
    back = [user for subject, user in users.items() if subject in banned and not user.banned]
    return _There(users, gone, back, over, members, known)


async def _apply(connection: Connection, settings: Clerk, there: _There) -> int:
    """Returns how many sessions at Clerk have ended."""
    for subject, user in there.gone.items():
        await user_changed(connection, settings, subject, True, time_of(user.updated_at) if user else None)
    for user in there.back:
        await user_changed(connection, settings, user.id, False, time_of(user.updated_at), user.address)
    for sid in there.over:
        await note(connection, "session", sid, gone=True, at=None)
        await end_by_provider(connection, CLERK, sid=sid)
    for organization, members in there.members.items():
        known = there.known.get(organization, {})
        await CLERK_NOTE_MEMBERS.value(
            connection,
            organization=organization,
            members=None if members is None else list(members),
            changed_at=[time_of(changed) for changed in (members or {}).values()],
            known=list(known),
            known_at=list(known.values()),
        )
    return len(there.over)
