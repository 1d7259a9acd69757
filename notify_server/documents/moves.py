"""Presence on documents ahead of the database: clients that others know already, and that have moved. Over NATS it is a
message; in the database it would be a write each time, and a read by every other server (ADR 103).

Each message names the position of the log at which its clients had their places. A server that is further drops those
who have lost theirs since; one that is not there yet hears of that from the log."""

from collections.abc import Iterable
from typing import Final, Protocol

from notify_server.documents.access import ENDS
from notify_server.fan_out.hub import Hub
from notify_server.relay.hints import HINT_BYTES, Moved, State

# Positions by which a message may be late.
MOST_LATE: Final = 10_000


class Way(Protocol):
    """A way to other servers beside the database."""

    @property
    def is_led(self) -> bool: ...

    def tell_moved(self, epoch: str, position: int, states: Iterable[State]) -> None: ...


class Moves:
    """One per server."""

    def __init__(self, way: Way, hub: Hub) -> None:
        self._way, self._hub = way, hub

    @property
    def go_out(self) -> bool:
        """Whether this server has a way to the others."""
        return self._way.is_led

    def send(self, states: list[State]) -> None:
        self._way.tell_moved(self._hub.epoch, self._hub.position, states)

    def of_present(self, moved: Moved) -> list[State]:
        """Those who still have their places, as far as this server has followed the log."""
        hub = self._hub
        if moved.epoch != hub.epoch or moved.position < max(hub.ring.floor, hub.position - MOST_LATE):
            return []
        if moved.position >= hub.position:
            return moved.states
        since = hub.ring.after(moved.position)
        sessions = {event.session_id for event in since if event.kind == "SessionRevoked"}
        places = {(event.document_id, event.user_id) for event in since if event.kind in ENDS}
        return [
            state
            for state in moved.states
            if state.session_id not in sessions and (state.document_id, state.user_id) not in places
        ]


def fits(state: bytes) -> bool:
    return len(state) <= HINT_BYTES
