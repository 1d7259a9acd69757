"""An update from a client: whether it may, whether it is one, what is new in it; then it is relayed, and stored."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog

from chat_core.documents.process import DocumentFailed, Documents
from chat_core.documents.updates import EMPTY, Extent
from chat_core.problems import Problem
from chat_core.settings import Boards as Settings
from notify_server.boards import metrics
from notify_server.boards.room import VIEWER, Peer, Room, Tail
from notify_server.boards.store import Store, Update

if TYPE_CHECKING:
    from notify_server.boards.compaction import Compaction

# Updates up to here are looked through on the loop, longer ones beside it.
INLINE_BYTES: Final = 32_768
# A board up to here is sent whole to whoever has some of it: that is less work than to find out what is missing.
WHOLE_BYTES: Final = 65_536

log = structlog.get_logger()


class Edits:
    """One per server. `give_up` is called with a room that has what could not be stored."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        documents: Documents,
        compaction: "Compaction",
        give_up: Callable[[Room], None],
    ) -> None:
        self._settings, self._store, self._documents, self._compaction = settings, store, documents, compaction
        self._give_up = give_up
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, peer: Peer, update: bytes, token: object = None) -> None:
        """The peer's `stored` or `refused` is called with the token, now or later. Malformed for what is no update."""
        if update == EMPTY:
            peer.stored(token)
        elif len(update) <= INLINE_BYTES:
            self._judge(peer, update, Extent.of(update), token)
        else:
            task = asyncio.create_task(self._take_large(peer, update, token))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def missing(self, room: Room, vector: dict[int, int], encoded: bytes) -> list[bytes]:
        """Updates that bring a client with this state vector up to date."""
        if not vector or room.bytes <= WHOLE_BYTES:
            return room.updates()
        try:
            return [await self._documents.difference(room.updates(), encoded)]
        except DocumentFailed as error:
            log.error("no difference", board=room.board_id, error=str(error))
            return room.updates()

    async def _take_large(self, peer: Peer, update: bytes, token: object) -> None:
        try:
            extent = await self._documents.check(update)
        except DocumentFailed as error:
            peer.socket.refuse("protocol_error", Problem(400, "bad_frame", f"Not an update: {error}."))
            return
        if peer.here:
            self._judge(peer, update, extent, token)

    def _judge(self, peer: Peer, update: bytes, extent: Extent, token: object) -> None:
        room = peer.room
        if room.known.covers(extent):
            metrics.known.inc()
            self._acknowledge_known(peer, token)
        elif peer.role == VIEWER:
            self._refuse(peer, "read_only", token)
        elif room.bytes + len(update) > self._settings.document_bytes:
            self._refuse(peer, "board_full", token)
        elif 0 < self._store.waiting_bytes > self._settings.unstored_bytes - len(update):
            detail = "The database does not keep up, or is away; try again shortly."
            peer.socket.refuse("overloaded", Problem(503, "overloaded", detail))
        else:
            self._accept(peer, update, extent, token)

    def _accept(self, peer: Peer, update: bytes, extent: Extent, token: object) -> None:
        room, begun = peer.room, time.monotonic()
        metrics.updates.labels(peer.socket.protocol).inc()
        metrics.update_bytes.inc(len(update))
        added = room.add(None, update, extent, peer)
        stored = self._store.append(Update(room.board_id, peer.user_id, update))
        room.waiting.add(stored)
        stored.add_done_callback(lambda done: self._stored(peer, added, begun, token, done))

    def _stored(
        self, peer: Peer, added: Tail, begun: float, token: object, stored: "asyncio.Future[int | None]"
    ) -> None:
        room = peer.room
        room.waiting.discard(stored)
        room.idle_since = time.monotonic()
        if stored.exception() is not None or (seq := stored.result()) is None:
            metrics.failed.inc()
            self._refuse(peer, "not_stored", token)
            self._give_up(room)
            return
        metrics.stored_seconds.observe(time.monotonic() - begun)
        added.seq = seq
        if seq == room.read_to + 1:
            room.read_to = seq
        if peer.here:
            peer.stored(token)
        self._compaction.want(room)

    def _acknowledge_known(self, peer: Peer, token: object) -> None:
        """All of it is here, and durable as soon as what is under way is."""
        waiting = peer.room.waiting
        if not waiting:
            peer.stored(token)
            return

        def settled(all_of_it: asyncio.Future[list[int | BaseException | None]]) -> None:
            if not all(isinstance(seq, int) for seq in all_of_it.result()):
                self._refuse(peer, "not_stored", token)
            elif peer.here:
                peer.stored(token)

        asyncio.gather(*waiting, return_exceptions=True).add_done_callback(settled)

    def _refuse(self, peer: Peer, reason: str, token: object) -> None:
        metrics.refused.labels(reason).inc()
        if peer.here:
            peer.refused(reason, token)
