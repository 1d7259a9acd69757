"""The protocol of npm's y-websocket: one board per socket; each message is a binary frame that starts with its type.

It has no acknowledgement. A refused update is reported as permission denied, and the socket stays.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from websockets.frames import Opcode

from chat_core.documents import lib0
from chat_core.documents.lib0 import Malformed, Reader
from chat_core.problems import Problem
from notify_server.documents.yjs import awareness, sync
from notify_server.documents.yjs.room import Peer
from notify_server.documents.yjs.socket import BoardSocket
from notify_server.streams.framing import binary, head

SYNC: Final = 0
AWARENESS: Final = 1
AUTH: Final = 2
QUERY_AWARENESS: Final = 3
_PERMISSION_DENIED: Final = b"\x02\x00"


class YWebSocketDialect:
    name = "yjs"

    def sync(self, board_id: int, message: bytes) -> bytes:
        return binary(b"\x00" + message)

    def update(self, board_id: int, update: bytes) -> Iterable[bytes]:
        start = b"\x00" + sync.update_head(update)
        return head(b"\x82", len(start) + len(update)) + start, update

    encode = staticmethod(awareness.encode)

    def presence(self, board_id: int, entries: Sequence[bytes]) -> bytes:
        return binary(b"\x01" + lib0.buffer(awareness.joined(entries)))


DIALECT: Final = YWebSocketDialect()
_KEEP_ALIVE: Final = DIALECT.presence(0, ())


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

    places = YWebSocketPeer

    __slots__ = ("peer",)

    peer: Peer

    def take_place(self, peer: Peer) -> None:
        """It has its place on the board: it is asked for its content, and receives the presence of all others."""
        self.peer = peer
        peer.ask()
        peer.tell_who_is_here()
        self.admit()

    def read(self, content: bytes) -> None:
        reader = Reader(content)
        kind = reader.uint()
        if kind == SYNC:
            message = sync.read(reader)
            reader.end()
            self.take_sync(self.peer, message)
        elif kind == AWARENESS:
            update = reader.buffer()
            reader.end()
            self.take_presence(self.peer, update)
        elif kind == QUERY_AWARENESS:
            reader.end()
            self.ask_who_is_here(self.peer)
        else:
            raise Malformed(f"clients send no message {kind}")

    def passed_over(self, start: bytes) -> None:
        self.peer.refused("too_large", None)

    def keep_alive(self) -> bytes:
        return _KEEP_ALIVE

    def farewell(self, reason: str, problem: Problem) -> bytes:
        return denial(reason)
