"""What editors of JSON documents say and hear: Fechatter's pages at /ws, ShareDB's json0 documents over
@teamwork/websocket-json-stream, and a Y.Map over hocuspocus' protocol. Messages are JSON in text frames (RFC 6455), and
binary in hocuspocus' protocol.

An edit sets one value of one component to a text that says which edit of the run it is.
"""

import itertools
import json
import re
from collections.abc import Callable
from typing import Final, Protocol

from bench.load.client import BINARY, TEXT, frame
from bench.load.documents import yjs_wire
from bench.load.documents.yjs_wire import buffer, uint

MARKER: Final = rb"#(\d{8})"
# The member that edits set, in each of this many components of page_content().
MEMBER: Final = "text"

_VERSION: Final = re.compile(rb'"version":(\d+)')
_V: Final = re.compile(rb'"v":(\d+)')


class Wire(Protocol):
    """`first_byte`: of each frame that a server sends. `echoes`: a client's own edits come back to it too."""

    first_byte: int
    echoes: bool

    def path(self, page: str) -> str: ...

    def begin(self, page: str, say: Callable[[bytes], None]) -> None:
        """Right after the handshake: asks for the page, where that has to be said."""
        ...

    def edit(self, page: str, component: int, number: int, version: int, seq: int) -> bytes:
        """`version`: the newest that this client has seen; `seq`: how many edits it has made before."""
        ...

    def kind(self, message: bytes) -> str:
        """`content` (all of it), `edit` (another's), `ack` (of an own one), `refused`, or nothing for the rest."""
        ...

    def version(self, message: bytes) -> int | None:
        """The page's version after a message."""
        ...


class PagesWire:
    """docs/pages/protocol.md"""

    first_byte = TEXT
    echoes = False

    def path(self, page: str) -> str:
        return f"/ws?pageId={page}"

    def begin(self, page: str, say: Callable[[bytes], None]) -> None:
        pass

    def edit(self, page: str, component: int, number: int, version: int, seq: int) -> bytes:
        patch = [{"op": "replace", "path": f"/components/{component}/props/{MEMBER}", "value": f"#{number:08}"}]
        return _frame({"type": "op-patch", "payload": {"id": f"e{number}", "version": version, "patches": patch}})

    def kind(self, message: bytes) -> str:
        for start, kind in _KINDS:
            if message.startswith(start):
                return kind
        return ""

    def version(self, message: bytes) -> int | None:
        return _last(_VERSION, message) if self.kind(message) in ("content", "edit", "ack") else None


_KINDS: Final = (
    (b'{"type":"op-patch"', "edit"),
    (b'{"type":"op-ack"', "ack"),
    (b'{"type":"error"', "refused"),
    (b'{"type":"sync"', "content"),
)


class ShareDbWire:
    """The protocol of ShareDB 5 and 7 (its lib/agent.js): an operation of json0 sets a member."""

    first_byte = TEXT
    echoes = False

    def path(self, page: str) -> str:
        return "/"

    def begin(self, page: str, say: Callable[[bytes], None]) -> None:
        say(_frame({"a": "hs", "id": None, "protocol": 1, "protocolMinor": 1}))
        say(_frame({"a": "s", "c": "pages", "d": page}))

    def edit(self, page: str, component: int, number: int, version: int, seq: int) -> bytes:
        op = [{"p": ["components", str(component), "props", MEMBER], "od": "", "oi": f"#{number:08}"}]
        return _frame({"a": "op", "c": "pages", "d": page, "v": version, "seq": seq + 1, "x": {}, "op": op})

    def kind(self, message: bytes) -> str:
        if message.startswith(b'{"error":'):
            return "refused"
        if message.startswith(b'{"data":'):
            return "content"
        if b'"a":"op"' not in message:
            return ""
        return "edit" if b'"op":[' in message else "ack"

    def version(self, message: bytes) -> int | None:
        # An operation says which version it was made of.
        kind = self.kind(message)
        if kind == "content":
            return _last(_V, message[:200])
        found = _last(_V, message) if kind in ("edit", "ack") else None
        return None if found is None else found + 1


class YMapWire:
    """@hocuspocus/provider's: an edit is a Yjs update that sets a key of the root map `texts`. Each client is a Yjs
    client of its own, whose edits depend on nobody else's."""

    first_byte = BINARY
    echoes = True
    _clients = itertools.count(1)

    def __init__(self) -> None:
        self._wire, self._client = yjs_wire.HocuspocusWire("/"), next(self._clients)

    def path(self, page: str) -> str:
        return self._wire.path(page)

    def begin(self, page: str, say: Callable[[bytes], None]) -> None:
        self._wire.begin(page, "", say)

    def edit(self, page: str, component: int, number: int, version: int, seq: int) -> bytes:
        parent_and_key = b"\1" + buffer(b"texts") + buffer(b"%d" % component)
        value = b"\1\x77" + buffer(b"#%08d" % number)  # one value: a string
        item = b"\x28" + parent_and_key + value  # ContentAny with a key
        update = b"\1\1" + uint(self._client) + uint(seq) + item + b"\0"
        return self._wire.sync(page, yjs_wire.UPDATE, update)

    def kind(self, message: bytes) -> str:
        found = self._wire.kind(message)
        return {"step 2": "content", "update": "edit", "status": "ack", "denied": "refused"}.get(found, "")

    def version(self, message: bytes) -> int | None:
        return None


WIRES: Final[dict[str, Callable[[], Wire]]] = {"pages": PagesWire, "sharedb": ShareDbWire, "ymap": YMapWire}


def page_content(size: int) -> str:
    """A page of about so many bytes of JSON: a root, and components of about 200 bytes below it."""
    components: dict[str, object] = {"1": {"id": 1, "name": "Page", "desc": "page"}}
    number, filling = 2, "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor. "
    length = len(json.dumps(components))
    while length < size - 200:
        component = {
            "id": number,
            "name": "Text",
            "parentId": 1,
            "order": number,
            "props": {MEMBER: "", "body": filling, "align": "left"},
        }
        components[str(number)] = component
        length += len(json.dumps(component)) + len(str(number)) + 6
        number += 1
    return json.dumps({"rootId": 1, "components": components}, separators=(",", ":"))


def components(content: str) -> list[int]:
    """Those that edits go to."""
    return [int(key) for key in json.loads(content)["components"]][1:]


def _frame(message: object) -> bytes:
    return frame(TEXT, json.dumps(message, separators=(",", ":")).encode())


def _last(pattern: re.Pattern[bytes], message: bytes) -> int | None:
    found = pattern.findall(message)
    return int(found[-1]) if found else None
