"""The newest events, in memory: clients that resume within them need no database.

Invariants: the ring holds every event of its epoch above `floor`, in order, bounded by their bytes. It never holds the
content of a deleted message: MessageDeleted removes it here, as `log_redact` does in the database. The same goes for
messages deleted by retention, and for drafts that have changed or are gone, also with their thread.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Reversible
from itertools import takewhile
from typing import Any

import msgspec

from chat_core.log.audience import Access, Places
from chat_core.log.event import Event

# After one of these, the user's earlier drafts are gone: the same one, or all in the chat.
ENDS_DRAFTS = frozenset({"DraftChanged", "UserLeftChat", "ChatDeleted"})
# The overhead of an event in addition to its payload: the object, its numbers and time, its places and their indexes.
_OVERHEAD_BYTES = 1000


class _First(msgspec.Struct):
    """The first message of a chat that is left. Events of earlier versions name its seq alone."""

    first_seq: int
    first_message_id: int = 0


class _DraftOf(msgspec.Struct):
    thread_id: int | None = None


class Ring:
    def __init__(self, bound_bytes: int) -> None:
        self.floor = 0
        self.bytes = 0
        self._bound_bytes = bound_bytes
        self._events: deque[Event] = deque()
        # Events with content: by message, and the snapshots for new members by chat.
        self._of_message: defaultdict[int, list[Event]] = defaultdict(list)
        self._of_chat: defaultdict[int, list[Event]] = defaultdict(list)
        # All events, by the places and the user that they are about.
        self._of_place: Places[deque[Event]] = Places({}, {}, {})
        self._of_user: defaultdict[int, deque[Event]] = defaultdict(deque)
        # By chat and author, the newest event of each draft, by its thread; None: of the chat.
        self._of_draft: defaultdict[tuple[int | None, int | None], dict[int | None, Event]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._events)

    def start(self, floor: int, events: Iterable[Event] = ()) -> None:
        """Starts again with the events above `floor`, all of which must be given."""
        for kept in (self._events, self._of_message, self._of_chat, *self._of_place, self._of_user, self._of_draft):
            kept.clear()
        self.floor, self.bytes = floor, 0
        self.extend(events)

    def extend(self, events: Iterable[Event]) -> None:
        """The next events of the log; the oldest ones make room."""
        for event in events:
            self._events.append(event)
            self.bytes += len(event.payload) + _OVERHEAD_BYTES
            for index, key in self._of_place.of(event):
                index.setdefault(key, deque()).append(event)
            if event.user_id is not None:
                self._of_user[event.user_id].append(event)
            if event.message_id is not None:
                self._of_message[event.message_id].append(event)
            elif event.kind == "NewChat":
                self._of_chat[event.chat_id or 0].append(event)
            elif event.kind == "MessageDeleted":
                self._redact(event)
            elif event.kind == "ChatUpdated":
                self._forget_below(event)
            elif event.kind in ENDS_DRAFTS:
                self._redact_draft(event)
        while self.bytes > self._bound_bytes:
            self._drop(self._events.popleft())

    def after(self, position: int) -> list[Event]:
        """The events above a position, which is at least `floor`. The cost grows with what is missed, not with the
        ring."""
        return _above(position, self._events)[::-1]

    def concerning(self, viewer: Access, position: int) -> list[Event]:
        """The events above a position, which is at least `floor`, that are about a user or their places. The cost grows
        with these, or with all that is missed, whichever are fewer."""
        missed = self._events[-1].position - position if self._events else 0
        if missed <= sum(map(len, viewer.member_of)):
            return self.after(position)
        found = {event.position: event for event in self.about(viewer.user_id, position)}
        for index, members, admins in zip(self._of_place, viewer.member_of, viewer.administers, strict=True):
            for key in members if admins.keys() <= members.keys() else members.keys() | admins.keys():
                for event in _above(position, index.get(key, ())):
                    found[event.position] = event
        return [found[one] for one in sorted(found)]

    def about(self, user_id: int, position: int) -> list[Event]:
        """The events above a position that are about a user."""
        return _above(position, self._of_user.get(user_id, ()))[::-1]

    def _drop(self, oldest: Event) -> None:
        self.bytes -= len(oldest.payload) + _OVERHEAD_BYTES
        self.floor = oldest.position
        for places, place in self._of_place.of(oldest):
            _drop_first(places, place)
        if oldest.user_id is not None:
            _drop_first(self._of_user, oldest.user_id)
        if oldest.kind == "DraftChanged":
            self._drop_draft(oldest)
        index, key = self._of_message, oldest.message_id
        if oldest.kind == "NewChat":
            index, key = self._of_chat, oldest.chat_id
        if key is not None and (kept := index.get(key)):
            kept.pop(0)  # in the order of the log, as they are dropped
            if not kept:
                del index[key]

    def _drop_to(self, event: Event) -> None:
        """Drops an event, and all older ones: there is no gap above `floor`."""
        while self.floor < event.position:
            self._drop(self._events.popleft())

    def _redact(self, deletion: Event) -> None:
        tombstone = msgspec.json.decode(deletion.payload)
        if tombstone.pop("removed"):
            self._redact_thread(tombstone["id"])
        for event in self._of_message.get(tombstone["id"], ()):
            self._replace(event, tombstone)
        listed = b'{"id":%d,"chat_id":%d,' % (tombstone["id"], tombstone["chat_id"])
        for event in tuple(self._of_chat.get(tombstone["chat_id"], ())):
            if listed in event.payload:  # else it need not be parsed
                snapshot = _content(event)
                if snapshot is None:
                    self._drop_to(event)
                    continue
                snapshot["messages"] = [
                    tombstone if message["id"] == tombstone["id"] else message for message in snapshot["messages"]
                ]
                self._replace(event, snapshot)

    def _redact_draft(self, event: Event) -> None:
        """This user's draft is another one now, or all of theirs in this chat are gone."""
        place = event.chat_id, event.user_id
        if event.kind != "DraftChanged":
            for former in self._of_draft.pop(place, {}).values():
                self._forget_draft(former)
            return
        thread = _thread_of(event)
        if thread in self._of_draft[place]:
            self._forget_draft(self._of_draft[place][thread])
        self._of_draft[place][thread] = event

    def _redact_thread(self, thread: int) -> None:
        """The drafts in this thread are gone with it. Threads go this way seldom, so that no index is kept for it."""
        for draft in [drafts[thread] for drafts in self._of_draft.values() if thread in drafts]:
            self._forget_draft(draft)

    def _forget_draft(self, event: Event) -> None:
        content = _content(event)
        if content is None:
            self._drop_to(event)
        elif event.position > self.floor:
            self._replace(event, {**content, "draft": None})

    def _drop_draft(self, event: Event) -> None:
        place = event.chat_id, event.user_id
        drafts = self._of_draft.get(place, {})
        thread = _thread_of(event)
        if drafts.get(thread) is event:
            del drafts[thread]
            if not drafts:
                del self._of_draft[place]

    def _forget_below(self, update: Event) -> None:
        """After retention has deleted messages, events with their content are dropped, and so are older ones: the
        database has them redacted."""
        first = msgspec.json.decode(update.payload, type=_First)
        if first.first_seq > 1:
            told = (event for event in reversed(self._events) if _tells_below(event, update.chat_id, first))
            newest = next(told, None)
            if newest is not None:
                self._drop_to(newest)

    def _replace(self, event: Event, content: dict[str, Any]) -> None:
        self.bytes -= len(event.payload)
        event.payload = msgspec.json.encode(content)
        self.bytes += len(event.payload)


def _above(position: int, events: Reversible[Event]) -> list[Event]:
    """The newest events, the newest first."""
    return list(takewhile(lambda event: event.position > position, reversed(events)))


def _drop_first(index: dict[int, deque[Event]], key: int) -> None:
    """Events are dropped in the order of the log, in which an index has them."""
    kept = index[key]
    kept.popleft()
    if not kept:
        del index[key]


def _tells_below(event: Event, chat_id: int | None, first: _First) -> bool:
    """Whether it has content of the chat's messages before the first, or a draft in a thread of one of them."""
    if event.chat_id != chat_id:
        return False
    if event.kind == "DraftChanged":
        return (_thread_of(event) or first.first_message_id) < first.first_message_id
    if event.kind != "NewChat" and event.message_id is None:
        return False
    content = _content(event)
    if content is None:
        return True
    messages = content["messages"] if event.kind == "NewChat" else [content]
    return any(message["seq"] < first.first_seq for message in messages)


def _thread_of(event: Event) -> int | None:
    """Of a draft."""
    try:
        return msgspec.json.decode(event.payload, type=_DraftOf).thread_id
    except RecursionError:
        return None


def _content(event: Event) -> dict[str, Any] | None:
    """None if it is nested too deep to be read: a message's metadata may be, by SQL."""
    try:
        content: dict[str, Any] = msgspec.json.decode(event.payload)
    except RecursionError:
        return None
    return content
