"""The protocol of npm's @hocuspocus/provider: many documents on a socket, with the name of each in front of its
messages.

A document is a board, by its id; a message with an access token opens it. Every update is answered with a status once
it is durable or refused. What happens to one document leaves the others on the socket alone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from websockets.frames import Opcode

from chat_core.documents import lib0
from chat_core.documents.lib0 import Malformed
from chat_core.problems import DATABASE_ERRORS, Problem, from_database, unavailable
from chat_core.tokens import Claims
from notify_server.documents.access import VIEWER, Refused, Role
from notify_server.documents.awareness import Entry
from notify_server.documents.protocols.hocuspocus_messages import (
    ASK_FOR_TOKEN,
    AUTH,
    AUTHENTICATED,
    AWARENESS,
    CLOSE,
    KEPT,
    NOT_KEPT,
    PERMISSION_DENIED,
    PING,
    PONG,
    QUERY_AWARENESS,
    HocuspocusDialect,
    Message,
    dialect_of,
    document_of,
    read,
    refusal,
)
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.room import Peer, Room
from notify_server.documents.yjs.rooms import BoardRooms
from notify_server.documents.yjs.socket import BoardSocket
from notify_server.streams.framing import binary
from notify_server.websocket.strangers import Strangers
from notify_server.websocket.websocket_stream import CONFINED_BYTES

# Names that a socket may use, open or not.
MOST_DOCUMENTS: Final = 100
# Sessions of one document on a socket, which the client calls session awareness.
MOST_SESSIONS: Final = 8
_LONGEST_ID: Final = 18
# Bytes of messages that may wait for their boards to open, and the overhead of each.
MOST_EARLY_BYTES: Final = 1 << 20
_EARLY_OVERHEAD: Final = 64
# How long a socket may stay unauthenticated after a bad token: its client may get another one. This is its whole
# lifetime, however many tokens arrive.
STRANGER_SECONDS: Final = 60.0
# Maximum bad tokens: all documents of a client that reconnects with an expired one.
MOST_DENIED: Final = MOST_DOCUMENTS
# How long before its token expires a client is asked for another one, and again after a part of the remaining time: it
# may hold on to the one that it has.
ASK_SECONDS: Final = 60.0


class HocuspocusPeer(Peer):
    dialect: HocuspocusDialect
    # What the client then sends clears what it has counted as unsynced.
    asks_back = True

    __slots__ = ("_ended", "dialect")

    def __init__(
        self, socket: BoardSocket, room: Room, role: Role, *, dialect: HocuspocusDialect, ended: Callable[[str], None]
    ) -> None:
        super().__init__(socket, room, role)
        self.dialect, self._ended = dialect, ended

    def say(self, content: bytes) -> None:
        self.socket.put(self.dialect.message(content))

    def welcome(self) -> None:
        """Tells the client what it may do, at first and after each change."""
        scope = "readonly" if self.role == VIEWER else "read-write"
        self.say(AUTHENTICATED + lib0.string(scope))

    def stored(self, token: object) -> None:
        self.say(KEPT)

    def refused(self, reason: str, token: object) -> None:
        self.say(refusal(reason))
        self.say(NOT_KEPT)

    def came_late(self, entries: list[Entry]) -> None:
        """The client records this, and reports it only when asked."""
        super().came_late(entries)
        self.say(b"%c" % QUERY_AWARENESS)

    def move(self, role: str, position: int) -> None:
        super().move(role, position)
        self.welcome()

    def end(self, reason: str) -> None:
        self._ended(reason)


@dataclass(eq=False, slots=True)
class Document:
    """A name that a socket's client uses. Until the board is open its messages wait in `early`; after it is closed,
    `early` is None."""

    name: str
    early: list[Message] | None = field(default_factory=list)
    early_bytes: int = 0
    peer: HocuspocusPeer | None = None
    opening: asyncio.Task[None] | None = None

    @property
    def board_id(self) -> int | None:
        """None if it is not a board's."""
        digits = self.name.partition("\0")[0]
        if not (digits.isascii() and digits.isdecimal()) or digits.startswith("0") or len(digits) > _LONGEST_ID:
            return None
        return int(digits)

    @property
    def dialect(self) -> HocuspocusDialect:
        return dialect_of(self.name)


class Hocuspocus(BoardSocket):
    """`known`: its user is known. Until then it is among the `strangers`."""

    takes = Opcode.BINARY
    protocol = "hocuspocus"

    __slots__ = (
        "_ask_below",
        "_deadline",
        "_denied",
        "_documents",
        "_early_bytes",
        "_given",
        "_met_at",
        "_strangers",
        "_verify",
        "known",
    )

    def __init__(self, number: int, address: str, transport: asyncio.Transport, rooms: BoardRooms) -> None:
        super().__init__(number, address, transport, rooms)
        self.known = False
        self._ask_below = ASK_SECONDS
        self._documents: dict[str, Document] = {}
        self._early_bytes = 0
        self._denied, self._met_at = 0, 0.0
        self._deadline: asyncio.TimerHandle | None = None

    def meet(self, given: Claims | None, verify: Callable[[str], Claims], seconds: float, strangers: Strangers) -> None:
        self._given, self._verify, self._strangers = given, verify, strangers
        self._met_at = asyncio.get_running_loop().time()
        if given is not None:
            self._be_known(given)
        else:
            self._wait_for_token(self._met_at + seconds)
        self.listen()

    def keep_alive(self) -> bytes:
        """About any document, if there is one: without one the client ignores it."""
        for document in self._documents.values():
            if document.peer is not None:
                return document.dialect.presence(0, ())
        return b""

    def beat(self, now: float, interval_seconds: float) -> bool:
        left = self.expires_at - now
        if left < self._ask_below:
            self._ask_below = left * 3 / 4
            for document in self._documents.values():
                if document.peer is not None:
                    document.peer.say(ASK_FOR_TOKEN)
                    break
        return super().beat(now, interval_seconds)

    # -- up

    def read(self, content: bytes) -> None:
        if content == PONG:
            return
        if content == PING:
            self.put(binary(PONG))
            return
        message = read(content)
        document = self._document(message.document)
        if document is None:
            if message.kind == AUTH:
                self.put(_denial(message.document, "too_many_documents"))
        elif message.kind == AUTH:
            self._introduce(document, message.token)
        elif message.kind == CLOSE:
            self._forget(document)
        elif document.peer is not None:
            self._hear(document.peer, message)
        elif document.early is not None:
            self._keep(document, message, len(content))
        elif message.said is not None and message.said.kind != sync.STEP_1:
            self.put(document.dialect.message(NOT_KEPT))

    def passed_over(self, start: bytes) -> None:
        try:
            name = document_of(start)
        except Malformed as error:
            self.misunderstand(error)
            return
        document = self._documents.get(name)
        if document is not None and document.peer is not None:
            document.peer.refused("too_large", None)

    def _hear(self, peer: HocuspocusPeer, message: Message) -> None:
        if message.said is not None:
            self.take_sync(peer, message.said)
        elif message.kind == AWARENESS:
            self.take_presence(peer, message.content)
        elif message.kind == QUERY_AWARENESS:
            self.ask_who_is_here(peer)

    def _keep(self, document: Document, message: Message, size: int) -> None:
        assert document.early is not None  # noqa: S101 - the caller guarantees it
        document.early.append(message)
        document.early_bytes += size + _EARLY_OVERHEAD
        self._early_bytes += size + _EARLY_OVERHEAD
        if self._early_bytes > (MOST_EARLY_BYTES if self.known else CONFINED_BYTES):
            self.refuse("too_large", Problem(429, "too_many_frames", "Too much was sent before the board was open."))

    # -- documents

    def _document(self, name: str) -> Document | None:
        document = self._documents.get(name)
        if document is None and len(self._documents) < MOST_DOCUMENTS:
            document = self._documents[name] = Document(name)
        return document

    def _introduce(self, document: Document, token: str) -> None:
        """Opens it, or accepts another token if it is open. The user is known before anything behind the token is
        read."""
        if document.opening is not None:
            return
        try:
            claims = self._claims(token)
            if not self.known:
                self._be_known(claims)
            board_id = self._board(document)
        except Refused as refused:
            self._deny(document, refused.reason)
        except Problem as problem:
            self._deny(document, problem.code)
        else:
            if document.early is None and document.peer is None:
                document.early = []
            document.opening = asyncio.create_task(self._open(document, claims, board_id))

    async def _open(self, document: Document, claims: Claims, board_id: int) -> None:
        try:
            if document.peer is not None:
                if claims.expires_at > self.expires_at:  # else it is the existing one
                    await self.rooms.check(claims, board_id)
                    self._prolong(claims)
                if document.peer is not None:
                    document.peer.welcome()
                return
            place = partial(HocuspocusPeer, dialect=document.dialect, ended=partial(self._end_document, document))
            peer = await self.rooms.enter(self, claims, board_id, place)
            self._admit(document, peer, claims)
        except Refused as refused:
            self._deny(document, refused.reason)
        except Problem as problem:
            self._deny(document, problem.code)
        except DATABASE_ERRORS as error:
            self.refuse("refused", from_database(error) or unavailable())
        except Malformed as error:
            self.misunderstand(error)
        except BaseException:
            self.abort("error")
            raise
        finally:
            document.opening = None

    def _admit(self, document: Document, peer: Peer, claims: Claims) -> None:
        assert isinstance(peer, HocuspocusPeer)  # noqa: S101 - created as one
        if self.reason or self._documents.get(document.name) is not document:
            self._leave(peer)
            for message in self._take_early(document):
                if message.said is not None and message.said.kind != sync.STEP_1:
                    self.rooms.edits.take(peer, message.said)
            return
        self._prolong(claims)
        document.peer = peer
        peer.welcome()
        self.answers.who(peer)
        for message in self._take_early(document):
            if document.peer is not None:
                self._hear(peer, message)

    def _claims(self, token: str) -> Claims:
        """Raises Problem 401."""
        claims = self._verify(token) if token or self._given is None else self._given
        if self.known and claims.user_id != self.user_id:
            raise Problem(401, "unauthorized", "This socket belongs to another user.")
        return claims

    def _board(self, document: Document) -> int:
        """Raises Refused if it is not a board's, or if the socket has opened it too many times."""
        board_id = document.board_id
        if board_id is None:
            raise Refused(
                "no_such_board", Problem(404, "not_found", "The name of a document must be the id of a board.")
            )
        if sum(other.board_id == board_id for other in self._documents.values()) > MOST_SESSIONS:
            detail = "This socket has opened the board too many times; close one."
            raise Refused("too_many_connections", Problem(429, "too_many_streams", detail))
        return board_id

    def _deny(self, document: Document, reason: str) -> None:
        """Others on the socket stay open; the client may retry it with another token."""
        self._close_document(document)
        self.put(_denial(document.name, reason))
        if reason == "too_many_connections" and self not in self.rooms.sockets:
            self.refuse(reason, Problem(429, "too_many_streams", "Too many boards are open; close one."))
        elif not self.known:
            self._denied += 1
            self._wait_for_token(self._met_at + STRANGER_SECONDS if self._denied < MOST_DENIED else self._met_at)

    def _end_document(self, document: Document, reason: str) -> None:
        self._close_document(document)
        self.put(_denial(document.name, reason))
        self.put(document.dialect.message(b"%c%b" % (CLOSE, lib0.string(reason))))

    def _forget(self, document: Document) -> None:
        self._close_document(document)
        del self._documents[document.name]

    def _close_document(self, document: Document) -> None:
        self._take_early(document)
        peer, document.peer = document.peer, None
        if peer is not None:
            self._leave(peer)

    def _take_early(self, document: Document) -> list[Message]:
        early, document.early = document.early or [], None
        self._early_bytes -= document.early_bytes
        document.early_bytes = 0
        return early

    def _leave(self, peer: Peer) -> None:
        if peer.here:
            peer.room.leave(peer)

    # -- whose it is

    def _be_known(self, claims: Claims) -> None:
        """Raises Refused if the user has too many."""
        self.identify(claims)
        self.rooms.add(self)
        self.known, self.confined = True, False
        self._strangers.discard(self)
        self._stop_waiting()

    def _prolong(self, claims: Claims) -> None:
        """It ends with the latest of its tokens."""
        if claims.expires_at > self.expires_at:
            self.identify(claims)
            self._ask_below = ASK_SECONDS

    def _wait_for_token(self, until: float) -> None:
        """By the loop's clock."""
        self._stop_waiting()
        problem = Problem(401, "unauthorized", "No message with a valid token has arrived.")
        self._deadline = asyncio.get_running_loop().call_at(until, self.refuse, "unauthorized", problem)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self, reason: str) -> None:
        super()._end(reason)
        self._stop_waiting()
        self._documents.clear()


def _denial(document: str, reason: str) -> bytes:
    return dialect_of(document).message(PERMISSION_DENIED + lib0.string(reason))
