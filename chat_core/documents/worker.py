"""The process that loads documents, for one server: `python -m chat_core.documents.worker`.

A large document takes some tenths of a second, and a hostile one may take more memory than there is, so documents exist
only here.
"""

import resource
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeAlias

import msgspec

from chat_core.documents.engine import Engine
from chat_core.documents.ranges import Packed
from chat_core.documents.updates import Extent, NotTaken
from chat_core.process.calls import serve
from chat_core.process.children import lower_session_priority

# A small update can describe a large document. This limit is far above what the largest board takes: V8's heap and
# buffers. V8 reserves terabytes of addresses, so the data is limited and not the address space.
MEMORY_BYTES: Final = 4 << 30

# The updates on which Yjs fails: index and reason.
Failing: TypeAlias = list[tuple[int, str]]


@cache
def engine() -> Engine:
    """Started for the first document: many requests need none."""
    return Engine()


def check(update: bytes) -> tuple[Packed, Packed] | str:
    """The extent of an update, or why no board accepts it; raises if it is not one."""
    try:
        extent = Extent.of_new(update)
    except NotTaken as refused:
        return refused.reason
    return extent.structs.pack(), extent.deletions.pack()


def extent(vector: bytes, updates: list[bytes]) -> tuple[Packed, Packed]:
    """The extent of a state, given by its vector, and of these updates."""
    whole = Extent.of_stored(vector, updates)
    return whole.structs.pack(), whole.deletions.pack()


def difference(updates: list[bytes], vector: bytes) -> bytes:
    """What a document with this state vector lacks of these updates, as one update."""
    return engine().call("difference", vector, *updates)[0]


def compact(base: bytes, updates: list[bytes]) -> tuple[bytes, bytes, bytes, bool, Failing]:
    """One state made of an earlier one and the updates since; its vector, its deletions, whether some of it waits
    for missing updates, and the updates on which Yjs fails, which are not in it: index and reason."""
    state, vector, deletions, pending, failing = engine().call("compact", base, *updates)
    return state, vector, deletions, pending == b"\x01", msgspec.json.decode(failing)


def export(base: bytes, updates: list[bytes]) -> tuple[bytes, Failing]:
    """What is in a document, an earlier state and the updates since, as JSON; and the updates on which Yjs fails."""
    content, failing = engine().call("export", base, *updates)
    return content, msgspec.json.decode(failing)


def compare(before: bytes, base: bytes, updates: list[bytes], largest: int) -> tuple[bytes | None, Failing]:
    """A JSON Patch from one document's content to that of an earlier state and the updates since; None if it would
    be larger. And the updates on which Yjs fails."""
    patch, failing = engine().call("compare", before, base, *updates)
    return patch if len(patch) <= largest else None, msgspec.json.decode(failing)


def restore(former: bytes, present: bytes) -> bytes:
    """The update that restores an earlier content; EMPTY if nothing differs."""
    return engine().call("restore", former, present)[0]


def same(one: bytes, other: bytes) -> bool:
    """Whether two documents have the same visible content."""
    contents = engine().call("contents", one, other)
    return contents[0] == contents[1]


METHODS: Final[dict[str, Callable[..., Any]]] = {
    method.__name__: method for method in (check, extent, difference, compact, export, compare, restore, same)
}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    lower_session_priority()
    serve(METHODS, sys.stdin.buffer, sys.stdout.buffer)
