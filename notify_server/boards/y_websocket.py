"""The protocol of npm's y-websocket: one board a socket, each message a binary frame with its type in front.

It knows no acknowledgement; a refused update is told as permission denied, and the socket stays.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from websockets.frames import Opcode

from notify_server.boards import awareness, lib0, sync
from notify_server.boards.awareness import Entry
from notify_server.boards.lib0 import Malformed, Reader
from notify_server.boards.room import Peer
from notify_server.boards.socket import BoardSocket
from notify_server.boards.updates import EMPTY, read_vector
from notify_server.framing import binary

SYNC: Final = 0
AWARENESS: Final = 1
AUTH: Final = 2
QUERY_AWARENESS: Final = 3
_PERMISSION_DENIED: Final = b"\x02\x00"


class YWebSocketDialect:
    name = "yjs"

    def update(self, board_id: int, update: bytes) -> bytes:
        return binary(b"\x00" + sync.update(update))

    def presence(self, board_id: int, entries: Sequence[Entry]) -> bytes:
        return binary(b"\x01" + lib0.buffer(awareness.write(entries)))


DIALECT: Final = YWebSocketDialect()
_KEEP_ALIVE: Final = DIALECT.presence(0, ())
_SYNCED: Final = binary(b"\x00" + sync.step_2(EMPTY))


class YWebSocketPeer(Peer):
    dialect = DIALECT

    __slots__ = ()

    def refused(self, reason: str, token: object) -> None:
        self.socket.put(denial(reason))


def denial(reason: str) -> bytes:
    return binary(_PERMISSION_DENIED + lib0.string(reason))


class YWebSocket(BoardSocket):
    """`peer` is its place, once it is open."""

    takes = Opcode.BINARY
    protocol = "yjs"

    __slots__ = ("_catching_up", "peer")

    peer: Peer

    def take_place(self, peer: Peer) -> None:
        """It has its place on the board: what it has is asked for, and it hears of all who are there."""
        self.peer = peer
        self._catching_up: asyncio.Task[None] | None = None
        self.put(binary(b"\x00" + sync.step_1(peer.room.known.vector())))
        if here := peer.room.awareness.all():
            self.put(DIALECT.presence(peer.room.board_id, here))
        self.admit()

    def read(self, content: bytes) -> None:
        reader = Reader(content)
        kind = reader.uint()
        if kind == SYNC:
            message = sync.read(reader)
            reader.end()
            if message.kind == sync.STEP_1:
                self._catch_up(message.content)
            else:
                self.rooms.edits.take(self.peer, message.content)
        elif kind == AWARENESS:
            update = reader.buffer()
            reader.end()
            entries = awareness.read(update, self.rooms.settings.boards.presence_bytes)
            self.peer.room.take_presence(self.peer, entries)
        elif kind == QUERY_AWARENESS:
            reader.end()
            self.put(DIALECT.presence(self.peer.room.board_id, self.peer.room.awareness.all()))
        else:
            raise Malformed(f"clients send no message {kind}")

    def keep_alive(self) -> bytes:
        return _KEEP_ALIVE

    def farewell(self, reason: str, detail: str) -> bytes:
        return denial(reason)

    def _catch_up(self, vector: bytes) -> None:
        """Step 2: first all that the client lacks, then the word that this was all. One at a time: a client that asks
        again meanwhile gets nothing new by it."""
        clocks = read_vector(vector)
        if self._catching_up is None:
            self._catching_up = asyncio.create_task(self._send_missing(clocks, vector))

    async def _send_missing(self, clocks: dict[int, int], vector: bytes) -> None:
        try:
            missing = await self.rooms.edits.missing(self.peer.room, clocks, vector)
        finally:
            self._catching_up = None
        if self.reason:
            return
        self.allow(sum(map(len, missing)))
        for update in missing:
            self.put(DIALECT.update(self.peer.room.board_id, update))
        self.put(_SYNCED)
