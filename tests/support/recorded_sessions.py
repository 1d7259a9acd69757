"""Sessions of people and a stream, recorded for copies in other languages: `client-js/tests/recorded.json.gz`.

`RECORD_SESSIONS=client-js/tests/recorded.json.gz pytest tests/end_to_end/streams/test_snapshot_and_events.py` writes
the file anew, with each session that has an event of a kind that those before it do not have.
"""

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.clients.listener import Received

Json = dict[str, Any]

_recorded: list[Json] = []


class Session:
    """What an observer had: a snapshot in both shapes, and after each round the events and fresh snapshots."""

    def __init__(self, snapshot: Json, lean: Json) -> None:
        self._of: Json = {"snapshot": snapshot, "lean": lean, "rounds": []}
        self._events: list[Json] = []

    def apply(self, event: Received) -> None:
        self._events.append({"kind": event.kind, "data": event.data})

    def add(self, fresh: Json, lean: Json) -> None:
        """A round is over."""
        now = datetime.now(UTC).isoformat()
        self._of["rounds"].append({"events": self._events, "fresh": fresh, "lean": lean, "at": now})
        self._events = []

    def keep(self) -> None:
        path = os.environ.get("RECORD_SESSIONS")
        if path is None:
            return
        known = set().union(*map(_kinds, _recorded))
        if _kinds(self._of) - known:
            _recorded.append(self._of)
            text = json.dumps(_recorded, ensure_ascii=False, separators=(",", ":"))
            Path(path).write_bytes(gzip.compress(text.encode(), mtime=0))


def _kinds(session: Json) -> set[str]:
    """A draft of a reply counts as another kind than a chat's."""
    events = [event for part in session["rounds"] for event in part["events"]]
    return {"of a thread " * (event["data"].get("thread_id") is not None) + event["kind"] for event in events}
