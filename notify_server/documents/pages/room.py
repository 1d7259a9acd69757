"""An open page: its content, its clients and their places, and what they are told. Nothing here awaits."""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from chat_core.documents.patches.admission import Missed
from notify_server.documents.access import Role
from notify_server.documents.awareness import Entry
from notify_server.documents.metrics import PAGES
from notify_server.documents.pages import metrics
from notify_server.documents.pages.content import Content, Row
from notify_server.documents.pages.messages import Dialect
from notify_server.documents.pages.operations import Asked, Committed
from notify_server.documents.pages.presence import NOTHING, Shown
from notify_server.documents.room import DocumentConnection, DocumentPeer, DocumentRoom

# Refused patches that a place remembers, for those that hang on them.
MOST_REFUSED: Final = 1000
# What a refusal tells of missed patches; beyond that it tells the content.
MOST_TOLD, MOST_TOLD_BYTES = 1000, 1 << 20
# What became of a client's pending patches, by their ids.
Fates = dict[str, dict[str, object]]


class PageConnection(DocumentConnection):
    """A client's connection to pages."""

    __slots__ = ()

    def greet(self, peer: "PagePeer") -> None:
        """Sends the content once its client has read the previous one."""
        raise NotImplementedError


class PagePeer(DocumentPeer):
    """A connection's place on a page. `synced`: its client has the content, and gets every patch after it. `fates` is
    what it is told of its pending patches with the content."""

    __slots__ = ("_clock", "_ended", "_state", "client", "client_id", "dialect", "fates", "refused", "synced")

    socket: PageConnection
    room: "PageRoom"

    def __init__(
        self, socket: PageConnection, room: "PageRoom", role: Role, dialect: Dialect, ended: Callable[[str], None]
    ) -> None:
        super().__init__(role)
        self.socket, self.room, self.dialect, self._ended = socket, room, dialect, ended
        self.client = secrets.randbits(32)
        self.client_id = str(self.client)
        self.synced = False
        self.fates: Fates = {}
        self.refused: dict[str, str] = {}
        self._clock = 0
        self._state: dict[str, object] = {**NOTHING, "user": {"name": role.fullname}}

    def say(self, kind: str, payload: bytes) -> None:
        self.socket.put(self.dialect.say(kind, payload))

    # -- patches

    def acknowledge(self, op_id: str, version: int) -> None:
        if self.here:
            self.say("op-ack", msgspec.json.encode({"id": op_id, "version": version}))

    def leave_open(self) -> None:
        """Its client reconnects, and asks."""
        self.socket.close("refused")

    def will_refuse(self, op_id: str, code: str) -> None:
        self.refused[op_id] = code
        if len(self.refused) > MOST_REFUSED:
            del self.refused[next(iter(self.refused))]

    def refuse(self, asked: Asked, code: str, message: str, **about: object) -> None:
        """It is stored nowhere, and never will be."""
        self.will_refuse(asked.op_id, code)
        PAGES.refused.labels(code.lower()).inc()
        self.fail(code, message, **({"id": asked.op_id} if asked.named else {}), **about)

    def fail(self, code: str, message: str, **about: object) -> None:
        if self.here:
            about = {"code": code, "message": message, **about, "version": self.room.content.version}
            self.say("error", msgspec.json.encode(about))

    # -- presence

    def be_present(self, most_bytes: int, **change: object) -> None:
        """Relays this client's state with what has changed; too large a state is ignored."""
        state = self._state | change
        written = msgspec.json.encode(state)
        if len(written) > most_bytes:
            return
        self._state = state
        self._clock += 1
        self.room.take_presence(self, [Entry(self.client, self._clock, written)])

    def came_late(self, entries: list[Entry]) -> None:
        """Not for clients whose ids the server makes."""

    # -- its place

    def move(self, role: str, position: int) -> None:
        super().move(role, position)
        self.say("role", msgspec.json.encode({"role": role}))

    def end(self, reason: str) -> None:
        self._ended(reason)


class PageRoom(DocumentRoom[PagePeer]):
    """`queue` are the patches that wait to be stored, in the order of their arrival. `newcomers` wait for the content,
    `catching_up` for what the database has, and `resting` until nothing is flying. `stale`: the database had more while
    something was. `ring` has it read. `postponed` is what is done at rest, at a version or a later one.

    `snapshot_version` is that of the newest snapshot, as far as is known, and `dirty_since` when the first patch after
    it came. `busy_until`: the page was locked; until then others are stored without it.
    """

    metrics = PAGES

    def __init__(
        self,
        page_id: int,
        content: Content,
        snapshot_version: int,
        touch: Callable[[DocumentConnection], None],
        share: Callable[[int, Iterable[int]], None],
        ring: Callable[[Iterable[int]], None],
    ) -> None:
        super().__init__(page_id, touch, share)
        self.content, self._ring = content, ring
        self.stale = False
        self.resting: list[asyncio.Future[None]] = []
        self.postponed: list[tuple[int, Callable[[], None]]] = []
        self.queue: deque[Asked] = deque()
        self.newcomers: set[PagePeer] = set()
        self.catching_up: list[asyncio.Future[None]] = []
        self.shown = Shown()
        self.snapshot_version = snapshot_version
        self.dirty_since = time.monotonic()
        self.busy_until = 0.0
        self.locked_times = 0

    @property
    def page_id(self) -> int:
        return self.document_id

    def leave(self, peer: PagePeer) -> None:
        self.newcomers.discard(peer)
        super().leave(peer)

    # -- patches

    def landed(self) -> None:
        """What was flying is stored: tells everybody."""
        for asked, stored in self.content.commit():
            metrics.stored_seconds.observe(time.monotonic() - asked.begun)
            metrics.patches.inc()
            self.know(stored.version, stored.op_id)
            asked.author.acknowledge(asked.op_id, stored.version)
            self._relay(stored, asked.checksum, asked.author if asked.named else None)
        self.rest()

    def take(self, rows: Iterable[Row]) -> None:
        """Stored patches of others, or of this server if it was not told what became of them. Nothing may be flying."""
        waiting = {asked.op_id: asked for asked in self.queue}
        for row in rows:
            if (settled := self.content.settle(row)) is None:
                continue
            stored, checksum = settled
            self.know(stored.version, stored.op_id)
            own = waiting.get(stored.op_id)
            if own is not None and own.author.client_id == stored.client_id:
                self.queue.remove(own)
                own.author.acknowledge(own.op_id, stored.version)
                self._relay(stored, checksum, own.author if own.named else None)
            else:
                self._relay(stored, checksum, None)
        self.rest()

    def rest(self) -> None:
        """Nothing is flying: those who wait for the content get it."""
        for peer in list(self.newcomers):
            peer.socket.greet(peer)
        for waiter in self.resting:
            if not waiter.done():
                waiter.set_result(None)
        self.resting.clear()
        postponed, self.postponed = self.postponed, []
        for version, act in postponed:
            self.at_rest(act, version)
        if self.stale:
            self.stale = False
            self._ring([self.page_id])

    def at_rest(self, act: Callable[[], None], version: int = 0) -> None:
        """Does something once nothing is flying and this version is here, now if that is so."""
        if self.content.flying or self.content.version < version:
            self.postponed.append((version, act))
            if not self.content.flying:
                self._ring([self.page_id])
        else:
            act()

    async def rested(self) -> None:
        """Waits until nothing is flying."""
        while self.content.flying:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.resting.append(waiter)
            await waiter

    def _relay(self, stored: Committed, checksum: int | None, author: object) -> None:
        if stored.version - 1 == self.snapshot_version:
            self.dirty_since = time.monotonic()
        payload = stored.told if checksum is None else stored.told[:-1] + b',"checksum":%d}' % checksum
        frames: dict[bool, bytes] = {}
        relayed = 0
        for peer in list(self.peers):  # a slow one leaves
            if peer is author or not peer.synced:
                continue
            many = peer.dialect.many
            frame = frames.get(many)
            if frame is None:
                frame = frames[many] = peer.dialect.say("op-patch", payload)
            peer.socket.put(frame)
            relayed += 1
        metrics.relayed.inc(relayed)

    # -- the content

    def greeting(self, peer: PagePeer, epoch: str) -> list[bytes]:
        """The content for a client, which has it from here on. Nothing may be flying."""
        self.newcomers.discard(peer)
        peer.synced = True
        fates, peer.fates = peer.fates, {}
        text, checksum = self.content.text()
        start = b'{"version":%d,"%b":' % (self.content.version, peer.dialect.content_member.encode())
        about = {
            "checksum": checksum,
            "epoch": epoch,
            "role": peer.role,
            "user_id": peer.user_id,
            "client_id": peer.client_id,
            "users": self.shown.present(peer.client),
            "pending": fates,
        }
        return peer.dialect.say_long("sync", [start, text, b"," + msgspec.json.encode(about)[1:]])

    def told_of(self, missed: Sequence[Missed] | None) -> dict[str, object]:
        """What a client whose patch is refused needs: what it has missed, or the content if that is too much or not
        kept. Nothing may be flying."""
        if missed is not None and len(missed) <= MOST_TOLD:
            told: list[bytes] = [each.row.told for each in missed]
            if sum(map(len, told)) <= MOST_TOLD_BYTES:
                return {"ops": [msgspec.Raw(each) for each in told]}
        text, checksum = self.content.text()
        sync: dict[str, Any] = {"version": self.content.version, "content": msgspec.Raw(text), "checksum": checksum}
        return {"sync": sync}

    # -- presence

    def relay_presence(self, entries: Sequence[Entry], teller: PagePeer | None) -> None:
        """Everybody is told of everybody else."""
        said = self.shown.changed(entries)
        if not said:
            return
        about = {client for client, _, _ in said}
        frames: dict[bool, bytes] = {}
        for peer in list(self.peers):  # a slow one leaves
            if not peer.synced:
                continue
            if peer.client in about:
                own = [peer.dialect.say(kind, payload) for client, kind, payload in said if client != peer.client]
                if own:
                    peer.socket.put(b"".join(own))
                continue
            frame = frames.get(peer.dialect.many)
            if frame is None:
                frame = b"".join(peer.dialect.say(kind, payload) for _, kind, payload in said)
                frames[peer.dialect.many] = frame
            peer.socket.put(frame)
