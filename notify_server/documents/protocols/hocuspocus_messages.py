"""The messages of npm's @hocuspocus/provider: the name of a document, then a message about it."""

from collections.abc import Iterable, Sequence
from typing import Final
from weakref import WeakValueDictionary

import msgspec

from chat_core.documents import lib0
from chat_core.documents.lib0 import Malformed, Reader
from notify_server.documents.yjs import awareness, sync
from notify_server.streams.framing import binary, head

SYNC: Final = 0
AWARENESS: Final = 1
AUTH: Final = 2
QUERY_AWARENESS: Final = 3
STATELESS: Final = 5
CLOSE: Final = 7
SYNC_STATUS: Final = 8
# About no document.
PING: Final = b"\x09"
PONG: Final = b"\x0a"
_TOKEN: Final = 0
ASK_FOR_TOKEN: Final = b"\x02\x00"
PERMISSION_DENIED: Final = b"\x02\x01"
AUTHENTICATED: Final = b"\x02\x02"
KEPT: Final = b"\x08\x01"
NOT_KEPT: Final = b"\x08\x00"
LONGEST_NAME: Final = 128
LONGEST_TOKEN: Final = 4096
LONGEST_VERSION: Final = 128


class Message(msgspec.Struct, frozen=True):
    """A client's message about a document: a sync message, an awareness update, a token, or only its kind."""

    document: str
    kind: int
    said: sync.Message | None = None
    content: bytes = b""
    token: str = ""


def read(frame: bytes) -> Message:
    """Raises Malformed unless it is a message to its last byte."""
    reader = Reader(frame)
    document, kind = _short(reader, LONGEST_NAME), reader.uint()
    if kind == SYNC:
        message = Message(document, kind, said=sync.read(reader))
    elif kind == AWARENESS:
        message = Message(document, kind, content=reader.buffer())
    elif kind == AUTH:
        if reader.uint() != _TOKEN:
            raise Malformed("clients send no other auth message than a token")
        message = Message(document, kind, token=_short(reader, LONGEST_TOKEN))
        if reader.at < len(frame):
            _short(reader, LONGEST_VERSION)  # the client's version, since its fourth one
    elif kind == STATELESS:
        reader.buffer()  # ignored unread
        message = Message(document, kind)
    elif kind in (QUERY_AWARENESS, CLOSE):
        message = Message(document, kind)
    else:
        raise Malformed(f"clients send no message {kind}")
    reader.end()
    return message


def refusal(reason: str) -> bytes:
    """The reason for refusing an update, in a message that clients pass on (their event `stateless`)."""
    return b"%c%b" % (STATELESS, lib0.string(f'{{"type":"refused","reason":"{reason}"}}'))


def document_of(start: bytes) -> str:
    """What a message with this beginning is about. Raises Malformed if it does not say."""
    return _short(Reader(start), LONGEST_NAME)


def _short(reader: Reader, most_bytes: int) -> str:
    """Text whose length is checked before the text is read."""
    length = reader.uint()
    if length > most_bytes:
        raise Malformed(f"a field exceeds {most_bytes} bytes")
    start = reader.at
    reader.skip(length)
    try:
        return reader.data[start : reader.at].decode()
    except UnicodeDecodeError:
        raise Malformed("text is not UTF-8") from None


class HocuspocusDialect:
    """For one document's name; places with the same name share it, and so their messages."""

    name = "hocuspocus"

    def __init__(self, document: str) -> None:
        self._prefix = lib0.string(document)

    def message(self, content: bytes) -> bytes:
        return binary(self._prefix + content)

    def sync(self, board_id: int, message: bytes) -> bytes:
        return binary(b"%b\x00%b" % (self._prefix, message))

    def update(self, board_id: int, update: bytes) -> Iterable[bytes]:
        start = b"%b\x00%b" % (self._prefix, sync.update_head(update))
        return head(b"\x82", len(start) + len(update)) + start, update

    encode = staticmethod(awareness.encode)

    def presence(self, board_id: int, entries: Sequence[bytes]) -> bytes:
        return self.message(b"\x01" + lib0.buffer(awareness.joined(entries)))


_dialects: "WeakValueDictionary[str, HocuspocusDialect]" = WeakValueDictionary()


def dialect_of(document: str) -> HocuspocusDialect:
    dialect = _dialects.get(document)
    if dialect is None:
        dialect = _dialects[document] = HocuspocusDialect(document)
    return dialect
