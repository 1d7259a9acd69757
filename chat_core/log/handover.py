"""Events that arrive with the notification of their commit, so that they need not be read.

`log_flush` notifies the log's channel after each commit with a JSON array: the epoch, the first and the last position
that were appended and, if they are few and small, the events. PostgreSQL delivers notifications in the order of the
commits, and positions within a commit have no gap between them. An event is therefore taken only if its position is the
next one; in every other case the log is read.
"""

from collections import deque
from datetime import datetime
from typing import Self

import msgspec

from chat_core.log.event import Event

# Notifications that wait while the consumer is busy, of at most 8,000 bytes each. If there are more, the log is read:
# it has no content that was deleted since.
MOST_WAITING = 16


class Columns(msgspec.Struct, array_like=True, frozen=True):
    """An event, as `log_flush` orders its columns."""

    position: int
    kind: str
    audience: str
    chat_id: int | None
    document_id: int | None
    user_id: int | None
    workspace_ids: list[int] | None
    message_id: int | None
    effect: str | None
    payload: msgspec.Raw
    created_at: datetime

    @classmethod
    def of(cls, event: Event) -> Self:
        workspaces = None if event.workspace_ids is None else list(event.workspace_ids)
        return cls(
            event.position,
            event.kind,
            event.audience,
            event.chat_id,
            event.document_id,
            event.user_id,
            workspaces,
            event.message_id,
            event.effect,
            msgspec.Raw(event.payload),
            event.created_at,
        )

    def event(self, epoch: str) -> Event:
        *others, payload, created_at = msgspec.structs.astuple(self)
        return Event.made(epoch, *others, bytes(payload), created_at)


class _Notice(msgspec.Struct, array_like=True, frozen=True):
    epoch: str
    first: int
    last: int
    events: list[Columns] | None


_decoder = msgspec.json.Decoder(_Notice)


class Handover:
    """What was notified and not taken yet."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._overflowed = False
        # The last position that was notified.
        self._notified = 0

    def hear(self, text: str) -> None:
        """The text of a notification."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._overflowed = True
        self._waiting.append(text)

    def forget(self) -> None:
        """Another connection or another history begins: positions may be lower, and notifications are missing."""
        self._waiting.clear()
        self._notified = 0
        self._overflowed = True

    def take(self, epoch: str, position: int) -> tuple[list[Event], bool]:
        """The events that follow a position without a gap, and whether the log has to be read after them."""
        events: list[Event] = []
        gap, self._overflowed = self._overflowed, False
        while self._waiting and not gap:
            notice = _decoded(self._waiting.popleft())
            # Positions that are notified again are those of another history.
            if notice is None or notice.epoch != epoch or notice.first <= self._notified:
                return events, True
            self._notified = notice.last
            if notice.last <= position:  # it has been read already
                continue
            if notice.events is None or notice.first != position + 1:
                return events, True
            events += [columns.event(epoch) for columns in notice.events]
            position = notice.last
        return events, gap


def _decoded(text: str) -> _Notice | None:
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # log_move_epoch() has rung, or somebody by hand; or metadata are nested too deep for msgspec
