"""Who is on a page, as its clients are told: a message for each thing that has changed since they were told last."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from notify_server.documents.awareness import Entry

# The type of message for each part of a client's state, and its members.
PARTS: Final = {"cursor": "cursor-move", "selection": "selection", "editing": "editing"}
NOTHING: Final[dict[str, Any]] = {"cursor": None, "selection": [], "editing": None}


class Shown:
    """What the clients of a room have been told of each other: of every client one `user-join` and one `user-leave`."""

    def __init__(self) -> None:
        self._states: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}

    def present(self, without: int) -> list[dict[str, Any]]:
        """All who are there, as a newcomer is told."""
        return [who | state for client, (who, state) in self._states.items() if client != without]

    def changed(self, entries: Iterable[Entry]) -> list[tuple[int, str, bytes]]:
        """The messages for these changes: the client that each is about, its type, and its payload."""
        return [(entry.client, kind, msgspec.json.encode(said)) for entry in entries for kind, said in self._of(entry)]

    def _of(self, entry: Entry) -> Iterable[tuple[str, dict[str, Any]]]:
        about = {"user_id": entry.user_id, "client_id": str(entry.client)}
        who, before = self._states.get(entry.client, (about, None))
        if entry.state is None:
            if before is not None:
                del self._states[entry.client]
                yield "user-leave", about
            return
        told: dict[str, Any] = msgspec.json.decode(entry.state)
        state = {part: told.get(part, nothing) for part, nothing in NOTHING.items()}
        if before is None:
            who = about | {"name": str((told.get("user") or {}).get("name", ""))}
            yield "user-join", who
        self._states[entry.client] = who, state
        for part, kind in PARTS.items():
            if state[part] != (before or NOTHING)[part]:
                yield kind, about | _payload(part, state[part])


def _payload(part: str, value: Any) -> dict[str, Any]:
    if part == "cursor":
        return {"x": None, "y": None} if value is None else dict(value)
    return {"component_ids" if part == "selection" else "component_id": value}
