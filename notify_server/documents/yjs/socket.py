"""A WebSocket on boards: what every protocol of Yjs shares."""

import asyncio
from typing import ClassVar, Final

from chat_core.documents.updates import read_vector
from notify_server.documents.socket import DocumentSocket
from notify_server.documents.yjs import awareness, sync
from notify_server.documents.yjs.answers import Answers
from notify_server.documents.yjs.room import INLINE_BYTES, Connection, Peer
from notify_server.documents.yjs.rooms import BoardRooms

# The overhead around an update in a message: types, lengths, a document's name.
ENVELOPE_BYTES: Final = 1024
# A message about many clients, or a request for them, counts as one more frame for each hundred.
CLIENTS_A_FRAME: Final = 100


class BoardSocket(DocumentSocket, Connection):
    """Each protocol is a subclass that reads what its clients send."""

    places: ClassVar[type[Peer] | None] = None

    __slots__ = ("answers",)

    rooms: BoardRooms

    def __init__(self, number: int, address: str, transport: asyncio.Transport, rooms: BoardRooms) -> None:
        super().__init__(number, address, transport, rooms, self.largest_message(rooms.settings.boards.document_bytes))
        self.answers = Answers(self, rooms.edits)

    # -- what a protocol says

    @staticmethod
    def largest_message(update_bytes: int) -> int:
        """Size of the largest message with an update of that size."""
        return update_bytes + ENVELOPE_BYTES

    # -- down

    def given(self) -> None:
        self.answers.given()

    def taken(self) -> None:
        self.answers.taken()

    def relay_large(self, peer: Peer, update: bytes) -> None:
        self.answers.relay(peer, update)

    # -- up

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

    # -- the end

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self.answers.clear()
