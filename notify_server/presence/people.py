"""Changes of presence, and the frames that show them to users who share a workspace.

The database computes presence, since it knows the streams of all nodes (settle_presence() in
sql/functions/presence/presence.sql). Here its notices reach the users who are connected to this node. Notices that the
log has overtaken are dropped: in a workspace that the user has left, and that a user is present who has become
invisible.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from chat_core.log.event import Event
from notify_server import metrics
from notify_server.fan_out.hub import Hub, Subscriber

# Users whose notices may wait; further ones are dropped.
MOST_WAITING = 20_000
# Events that may overtake a notice of their user.
OVERTAKES = frozenset({"WorkspaceMemberLeft", "WorkspaceDeleted", "WorkspaceMoved", "PresenceModeChanged"})


class News(msgspec.Struct, array_like=True, frozen=True):
    """From tell_presence() (sql/functions/presence/presence.sql): in which workspaces, and at which position of the
    log."""

    user_id: int
    presence: str
    last_seen: str | None
    workspaces: list[int]
    position: int


class Change(msgspec.Struct):
    user_id: int
    presence: str
    last_seen: str | None


class Presences:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._changes: dict[int, Change] = {}
        self._places: dict[int, set[int]] = {}  # by user: the workspaces in which it is shown
        self._telling: defaultdict[int, dict[int, Change]] = defaultdict(dict)  # by workspace: what is being written

    @property
    def waiting(self) -> bool:
        return bool(self._changes)

    def take(self, news: Iterable[News], since: Sequence[Event]) -> None:
        """The newest notice of each user counts. `since`: all events after the earliest position. Notices are kept
        only if a user here is in one of the workspaces."""
        later = [event for event in since if event.kind in OVERTAKES]
        for one in news:
            places = {workspace for workspace in one.workspaces if self._hub.members_of_workspace(workspace)}
            if not places:
                continue
            if len(self._changes) >= MOST_WAITING and one.user_id not in self._changes:
                metrics.ephemeral_dropped.labels("PresenceChanged", "too_many").inc()
                continue
            self._changes[one.user_id] = Change(one.user_id, one.presence, one.last_seen)
            self._places.setdefault(one.user_id, set()).update(places)
            self.follow(e for e in later if e.user_id == one.user_id and e.position > one.position)

    def follow(self, events: Iterable[Event]) -> None:
        """The next events of the log, which the hub has dispatched."""
        if not self._changes and not self._telling:
            return
        for event in events:
            user_id = event.user_id or 0
            match event.kind:
                case "WorkspaceMemberLeft" | "WorkspaceDeleted" | "WorkspaceMoved":
                    self._withdraw(user_id, event.workspace_ids or ())
                case "PresenceModeChanged" if event.makes_invisible:
                    self._withdraw_sight(user_id)

    def _withdraw_sight(self, user_id: int) -> None:
        """Drops notices that a user is present; that they are absent stays true."""
        change = self._changes.get(user_id)
        if change is not None and change.presence != "offline":
            del self._changes[user_id], self._places[user_id]
        for people in self._telling.values():
            if user_id in people and people[user_id].presence != "offline":
                del people[user_id]

    def _withdraw(self, user_id: int, workspaces: Iterable[int]) -> None:
        for workspace in workspaces:
            if workspace in self._telling:
                self._telling[workspace].pop(user_id, None)
        if (places := self._places.get(user_id)) is not None:
            places.difference_update(workspaces)
            if not places:
                del self._changes[user_id], self._places[user_id]

    def reset(self) -> None:
        """Another history has begun, and no stream is left that received any presence."""
        for kept in (self._changes, self._places, self._telling):
            kept.clear()

    def frames(self) -> Iterator[list[tuple[str, Iterable[Subscriber]]]]:
        """The payloads for each group of users who receive the same. Takes everything that waits."""
        told_in = self._telling
        for user_id, workspaces in self._places.items():
            for workspace in workspaces:
                told_in[workspace][user_id] = self._changes[user_id]
        self._changes, self._places = {}, {}
        groups: defaultdict[tuple[int, ...], list[Subscriber]] = defaultdict(list)
        for receiver in {r for workspace in told_in for r in self._hub.members_of_workspace(workspace)}:
            if receiver.streams:
                groups[tuple(sorted(receiver.member_of.workspaces.keys() & told_in.keys()))].append(receiver)
        for shared, group in groups.items():
            # The log may have advanced since the last group was written.
            receivers = [r for r in group if r.member_of.workspaces.keys() >= set(shared)]
            people = {change.user_id: change for workspace in shared for change in told_in[workspace].values()}
            yield list(_frames_of(people, receivers))
        told_in.clear()


def _frames_of(people: dict[int, Change], receivers: list[Subscriber]) -> Iterator[tuple[str, Iterable[Subscriber]]]:
    if people:
        yield _payload(people), [r for r in receivers if not _is_hidden(people.get(r.user_id))]
    for receiver in receivers:
        own = people.get(receiver.user_id)
        if own and _is_hidden(own):
            yield _payload({**people, own.user_id: Change(own.user_id, "invisible", None)}), [receiver]


def _is_hidden(own: Change | None) -> bool:
    """A user with an open stream who appears offline is invisible, and receives that instead."""
    return own is not None and own.presence == "offline"


def _payload(people: dict[int, Change]) -> str:
    return msgspec.json.encode({"users": list(people.values())}).decode()
