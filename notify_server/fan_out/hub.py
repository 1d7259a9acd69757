"""The fan-out: the open streams of those who may see an event (audience.py).

Concurrency: everything here runs on one event loop and nothing here awaits, so a batch of events is dispatched to all
its receivers as one step. Invariants:

- A `Subscriber`'s access is the user's at `max(hub.position, subscriber.position)`: loaded in the snapshot of
  the latter, and kept current by applying the log in order.
- A grant is applied before its event is delivered and a revocation after, so a user who loses access receives that
  event and nothing later.
- A stream gets an event live only above `stream.start`; replay handles what is below (see replay.py).
- A user who has left stays for a while and is kept current like the others, so that coming back needs no query.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from chat_core.log.audience import GRANTS, Access, Audience, Places
from chat_core.log.cursor import Cursor
from chat_core.log.event import TELLS_PRESENCE, Event
from chat_core.log.lineage import Lineage
from chat_core.log.within import Within
from notify_server import metrics
from notify_server.fan_out.deputies import Deputies, Deputy
from notify_server.fan_out.ring import Ring
from notify_server.streams.framing import Framing
from notify_server.streams.stream import SharedJoin, Stream

# How long a user without a stream is kept, and how many of them.
KEPT_SECONDS = 120.0
MOST_KEPT = 20_000
# Sessions of one user that are cached as valid.
MOST_SESSIONS = 64


class Subscriber(Access):
    """A user who has an open stream, or had one a moment ago, with the position of the snapshot of their access.

    `sessions` are the valid ones, each with its end in seconds since 1970. `within`: the workspaces to which streams of
    theirs are or were bound.
    """

    __slots__ = ("position", "sessions", "streams", "within")

    def __init__(self, user_id: int, position: int, member_of: Places[int], administers: Places[int]) -> None:
        super().__init__(user_id, member_of, administers)
        self.position = position
        self.sessions: dict[int, float] = {}
        self.streams: list[Stream] = []
        self.within: dict[int, Within] = {}

    def knows(self, session_id: int) -> bool:
        """Whether this session was valid when last read, has not been revoked since, and has not ended."""
        return self.sessions.get(session_id, 0) > time.time()

    def sends(self, event: Event, bound_to: int | None, recent: Access | None = None) -> bool:
        """Whether an event that the user sees is sent to a stream that is bound to this workspace; None: to any."""
        return bound_to is None or self.within[bound_to].has(event, self, recent)

    def remember(self, session_id: int, good_until: float) -> None:
        if len(self.sessions) >= MOST_SESSIONS:
            del self.sessions[next(iter(self.sessions))]
        self.sessions[session_id] = good_until


class Follower(Protocol):
    """Another follower of the log: gets all events in order, and is notified when another history begins, and when it
    goes on in another epoch with every event that was followed."""

    def follow(self, events: Sequence[Event], /) -> None: ...

    def reset(self) -> None: ...

    def go_on(self) -> None: ...


class Hub:
    def __init__(self, ring: Ring) -> None:
        self.lineage = Lineage("")
        self.position = 0
        # Whether the log is currently followed; if not, the state in memory may be out of date.
        self.following = False
        self.ring = ring
        # Streams whose readers were behind when they last got something. They may set the pace: see pace.py.
        self.behind: set[Stream] = set()
        # Streams that are open.
        self.open = 0
        self.empty = asyncio.Event()
        self.empty.set()
        self._moved = asyncio.Event()
        self.subscribers: dict[int, Subscriber] = {}
        # Users without a stream, by when they left, the longest ago first.
        self._kept: dict[Subscriber, float] = {}
        self.audience: Audience[Subscriber] = Audience()
        # Delegates' streams for somebody else.
        self.deputies = Deputies()
        # Events about users who are just being loaded: their snapshot may be older than these events.
        self._arriving: dict[int, list[list[Event]]] = {}
        # Users here whose presence must be sent to others again, whatever it is.
        self.tell_again: set[int] = set()
        # Other followers of the log here, each called after a batch was delivered.
        self.followers: list[Follower] = []

    @property
    def epoch(self) -> str:
        return self.lineage.epoch

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.position)

    def streams(self) -> list[Stream]:
        viewers: Iterable[Subscriber | Deputy] = (*self.subscribers.values(), *self.deputies)
        return [stream for viewer in viewers for stream in viewer.streams]

    def members_of_chat(self, chat_id: int) -> Collection[Subscriber]:
        """All who are known here, with or without an open stream."""
        return self.audience.members.chats.get(chat_id, ())

    def members_of_workspace(self, workspace_id: int) -> Collection[Subscriber]:
        return self.audience.members.workspaces.get(workspace_id, ())

    # -- the log

    def start(self, lineage: Lineage, position: int, floor: int, recent: Iterable[Event]) -> None:
        """Sets the hub to a position of the log, with all events between `floor` and there."""
        self.lineage, self.position = lineage, position
        self.ring.start(floor, recent)

    def dispatch(self, events: list[Event]) -> None:
        """Takes the next events of the log, appends them to the streams of those who may see them, and writes each
        stream once."""
        self.ring.extend(events)
        touched: list[Stream] = []
        delivered: list[Event] = []
        deliveries, before = 0, self.position
        for event in events:
            self.position = event.position
            if event.user_id is not None:
                for seen in self._arriving.get(event.user_id, ()):
                    seen.append(event)
            own = self.subscribers.get(event.user_id) if event.user_id is not None else None
            if event.effect is not None and own is not None:
                for within in own.within.values():
                    within.learn(event)
            if event.effect is not None and event.effect in GRANTS:
                self._apply(own, event)
            if amount := self._put(event, _streams_of(self.audience.of(event, own)), before, touched):
                deliveries += amount
                delivered.append(event)
            if self.deputies and (acting := self.deputies.of(event)):
                deliveries += self._put(event, _streams_of(acting), before, touched)
            if event.effect is not None and event.effect not in GRANTS:
                self._apply(own, event)
            elif event.kind == "SessionRevoked":
                self._end_session(event)
            if event.kind in TELLS_PRESENCE and event.user_id in self.subscribers:
                self.tell_again.add(event.user_id)
        join = SharedJoin()
        self.behind.update([stream for stream in touched if stream.flush(join)])
        metrics.dispatched(events, delivered, deliveries)
        for follower in self.followers:
            follower.follow(events)
        self._has_moved()

    def _put(self, event: Event, streams: Iterable[Stream], before: int, touched: list[Stream]) -> int:
        """Appends the event to those of the streams that get it, encoded once per kind of framing; returns their
        number. Those that have got nothing above the position `before` yet are added to `touched`."""
        position, amount = event.position, 0
        framed: dict[Framing, bytes] = {}
        framing, content = None, b""
        for stream in streams:
            if position > stream.start:
                if stream.workspace_id is not None and not self._sends(event, stream):
                    continue
                if stream.framing is not framing:
                    framing = stream.framing
                    content = framed.get(framing) or framed.setdefault(framing, framing.wire(framing.event(event)))
                stream.pending.append(content)
                if stream.got <= before:
                    touched.append(stream)
                stream.got = position
                amount += 1
        return amount

    def _sends(self, event: Event, stream: Stream) -> bool:
        """Whether an event that its user sees is sent to a stream that is bound to a workspace. Delegates' are not."""
        subscriber = self.subscribers.get(stream.user_id)
        if subscriber is None or stream not in subscriber.streams:
            return False
        return subscriber.sends(event, stream.workspace_id)

    def _has_moved(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def reset(self, lineage: Lineage, position: int) -> None:
        """Another history has begun, in which positions and memberships may differ: every stream is notified and
        ends, and its client reconnects to memberships that are read again."""
        streams = self.streams()
        self.start(lineage, position, position, ())
        for subscriber in list(self.subscribers.values()):
            self._drop(subscriber)
        for stream in streams:
            self._reset_stream(stream, {"reason": "epoch_changed"})
        for follower in self.followers:
            follower.reset()
        self._has_moved()

    def go_on(self, lineage: Lineage, position: int) -> None:
        """The history goes on in another epoch. What was dispatched above this position is lost: streams that got
        something of it are notified and end. Those of users of whom something else is known from there end, and go on
        when their clients reconnect."""
        last, lost = Cursor(self.epoch, position), position < self.position
        self.lineage = lineage
        self._has_moved()
        if not lost:
            for follower in self.followers:
                follower.go_on()
            return
        known = {event.user_id for event in self.ring.after(max(position, self.ring.floor)) if event.effect is not None}
        gone = [
            subscriber
            for subscriber in self.subscribers.values()
            if self.ring.floor > position or subscriber.position > position or subscriber.user_id in known
        ]
        streams = self.streams()
        self.start(lineage, position, position, ())
        for subscriber in gone:
            self._drop(subscriber)
        ending = {stream for viewer in (*gone, *self.deputies) for stream in viewer.streams}
        for stream in streams:
            if stream.live and max(stream.start, stream.got) > position:
                self._reset_stream(stream, {"reason": "lost", "last": str(last)})
            elif not stream.live or stream in ending:
                stream.close("shutdown")
        for follower in self.followers:
            follower.reset()

    def _reset_stream(self, stream: Stream, told: dict[str, object]) -> None:
        reason = str(told["reason"])
        stream.close("epoch_changed", stream.framing.control(self.cursor, "reset", told))
        metrics.resets.labels(reason).inc()

    async def reach(self, position: int) -> None:
        """Waits until everything up to a position has been dispatched."""
        while self.position < position:
            await self._moved.wait()

    async def reach_epoch(self, epoch: str) -> None:
        """Waits until this is the epoch."""
        while self.epoch != epoch:
            await self._moved.wait()

    def _apply(self, subscriber: Subscriber | None, event: Event) -> None:
        if subscriber is not None and event.position > subscriber.position:
            self.audience.apply(subscriber, event)

    def _end_session(self, event: Event) -> None:
        subscriber = self.subscribers.get(event.user_id or 0)
        if subscriber is None:
            return
        subscriber.sessions.pop(event.session_id or 0, None)
        for stream in subscriber.streams:
            if stream.session_id == event.session_id:
                stream.close("session_revoked")

    # -- opening and closing streams

    def arrive(self, user_id: int) -> list[Event]:
        """Call before the snapshot of a user is read: the list collects events about them meanwhile."""
        seen: list[Event] = []
        self._arriving.setdefault(user_id, []).append(seen)
        return seen

    def arrived(self, user_id: int, seen: list[Event]) -> None:
        """Ends what `arrive` began, with or without a stream."""
        waiting = self._arriving[user_id]
        waiting[:] = [other for other in waiting if other is not seen]
        if not waiting:
            del self._arriving[user_id]

    def subscribe(
        self,
        user_id: int,
        position: int,
        member_of: Places[int],
        administers: Places[int],
        seen: Iterable[Event],
    ) -> Subscriber:
        """The subscriber of a user: the existing one, or a new one from a snapshot and the events since."""
        subscriber = self.subscribers.get(user_id)
        if subscriber is None:
            subscriber = Subscriber(user_id, position, member_of, administers)
            self.subscribers[user_id] = subscriber
            self._keep(subscriber)
            self.audience.add(subscriber)
            for event in seen:
                if event.effect is not None:
                    self._apply(subscriber, event)
        return subscriber

    def add(self, viewer: Subscriber | Deputy, stream: Stream) -> None:
        viewer.streams.append(stream)
        if isinstance(viewer, Deputy):
            self.deputies.add(viewer)
        else:
            self._kept.pop(viewer, None)
        self.open += 1
        self.empty.clear()

    def remove(self, viewer: Subscriber | Deputy, stream: Stream) -> None:
        """Drops a stream; a user without one is kept for a while."""
        viewer.streams.remove(stream)
        self.behind.discard(stream)
        self.open -= 1
        if not self.open:
            self.empty.set()
        if isinstance(viewer, Deputy):
            self.deputies.discard(viewer)
        elif not viewer.streams and self.subscribers.get(viewer.user_id) is viewer:
            self._keep(viewer)

    def forget_the_gone(self) -> None:
        """Drops users who left long ago, and the longest gone if there are too many. Called periodically."""
        too_old = time.monotonic() - KEPT_SECONDS
        for subscriber, since in list(self._kept.items()):
            if since > too_old and len(self._kept) <= MOST_KEPT:
                break
            self._drop(subscriber)

    def _keep(self, subscriber: Subscriber) -> None:
        self._kept[subscriber] = time.monotonic()

    def _drop(self, subscriber: Subscriber) -> None:
        self._kept.pop(subscriber, None)
        del self.subscribers[subscriber.user_id]
        self.audience.remove(subscriber)


def _streams_of(viewers: Iterable[Subscriber | Deputy]) -> list[Stream]:
    return [stream for viewer in viewers for stream in viewer.streams]
