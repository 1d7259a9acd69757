"""The boards that are open here: loading, joining, other servers' updates, and unloading.

Any server may serve any board: updates stored by another one are read on a notification, and periodically in case one
was lost. Everything here runs on one event loop; a room changes only in steps that do not await.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.database.readiness import Readiness
from chat_core.documents.process import DocumentFailed, Documents
from chat_core.documents.stored import board_content
from chat_core.documents.updates import NOTHING, Extent
from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS, Problem
from chat_core.settings import Settings
from chat_core.tokens import Claims
from notify_server.documents import metrics
from notify_server.documents.access import ENDS, KINDS, VIEWER, Access, Refused, moved_on
from notify_server.documents.backoff import Backoff
from notify_server.documents.large import MOST_BYTES, LargeMessages
from notify_server.documents.shared_presence import SharedPresence
from notify_server.documents.yjs.compaction import Compaction
from notify_server.documents.yjs.edits import Edits
from notify_server.documents.yjs.room import INLINE_BYTES, Connection, Peer, Room
from notify_server.documents.yjs.store import Store
from notify_server.presence.registry import Registry
from notify_server.websocket.strangers import Strangers

CHANNEL = "fechatter_boards"
BOARD_QUARANTINED = query("board_quarantined", "board_id")
BOARDS_AFTER = query("boards_after", "boards", "seqs", "node")
DOCUMENTS_WITHOUT_ROOM = query("documents_without_room", "documents")
# Rows read at a time, as in the query.
PAGE = 1000
# Heartbeats written, and sockets checked for it, in one turn: edits go in between.
BEATS_AT_ONCE = 10
LOOKS_AT_ONCE = 250

log = structlog.get_logger()


class Rooms:
    """One per server. `node` is its name for the others. `strangers` has the sockets without a user, not yet or not
    any more."""

    def __init__(
        self, settings: Settings, pool: Pool, registry: Registry, readiness: Readiness, strangers: Strangers
    ) -> None:
        self.settings, self.pool, self.node = settings, pool, registry.node
        self.strangers, self.backoff, self.large = strangers, Backoff(), LargeMessages(MOST_BYTES)
        self.access = Access(pool)
        self.store = Store(pool, self.node, readiness.report)
        self.documents = Documents()
        self.compaction = Compaction(settings.boards, pool)
        self.edits = Edits(settings.boards, self.store, self.documents, self.compaction, self._give_up)
        self.open: dict[int, Room] = {}
        self.presence = SharedPresence(pool, self.node, self.open, self.access)
        self.sockets: set[Connection] = set()
        self._registry = registry
        self.empty = asyncio.Event()
        self.empty.set()
        self.of_user: Counter[int] = Counter()
        self._loading: dict[int, asyncio.Task[Room]] = {}
        # Rooms that are no longer used, with updates still being stored.
        self._given_up: dict[int, Room] = {}
        self._touched: set[Connection] = set()
        self._flushing = False
        self._rung: set[int] = set()
        self._bell = asyncio.Event()

    # -- sockets

    def add(self, socket: Connection) -> None:
        """A socket whose user is known. Raises Refused if they have too many."""
        if self.of_user[socket.user_id] >= self.settings.boards.connections_per_user:
            raise Refused(
                "too_many_connections", Problem(429, "too_many_streams", "Too many boards are open; close one.")
            )
        self.sockets.add(socket)
        self.empty.clear()
        self.of_user[socket.user_id] += 1
        self._registry.opened(socket)
        metrics.connections.labels(socket.protocol).inc()

        def forget() -> None:
            self.sockets.discard(socket)
            self._registry.closed(socket)
            self._touched.discard(socket)
            self.of_user[socket.user_id] -= 1
            if not self.of_user[socket.user_id]:
                del self.of_user[socket.user_id]
            metrics.connections.labels(socket.protocol).dec()
            if not self.sockets:
                self.empty.set()

        socket.forget = forget

    def touch(self, socket: Connection) -> None:
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

    async def enter(self, socket: Connection, claims: Claims, board_id: int, place: Callable[..., Peer]) -> Peer:
        """Gives a socket its place on a board. Raises Refused, or a database error."""
        begun = time.monotonic()
        with self.access.watching() as seen:
            role = await self.access.read(claims, board_id)
            room = await self._room(board_id, claims.user_id)
            role = moved_on(role, claims, board_id, seen)
            if len(room.peers) >= self.settings.boards.connections_per_board:
                detail = "Too many users have this board open right now."
                raise Refused("too_many_connections", Problem(429, "too_many_streams", detail))
            peer = place(socket, room, role)
            if not socket.reason:  # else it has left meanwhile
                room.join(peer, role.opening)
        metrics.opened_seconds.observe(time.monotonic() - begun)
        return peer

    async def check(self, claims: Claims, board_id: int) -> None:
        """Checks credentials for a board that is open already. Raises Refused, or a database error."""
        with self.access.watching() as seen:
            moved_on(await self.access.read(claims, board_id), claims, board_id, seen)

    async def _room(self, board_id: int, user_id: int) -> Room:
        if (room := self.open.get(board_id)) is not None:
            return room
        loading = self._loading.get(board_id)
        if loading is None:
            loading = self._loading[board_id] = asyncio.create_task(self._load(board_id, user_id))
            loading.add_done_callback(lambda _: self._loading.pop(board_id))
        return await asyncio.shield(loading)

    async def _load(self, board_id: int, user_id: int) -> Room:
        # It would consider what this server stores later as known.
        if (before := self._given_up.pop(board_id, None)) is not None and before.waiting:
            await asyncio.wait(before.waiting)
        snapshot, tail = await board_content(self.pool, board_id)
        room = Room(board_id, self.touch, self.presence.changed, [(update.seq, update.data) for update in tail])
        vector, updates = NOTHING, [update.data for update in tail]
        if snapshot is not None:
            vector = snapshot.vector
            room.rebase(snapshot.seq, snapshot.state, vector, pending=snapshot.pending)
            room.read_to = max(room.read_to, snapshot.seq)
            updates.append(snapshot.deletions)
        updates += [row["data"] for row in await BOARD_QUARANTINED.rows(self.pool, board_id=board_id)]
        room.known = await self._extent(vector, updates, user_id)
        room.take_presence_elsewhere((await self.presence.read([board_id]))[board_id])
        self.open[board_id] = room
        self.ring([board_id])  # for what was stored while it was loaded
        self.presence.ring([board_id])
        return room

    def _give_up(self, room: Room, reason: str = "refused") -> None:
        """The room has updates that the database lacks. Its clients reconnect to another room and send them again."""
        if self.open.get(room.board_id) is room:
            del self.open[room.board_id]
            self._given_up[room.board_id] = room
        self.edits.drop(peer for peer in self.edits.readers if peer.room is room)
        for peer in list(room.peers):
            peer.socket.close(reason)

    def forget_the_idle(self) -> None:
        """Called periodically: unloads the room if it has had no clients for a while and everything is durable."""
        self._given_up = {board_id: room for board_id, room in self._given_up.items() if room.waiting}
        too_old = time.monotonic() - self.settings.boards.idle_seconds
        being_read = {peer.room for peer in self.edits.readers}
        for board_id, room in list(self.open.items()):
            if room.peers or room in being_read or room.waiting or room.idle_since > too_old or room.compacting:
                continue
            if not self.compaction.want(room, leaving=True):
                del self.open[board_id]

    # -- what happens elsewhere

    def follow(self, events: Iterable[Event]) -> None:
        """All events of the log, in order."""
        self.access.follow(events)
        for event in events:
            if event.kind == "SessionRevoked":
                self.edits.drop(peer for peer in self.edits.readers if peer.session_id == event.session_id)
                for socket in [s for s in self.sockets if s.session_id == event.session_id]:
                    socket.close("session_revoked")
                for each in self.open.values():
                    each.end_presence_elsewhere(event.user_id or 0, event.session_id)
            elif event.kind in KINDS and (room := self.open.get(event.document_id or 0)) is not None:
                self._move(room, event)

    def _move(self, room: Room, event: Event) -> None:
        """A member's role has changed or ended. This also applies to clients that have left, whose last update is
        still being read."""
        for peer in [*room.peers, *(peer for peer in self.edits.readers if peer.room is room and not peer.here)]:
            if peer.user_id != event.user_id or peer.position >= event.position:
                continue
            if event.kind in ENDS:
                self.edits.drop([peer])
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
        for socket in list(self.sockets):
            socket.close("epoch_changed")
        for room in list(self.open.values()):
            self._give_up(room, "epoch_changed")

    def hear(self, text: str) -> None:
        """A notification: the server that has stored, and the boards."""
        node, *boards = text.split()
        if node != self.node:
            self.ring(int(board) for board in boards if board.isascii() and board.isdecimal())

    def missed(self) -> None:
        """Notifications may have been lost."""
        self.ring(self.open)
        self.presence.start_over()

    def ring(self, boards: Iterable[int]) -> None:
        self._rung.update(board for board in boards if board in self.open)
        if self._rung:
            self._bell.set()

    async def read_others(self) -> None:
        """Runs until cancelled: reads stored updates of boards with notifications."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            rung, self._rung = self._rung, set()
            try:
                await self._read(rung)
            except (Problem, *DATABASE_ERRORS) as error:
                log.warning("boards not read", error=type(error).__name__)
                await asyncio.sleep(1)
                self.ring(rung)

    async def _read(self, rung: Iterable[int]) -> None:
        rooms = [room for board in rung if (room := self.open.get(board)) is not None]
        rows = await BOARDS_AFTER.rows(
            self.pool, boards=[room.board_id for room in rooms], seqs=[room.read_to for room in rooms], node=self.node
        )
        for row in rows:
            room = self.open.get(row["board_id"])
            data = row["data"]
            extent = await self._extent(NOTHING, [data], self.node) if data is not None else None
            if room is not None and row["seq"] > room.read_to:
                room.read_to = row["seq"]
                if extent is not None:
                    room.add(row["seq"], data, None)
                    await room.learn(extent)
                    self.compaction.want(room)
        if len(rows) == PAGE:
            self.ring(rung)

    async def _extent(self, vector: bytes, updates: list[bytes], name: Hashable) -> Extent:
        """Of updates that were checked before they were stored. Large ones are read outside the loop, in a turn of
        this name; raises Problem 503 if that fails."""
        if len(vector) + sum(map(len, updates)) <= INLINE_BYTES:
            return Extent.of_stored(vector, updates)
        try:
            async with self.documents.turn(name) as documents:
                return await documents.extent(vector, updates)
        except DocumentFailed as error:
            log.error("board not read", error=str(error))
            raise Problem(503, "overloaded", "The board could not be read right now; try again shortly.") from error

    async def watch_quotas(self) -> None:
        """Runs until cancelled: finds boards without room for more. Their edits are refused before they are relayed."""
        while True:
            await asyncio.sleep(self.settings.notify.poll_seconds)
            try:
                await self.look_for_room()
            except DATABASE_ERRORS as error:
                log.warning("quotas not read", error=type(error).__name__)

    async def look_for_room(self) -> None:
        asked = {*self.open, *self.edits.without_room}
        rows = await DOCUMENTS_WITHOUT_ROOM.rows(self.pool, documents=list(asked)) if asked else []
        found = {row["document_id"] for row in rows}
        self.edits.without_room -= asked - found
        self.edits.without_room |= found

    # -- time passes

    async def run(self) -> None:
        """Runs until cancelled: heartbeats, idle boards, metrics."""
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
                self.presence.poll()
            self.measure()

    def measure(self) -> None:
        metrics.rooms.set(len(self.open))
        metrics.room_bytes.set(sum(room.bytes for room in self.open.values()))
        metrics.queued_bytes.set(sum(socket.queued_bytes() for socket in self.sockets))
        metrics.unstored_bytes.set(self.store.waiting_bytes)

    async def close(self, seconds: float) -> None:
        """Waits until everything received is durable, at most this long."""
        await self.presence.last_word()
        until = time.monotonic() + seconds
        await self.edits.settle(seconds / 2)
        await self.store.close(until - time.monotonic())
        await self.compaction.close()
        await self.documents.close()
