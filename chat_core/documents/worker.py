"""The process that has documents, for one server: `python -m chat_core.documents.worker`.

A document takes some tenths of a second where the board is large, and a hostile one may take more memory than there is:
so documents are here and nowhere else. Requests come on stdin and are answered on stdout, one after the other, each
MessagePack with its length in front; the process ends with its stdin.
"""

import resource
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, BinaryIO, Final

import msgspec

from chat_core.documents.engine import Engine
from chat_core.documents.ranges import Packed
from chat_core.documents.updates import Extent, NotTaken
from chat_core.process.children import lower_priority

# A small update can describe a large document. This is far above what a board of the largest size takes: V8's heap, and
# bytes. V8 reserves addresses by the terabyte, so it is the data that is limited and not the address space.
MEMORY_BYTES: Final = 4 << 30


@cache
def engine() -> Engine:
    """Started for the first document: much is asked of this process that takes none."""
    return Engine()


def check(update: bytes) -> tuple[Packed, Packed] | str:
    """The extent of an update, or why no board takes it; raises where it is none."""
    try:
        extent = Extent.of_new(update)
    except NotTaken as refused:
        return refused.reason
    return extent.structs.pack(), extent.deletions.pack()


def extent(vector: bytes, updates: list[bytes]) -> tuple[Packed, Packed]:
    """That of a state of which there is the vector alone, and of these updates."""
    whole = Extent.of_stored(vector, updates)
    return whole.structs.pack(), whole.deletions.pack()


def difference(updates: list[bytes], vector: bytes) -> bytes:
    """What a document with this state vector lacks of these updates, as one."""
    return engine().call("difference", vector, *updates)[0]


def compact(base: bytes, updates: list[bytes]) -> tuple[bytes, bytes, bytes, bool, list[tuple[int, str]]]:
    """One state made of a former one and the updates since; its vector, its deletions, whether some of it waits for
    what has not come yet, and which updates are not in it, since Yjs fails on them: index and why."""
    state, vector, deletions, pending, failing = engine().call("compact", base, *updates)
    return state, vector, deletions, pending == b"\x01", msgspec.json.decode(failing)


def export(state: bytes) -> bytes:
    """What is in a document, as JSON."""
    return engine().call("export", state)[0]


def compare(before: bytes, after: bytes, largest: int) -> bytes | None:
    """A JSON Patch that makes the one document's content into the other's; None where it would be larger."""
    patch = engine().call("compare", before, after)[0]
    return patch if len(patch) <= largest else None


def restore(former: bytes, present: bytes) -> bytes:
    """The update that gives the present a former content; EMPTY where it has that already."""
    return engine().call("restore", former, present)[0]


def same(one: bytes, other: bytes) -> bool:
    """Whether there is the same to see in two documents."""
    contents = engine().call("contents", one, other)
    return contents[0] == contents[1]


METHODS: Final[dict[str, Callable[..., Any]]] = {
    method.__name__: method for method in (check, extent, difference, compact, export, compare, restore, same)
}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    while length := requests.read(4):
        method, *arguments = msgspec.msgpack.decode(requests.read(int.from_bytes(length, "big")))
        try:
            answer = (True, METHODS[method](*arguments))
        except Exception as error:
            answer = (False, f"{type(error).__name__}: {error}")
        encoded = msgspec.msgpack.encode(answer)
        answers.write(len(encoded).to_bytes(4, "big") + encoded)
        answers.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    lower_priority()
    serve(sys.stdin.buffer, sys.stdout.buffer)
