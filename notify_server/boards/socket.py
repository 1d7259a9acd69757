"""One open WebSocket on one board or, where its protocol has that, on several."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from chat_core.documents.lib0 import Malformed
from chat_core.problems import Problem
from chat_core.settings import Boards as Settings
from notify_server.boards import metrics
from notify_server.framing import BOARDS
from notify_server.websocket_stream import Bounds, WebSocketStream

if TYPE_CHECKING:
    from notify_server.boards.room import Peer
    from notify_server.boards.rooms import Rooms


class BoardSocket(WebSocketStream):
    """A protocol has a class of its own, which reads what its clients send. `peers` are its places."""

    protocol: ClassVar[str]
    places: "ClassVar[type[Peer]]"

    __slots__ = ("peers", "rooms")

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
        self.pending.append(frame)
        self.rooms.touch(self)

    def allow(self, amount: int) -> None:
        """A whole board may wait for the reader, besides the usual."""
        self.buffer_bytes += amount

    def resume_writing(self) -> None:
        self.buffer_bytes = self._bounds.buffer_bytes

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
        peers, self.peers = self.peers, set()
        for peer in peers:
            peer.room.leave(peer)
