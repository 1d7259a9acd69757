"""Boards as JSON: for clients that have a Yjs document, but none of npm's providers. One board per socket.

Sync messages are base64 in both directions; presence has messages of its own, which here are an awareness state like
any other client's.
"""

import asyncio
import binascii
import secrets
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec
from websockets.frames import Opcode

from chat_core.documents.json_text import without_halves
from chat_core.documents.lib0 import Malformed, Reader
from chat_core.problems import Problem
from notify_server.documents.access import Role
from notify_server.documents.awareness import Entry
from notify_server.documents.large import Large
from notify_server.documents.yjs import sync
from notify_server.documents.yjs.room import Peer, Room
from notify_server.documents.yjs.socket import ENVELOPE_BYTES, BoardSocket
from notify_server.streams.framing import head, message
from notify_server.websocket.socket import Ref

# How often a client's presence is repeated: others consider it gone after 30 s.
RENEW_SECONDS: Final = 15
REFUSALS: Final = {
    "read_only": (403, "You may see this board but not change it."),
    "board_full": (413, "The board has become too large."),
    "quota_exceeded": (409, "A storage quota is used up: someone must delete something first."),
    "too_deep": (413, "A value is nested too deeply."),
    "too_large": (413, "The message is larger than a board can be."),
    "not_stored": (503, "The update could not be stored; open the board and send it again."),
}


class Cursor(msgspec.Struct):
    x: float
    y: float


class YjsSync(msgspec.Struct, tag="yjs:sync"):
    """`data` is a sync message in base64. `ref` is repeated in the acknowledgement of an update."""

    data: str
    ref: Ref | None = None


class _RawSync(msgspec.Struct, tag="yjs:sync"):
    data: msgspec.Raw
    ref: Ref | None = None


class PresenceUpdate(msgspec.Struct, tag="presence:update"):
    cursor: Cursor | None
    selection: list[str]


class PresenceViewport(msgspec.Struct, tag="presence:viewport"):
    x: float
    y: float
    zoom: Annotated[float, msgspec.Meta(gt=0)]


Upward: TypeAlias = YjsSync | PresenceUpdate | PresenceViewport
PRESENCE: Final = ("presence:update", "presence:viewport")


class _Kind(msgspec.Struct):
    type: str


# Limit of all other messages: a list of millions of names would be read before it is counted.
LARGEST_PRESENCE_BYTES: Final = 65_536

_decoder: Final[msgspec.json.Decoder[Upward]] = msgspec.json.Decoder(Upward)
_sync_decoder: Final = msgspec.json.Decoder(YjsSync)
_raw_decoder: Final = msgspec.json.Decoder(_RawSync)
Sync = TypeVar("Sync", YjsSync, _RawSync)
_kind_decoder: Final = msgspec.json.Decoder(_Kind)


def read(frame: bytes) -> tuple[Upward | None, sync.Message | None]:
    """A client's message, None for presence that is too large to be relayed, and the sync message within it. Raises
    Malformed unless it is one to its last byte."""
    try:
        frame.decode()  # UTF-8 also in parts that are ignored
        upward = _decode(frame) if len(frame) <= LARGEST_PRESENCE_BYTES else _decode_large(frame, _sync_decoder)
        if not isinstance(upward, YjsSync):
            return upward, None
        reader = Reader(binascii.a2b_base64(upward.data, strict_mode=True))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:  # binascii.Error is a ValueError
        raise Malformed(str(error)) from None
    said = sync.read(reader)
    reader.end()
    return upward, said


def _decode(frame: bytes) -> Upward:
    try:
        return _decoder.decode(frame)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return _decoder.decode(without_halves(frame))


def _decode_large(frame: bytes, decoder: msgspec.json.Decoder[Sync]) -> Sync | None:
    try:
        return decoder.decode(frame)
    except msgspec.ValidationError:
        if _kind_decoder.decode(frame).type in PRESENCE:
            return None
        raise


# Base64 this many bytes at a time: without a remainder, and within some milliseconds.
_PIECE_BYTES: Final = 3 << 18
_CODED_BYTES: Final = _PIECE_BYTES // 3 * 4


async def read_in_pieces(frame: bytes) -> tuple[sync.Message | None, Ref | None]:
    """The same of a large message, with others' turns in between: its content, and its `ref`."""
    try:
        frame.decode()
        await asyncio.sleep(0)
        raw = _decode_large(frame, _raw_decoder)
        if raw is None:
            return None, None
        await asyncio.sleep(0)
        quoted = memoryview(raw.data)
        if b"\\" in frame:  # as written by encoders that escape each slash
            quoted = memoryview(msgspec.json.encode(msgspec.json.decode(quoted)))
        if bytes(quoted[:1]) != b'"':
            raise Malformed("`data` is not a string")
        coded = quoted[1:-1]
        pieces = []
        for at in range(0, len(coded), _CODED_BYTES):
            await asyncio.sleep(0)
            pieces.append(binascii.a2b_base64(coded[at : at + _CODED_BYTES], strict_mode=True))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    reader = Reader(b"".join(pieces))
    await asyncio.sleep(0)
    said = sync.read(reader)
    reader.end()
    return said, raw.ref


class _State(msgspec.Struct):
    """Any client's awareness state, as far as this protocol relays it."""

    cursor: msgspec.Raw = msgspec.Raw(b"null")
    selection: msgspec.Raw = msgspec.Raw(b"[]")
    viewport: msgspec.Raw = msgspec.Raw(b"null")
    user: msgspec.Raw = msgspec.Raw(b"{}")


_SYNC_START, _SYNC_END = b'{"type":"yjs:sync","data":"', b'"}'


class JsonDialect:
    name = "json"

    def sync(self, board_id: int, message: bytes) -> bytes:
        return _text(b"%b%b%b" % (_SYNC_START, b64encode(message), _SYNC_END))

    def update(self, board_id: int, update: bytes) -> Iterator[bytes]:
        start = sync.update_head(update)
        length = -(-(len(start) + len(update)) // 3) * 4 + len(_SYNC_START) + len(_SYNC_END)
        first = _PIECE_BYTES - len(start)
        yield head(b"\x81", length) + _SYNC_START + b64encode(start + update[:first])
        for at in range(first, len(update), _PIECE_BYTES):
            yield b64encode(update[at : at + _PIECE_BYTES])
        yield _SYNC_END

    @staticmethod
    def encode(entry: Entry) -> bytes:
        return b"".join(map(_text, _presence(entry)))

    def presence(self, board_id: int, entries: Sequence[bytes]) -> bytes:
        """A message for each change; they are sent together."""
        return b"".join(entries)


DIALECT: Final = JsonDialect()
_KEEP_ALIVE: Final = message(b"\x81", b'{"type":"heartbeat"}')


class JsonPeer(Peer):
    """A client has one place among those present, with an id that the server chose."""

    dialect = DIALECT

    __slots__ = ("_clock", "_state", "client")

    socket: BoardSocket

    def __init__(self, socket: BoardSocket, room: Room, role: Role) -> None:
        super().__init__(socket, room, role)
        self.client = secrets.randbits(32)
        self._clock = 0
        self._state: dict[str, object] = {
            "cursor": None,
            "selection": [],
            "viewport": None,
            "user": {"name": role.fullname},
        }

    def say(self, kind: str, **content: object) -> None:
        self.socket.put(_text(msgspec.json.encode({"type": kind, **content})))

    def be_present(self, **change: object) -> None:
        """Relays this client's state with what has changed."""
        state = self._state | change
        written = msgspec.json.encode(state)
        if len(written) > self.socket.rooms.settings.boards.presence_bytes:
            return  # ignored, like other presence without room
        self._state = state
        self._clock += 1
        self.room.take_presence(self, [Entry(self.client, self._clock, written)])

    def stored(self, token: object) -> None:
        self.say("yjs:ack", **_about(token))

    def refused(self, reason: str, token: object) -> None:
        status, detail = REFUSALS[reason]
        self.say("error", **_about(token), status=status, code=reason, detail=detail)

    def move(self, role: str, position: int) -> None:
        super().move(role, position)
        self.say("role", role=role)


class JsonMessages(BoardSocket):
    """`peer` is its place, once it is open."""

    takes = Opcode.TEXT
    protocol = "json"
    places = JsonPeer

    __slots__ = ("_renewed_seconds", "peer")

    peer: JsonPeer

    def take_place(self, peer: Peer) -> None:
        assert isinstance(peer, JsonPeer)  # noqa: S101 - created as one
        self.peer = peer
        self._renewed_seconds = 0
        heartbeat = self.rooms.settings.notify.heartbeat_seconds
        about = {"user_id": self.user_id, "client_id": peer.client, "role": peer.role}
        peer.say("ready", **about, heartbeat_seconds=heartbeat)
        peer.ask()
        peer.tell_who_is_here()
        peer.be_present()
        self.admit()

    def received(self, content: bytes) -> None:
        if len(content) > _CODED_BYTES and (large := self.take_over()) is not None:
            self.rooms.edits.read(self.peer, self._read_in_pieces(content, large))
        else:
            super().received(content)

    async def _read_in_pieces(self, content: bytes, large: Large) -> None:
        try:
            said, ref = await read_in_pieces(content)
            if said is not None and self.peer in self.rooms.edits.readers:
                self.hand(large, partial(self.take_sync, self.peer, said, ref))
                return
        except Malformed as error:
            self.misunderstand(error)
        large.end()

    def read(self, content: bytes) -> None:
        upward, said = read(content)
        if isinstance(upward, YjsSync):
            assert said is not None  # noqa: S101 - such a message has one
            self.take_sync(self.peer, said, upward.ref)
        elif isinstance(upward, PresenceUpdate):
            self.peer.be_present(cursor=upward.cursor, selection=upward.selection)
        elif isinstance(upward, PresenceViewport):
            self.peer.be_present(viewport={"x": upward.x, "y": upward.y, "zoom": upward.zoom})

    def beat(self, now: float, interval_seconds: float) -> bool:
        if not self.confined:
            self._renewed_seconds += 1
            if self._renewed_seconds >= RENEW_SECONDS:
                self._renewed_seconds = 0
                self.peer.be_present()
        return super().beat(now, interval_seconds)

    @staticmethod
    def largest_message(update_bytes: int) -> int:
        return -(-update_bytes // 3) * 4 + ENVELOPE_BYTES

    def passed_over(self, start: bytes) -> None:
        """Without its `ref`, which is not searched for."""
        self.peer.refused("too_large", None)

    def keep_alive(self) -> bytes:
        return _KEEP_ALIVE

    def farewell(self, reason: str, problem: Problem) -> bytes:
        content = {"type": "error", "status": problem.status, "code": reason, "detail": problem.detail}
        return _text(msgspec.json.encode(content))


def _presence(entry: Entry) -> list[bytes]:
    about = {"user_id": entry.user_id, "client_id": entry.client}
    if entry.state is None:
        return [msgspec.json.encode({"type": "presence:leave", **about})]
    state = msgspec.json.decode(entry.state, type=_State)
    there = {"cursor": state.cursor, "selection": state.selection, "viewport": state.viewport}
    told = [msgspec.json.encode({"type": "presence:sync", **about, **there})]
    if entry.new:
        told.insert(0, msgspec.json.encode({"type": "presence:join", **about, "user": state.user}))
    return told


def _about(ref: object) -> dict[str, object]:
    return {} if ref is None else {"ref": ref}


def _text(content: bytes) -> bytes:
    return message(b"\x81", content)
