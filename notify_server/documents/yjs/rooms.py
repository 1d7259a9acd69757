"""The boards that are open here: loading them, other servers' updates, and unloading."""

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable, Sequence

import structlog

from chat_core.database.queries import query
from chat_core.documents.process import DocumentFailed, Documents
from chat_core.documents.stored import board_content
from chat_core.documents.updates import NOTHING, Extent
from chat_core.problems import DATABASE_ERRORS, Problem
from notify_server.documents.context import Context
from notify_server.documents.metrics import BOARDS
from notify_server.documents.room import Newest
from notify_server.documents.rooms import DocumentRooms
from notify_server.documents.yjs import metrics
from notify_server.documents.yjs.compaction import Compaction
from notify_server.documents.yjs.edits import Edits
from notify_server.documents.yjs.room import INLINE_BYTES, Peer, Room
from notify_server.documents.yjs.store import Store

CHANNEL = "fechatter_boards"
BOARD_QUARANTINED = query("board_quarantined", "board_id")
BOARDS_AFTER = query("boards_after", "boards", "seqs", "node")
BOARD_NEWEST = query("board_newest", "board_id")
BOARDS_LOST = query("boards_lost", "boards", "seqs", "moments")
DOCUMENTS_WITHOUT_ROOM = query("documents_without_room", "documents")
# Rows read at a time, as in the query.
PAGE = 1000

log = structlog.get_logger()


class BoardRooms(DocumentRooms[Room, Peer]):
    """One per server."""

    kind = "board"
    metrics = BOARDS

    def __init__(self, context: Context) -> None:
        settings = context.settings.boards
        super().__init__(context, settings, settings.connections_per_board)
        self.store = Store(self.pool, self.node, context.readiness.report)
        self.documents = Documents()
        self.compaction = Compaction(settings, self.pool)
        # Called with each update that is being stored here, where there is a faster way to other servers.
        self.tell_early: Callable[[int, bytes], None] | None = None
        self.edits = Edits(settings, self.store, self.documents, self.compaction, self.give_up, self._tell_others)
        # Rooms that are no longer used, with updates still being stored.
        self._given_up: dict[int, Room] = {}

    def _tell_others(self, document_id: int, update: bytes) -> None:
        if self.tell_early is not None:
            self.tell_early(document_id, update)

    def hear_early(self, document_id: int, update: bytes) -> None:
        """Another server is storing this."""
        if (room := self.open.get(document_id)) is not None:
            room.relay_early(update)

    async def load(self, document_id: int, user_id: int) -> Room:
        # It would consider what this server stores later as known.
        if (before := self._given_up.pop(document_id, None)) is not None and before.waiting:
            await asyncio.wait(before.waiting)
        snapshot, tail = await board_content(self.pool, document_id)
        room = Room(document_id, self.touch, self.presence.changed, [(update.seq, update.data) for update in tail])
        vector, updates = NOTHING, [update.data for update in tail]
        if snapshot is not None:
            vector = snapshot.vector
            room.rebase(snapshot.seq, snapshot.state, vector, pending=snapshot.pending)
            room.read_to = max(room.read_to, snapshot.seq)
            updates.append(snapshot.deletions)
        updates += [row["data"] for row in await BOARD_QUARANTINED.rows(self.pool, board_id=document_id)]
        room.known = await self._extent(vector, updates, user_id)
        if (newest := await BOARD_NEWEST.row(self.pool, board_id=document_id)) is not None:
            room.know(newest["seq"], newest["stored_at"])
        return room

    def give_up(self, room: Room, reason: str = "refused") -> None:
        """The room has updates that the database lacks. Its clients reconnect to another room and send them again."""
        if self.open.get(room.document_id) is room:
            del self.open[room.document_id]
            self._given_up[room.document_id] = room
        self.drop([peer for peer in self.edits.readers if peer.room is room])
        for peer in list(room.peers):
            peer.socket.close(reason)

    def concerned(self, room: Room) -> Iterable[Peer]:
        return [*room.peers, *(peer for peer in self.edits.readers if peer.room is room and not peer.here)]

    def drop(self, peers: Iterable[Peer]) -> None:
        self.edits.drop([peer for peer in peers if peer in self.edits.readers])

    def forget_the_idle(self) -> None:
        self._given_up = {board_id: room for board_id, room in self._given_up.items() if room.waiting}
        super().forget_the_idle()

    def unload(self, room: Room) -> bool:
        """Not before everything is durable."""
        if room.waiting or room.snapshotting or any(peer.room is room for peer in self.edits.readers):
            return False
        return not self.compaction.want(room, leaving=True)

    async def read(self, rooms: Sequence[Room]) -> bool:
        rows = await BOARDS_AFTER.rows(
            self.pool,
            boards=[room.document_id for room in rooms],
            seqs=[room.read_to for room in rooms],
            node=self.node,
        )
        for row in rows:
            room = self.open.get(row["board_id"])
            data = row["data"]
            extent = await self._extent(NOTHING, [data], self.node) if data is not None else None
            if room is not None and row["seq"] > room.read_to:
                room.read_to = row["seq"]
                room.know(row["seq"], row["stored_at"])
                if extent is not None:
                    room.add(row["seq"], data, None)
                    await room.learn(extent)
                    self.compaction.want(room)
        return len(rows) == PAGE

    async def lost(self, doubted: Sequence[tuple[int, Newest]]) -> set[int]:
        rows = await BOARDS_LOST.rows(
            self.pool,
            boards=[board_id for board_id, _ in doubted],
            seqs=[edit.number for _, edit in doubted],
            moments=[edit.identity for _, edit in doubted],
        )
        return {row["document_id"] for row in rows}

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

    def measure(self) -> None:
        super().measure()
        metrics.room_bytes.set(sum(room.bytes for room in self.open.values()))
        metrics.unstored_bytes.set(self.store.waiting_bytes)

    async def close(self, seconds: float) -> None:
        """Waits until everything received is durable, at most this long."""
        until = time.monotonic() + seconds
        await self.edits.settle(seconds / 2)
        await self.store.close(until - time.monotonic())
        await self.compaction.close()
        await self.documents.close()
