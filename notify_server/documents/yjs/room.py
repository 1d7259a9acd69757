"""An open board: its content, its clients, and relaying between them.

A board is `base`, a snapshot's state, and `tail`, the updates since, as their clients sent them. All of it is bytes,
and nothing here awaits. An update is relayed immediately to all others in the room, encoded once for each protocol; its
sender is notified when it is durable. Presence is batched when there is much of it.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Protocol

from chat_core.documents.lib0 import Malformed
from chat_core.documents.updates import EMPTY, NOTHING, Extent
from chat_core.problems import Problem
from notify_server.documents import metrics
from notify_server.documents.access import Role
from notify_server.documents.large import LARGE_BYTES, Receiver
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.awareness import Awareness, Elsewhere, Entry

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
# Presence is written again at the soonest after so long for each who is told.
PRESENCE_SECONDS: Final = 0.00005


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


class Connection(Receiver):
    """A client's connection, as its places and their rooms know it."""

    protocol: ClassVar[str]

    __slots__ = ("peers",)

    peers: "set[Peer]"

    def put(self, frame: bytes) -> None:
        """Written together with everything else in this turn of the loop."""
        raise NotImplementedError

    def answer(self, pieces: list[bytes]) -> None:
        """A response that may wait for its reader beyond the usual limit."""
        raise NotImplementedError

    def relay_large(self, peer: "Peer", update: bytes) -> None:
        """Sent once the client has read the previous large message."""
        raise NotImplementedError

    def misunderstand(self, error: Malformed) -> None:
        """Closes the connection after a malformed message."""
        self.refuse("protocol_error", Problem(400, "bad_frame", f"Not a message of this protocol: {error}."))


class Peer:
    """A connection's place in a room; each protocol has a subclass. `position`: that of the log at which `role` was
    read. `token` is what the protocol passed with the update."""

    dialect: Dialect
    # Whether the client is asked for its state whenever it asks for the board's.
    asks_back: ClassVar[bool] = False

    __slots__ = ("opening", "position", "reads_only", "role", "room", "socket")

    def __init__(self, socket: Connection, room: "Room", role: Role) -> None:
        self.socket, self.room, self.role, self.position = socket, room, role.name, role.position
        self.opening, self.reads_only = role.opening, role.reads_only

    @property
    def user_id(self) -> int:
        return self.socket.user_id

    @property
    def session_id(self) -> int:
        return self.socket.session_id

    @property
    def here(self) -> bool:
        """Whether it still has its place."""
        return self in self.room.peers

    # -- down

    def send_sync(self, message: bytes) -> None:
        self.socket.put(self.dialect.sync(self.room.board_id, message))

    def ask(self) -> None:
        """Asks for what the client has and the board lacks."""
        self.send_sync(sync.step_1(self.room.vector()))

    def tell_who_is_here(self) -> None:
        if here := self.room.awareness.all():
            told = self.room.awareness.as_told(here).to(self.session_id, self.dialect.encode)
            self.socket.answer([self.dialect.presence(self.room.board_id, told)])

    def stored(self, token: object) -> None:
        """An update of this peer's is durable."""

    def refused(self, reason: str, token: object) -> None:
        """An update of this peer was refused, for a reason of docs/boards/roles.md, and not relayed."""
        raise NotImplementedError

    def came_late(self, entries: list[Entry]) -> None:
        """Clients of this peer have left, as far as the board knows: they report their presence as soon as they
        receive this."""
        encoded = [self.dialect.encode(entry) for entry in entries]
        self.socket.put(self.dialect.presence(self.room.board_id, encoded))

    def move(self, role: str, position: int) -> None:
        """Its role has changed."""
        self.role, self.position = role, position

    def end(self, reason: str) -> None:
        """It has lost its place on this board."""
        self.socket.close(reason)

    async def send_updates(self, updates: Iterable[bytes], *last: bytes) -> None:
        """As one answer, followed by sync messages."""
        pieces, written = [], 0
        for update in updates:
            for piece in self.dialect.update(self.room.board_id, update):
                pieces.append(piece)
                written += len(piece) + _PIECE_OVERHEAD
                if written > WRITTEN_AT_ONCE:
                    written = 0
                    await asyncio.sleep(0)
        if self.here:
            self.socket.answer([*pieces, *(self.dialect.sync(self.room.board_id, message) for message in last)])


@dataclass(slots=True)
class Tail:
    """An update since the base. `seq` is None until it is stored."""

    seq: int | None
    data: bytes


class Room:
    """`read_to`: everything that other servers stored up to this seq is here. `known` is the extent of everything
    here. `touch` is called with each socket that has data to write, `share` with the clients whose presence has
    changed."""

    def __init__(
        self,
        board_id: int,
        touch: Callable[[Connection], None],
        share: Callable[[int, Iterable[int]], None],
        rows: Sequence[tuple[int, bytes]],
    ) -> None:
        self.board_id = board_id
        self._touch, self._share = touch, share
        self.base, self.base_seq, self.base_pending = EMPTY, 0, False
        self._vector, self._vector_made_at = NOTHING, -VECTOR_SECONDS
        self.tail = [Tail(seq, data) for seq, data in rows]
        self.read_to = rows[-1][0] if rows else 0
        self.known = Extent()
        self.bytes = sum(len(data) for _, data in rows)
        self.peers: set[Peer] = set()
        self.awareness = Awareness[Peer]()
        # Updates that arrived here and are not durable yet.
        self.waiting: set[asyncio.Future[int | None]] = set()
        self.idle_since = time.monotonic()
        self.compacting = False
        self.failed_compactions = 0
        self._told: dict[int, Entry] = {}
        self._teller: Peer | None = None
        self._telling = False
        self._tell_at = 0.0

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

    # -- clients

    def join(self, peer: Peer, opening: int) -> None:
        self.peers.add(peer)
        peer.socket.peers.add(peer)
        self.awareness.lead(opening)

    def leave(self, peer: Peer) -> None:
        self.peers.discard(peer)
        peer.socket.peers.discard(peer)
        self.tell(self.awareness.leave(peer), peer)
        if not self.peers:
            self.idle_since = time.monotonic()

    # -- the document

    def add(self, seq: int | None, data: bytes, sender: Peer | None) -> Tail:
        """Accepts an update and relays it; the caller records that it is known. `sender` is None for another
        server's."""
        added = Tail(seq, data)
        self.tail.append(added)
        self.bytes += len(data)
        self.relay(data, sender)
        return added

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
                    frame = frames[dialect] = b"".join(dialect.update(self.board_id, update))
                peer.socket.pending.append(frame)
                self._touch(peer.socket)

    # -- presence

    def take_presence(self, peer: Peer, entries: Iterable[Entry]) -> None:
        """Raises Malformed for an invalid state."""
        changed, late = self.awareness.take(peer, entries)
        self.tell(changed, peer)
        if late:
            peer.came_late(late)

    def take_presence_elsewhere(self, present: Iterable[tuple[Elsewhere, Entry]]) -> None:
        """All clients present on other servers."""
        self.tell(self.awareness.take_elsewhere(present), None)

    def end_presence_elsewhere(self, user_id: int, session_id: int | None = None) -> None:
        """A user, or one of their sessions, has lost the place."""
        if ended := self.awareness.end_elsewhere(user_id, session_id):
            self.tell(ended, None)

    def tell(self, entries: Sequence[Entry], teller: Peer | None) -> None:
        """Relays to the others, immediately or together with the changes of the next moment. `teller` is None for
        another server's."""
        self._share(self.board_id, [entry.client for entry in entries])
        for entry in entries:
            before = self._told.pop(entry.client, None)
            new = entry.new or (before is not None and before.new)
            self._told[entry.client] = replace(entry, new=True) if new else entry
            self._teller = teller if len(self._told) == 1 or self._teller is teller else None
        if self._told and not self._telling:
            self._telling = True
            loop = asyncio.get_running_loop()
            loop.call_at(self._tell_at, self._tell) if self._tell_at > loop.time() else loop.call_soon(self._tell)

    def _tell(self) -> None:
        self._telling = False
        told, self._told = list(self._told.values()), {}
        teller, self._teller = self._teller, None
        frames: dict[tuple[Dialect, int], bytes] = {}
        as_told = self.awareness.as_told(told)
        for peer in self.peers:
            if peer is not teller:
                session = peer.session_id if peer.session_id in as_told.sessions else 0
                frame = frames.get((peer.dialect, session))
                if frame is None:
                    frame = frames[peer.dialect, session] = peer.dialect.presence(
                        self.board_id, as_told.to(session, peer.dialect.encode)
                    )
                peer.socket.put(frame)
        metrics.presence.inc(len(told))
        self._tell_at = asyncio.get_running_loop().time() + PRESENCE_SECONDS * len(self.peers)
