"""The documents of one kind that are open here: sockets, joining, roles that follow the log, other servers' edits, and
unloading.

Any server may serve any document: edits stored by another one are read on a notification, and periodically in case one
was lost. Everything here runs on one event loop; a room changes only in steps that do not await.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import structlog

from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS, Problem
from chat_core.tokens import Claims
from notify_server.documents.access import ENDS, KINDS, VIEWER, Kind, Refused, moved_on
from notify_server.documents.context import Context
from notify_server.documents.metrics import Metrics
from notify_server.documents.room import DocumentConnection, DocumentPeer, DocumentRoom, Newest

# Heartbeats written, and sockets checked for it, in one turn: edits go in between.
BEATS_AT_ONCE = 10
LOOKS_AT_ONCE = 250

log = structlog.get_logger()

PeerT = TypeVar("PeerT", bound=DocumentPeer)
RoomT = TypeVar("RoomT", bound="DocumentRoom[Any]")


class Limits(Protocol):
    """What the settings of every kind say."""

    @property
    def buffer_bytes(self) -> int: ...
    @property
    def frames_per_second(self) -> int: ...
    @property
    def frames_burst(self) -> int: ...
    @property
    def presence_bytes(self) -> int: ...
    @property
    def connections_per_user(self) -> int: ...
    @property
    def idle_seconds(self) -> float: ...


class DocumentRooms(Generic[RoomT, PeerT]):
    """One per server and kind. `limits` are the settings of the kind, `most_peers` what one document may have here."""

    kind: ClassVar[Kind]
    metrics: ClassVar[Metrics]

    def __init__(self, context: Context, limits: Limits, most_peers: int) -> None:
        self.context, self.limits, self._most_peers = context, limits, most_peers
        self.settings, self.pool, self.node = context.settings, context.pool, context.node
        self.strangers, self.backoff, self.large = context.strangers, context.backoff, context.large
        self.access, self.presence = context.access, context.presence
        self.open: dict[int, RoomT] = {}
        context.presence.serve(self.open)
        self.sockets: set[DocumentConnection] = set()
        self.empty = asyncio.Event()
        self.empty.set()
        self.of_user: Counter[int] = Counter()
        self._loading: dict[int, asyncio.Task[RoomT]] = {}
        # Rooms with their newest edits as of when an epoch ended, until these are known to be in the next one.
        self._doubted: list[tuple[RoomT, Newest]] = []
        self._epochs = 0
        self._touched: set[DocumentConnection] = set()
        self._flushing = False
        self._rung: set[int] = set()
        self._bell = asyncio.Event()

    # -- what a kind says

    async def load(self, document_id: int, user_id: int) -> RoomT:
        """Reads it from the database. Raises Problem, or a database error."""
        raise NotImplementedError

    async def read(self, rooms: Sequence[RoomT]) -> bool:
        """Brings these rooms up to date; whether there is more to read."""
        raise NotImplementedError

    async def lost(self, doubted: Sequence[tuple[int, Newest]]) -> set[int]:
        """Of these documents those of which the database does not have such an edit, and should still have it."""
        raise NotImplementedError

    def unload(self, room: RoomT) -> bool:
        """Whether an idle room may go now."""
        raise NotImplementedError

    def give_up(self, room: RoomT, reason: str) -> None:
        """Closes a room that may not be what the database has. Its clients reconnect to another room."""
        raise NotImplementedError

    def concerned(self, room: RoomT) -> Iterable[PeerT]:
        """The places whose role counts: also of clients that have left, if something of theirs is still being read."""
        raise NotImplementedError

    def drop(self, peers: Iterable[PeerT]) -> None:
        """Nothing more is accepted from these places, not even what has already arrived."""
        raise NotImplementedError

    def measure(self) -> None:
        """Sets the metrics."""
        self.metrics.rooms.set(len(self.open))
        self.metrics.queued_bytes.set(sum(socket.queued_bytes() for socket in self.sockets))

    # -- sockets

    def add(self, socket: DocumentConnection) -> None:
        """A socket whose user is known. Raises Refused if they have too many."""
        if self.of_user[socket.user_id] >= self.limits.connections_per_user:
            detail = f"Too many {self.kind}s are open; close one."
            raise Refused("too_many_connections", Problem(429, "too_many_streams", detail))
        self.sockets.add(socket)
        self.empty.clear()
        self.of_user[socket.user_id] += 1
        self.context.registry.opened(socket)
        self.metrics.connections.labels(socket.protocol).inc()

        def forget() -> None:
            self.sockets.discard(socket)
            self.context.registry.closed(socket)
            self._touched.discard(socket)
            self.of_user[socket.user_id] -= 1
            if not self.of_user[socket.user_id]:
                del self.of_user[socket.user_id]
            self.metrics.connections.labels(socket.protocol).dec()
            if not self.sockets:
                self.empty.set()

        socket.forget = forget

    def touch(self, socket: DocumentConnection) -> None:
        """It has data to write, which is written at the end of this turn of the loop."""
        self._touched.add(socket)
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        touched, self._touched = self._touched, set()
        for socket in touched:
            socket.flush()

    # -- coming and going

    async def enter(
        self, socket: DocumentConnection, claims: Claims, document_id: int, place: Callable[..., PeerT]
    ) -> PeerT:
        """Gives a socket its place on a document. Raises Refused, or a database error."""
        begun = time.monotonic()
        with self.access.watching() as seen:
            role = await self.access.read(self.kind, claims, document_id)
            room = await self._room(document_id, claims.user_id)
            role = moved_on(role, self.kind, claims, document_id, seen)
            if len(room.peers) >= self._most_peers:
                detail = f"Too many users have this {self.kind} open right now."
                raise Refused("too_many_connections", Problem(429, "too_many_streams", detail))
            peer = place(socket, room, role)
            if not socket.reason:  # else it has left meanwhile
                room.join(peer, role.opening)
        self.metrics.opened_seconds.observe(time.monotonic() - begun)
        return peer

    async def check(self, claims: Claims, document_id: int) -> None:
        """Checks credentials for a document that is open already. Raises Refused, or a database error."""
        with self.access.watching() as seen:
            role = await self.access.read(self.kind, claims, document_id)
            moved_on(role, self.kind, claims, document_id, seen)

    async def _room(self, document_id: int, user_id: int) -> RoomT:
        if (room := self.open.get(document_id)) is not None:
            return room
        loading = self._loading.get(document_id)
        if loading is None:
            loading = self._loading[document_id] = asyncio.create_task(self._load(document_id, user_id))
            loading.add_done_callback(lambda _: self._loading.pop(document_id))
        return await asyncio.shield(loading)

    async def _load(self, document_id: int, user_id: int) -> RoomT:
        while True:
            epochs = self._epochs
            room = await self.load(document_id, user_id)
            present = (await self.presence.read([document_id]))[document_id]
            if epochs == self._epochs:
                break
        room.take_presence_elsewhere(present)
        self.open[document_id] = room
        self.ring([document_id])  # for what was stored while it was loaded
        self.presence.ring([document_id])
        return room

    def forget_the_idle(self) -> None:
        """Called periodically: unloads rooms that have had no clients for a while."""
        too_old = time.monotonic() - self.limits.idle_seconds
        for document_id, room in list(self.open.items()):
            if not room.peers and room.idle_since <= too_old and self.unload(room):
                del self.open[document_id]

    # -- what happens elsewhere

    def follow(self, events: Iterable[Event]) -> None:
        """All events of the log, in order."""
        for event in events:
            if event.kind == "SessionRevoked":
                self._end_session(event)
            elif event.kind in KINDS and (room := self.open.get(event.document_id or 0)) is not None:
                self._move(room, event)

    def _end_session(self, event: Event) -> None:
        for room in self.open.values():
            self.drop([peer for peer in self.concerned(room) if peer.session_id == event.session_id])
        for socket in [s for s in self.sockets if s.session_id == event.session_id]:
            socket.close("session_revoked")
        for room in self.open.values():
            room.end_presence_elsewhere(event.user_id or 0, event.session_id)

    def _move(self, room: RoomT, event: Event) -> None:
        """A member's role has changed or ended. This also applies to clients that have left, whose last edit is still
        being read."""
        for peer in list(self.concerned(room)):
            if peer.user_id != event.user_id or peer.position >= event.position:
                continue
            if event.kind in ENDS:
                self.drop([peer])
                if peer.here:
                    peer.end(ENDS[event.kind])
                continue
            role = VIEWER if peer.reads_only else event.role
            if peer.here:
                peer.move(role, event.position)
            else:
                peer.role, peer.position = role, event.position
        if event.kind in ENDS:
            room.end_presence_elsewhere(event.user_id or 0)

    def reset(self) -> None:
        """Another history has begun: nothing here need be true any more."""
        self._epochs += 1
        self._doubted.clear()
        for socket in list(self.sockets):
            socket.close("epoch_changed")
        for room in list(self.open.values()):
            self.give_up(room, "epoch_changed")

    def go_on(self) -> None:
        """The history goes on in another epoch. No event says which of the newest edits are lost: that is looked up."""
        self._epochs += 1
        self._doubted += [(room, edit) for room in self.open.values() for edit in room.recent]
        self.ring(self.open)

    async def _give_up_the_lost(self) -> None:
        """Their clients reconnect to what the database has; those of boards bring back what it lacks."""
        doubted, self._doubted = self._doubted, []
        if doubted:
            try:
                lost = await self.lost([(room.document_id, edit) for room, edit in doubted])
            except BaseException:
                self._doubted[:0] = doubted
                raise
            for room in {room for room, _ in doubted}:
                if room.document_id in lost and self.open.get(room.document_id) is room:
                    self.give_up(room, "epoch_changed")

    def hear(self, text: str) -> None:
        """A notification: the server that has stored, and the documents."""
        node, *documents = text.split()
        if node != self.node:
            self.ring(int(document) for document in documents if document.isascii() and document.isdecimal())

    def missed(self) -> None:
        """Notifications may have been lost."""
        self.ring(self.open)

    def ring(self, documents: Iterable[int]) -> None:
        self._rung.update(document for document in documents if document in self.open)
        if self._rung:
            self._bell.set()

    async def read_others(self) -> None:
        """Runs until cancelled: reads stored edits of documents with notifications."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            rung, self._rung = self._rung, set()
            try:
                await self._give_up_the_lost()
                if await self.read([room for document in rung if (room := self.open.get(document)) is not None]):
                    self.ring(rung)
            except (Problem, *DATABASE_ERRORS) as error:
                log.warning("documents not read", kind=self.kind, error=type(error).__name__)
                await asyncio.sleep(1)
                self.ring(rung)

    # -- time passes

    async def run(self) -> None:
        """Runs until cancelled: heartbeats, idle rooms, metrics."""
        heartbeat, poll = self.settings.notify.heartbeat_seconds, self.settings.notify.poll_seconds
        polled = time.monotonic()
        while True:
            await asyncio.sleep(1)
            now, written = time.time(), 0
            for looked_at, socket in enumerate(list(self.sockets), 1):
                written += socket.beat(now, heartbeat)
                if written == BEATS_AT_ONCE or looked_at % LOOKS_AT_ONCE == 0:
                    await asyncio.sleep(0)
                    written = 0
            self.forget_the_idle()
            if time.monotonic() - polled > poll:
                polled = time.monotonic()
                self.ring(self.open)
                self.presence.poll(self.open)
            self.measure()
