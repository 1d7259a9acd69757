"""One open WebSocket on one document or, if its protocol allows, on several."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Final

from chat_core.documents.lib0 import Malformed
from chat_core.problems import Problem
from chat_core.tokens import Claims
from notify_server.documents.large import LARGE_BYTES, Intake
from notify_server.documents.room import DocumentConnection, DocumentPeer
from notify_server.documents.rooms import DocumentRooms
from notify_server.streams.framing import DOCUMENTS
from notify_server.websocket.strangers import Strangers
from notify_server.websocket.websocket_stream import CONFINED_BYTES, Bounds

# Data for one write is joined up to this size; more is passed on unjoined, since a document is not copied.
COPIED_BYTES: Final = 1 << 18


class DocumentSocket(DocumentConnection):
    """Each protocol is a subclass that reads what its clients send. `asked` identifies repeated requests (Backoff).
    `places` makes its place; None if its messages open documents (see `meet`). `largest` is its largest message."""

    places: ClassVar[Callable[..., Any] | None] = None

    __slots__ = ("_answered", "_put_bytes", "asked", "rooms")

    rooms: DocumentRooms[Any, Any]

    def __init__(
        self,
        number: int,
        address: str,
        transport: asyncio.Transport,
        rooms: DocumentRooms[Any, Any],
        largest: int,
    ) -> None:
        limits = rooms.limits
        bounds = Bounds(
            LARGE_BYTES,
            limits.buffer_bytes,
            limits.frames_per_second,
            limits.frames_burst,
            rooms.settings.notify.pong_seconds,
        )
        super().__init__(number, address, transport, DOCUMENTS[self.protocol], bounds)
        self.rooms = rooms
        self.asked = b""
        self.peers = set()
        self.receive_with(Intake(self, rooms.large, largest))
        # Whether an answer was sent that its client may not have read yet.
        self._answered = False
        # The pending bytes added by `put` and `answer`: responses to its client's requests.
        self._put_bytes = 0

    # -- what a protocol says

    def meet(self, given: Claims | None, verify: Callable[[str], Claims], seconds: float, strangers: Strangers) -> None:
        """Messages are read from here on. The user is `given`, from the request, or else that of the first good
        token, whose message must arrive within `seconds`. `verify` raises Problem 401. Raises Problem 401, and
        Refused if the user has too many."""
        raise NotImplementedError

    def take_place(self, peer: Any) -> None:
        """It has its place on the document that it was opened for."""
        raise NotImplementedError

    def read(self, content: bytes) -> None:
        """A message of the client's. Raises Malformed, which ends the socket."""
        raise NotImplementedError

    def keep_alive(self) -> bytes:
        """What an idle client gets: some count only messages as signs of life."""
        raise NotImplementedError

    def farewell(self, reason: str, problem: Problem) -> bytes:
        """What a client is sent before the close frame, if its protocol has a message for it."""
        return b""

    def given(self) -> None:
        """An answer was sent, which the client should read before it gets the next one."""

    def taken(self) -> None:
        """It was."""

    # -- down

    def put(self, frame: bytes) -> None:
        if self.reason:
            return
        self.pending.append(frame)
        self._put_bytes += len(frame)
        if self._put_bytes > self.buffer_bytes:  # in one turn, before anything could be written
            self.abort("slow")
        else:
            self.rooms.touch(self)

    def answer(self, pieces: list[bytes]) -> None:
        """What may wait for the reader beyond the usual limit, and keeps the next one waiting."""
        amount = sum(map(len, pieces))
        if self.reason:
            return
        self.buffer_bytes += amount
        self._put_bytes += amount
        self.pending += pieces
        self._answered = True
        self.given()
        self.rooms.touch(self)

    def flush(self, join: Callable[[list[bytes]], bytes] = b"".join) -> int:
        if self._put_bytes > COPIED_BYTES and not self.reason and not self.transport.is_closing():
            self.transport.writelines(self.pending)
            self.pending.clear()
        self._put_bytes = 0
        queued = super().flush(join)
        if self._answered and queued <= self._bounds.buffer_bytes:
            self._be_taken()
        return queued

    def resume_writing(self) -> None:
        self._be_taken()

    def _be_taken(self) -> None:
        """What is waiting is within the usual limit again."""
        self._answered = False
        self.buffer_bytes = self._bounds.buffer_bytes
        self.taken()

    def pause_writing(self) -> None:
        """Writing never slows down: a reader that is too far behind is disconnected."""

    def beat(self, now: float, interval_seconds: float) -> bool:
        if self.intake.waits:
            self._unheard_seconds = 0
        elif self.intake.is_too_slow(self.rooms.settings.connections):
            self.close("unresponsive")
        pinged = super().beat(now, interval_seconds)
        if self.reason or not self.live:
            return False
        self.quiet_seconds += 1
        if self.quiet_seconds > interval_seconds:
            self.put(self.keep_alive())
            return True
        return pinged

    def refuse(self, reason: str, problem: Problem) -> None:
        if self.reason:  # its last edit was not accepted
            return
        self.rooms.metrics.refused.labels(reason).inc()
        self.pending.append(self.farewell(reason, problem))
        late = self.rooms.backoff.seconds(self.asked) if self.asked else 0.0
        if late and self.transport.get_write_buffer_size() <= CONFINED_BYTES:
            self._be_a_stranger()
            self.close_late(reason, late)
        else:
            self.close(reason)

    def _be_a_stranger(self) -> None:
        """It has no user any more; it counts until its connection is gone."""
        if self in self.rooms.sockets:
            forget, self.forget = self.forget, lambda: None
            forget()
        self.rooms.strangers.add(self)

    # -- up

    def received(self, content: bytes) -> None:
        try:
            self.read(content)
        except Malformed as error:
            self.misunderstand(error)

    def admit(self) -> None:
        """Its messages are read from here on, of any size."""
        self.confined = False
        self.listen()

    # -- the end

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self.intake.clear()
        peers: set[DocumentPeer] = self.peers
        self.peers = set()
        for peer in peers:
            peer.room.leave(peer)
