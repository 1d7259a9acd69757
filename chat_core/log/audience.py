"""Who may see an event: one rule, for live dispatch (hub.py) and for replay (replay.py).

`events.audience` says for whom an event is, and `events.effect` what it does to the access of its user (migration
0072). An event is visible to users who had access at its position and have had it ever since: for live dispatch, those
who have it now; a replay leaves out everything from before the user was added or promoted.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from chat_core.log.event import Effect, Event

Value = TypeVar("Value")

GRANTS: Final = frozenset({"grant", "grant_admin"})
PROMOTES: Final = frozenset({"promote", "grant_admin"})
DEMOTES: Final = frozenset({"demote", "grant"})
REVOKE: Final = "revoke"
# Above every position.
NEVER: Final = 2**63


@dataclass(frozen=True, slots=True)
class Places(Generic[Value]):
    """The known users of each place, by its id."""

    chats: dict[int, Value]
    documents: dict[int, Value]
    workspaces: dict[int, Value]

    def __iter__(self) -> Iterator[dict[int, Value]]:
        return iter((self.chats, self.documents, self.workspaces))

    def of(self, event: Effect) -> Iterator[tuple[dict[int, Value], int]]:
        """The places of an event: the dictionary of each, and its id there."""
        if event.chat_id is not None:
            yield self.chats, event.chat_id
        if event.document_id is not None:
            yield self.documents, event.document_id
        for workspace in event.workspace_ids or ():
            yield self.workspaces, workspace


class Access:
    """What one user may see. `member_of` and `administers` give for each place the position at which access began, 0
    if it was in the snapshot already."""

    __slots__ = ("administers", "member_of", "user_id")

    def __init__(self, user_id: int, member_of: Places[int], administers: Places[int]) -> None:
        self.user_id, self.member_of, self.administers = user_id, member_of, administers

    @classmethod
    def nothing(cls, user_id: int) -> "Access":
        return cls(user_id, Places({}, {}, {}), Places({}, {}, {}))

    def apply(self, event: Effect) -> None:
        """Applies the effect of an event about this user."""
        if event.effect in GRANTS:
            _set(self.member_of, event)
        if event.effect in PROMOTES:
            _set(self.administers, event)
        elif event.effect in DEMOTES:
            _remove(self.administers, event)
        elif event.effect == REVOKE:
            _remove(self.member_of, event)
            _remove(self.administers, event)

    def sees(self, event: Event, recent: "Access | None" = None) -> bool:
        """`recent` is what the log did to this user's access above a replay's cursor."""
        members, admins = (recent.member_of, recent.administers) if recent else (_UNKNOWN, _UNKNOWN)
        if event.effect is None and event.audience == "chat":  # most events are messages
            return _has_been_in(event.chat_id or 0, self.member_of.chats, members.chats, event.position)
        own = event.user_id == self.user_id
        if own and (event.effect == REVOKE or event.audience == "contacts"):
            return True  # a removal concerns its user although they are out, and so does their own profile
        if event.audience == "user":
            return own and all(_inside(event, self.member_of, members))
        if event.audience == "admins":
            return any(_inside(event, self.administers, admins)) or (
                own and any(_inside(event, self.member_of, members))
            )
        return any(_inside(event, self.member_of, members))

    def is_inside(self, workspace_id: int, event: Event, recent: "Access | None" = None) -> bool:
        """Whether the user is in the workspace, and has been since before the event."""
        later = recent.member_of.workspaces.get(workspace_id, 0) if recent else 0
        members = self.member_of if event.audience != "admins" else self.administers
        if event.audience == "admins" and event.user_id == self.user_id:
            members = self.member_of
        return max(members.workspaces.get(workspace_id, NEVER), later) <= event.position


Viewer = TypeVar("Viewer", bound=Access)


class Audience(Generic[Viewer]):
    """The users who are known here, by the places that they see."""

    def __init__(self) -> None:
        self.members: Places[set[Viewer]] = Places({}, {}, {})

    def add(self, viewer: Viewer) -> None:
        for members, since in zip(self.members, viewer.member_of, strict=True):
            for place in since:
                members.setdefault(place, set()).add(viewer)

    def remove(self, viewer: Viewer) -> None:
        for members, since in zip(self.members, viewer.member_of, strict=True):
            for place in since:
                _discard(members, place, viewer)

    def apply(self, viewer: Viewer, event: Event) -> None:
        """Applies the effect of an event about this user."""
        viewer.apply(event)
        if event.effect in GRANTS:
            for members, place in self.members.of(event):
                members.setdefault(place, set()).add(viewer)
        elif event.effect == REVOKE:
            for members, place in self.members.of(event):
                _discard(members, place, viewer)

    def of(self, event: Event, own: Viewer | None) -> Collection[Viewer]:
        """All who see the event now; `own` is the user whom it is about, if known here."""
        if event.effect is None and event.audience == "chat":  # most events are messages
            return self.members.chats.get(event.chat_id or 0, ())
        if event.audience == "user":
            return (own,) if own is not None and own.sees(event) else ()
        places = [members.get(place, ()) for members, place in self.members.of(event)]
        found: Collection[Viewer] = places[0] if len(places) == 1 else set[Viewer]().union(*places)
        if event.audience == "admins":
            return [viewer for viewer in found if viewer.sees(event)]
        if own is not None and own not in found and own.sees(event):
            return [*found, own]
        return found

    def size(self, event: Event) -> int:
        """A quick estimate of how many see the event: the known users of its places, or one."""
        if event.audience == "user":
            return 1
        return sum(len(members.get(place, ())) for members, place in self.members.of(event)) or 1


_UNKNOWN: Final[Places[int]] = Places({}, {}, {})


def _inside(event: Event, own: Places[int], recent: Places[int]) -> Iterable[bool]:
    """For each place of the event: whether it came after the user's access to it began."""
    for (since, place), (later, _) in zip(own.of(event), recent.of(event), strict=True):
        yield _has_been_in(place, since, later, event.position)


def _has_been_in(place: int, since: dict[int, int], later: dict[int, int], position: int) -> bool:
    return since.get(place, NEVER) <= position >= later.get(place, 0)


def _set(places: Places[int], event: Effect) -> None:
    for since, place in places.of(event):
        since[place] = event.position


def _remove(places: Places[int], event: Effect) -> None:
    for since, place in places.of(event):
        since.pop(place, None)


def _discard(index: dict[int, set[Viewer]], key: int, viewer: Viewer) -> None:
    members = index.get(key)
    if members is not None:
        members.discard(viewer)
        if not members:
            del index[key]
