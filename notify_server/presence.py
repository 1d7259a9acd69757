"""Whose presence has changed, and the frames that say so to those who share a workspace with them.

Presence itself is worked out in the database, which knows the streams of all nodes (settle_presence() in
sql/functions/presence.sql); what comes here is news for whoever is connected to this node.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from notify_server import metrics
from notify_server.hub import Hub, Subscriber

# People whose news wait to be told; more than that are not told at all.
MOST_WAITING = 20_000


class Change(msgspec.Struct):
    user_id: int
    presence: str
    last_seen: str | None


class Presences:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._changes: dict[int, Change] = {}
        self._places: dict[int, set[int]] = {}  # by user: the workspaces in which it is told

    @property
    def waiting(self) -> bool:
        return bool(self._changes)

    def take(self, user_id: int, presence: str, last_seen: str | None, workspaces: list[int]) -> None:
        """The newest counts. It is kept only if somebody here is in one of the workspaces."""
        places = [workspace for workspace in workspaces if self._hub.members_of_workspace(workspace)]
        if not places:
            return
        if len(self._changes) >= MOST_WAITING and user_id not in self._changes:
            metrics.ephemeral_dropped.labels("PresenceChanged", "too_many").inc()
            return
        self._changes[user_id] = Change(user_id, presence, last_seen)
        self._places.setdefault(user_id, set()).update(places)

    def frames(self) -> Iterator[tuple[str, list[Subscriber]]]:
        """A payload for each group of people who are told the same. Takes all that waits."""
        changes, places = self._changes, self._places
        self._changes, self._places = {}, {}
        told_in: defaultdict[int, list[Change]] = defaultdict(list)
        for user_id, workspaces in places.items():
            for workspace in workspaces:
                told_in[workspace].append(changes[user_id])
        groups: defaultdict[tuple[int, ...], list[Subscriber]] = defaultdict(list)
        for receiver in {r for workspace in told_in for r in self._hub.members_of_workspace(workspace)}:
            if receiver.streams:
                groups[tuple(sorted(receiver.member_of.workspaces.keys() & told_in.keys()))].append(receiver)
        for shared, receivers in groups.items():
            people = {change.user_id: change for workspace in shared for change in told_in[workspace]}
            yield _payload(people), [r for r in receivers if not _is_hidden(people.get(r.user_id))]
            for receiver in receivers:
                own = people.get(receiver.user_id)
                if own and _is_hidden(own):
                    yield _payload({**people, own.user_id: Change(own.user_id, "invisible", None)}), [receiver]


def _is_hidden(own: Change | None) -> bool:
    """Whoever is told over an open stream to be offline is invisible, and is told that instead."""
    return own is not None and own.presence == "offline"


def _payload(people: dict[int, Change]) -> str:
    return msgspec.json.encode({"users": list(people.values())}).decode()
