"""One open WebSocket on one board or, where its protocol has that, on several."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from chat_core.documents.lib0 import Malformed
from chat_core.problems import Problem
from chat_core.settings import Boards as Settings
from notify_server.boards import metrics
from notify_server.boards.answers import Answers
from notify_server.framing import BOARDS
from notify_server.websocket_stream import Bounds, WebSocketStream

# What waits for one write is put together up to here; more of it is handed on as it is, since a board is not copied.
COPIED_BYTES: Final = 1 << 18

if TYPE_CHECKING:
    from notify_server.boards.room import Peer
    from notify_server.boards.rooms import Rooms


class BoardSocket(WebSocketStream):
    """A protocol has a class of its own, which reads what its clients send. `peers` are its places."""

    protocol: ClassVar[str]
    places: "ClassVar[type[Peer]]"

    __slots__ = ("_put_bytes", "answers", "peers", "rooms")

    def __init__(
        self,
        number: int,
        address: str,
        transport: asyncio.Transport,
        rooms: "Rooms",
        settings: Settings,
        pong_seconds: float,
    ) -> None:
        bounds = Bounds(
            settings.frame_bytes,
            settings.buffer_bytes,
            settings.frames_per_second,
            settings.frames_burst,
            pong_seconds,
        )
        super().__init__(number, address, transport, BOARDS[self.protocol], bounds)
        self.rooms = rooms
        self.peers: set[Peer] = set()
        self.answers = Answers(self)
        # Of what is pending, what `put` and `answer` have added: all that its client has asked for.
        self._put_bytes = 0

    # -- what a protocol says

    def take_place(self, peer: "Peer") -> None:
        """It has its place on the board that it was opened for."""
        raise NotImplementedError

    def read(self, content: bytes) -> None:
        """A message of the client's. Raises Malformed, which ends the socket."""
        raise NotImplementedError

    def keep_alive(self) -> bytes:
        """What an idle client gets: some count only messages as signs of life."""
        raise NotImplementedError

    def farewell(self, reason: str, problem: Problem) -> bytes:
        """What a client is told before the close frame, where its protocol has a word for it."""
        return b""

    # -- down

    def put(self, frame: bytes) -> None:
        """To be written with what else comes in this turn of the loop."""
        if self.reason:
            return
        self.pending.append(frame)
        self._put_bytes += len(frame)
        if self._put_bytes > self.buffer_bytes:  # in one turn, before anything could be written
            self.abort("slow")
        else:
            self.rooms.touch(self)

    def answer(self, pieces: list[bytes]) -> None:
        """What may wait for the reader besides the usual, and keeps the next one waiting: see Answers."""
        amount = sum(map(len, pieces))
        if self.reason:
            return
        self.buffer_bytes += amount
        self._put_bytes += amount
        self.pending += pieces
        self.answers.given()
        self.rooms.touch(self)

    def flush(self, join: Callable[[list[bytes]], bytes] = b"".join) -> int:
        if self._put_bytes > COPIED_BYTES and not self.reason and not self.transport.is_closing():
            self.transport.writelines(self.pending)
            self.pending.clear()
        self._put_bytes = 0
        queued = super().flush(join)
        if queued <= self._bounds.buffer_bytes:
            self._be_taken()
        return queued

    def resume_writing(self) -> None:
        self._be_taken()

    def _be_taken(self) -> None:
        """What waits is within the usual again."""
        self.buffer_bytes = self._bounds.buffer_bytes
        self.answers.taken()

    def pause_writing(self) -> None:
        """Nothing is written slower: who falls too far behind is out."""

    def beat(self, now: float, interval_seconds: float) -> bool:
        pinged = super().beat(now, interval_seconds)
        if self.reason or not self.live:
            return False
        self.quiet_seconds += 1
        if self.quiet_seconds > interval_seconds:
            self.put(self.keep_alive())
            return True
        return pinged

    def refuse(self, reason: str, problem: Problem) -> None:
        metrics.refused.labels(reason).inc()
        self.pending.append(self.farewell(reason, problem))
        self.close(reason)

    # -- up

    def received(self, content: bytes) -> None:
        try:
            self.read(content)
        except Malformed as error:
            self.misunderstand(error)

    def misunderstand(self, error: Malformed) -> None:
        self.refuse("protocol_error", Problem(400, "bad_frame", f"Not a message of this protocol: {error}."))

    def admit(self) -> None:
        """Its messages are read from here on, of any size."""
        self.confined = False
        self.listen()

    # -- the end

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self.answers.clear()
        peers, self.peers = self.peers, set()
        for peer in peers:
            peer.room.leave(peer)
