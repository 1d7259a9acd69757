"""One open WebSocket on one board or, if its protocol allows, on several."""

import asyncio
from collections.abc import Callable
from typing import ClassVar, Final

from chat_core.documents.lib0 import Malformed
from chat_core.documents.updates import read_vector
from chat_core.problems import Problem
from chat_core.settings import Boards as Settings
from notify_server.documents import metrics
from notify_server.documents.answers import Answers
from notify_server.documents.large import LARGE_BYTES, Intake
from notify_server.documents.rooms import Rooms
from notify_server.documents.yjs import awareness, sync
from notify_server.documents.yjs.room import INLINE_BYTES, Connection, Peer
from notify_server.streams.framing import BOARDS
from notify_server.websocket.websocket_stream import CONFINED_BYTES, Bounds

# Data for one write is joined up to this size; more is passed on unjoined, since a board is not copied.
COPIED_BYTES: Final = 1 << 18
# The overhead around an update in a message: types, lengths, a document's name.
ENVELOPE_BYTES: Final = 1024
# A message about many clients, or a request for them, counts as one more frame for each hundred.
CLIENTS_A_FRAME: Final = 100


class BoardSocket(Connection):
    """Each protocol is a subclass that reads what its clients send. `asked` identifies repeated requests (Backoff)."""

    places: ClassVar[type[Peer]]

    __slots__ = ("_answered", "_put_bytes", "answers", "asked", "rooms")

    def __init__(
        self,
        number: int,
        address: str,
        transport: asyncio.Transport,
        rooms: Rooms,
        settings: Settings,
        pong_seconds: float,
    ) -> None:
        bounds = Bounds(
            LARGE_BYTES,
            settings.buffer_bytes,
            settings.frames_per_second,
            settings.frames_burst,
            pong_seconds,
        )
        super().__init__(number, address, transport, BOARDS[self.protocol], bounds)
        self.rooms = rooms
        self.asked = b""
        self.peers = set()
        self.answers = Answers(self, rooms.edits)
        self.receive_with(Intake(self, rooms.large, self.largest_message(settings.document_bytes)))
        # Whether an answer was sent that its client may not have read yet.
        self._answered = False
        # The pending bytes added by `put` and `answer`: responses to its client's requests.
        self._put_bytes = 0

    # -- what a protocol says

    @staticmethod
    def largest_message(update_bytes: int) -> int:
        """Size of the largest message with an update of that size."""
        return update_bytes + ENVELOPE_BYTES

    def take_place(self, peer: Peer) -> None:
        """It has its place on the board that it was opened for."""
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
        """What may wait for the reader beyond the usual limit, and keeps the next one waiting: see Answers."""
        amount = sum(map(len, pieces))
        if self.reason:
            return
        self.buffer_bytes += amount
        self._put_bytes += amount
        self.pending += pieces
        self._answered = True
        self.answers.given()
        self.rooms.touch(self)

    def relay_large(self, peer: Peer, update: bytes) -> None:
        self.answers.relay(peer, update)

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
        self.answers.taken()

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
        if self.reason:  # its last update was not accepted
            return
        metrics.refused.labels(reason).inc()
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

    def take_sync(self, peer: Peer, message: sync.Message, token: object = None) -> None:
        """Malformed for a state vector or an update that is none."""
        if message.kind == sync.STEP_1:
            if len(message.content) <= INLINE_BYTES:
                read_vector(message.content)
            self.answers.board(peer, message.content)
        else:
            self.rooms.edits.take(peer, message, token)

    def ask_who_is_here(self, peer: Peer) -> None:
        if self.afford(len(peer.room.awareness) // CLIENTS_A_FRAME):
            self.answers.who(peer)

    def take_presence(self, peer: Peer, update: bytes) -> None:
        """Malformed for what is no awareness update."""
        entries = awareness.read(update, self.rooms.settings.boards.presence_bytes)
        if self.afford(len(entries) // CLIENTS_A_FRAME):
            peer.room.take_presence(peer, entries)

    def admit(self) -> None:
        """Its messages are read from here on, of any size."""
        self.confined = False
        self.listen()

    # -- the end

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self.intake.clear()
        self.answers.clear()
        peers, self.peers = self.peers, set()
        for peer in peers:
            peer.room.leave(peer)
