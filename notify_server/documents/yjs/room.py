"""An open board: its content, its clients, and relaying between them.

A board is `base`, a snapshot's state, and `tail`, the updates since, as their clients sent them. All of it is bytes,
and nothing here awaits. An update is relayed immediately to all others in the room, encoded once for each protocol; its
sender is notified when it is durable. Presence is batched when there is much of it.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from chat_core.documents.updates import EMPTY, NOTHING, Extent
from notify_server.documents.access import Role
from notify_server.documents.awareness import Entry
from notify_server.documents.large import LARGE_BYTES
from notify_server.documents.metrics import BOARDS
from notify_server.documents.room import DocumentConnection, DocumentPeer, DocumentRoom
from notify_server.documents.yjs import metrics, sync
from notify_server.documents.yjs.store import Stored

# Updates and state vectors up to this size are read on the loop; longer updates in a separate process, longer vectors
# in parts.
INLINE_BYTES: Final = 8192
# So many ranges of an update are taken note of before something else has its turn.
RANGES_AT_ONCE: Final = 2000
# The vector of a board with more clients than the first is recomputed no more often than this; with more than the
# second, the vector of its snapshot is used, and clients are asked for more than necessary.
FEW_CLIENTS: Final = 64
MANY_CLIENTS: Final = 4096
VECTOR_SECONDS: Final = 0.2
# Bytes of a board put into messages before other work has its turn, and the overhead of each piece.
WRITTEN_AT_ONCE: Final = 1 << 20
_PIECE_OVERHEAD: Final = 256
# Updates of other servers that were relayed before they were stored, and may not be stored at all.
MOST_EARLY: Final = 1000


class Dialect(Protocol):
    """A protocol's encoding: messages as the connection carries them, the same for all receivers."""

    @property
    def name(self) -> str: ...

    def sync(self, board_id: int, message: bytes) -> bytes:
        """A sync message, which all protocols carry."""
        ...

    def update(self, board_id: int, update: bytes) -> Iterable[bytes]:
        """A message with an update, in pieces that are made one by one."""
        ...

    def encode(self, entry: Entry) -> bytes:
        """A client's presence, for `presence` to encode."""
        ...

    def presence(self, board_id: int, entries: Sequence[bytes]) -> bytes: ...


class Connection(DocumentConnection):
    """A client's connection to boards."""

    __slots__ = ()

    def answer(self, pieces: list[bytes]) -> None:
        """A response that may wait for its reader beyond the usual limit."""
        raise NotImplementedError

    def relay_large(self, peer: "Peer", update: bytes) -> None:
        """Sent once the client has read the previous large message."""
        raise NotImplementedError


class Peer(DocumentPeer):
    """A connection's place on a board; each protocol has a subclass. `token` is what the protocol passed with the
    update."""

    dialect: Dialect
    # Whether the client is asked for its state whenever it asks for the board's.
    asks_back: ClassVar[bool] = False

    __slots__ = ()

    socket: Connection
    room: "Room"

    def __init__(self, socket: Connection, room: "Room", role: Role) -> None:
        super().__init__(role)
        self.socket, self.room = socket, room

    # -- down

    def send_sync(self, message: bytes) -> None:
        self.socket.put(self.dialect.sync(self.room.document_id, message))

    def ask(self) -> None:
        """Asks for what the client has and the board lacks."""
        self.send_sync(sync.step_1(self.room.vector()))

    def tell_who_is_here(self) -> None:
        if here := self.room.awareness.all():
            told = self.room.awareness.as_told(here).to(self.session_id, self.dialect.encode)
            self.socket.answer([self.dialect.presence(self.room.document_id, told)])

    def stored(self, token: object) -> None:
        """An update of this peer's is durable."""

    def refused(self, reason: str, token: object) -> None:
        """An update of this peer was refused, for a reason of docs/boards/roles.md, and not relayed."""
        raise NotImplementedError

    def came_late(self, entries: list[Entry]) -> None:
        encoded = [self.dialect.encode(entry) for entry in entries]
        self.socket.put(self.dialect.presence(self.room.document_id, encoded))

    async def send_updates(self, updates: Iterable[bytes], *last: bytes) -> None:
        """As one answer, followed by sync messages."""
        pieces, written = [], 0
        for update in updates:
            for piece in self.dialect.update(self.room.document_id, update):
                pieces.append(piece)
                written += len(piece) + _PIECE_OVERHEAD
                if written > WRITTEN_AT_ONCE:
                    written = 0
                    await asyncio.sleep(0)
        if self.here:
            self.socket.answer([*pieces, *(self.dialect.sync(self.room.document_id, message) for message in last)])


@dataclass(slots=True)
class Tail:
    """An update since the base. `seq` is None until it is stored."""

    seq: int | None
    data: bytes


class Room(DocumentRoom[Peer]):
    """`read_to`: everything that other servers stored up to this seq is here. `known` is the extent of everything
    here."""

    metrics = BOARDS

    def __init__(
        self,
        board_id: int,
        touch: Callable[[DocumentConnection], None],
        share: Callable[[int, Iterable[int]], None],
        rows: Sequence[tuple[int, bytes]],
    ) -> None:
        super().__init__(board_id, touch, share)
        self.base, self.base_seq, self.base_pending = EMPTY, 0, False
        self._vector, self._vector_made_at = NOTHING, -VECTOR_SECONDS
        self.tail = [Tail(seq, data) for seq, data in rows]
        self.read_to = rows[-1][0] if rows else 0
        self.known = Extent()
        self.bytes = sum(len(data) for _, data in rows)
        # Updates that arrived here and are not durable yet.
        self.waiting: set[asyncio.Future[Stored | None]] = set()
        # Those of other servers that everybody here has, and that are not known to be stored.
        self._early: dict[bytes, None] = {}

    def rebase(self, seq: int, state: bytes, vector: bytes, *, pending: bool) -> None:
        """The base is now a snapshot of everything up to seq."""
        self.base, self.base_seq, self.base_pending = state, seq, pending
        self.tail = [update for update in self.tail if update.seq is None or update.seq > seq]
        self.bytes = len(state) + sum(len(update.data) for update in self.tail)
        self._vector = vector

    def updates(self) -> list[bytes]:
        """The whole board, in order."""
        tail = [update.data for update in self.tail]
        return tail if self.base is EMPTY else [self.base, *tail]

    def vector(self) -> bytes:
        """The clock of each client up to which everything is here; with many clients, as of a moment ago."""
        clients, now = len(self.known.structs.clients), time.monotonic()
        if clients <= FEW_CLIENTS or (clients <= MANY_CLIENTS and now - self._vector_made_at > VECTOR_SECONDS):
            self._vector, self._vector_made_at = self.known.vector(), now
        return self._vector

    async def learn(self, extent: Extent) -> None:
        """Records that all of this is here."""
        for piece in extent.pieces(RANGES_AT_ONCE):
            self.known.include(piece)
            await asyncio.sleep(0)

    # -- the document

    def add(self, seq: int | None, data: bytes, sender: Peer | None) -> Tail:
        """Accepts an update and relays it; the caller records that it is known. `sender` is None for another
        server's."""
        added = Tail(seq, data)
        self.tail.append(added)
        self.bytes += len(data)
        if self._early and sender is None and data in self._early:  # everybody here has it
            del self._early[data]
        else:
            self.relay(data, sender)
        return added

    def relay_early(self, data: bytes) -> None:
        """Another server has accepted this update, and is storing it. It is no part of the board until then."""
        if data not in self._early:
            if len(self._early) >= MOST_EARLY:
                del self._early[next(iter(self._early))]
            self._early[data] = None
            self.relay(data, None)

    def join(self, peer: Peer, opening: int) -> None:
        self._early.clear()  # this one has none of them
        super().join(peer, opening)

    def relay(self, update: bytes, sender: Peer | None) -> None:
        """Immediately; a large one after each receiver has read the previous large one."""
        metrics.relayed.inc(len(self.peers) - (sender in self.peers))
        if len(update) > LARGE_BYTES:
            for peer in self.peers - {sender}:
                peer.socket.relay_large(peer, update)
            return
        frames: dict[Dialect, bytes] = {}
        for peer in self.peers:
            if peer is not sender:
                dialect = peer.dialect
                frame = frames.get(dialect)
                if frame is None:
                    frame = frames[dialect] = b"".join(dialect.update(self.document_id, update))
                peer.socket.pending.append(frame)
                self._touch(peer.socket)

    # -- presence

    def relay_presence(self, entries: Sequence[Entry], teller: Peer | None) -> None:
        frames: dict[tuple[Dialect, int], bytes] = {}
        as_told = self.awareness.as_told(entries)
        for peer in list(self.peers):  # a slow one leaves
            if peer is not teller:
                session = peer.session_id if peer.session_id in as_told.sessions else 0
                frame = frames.get((peer.dialect, session))
                if frame is None:
                    frame = frames[peer.dialect, session] = peer.dialect.presence(
                        self.document_id, as_told.to(session, peer.dialect.encode)
                    )
                peer.socket.put(frame)
