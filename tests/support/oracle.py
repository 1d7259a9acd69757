"""Who may see each event, by the tables before and after each commit, and what a stream got held against it.

Nothing here asks the server's code: an own schema in the database notes every change of a membership and which commit
each event came of. What docs/events.md says of the kinds of events is all that is known of the log: which lets a user
in, which takes one out, which has a new role, and for whom an event is.
"""

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chat_core.database.pool import Connection

ENTERS = {"NewChat", "NewBoard", "BoardRestored", "NewPage", "PageRestored", "WorkspaceMemberJoined"}
LEAVES = {"UserLeftChat", "ChatDeleted", "WorkspaceMemberLeft", "WorkspaceDeleted", "WorkspaceMoved"}
LEAVES |= {"UserLeftBoard", "BoardDeleted", "UserLeftPage", "PageDeleted"}
ROLES = {"ChatMemberUpdated", "BoardMemberUpdated", "PageMemberUpdated", "WorkspaceMemberUpdated"}

# What a row was is noted as its statement runs; which commit an event came of, as it is appended. With the owner's
# rights, since the servers have none here.
INSTALL = """
CREATE SCHEMA oracle;
CREATE TABLE oracle.facts (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    place text NOT NULL, id bigint NOT NULL, user_id bigint, before text, after text
);
CREATE TABLE oracle.positions (position bigint PRIMARY KEY, xid xid8 NOT NULL DEFAULT pg_current_xact_id());
-- Where each chat and document is, which never changes.
CREATE TABLE oracle.homes (place text, id bigint, workspace_id bigint, PRIMARY KEY (place, id));
INSERT INTO oracle.homes
SELECT 'chat', id, workspace_id FROM chats UNION ALL SELECT 'document', id, workspace_id FROM documents;
INSERT INTO oracle.facts (xid, place, id, user_id, after)
SELECT xid8 '0', 'workspace', workspace_id, user_id, role FROM workspace_members
UNION ALL SELECT xid8 '0', 'chat', chat_id, user_id, role FROM chat_members
UNION ALL SELECT xid8 '0', 'document', document_id, user_id, role FROM document_members
UNION ALL SELECT xid8 '0', 'document', id, NULL, 'deleted' FROM documents WHERE deleted_at IS NOT NULL;
INSERT INTO oracle.positions SELECT position, xid8 '0' FROM events;

CREATE FUNCTION oracle.note_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = oracle, public, pg_temp AS $$
DECLARE
    was json := CASE WHEN TG_OP <> 'INSERT' THEN row_to_json(OLD) END;
    became json := CASE WHEN TG_OP <> 'DELETE' THEN row_to_json(NEW) END;
BEGIN
    INSERT INTO facts (place, id, user_id, before, after)
    SELECT TG_ARGV[0], (known ->> (TG_ARGV[0] || '_id'))::bigint, (known ->> 'user_id')::bigint,
           was ->> 'role', became ->> 'role'
    FROM (SELECT coalesce(became, was) AS known) one;
    RETURN NULL;
END
$$;
CREATE TRIGGER oracle AFTER INSERT OR UPDATE OF role OR DELETE ON workspace_members
    FOR EACH ROW EXECUTE FUNCTION oracle.note_member('workspace');
CREATE TRIGGER oracle AFTER INSERT OR UPDATE OF role OR DELETE ON chat_members
    FOR EACH ROW EXECUTE FUNCTION oracle.note_member('chat');
CREATE TRIGGER oracle AFTER INSERT OR UPDATE OF role OR DELETE ON document_members
    FOR EACH ROW EXECUTE FUNCTION oracle.note_member('document');

CREATE FUNCTION oracle.note_home() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = oracle, public, pg_temp AS $$
BEGIN
    INSERT INTO homes VALUES (TG_ARGV[0], NEW.id, NEW.workspace_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER oracle_home AFTER INSERT ON chats FOR EACH ROW EXECUTE FUNCTION oracle.note_home('chat');
CREATE TRIGGER oracle_home AFTER INSERT ON documents FOR EACH ROW EXECUTE FUNCTION oracle.note_home('document');

CREATE FUNCTION oracle.note_document() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = oracle, public, pg_temp AS $$
BEGIN
    INSERT INTO facts (place, id, before, after)
    VALUES ('document', OLD.id, CASE WHEN OLD.deleted_at IS NOT NULL THEN 'deleted' END,
            CASE WHEN NEW.deleted_at IS NOT NULL THEN 'deleted' END);
    RETURN NULL;
END
$$;
CREATE TRIGGER oracle AFTER UPDATE OF deleted_at OR DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION oracle.note_document();

CREATE FUNCTION oracle.note_event() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = oracle, public, pg_temp AS $$
BEGIN
    INSERT INTO positions (position) VALUES (NEW.position);
    RETURN NULL;
END
$$;
CREATE TRIGGER oracle AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION oracle.note_event();
"""

EVENTS = """
SELECT position, xid::text, kind, audience, chat_id, document_id, user_id, workspace_ids,
       extract(epoch FROM created_at)::float8 AS at
FROM events LEFT JOIN oracle.positions USING (position) ORDER BY position
"""
HOMES = "SELECT place, id, workspace_id FROM oracle.homes"
FACTS = "SELECT number, xid::text, place, id, user_id, before, after FROM oracle.facts ORDER BY number"

Place = tuple[str, int]


class Told(NamedTuple):
    """A row of the log; `at` is when it was made, in seconds since 1970."""

    position: int
    xid: str
    kind: str
    audience: str
    chat_id: int | None
    document_id: int | None
    user_id: int | None
    workspace_ids: Sequence[int] | None
    at: float

    def places(self) -> Iterator[Place]:
        if self.chat_id is not None:
            yield "chat", self.chat_id
        if self.document_id is not None:
            yield "document", self.document_id
        for workspace in self.workspace_ids or ():
            yield "workspace", workspace


class Fact(NamedTuple):
    """A change of a row: of a member, or, without a user, whether a document is deleted."""

    number: int
    xid: str
    place: str
    id: int
    user_id: int | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Got:
    """What came over one connection. `start` is the position of its `ready`; `frames` are position and kind, and the
    position that the log can have been at, at most, when it came. `knew`: what the server must have known of the log
    when the connection was opened, at least. `replayed_to`: above this all came live. `within`: the workspace to which
    its token is bound."""

    user: int
    start: int
    knew: int
    frames: Sequence[tuple[int, str, int]]
    replayed_to: int
    within: int | None = None


KINDS = ("lost", "doubled", "leaked", "disordered")


@dataclass
class Faults:
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)

    def add(self, others: "Faults") -> None:
        self.lost += others.lost
        self.doubled += others.doubled
        self.leaked += others.leaked
        self.disordered += others.disordered

    def any(self) -> bool:
        return bool(self.lost or self.doubled or self.leaked or self.disordered)

    def counts(self) -> str:
        return ", ".join(f"{len(getattr(self, kind))} {kind}" for kind in KINDS)

    def __str__(self) -> str:
        return "\n  ".join([self.counts(), *itertools.chain.from_iterable(getattr(self, kind)[:5] for kind in KINDS)])


def _admins(place: Place, members: dict[int, str]) -> dict[int, bool]:
    """Who is inside, and whether as an admin."""
    return {user: administers(place, role) for user, role in members.items()}


def administers(place: Place, role: str | None) -> bool:
    return role == "owner" or (role == "admin" and place[0] != "document")


class History:
    """The log, and who may see what of it."""

    def __init__(self, events: Iterable[Told], facts: Iterable[Fact], homes: dict[Place, int]) -> None:
        self.homes = homes
        self.events = list(events)
        self.positions = [event.position for event in self.events]
        self.times = list(itertools.accumulate((event.at for event in self.events), max))
        self.seen: list[frozenset[int]] = []
        # Users who may get it and need not: its own commit let them in and took them out again, and the log was written
        # in between (SET CONSTRAINTS).
        self._passing: list[frozenset[int]] = []
        # What the tables say and the log does not: the two have to agree after each commit.
        self.untold: list[str] = []
        # By user and place, where access began or ended; and the same for what is for admins: surely, or perhaps, since
        # what was and was not within one transaction may count either way.
        self._breaks: defaultdict[tuple[int, Place], list[int]] = defaultdict(list)
        self._admin_breaks: defaultdict[tuple[int, Place], list[int]] = defaultdict(list)
        self._maybe_breaks: defaultdict[tuple[int, Place], list[int]] = defaultdict(list)
        # Leavings of places in which the user was not, such as a deleted document.
        self._late_leavings: set[int] = set()
        # Who was inside a workspace when something was told of it, and perhaps of others.
        self._inside: dict[tuple[int, Place], frozenset[int]] = {}
        self._members: defaultdict[Place, dict[int, str]] = defaultdict(dict)
        self._deleted: set[int] = set()
        self._access: defaultdict[Place, dict[int, str]] = defaultdict(dict)
        changes: defaultdict[str, list[Fact]] = defaultdict(list)
        # What is known of a user in a place, to explain a leak: the tables' changes.
        self._facts: defaultdict[tuple[int | None, Place], list[Fact]] = defaultdict(list)
        for fact in facts:
            changes[fact.xid].append(fact)
            self._facts[fact.user_id, (fact.place, fact.id)].append(fact)
        self._change(changes.pop("0", []))
        for place in self._members:
            self._access[place] = dict(self._visible(place))
        self._walk(changes)

    @classmethod
    async def read(cls, sql: Connection) -> "History":
        async with sql.transaction(isolation="repeatable_read", readonly=True):
            events = [Told(*row) for row in await sql.fetch(EVENTS)]
            homes = {(row[0], row[1]): row[2] for row in await sql.fetch(HOMES)}
            return cls(events, [Fact(*row) for row in await sql.fetch(FACTS)], homes)

    def head_at(self, time: float) -> int:
        """The newest position that was made by a time."""
        number = bisect.bisect_right(self.times, time)
        return self.positions[number - 1] if number else 0

    # -- who sees what

    def _walk(self, changes: dict[str, list[Fact]]) -> None:
        # A commit without an event (in a deleted document) is seen with the next one: nothing shows it before.
        silent = sorted(changes.keys() - {event.xid for event in self.events}, key=lambda xid: changes[xid][0].number)
        for xid, group in itertools.groupby(self.events, lambda event: event.xid):
            facts = changes.pop(xid, [])
            while silent and facts and changes[silent[0]][0].number < facts[0].number:
                self._change(changes[silent.pop(0)])
            touched = self._change(facts)
            flips = {
                (fact.user_id, (fact.place, fact.id))
                for fact in facts
                if administers((fact.place, fact.id), fact.before) != administers((fact.place, fact.id), fact.after)
            }
            passing: defaultdict[Place, set[int]] = defaultdict(set)
            for event in group:
                self._tell(event, flips, passing)
            for place in touched:
                told, true = self._access[place], self._visible(place)
                if _admins(place, told) != _admins(place, true):
                    self.untold.append(f"{place}: after commit {xid} the log lets in {told}, the tables {true}")
                self._access[place] = dict(true)

    def _change(self, facts: list[Fact]) -> set[Place]:
        """The places that are not what they were."""
        for fact in facts:
            place = fact.place, fact.id
            if fact.user_id is None:
                (self._deleted.add if fact.after else self._deleted.discard)(fact.id)
            elif fact.after is None:
                self._members[place].pop(fact.user_id, None)
            else:
                self._members[place][fact.user_id] = fact.after
        return {(fact.place, fact.id) for fact in facts}

    def _visible(self, place: Place) -> dict[int, str]:
        return {} if place[0] == "document" and place[1] in self._deleted else self._members[place]

    def _tell(self, event: Told, flips: set[tuple[int | None, Place]], passing: dict[Place, set[int]]) -> None:
        user = event.user_id
        place = next(event.places(), ("", 0))
        if user is not None and event.kind in ENTERS | ROLES:
            was, now = self._access[place].get(user), self._visible(place).get(user)
            if now is None and event.kind in ENTERS:
                passing[place].add(user)
            if now is not None and (event.kind in ENTERS or was is not None):
                self._access[place][user] = now
            if event.kind in ENTERS:
                self._breaks[user, place].append(event.position)
            if event.kind in ENTERS or administers(place, was) != administers(place, now):
                self._admin_breaks[user, place].append(event.position)
            if event.kind in ENTERS or (user, place) in flips:
                self._maybe_breaks[user, place].append(event.position)
        self.seen.append(frozenset(self._audience(event)))
        through = set[int]().union(*(passing[each] for each in event.places()))
        self._passing.append(frozenset(through & {user} if event.audience == "user" else through))
        for workspace in event.workspace_ids or ():
            self._inside[event.position, ("workspace", workspace)] = frozenset(self._access["workspace", workspace])
        if user is not None and event.kind in LEAVES:
            passing[place].discard(user)
            if self._access[place].pop(user, None) is None:
                self._late_leavings.add(event.position)
            for breaks in (self._breaks, self._admin_breaks, self._maybe_breaks):
                breaks[user, place].append(event.position)

    def _audience(self, event: Told) -> set[int]:
        own = set() if event.user_id is None else {event.user_id}
        places = [(place, self._access[place]) for place in event.places()]
        if event.kind in LEAVES:
            inside = set().union(*(members for _, members in places)) if event.audience != "user" else set()
            return own | inside
        if event.audience == "user":
            return {user for user in own if all(user in members for _, members in places)}
        if event.audience == "admins":
            who = [(user, admin) for place, members in places for user, admin in _admins(place, members).items()]
            return {user for user, admin in who if admin or user in own}
        inside = set[int]().union(*(members for _, members in places))
        return inside | own if event.audience == "contacts" else inside

    def _is_for(self, number: int, got: Got) -> bool:
        """Whether the event, when it was made, was for this connection."""
        event = self.events[number]
        if got.user not in self.seen[number]:
            return False
        if got.within is None:
            return True
        home = ("workspace", got.within)
        if event.workspace_ids:
            return home in event.places() and got.user in self._inside[event.position, home]
        return any(self.homes[place] == got.within for place in event.places())

    def _ends(self, event: Told, got: Got, *, surely: bool) -> float:
        """From which position on a replay need not, or `surely` may not, show the event to a user who could see it."""
        user = got.user
        own = user == event.user_id
        places = list(event.places())
        if not places or (own and event.kind in LEAVES):
            return float("inf")
        if event.workspace_ids and got.within is not None:
            places = [("workspace", got.within)]
        elif own and event.audience == "contacts":
            return float("inf")
        kinds = [self._breaks]
        if event.audience == "admins":
            of_admins = self._admin_breaks if surely else self._maybe_breaks
            kinds = [self._breaks, of_admins] if own and surely else [of_admins]
        return max(
            next((float(position) for position in breaks[user, place] if position > event.position), float("inf"))
            for place in places
            for breaks in kinds
            if len(places) == 1 or user in self._inside[event.position, place]
        )

    # -- what came

    def faults(self, got: Got, to: int = 0) -> Faults:
        """Everything that is wrong with what came over a connection, up to its last frame or, if that is more, `to`."""
        found = Faults()
        times = Counter(position for position, *_ in got.frames)
        found.doubled += [self._say(p, got.user) for p, amount in times.items() if amount > 1]
        for earlier, later in itertools.pairwise([got.start, *(position for position, *_ in got.frames)]):
            if later < earlier:
                found.disordered.append(self._say(later, got.user))
        for position, kind, _ in got.frames:
            number = bisect.bisect_left(self.positions, position)
            if position <= got.start and times[position] == 1:
                found.doubled.append(self._say(position, got.user))
            if number == len(self.events) or self.positions[number] != position or self.events[number].kind != kind:
                found.leaked.append(f"{kind} at {position} is not in the log")
            elif not self._is_for(number, got) and got.user not in self._passing[number]:
                found.leaked.append(self._say(position, got.user) + self._why(number, got.user))
            elif position <= got.knew and self._ends(self.events[number], got, surely=True) <= got.knew:
                found.leaked.append(f"{self._say(position, got.user)} in a replay after their access had ended")
        bounds = sorted((position, head) for position, _, head in got.frames)
        first = bisect.bisect_right(self.positions, got.start)
        bounds.append((max(to, bounds[-1][0] if bounds else 0), max(to, got.replayed_to)))
        last = bisect.bisect_right(self.positions, bounds[-1][0])
        for number in range(first, last):
            event = self.events[number]
            if got.within is not None and event.position in self._late_leavings:
                continue  # the server may not know any more in which workspace that was
            if self._is_for(number, got) and event.position not in times:
                head = bounds[bisect.bisect_left(bounds, (event.position, 0))][1]
                if event.position > got.replayed_to or self._ends(event, got, surely=False) > head:
                    found.lost.append(self._say(event.position, got.user))
        return found

    def _why(self, number: int, user: int) -> str:
        """What the tables and the log have of the user in the event's places, and its commit."""
        event = self.events[number]
        places = list(event.places())
        changed = [
            f"{fact.number} {fact.place} {fact.id}: {fact.before} to {fact.after} in {fact.xid}"
            for place in places
            for fact in self._facts[user, place]
        ]
        told = [
            f"{one.position} {one.kind} in {one.xid}"
            for one in self.events
            if one.xid == event.xid
            or (one.user_id == user and one.kind in ENTERS | LEAVES and {*one.places()} & {*places})
        ]
        return f"; in {event.xid}; tables: {changed[-9:]}; log: {told[-20:]}"

    def _say(self, position: int, user: int) -> str:
        number = bisect.bisect_left(self.positions, position)
        event: Any = self.events[number] if number < len(self.events) else None
        what = (event.kind, event.audience, *event.places()) if event else "nothing"
        return f"{position}: {what} of user {event and event.user_id}, to user {user}"
