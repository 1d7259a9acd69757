"""An update from a client: check the role, parse it, find what is new in it; then relay and store it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Final

import structlog

from chat_core.documents.lib0 import Malformed
from chat_core.documents.process import DocumentFailed, Documents
from chat_core.documents.ranges import MOST_CLIENTS, MOST_RANGES
from chat_core.documents.updates import EMPTY, NOTHING, Extent, NotTaken
from chat_core.problems import Problem
from chat_core.settings import Boards as Settings
from chat_core.turns import Turns
from notify_server.documents.access import VIEWER
from notify_server.documents.metrics import BOARDS
from notify_server.documents.yjs import metrics, sync
from notify_server.documents.yjs.compaction import Compaction
from notify_server.documents.yjs.room import INLINE_BYTES, RANGES_AT_ONCE, Peer, Room, Tail
from notify_server.documents.yjs.store import NO_ROOM, Store, Stored, Update

# Bytes of updates parsed in one turn of the loop, in total; senders take turns.
AT_ONCE_BYTES: Final = 8192
# The overhead of a waiting update; its bytes are what bounds it.
_WAITING_OVERHEAD: Final = 1024
_MOST_WAITING: Final = 1_000_000
# Bytes of one user's small updates that may wait to be read.
MOST_UNREAD_BYTES: Final = 16 << 20
# A board up to this size is sent whole to a client that has some of it: that is less work than finding what is missing.
WHOLE_BYTES: Final = 65_536

log = structlog.get_logger()


class Edits:
    """One per server. `give_up` is called with a room whose updates could not be stored, `share` with each update that
    is being stored."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        documents: Documents,
        compaction: Compaction,
        give_up: Callable[[Room], None],
        share: Callable[[int, bytes], None],
    ) -> None:
        self._settings, self._store, self._documents, self._compaction = settings, store, documents, compaction
        self._give_up, self._share = give_up, share
        # Boards whose quota is used up, as the database last reported.
        self.without_room: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = Turns("updates", 1, waiting_each=_MOST_WAITING, waiting_all=_MOST_WAITING)
        self._left_bytes = AT_ONCE_BYTES
        self._unread_bytes: Counter[int] = Counter()
        # Updates of each place that are being read. They are stored even if the client has left meanwhile, unless its
        # user has lost the place.
        self._reading: Counter[Peer] = Counter()

    def take(self, peer: Peer, message: sync.Message, token: object = None) -> None:
        """A step 2 or an update. The peer's `stored` or `refused` is called with the token, now or later. Raises
        Malformed if it is not an update."""
        update = message.content
        if update == EMPTY:
            peer.stored(token)
        elif peer.role == VIEWER and message.kind == sync.UPDATE:
            # A step 2 must be checked for anything new.
            self._refuse(peer, "read_only", token)
        elif len(update) > INLINE_BYTES or len(update) > self._left_bytes:
            self._take_later(peer, update, token)
        else:
            self._spend(len(update))
            self._read(peer, update, token)

    def _spend(self, amount: int) -> None:
        if self._left_bytes == AT_ONCE_BYTES:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self._left_bytes -= amount

    def _begin_turn(self) -> None:
        self._left_bytes = AT_ONCE_BYTES

    def _read(self, peer: Peer, update: bytes, token: object) -> None:
        try:
            extent = Extent.of_new(update)
        except NotTaken as refused:
            self._refuse(peer, refused.reason, token)
            return
        lacks = peer.room.known.lacks(extent)
        if self._judge(peer, update, extent, lacks, token):
            peer.room.known.include(extent)

    async def missing(self, peer: Peer, vector: bytes) -> list[bytes]:
        """Updates that bring a client with this state vector up to date."""
        room = peer.room
        if vector == NOTHING or room.bytes <= WHOLE_BYTES:
            return room.updates()
        try:
            async with self._documents.turn(peer.user_id) as documents:
                return [await documents.difference(room.updates(), vector)]
        except (DocumentFailed, Problem) as error:
            log.error("no difference", board=room.document_id, error=str(error))
            return room.updates()

    # -- large updates, and many at a time

    @property
    def readers(self) -> Iterable[Peer]:
        """The places with updates that are being read, even if left."""
        return self._reading.keys()

    def drop(self, peers: Iterable[Peer]) -> None:
        """Nothing more is accepted from these places, not even what has already arrived."""
        for peer in list(peers):
            del self._reading[peer]

    async def settle(self, seconds: float) -> None:
        """Reads what has arrived, for up to this many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    def read(self, peer: Peer, reading: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Reads complete updates of this place, between the loop's other work."""
        task = asyncio.create_task(reading)
        self._tasks.add(task)
        self._reading[peer] += 1

        def done(_: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if self._reading[peer] > 1:
                self._reading[peer] -= 1
            else:
                del self._reading[peer]

        task.add_done_callback(done)
        return task

    def _take_later(self, peer: Peer, update: bytes, token: object) -> None:
        large, user = peer.socket.take_over(), peer.user_id
        size = len(update) + _WAITING_OVERHEAD if large is None else 0  # a large one counts with its size
        if self._unread_bytes[user] + size > MOST_UNREAD_BYTES:
            peer.socket.refuse("rate", Problem(429, "too_many_frames", "Too many updates are waiting to be read."))
            return
        self._unread_bytes[user] += size

        def done(_: asyncio.Task[None]) -> None:
            if large is not None:
                large.end()
            self._unread_bytes[user] -= size
            if not self._unread_bytes[user]:
                del self._unread_bytes[user]

        self.read(peer, self._read_later(peer, update, token)).add_done_callback(done)

    async def _read_later(self, peer: Peer, update: bytes, token: object) -> None:
        user = peer.user_id
        try:
            if len(update) > INLINE_BYTES:
                async with self._documents.turn(user) as documents:
                    extent = await documents.check(update)
                async with self._turns.turn(user):
                    await self._judge_in_pieces(peer, update, extent, token)
            else:
                async with self._turns.turn(user):
                    if peer in self._reading:
                        self._read(peer, update, token)
                    await asyncio.sleep(0)  # all other work comes before the next one
        except NotTaken as refused:
            self._refuse(peer, refused.reason, token)
        except Problem as problem:
            peer.socket.refuse("overloaded", problem)
        except (DocumentFailed, Malformed) as error:
            peer.socket.refuse("protocol_error", Problem(400, "bad_frame", f"Not an update: {error}."))

    async def _judge_in_pieces(self, peer: Peer, update: bytes, extent: Extent, token: object) -> None:
        """Known content only grows meanwhile, so a known part stays known."""
        known, lacks = peer.room.known, 0
        for piece in extent.pieces(RANGES_AT_ONCE):
            lacks += known.lacks(piece)
            await asyncio.sleep(0)
        if peer in self._reading and self._judge(peer, update, extent, lacks, token):
            await peer.room.learn(extent)

    # -- outcomes

    def _judge(self, peer: Peer, update: bytes, extent: Extent, lacks: int, token: object) -> bool:
        """Whether it is accepted. `lacks` is the number of its ranges that are not known here."""
        room = peer.room
        known = room.known
        if not lacks:
            metrics.known.inc()
            self._acknowledge_known(peer, token)
        elif peer.role == VIEWER:
            self._refuse(peer, "read_only", token)
        elif room.document_id in self.without_room:
            self._refuse(peer, "quota_exceeded", token)
        elif (
            room.bytes + len(update) > self._settings.document_bytes
            or known.amount + lacks > MOST_RANGES
            or known.structs.has_more_clients(extent.structs, MOST_CLIENTS)
            or known.deletions.has_more_clients(extent.deletions, MOST_CLIENTS)
        ):
            self._refuse(peer, "board_full", token)
        elif 0 < self._store.waiting_bytes > self._settings.unstored_bytes - len(update):
            detail = "The database is unavailable or too slow; try again shortly."
            peer.socket.refuse("overloaded", Problem(503, "overloaded", detail))
        else:
            self._accept(peer, update, token)
            return True
        return False

    def _accept(self, peer: Peer, update: bytes, token: object) -> None:
        room, begun = peer.room, time.monotonic()
        metrics.updates.labels(peer.socket.protocol).inc()
        metrics.update_bytes.inc(len(update))
        added = room.add(None, update, peer)
        self._share(room.document_id, update)
        stored = self._store.append(Update(room.document_id, peer.user_id, update))
        room.waiting.add(stored)
        stored.add_done_callback(lambda done: self._stored(peer, added, begun, token, done))

    def _stored(
        self, peer: Peer, added: Tail, begun: float, token: object, done: "asyncio.Future[Stored | None]"
    ) -> None:
        room = peer.room
        room.waiting.discard(done)
        room.idle_since = time.monotonic()
        stored = None if done.exception() is not None else done.result()
        if stored is None or stored.seq == NO_ROOM:
            metrics.failed.inc()
            if stored is not None:
                self.without_room.add(room.document_id)
            self._refuse(peer, "not_stored" if stored is None else "quota_exceeded", token)
            self._give_up(room)
            return
        metrics.stored_seconds.observe(time.monotonic() - begun)
        added.seq = stored.seq
        room.know(*stored)
        if stored.seq == room.read_to + 1:
            room.read_to = stored.seq
        if peer.here:
            peer.stored(token)
        self._compaction.want(room)

    def _acknowledge_known(self, peer: Peer, token: object) -> None:
        """All of it is here, and durable as soon as the running batch is."""
        waiting = peer.room.waiting
        if not waiting:
            peer.stored(token)
            return

        def settled(all_of_it: asyncio.Future[list[Stored | BaseException | None]]) -> None:
            if not all(isinstance(stored, Stored) and stored.seq != NO_ROOM for stored in all_of_it.result()):
                self._refuse(peer, "not_stored", token)
            elif peer.here:
                peer.stored(token)

        asyncio.gather(*waiting, return_exceptions=True).add_done_callback(settled)

    def _refuse(self, peer: Peer, reason: str, token: object) -> None:
        BOARDS.refused.labels(reason).inc()
        if peer.here:
            peer.refused(reason, token)
