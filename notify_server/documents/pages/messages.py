"""The messages of pages' sockets: `{"type": …, "payload": {…}}` in both directions (docs/pages/protocol.md)."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from chat_core.documents.json_text import without_halves
from chat_core.documents.lib0 import Malformed
from notify_server.streams.framing import head, message

# Of an operation's id and of a connection's, as in page_ops.
Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[^\\x00]*$")]
ComponentId: TypeAlias = int | str
# Ids that a client may ask about when it joins.
MOST_PENDING: Final = 1000
MOST_SELECTED: Final = 1000
LARGEST_PAGE: Final = 2**63 - 1
PageId: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_PAGE)]
Version: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_PAGE)]


class _About(msgspec.Struct, kw_only=True):
    """`page_id` is there on the socket of many pages."""

    page_id: PageId | None = None


class Pending(msgspec.Struct):
    """An operation of which a client does not know what has become."""

    id: Id
    version: Version | None = None


class Join(_About):
    pending: Annotated[list[Pending], msgspec.Meta(max_length=MOST_PENDING)] = []


class Leave(_About):
    pass


class Sync(_About):
    pending: Annotated[list[Pending], msgspec.Meta(max_length=MOST_PENDING)] = []


class OpPatch(_About):
    """`patches` is a patch, and `version` the one that it was made for."""

    version: Version
    patches: Any
    id: Id | None = None
    after: Id | None = None


class CursorMove(_About):
    x: float
    y: float
    component_id: ComponentId | None = None


class Selection(_About):
    component_ids: Annotated[list[ComponentId], msgspec.Meta(max_length=MOST_SELECTED)]


class Editing(_About):
    component_id: ComponentId | None


class Heartbeat(_About):
    pass


Upward: TypeAlias = Join | Leave | Sync | OpPatch | CursorMove | Selection | Editing | Heartbeat
_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(content)
    for kind, content in {
        "join": Join,
        "leave": Leave,
        "sync": Sync,
        "op-patch": OpPatch,
        "cursor-move": CursorMove,
        "selection": Selection,
        "editing": Editing,
        "heartbeat": Heartbeat,
    }.items()
}


class _Envelope(msgspec.Struct):
    type: str
    payload: msgspec.Raw = msgspec.Raw(b"{}")


_envelopes: Final = msgspec.json.Decoder(_Envelope)


def read(frame: bytes) -> Upward:
    """A client's message. Raises Malformed unless it is one to its last byte. A patch with half of a surrogate pair,
    which is JSON but no text that can be stored, is replaced by null."""
    try:
        frame.decode()  # UTF-8 also in parts that are ignored
        try:
            return _decode(frame)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            if (whole := without_halves(frame)) == frame:
                raise
        said = _decode(whole)
        if isinstance(said, OpPatch):
            said.patches = None
        return said
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except (ValueError, msgspec.DecodeError) as error:
        raise Malformed(str(error)) from None


def _decode(frame: bytes) -> Upward:
    envelope = _envelopes.decode(frame)
    decoder = _DECODERS.get(envelope.type)
    if decoder is None:
        raise Malformed(f"clients send no message of the type {envelope.type[:40]!r}")
    said: Upward = decoder.decode(envelope.payload)
    return said


class Dialect:
    """How a socket writes about one page: those with many pages name it."""

    __slots__ = ("_about", "content_member", "many")

    def __init__(self, page_id: int | None) -> None:
        self._about = b"" if page_id is None else b'"page_id":%d,' % page_id
        self.many = page_id is not None
        self.content_member = "schema" if page_id is None else "content"

    def say(self, kind: str, payload: bytes) -> bytes:
        """A message. `payload` is a JSON object with at least one member."""
        return message(b"\x81", b'{"type":"%b","payload":{%b%b}' % (kind.encode(), self._about, payload[1:]))

    def say_long(self, kind: str, payload: Sequence[bytes]) -> list[bytes]:
        """The same in pieces, of which only the first is copied."""
        start = b'{"type":"%b","payload":{%b%b' % (kind.encode(), self._about, payload[0][1:])
        length = len(start) + sum(map(len, payload[1:])) + 1
        return [head(b"\x81", length), start, *payload[1:], b"}"]


def say(kind: str, **payload: object) -> bytes:
    """A message that is about no page."""
    return message(b"\x81", msgspec.json.encode({"type": kind, "payload": payload}))
