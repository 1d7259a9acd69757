"""An open document of any kind: the places of its clients, and who is present. Nothing here awaits.

Presence is relayed to all others in the room, and batched when there is much of it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

from chat_core.documents.lib0 import Malformed
from chat_core.problems import Problem
from notify_server.documents.access import Role
from notify_server.documents.awareness import Awareness, Elsewhere, Entry
from notify_server.documents.large import Receiver
from notify_server.documents.metrics import Metrics

# For each receiver, how long presence is not written again.
PRESENCE_SECONDS: Final = 0.00005
# Edits known to be stored that a room remembers: more than are stored between a promotion and the news of it.
MOST_RECENT: Final = 50


class Newest(NamedTuple):
    """One of the newest edits of a document that are known to be stored: its number, and what tells it from another one
    that gets this number after a failover."""

    number: int
    identity: Any


class DocumentConnection(Receiver):
    """A client's connection, as its places and their rooms know it."""

    protocol: ClassVar[str]

    __slots__ = ("peers",)

    peers: "set[Any]"

    def put(self, frame: bytes) -> None:
        """Written together with everything else in this turn of the loop."""
        raise NotImplementedError

    def misunderstand(self, error: Malformed) -> None:
        """Closes the connection after a malformed message."""
        self.refuse("protocol_error", Problem(400, "bad_frame", f"Not a message of this protocol: {error}."))


class DocumentPeer:
    """A connection's place in a room. `position`: that of the log at which `role` was read."""

    __slots__ = ("opening", "position", "reads_only", "role", "room", "socket")

    socket: DocumentConnection
    room: "DocumentRoom[Any]"

    def __init__(self, role: Role) -> None:
        self.role, self.position = role.name, role.position
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

    def came_late(self, entries: list[Entry]) -> None:
        """Clients of this peer have left, as far as the room knows: they report their presence as soon as they
        receive this."""
        raise NotImplementedError

    def move(self, role: str, position: int) -> None:
        """Its role has changed."""
        self.role, self.position = role, position

    def end(self, reason: str) -> None:
        """It has lost its place on this document."""
        self.socket.close(reason)


PeerT = TypeVar("PeerT", bound=DocumentPeer)


class DocumentRoom(Generic[PeerT]):
    """`touch` is called with each socket that has data to write, `share` with the clients whose presence has
    changed."""

    metrics: ClassVar[Metrics]

    def __init__(
        self,
        document_id: int,
        touch: Callable[[DocumentConnection], None],
        share: Callable[[int, Iterable[int]], None],
    ) -> None:
        self.document_id = document_id
        self._touch, self._share = touch, share
        self.peers: set[PeerT] = set()
        self.awareness = Awareness[PeerT]()
        self.idle_since = time.monotonic()
        # See snapshotting.py.
        self.snapshotting = False
        self.failed_snapshots = 0
        self._recent: deque[Newest] = deque(maxlen=MOST_RECENT)
        self._told: dict[int, Entry] = {}
        self._teller: PeerT | None = None
        self._telling = False
        self._tell_at = 0.0

    @property
    def recent(self) -> Sequence[Newest]:
        """As they became known. What is known after a failover may have the number of what is lost, or come after it:
        so the newest one does not tell."""
        return tuple(self._recent)

    def know(self, number: int, identity: object) -> None:
        """This edit is stored."""
        if (edit := Newest(number, identity)) not in self._recent:
            self._recent.append(edit)

    # -- clients

    def join(self, peer: PeerT, opening: int) -> None:
        self.peers.add(peer)
        peer.socket.peers.add(peer)
        self.awareness.lead(opening)

    def leave(self, peer: PeerT) -> None:
        self.peers.discard(peer)
        peer.socket.peers.discard(peer)
        self.tell(self.awareness.leave(peer), peer)
        if not self.peers:
            self.idle_since = time.monotonic()

    # -- presence

    def take_presence(self, peer: PeerT, entries: Iterable[Entry]) -> None:
        """Raises Malformed for an invalid state."""
        changed, late = self.awareness.take(peer, entries)
        self.tell(changed, peer)
        if late:
            peer.came_late(late)

    def take_presence_elsewhere(self, present: Iterable[tuple[Elsewhere, Entry]]) -> None:
        """All clients present on other servers."""
        self.tell(self.awareness.take_elsewhere(present), None)

    def hear_presence_elsewhere(self, heard: Iterable[tuple[Elsewhere, Entry]]) -> None:
        """What some of them say before it is read."""
        if changed := self.awareness.hear_elsewhere(heard):
            self.tell(changed, None)

    def end_presence_elsewhere(self, user_id: int, session_id: int | None = None) -> None:
        """A user, or one of their sessions, has lost the place."""
        if ended := self.awareness.end_elsewhere(user_id, session_id):
            self.tell(ended, None)

    def tell(self, entries: Sequence[Entry], teller: PeerT | None) -> None:
        """Relays to the others, immediately or together with the changes of the next moment. `teller` is None for
        another server's."""
        self._share(self.document_id, [entry.client for entry in entries])
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
        self.relay_presence(told, teller)
        self.metrics.presence.inc(len(told))
        self._tell_at = asyncio.get_running_loop().time() + PRESENCE_SECONDS * len(self.peers)

    def relay_presence(self, entries: Sequence[Entry], teller: PeerT | None) -> None:
        """Sends what has changed to all others; to `teller` too, unless all of it is its own."""
        raise NotImplementedError
