"""The process that has documents, for one server: `python -m chat_core.documents.worker`.

pycrdt holds the GIL while it works, some tenths of a second on a large board, and a hostile update may make it panic:
so it is here and nowhere else. Requests come on stdin and are answered on stdout, one after the other, each MessagePack
with its length in front; the process ends with its stdin.
"""

import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Final

import msgspec
import pycrdt

from chat_core.documents.content import changes, content, document
from chat_core.documents.ranges import Packed
from chat_core.documents.restoring import restore
from chat_core.documents.updates import EMPTY, Extent, TooMany, read_vector

# A small update can describe a large document. This is far above what a board of the largest size takes.
MEMORY_BYTES: Final = 4 << 30


def check(update: bytes) -> tuple[Packed, Packed] | None:
    """The extent of an update; raises where it is none. None where there is more in it than a board may have."""
    try:
        extent = Extent.of_new(update)
    except TooMany:
        return None
    pycrdt.get_state(update)
    return extent.structs.pack(), extent.deletions.pack()


def extent(vector: bytes, updates: list[bytes]) -> tuple[Packed, Packed]:
    """That of a state of which there is the vector alone, and of these updates."""
    whole = Extent.of_stored(vector, updates)
    return whole.structs.pack(), whole.deletions.pack()


def difference(updates: list[bytes], vector: bytes) -> bytes:
    """What a document with this state vector lacks of these updates, as one."""
    return pycrdt.get_update(pycrdt.merge_updates(EMPTY, *updates), vector)


def compact(base: bytes, pending: bool, updates: list[bytes]) -> tuple[bytes, bytes, bytes, bool]:
    """One state made of a former one and the updates since; its vector, its deletions, and whether some of it waits for
    what has not come yet. A document's own encoding is short of that: then the updates are merged, and not applied."""
    news = [Extent.of(update) for update in updates] + [Extent.of(base)] * pending
    doc = document(base, *updates)
    if _has_all(doc, news):
        return _whole(doc)
    # In an odd order yrs may be left with updates that it could apply: merged they come in a better one.
    merged = pycrdt.merge_updates(EMPTY, base, *updates)
    doc = document(merged)
    if _has_all(doc, news):
        return _whole(doc)
    whole = Extent.of(merged)
    if not all(whole.covers(new) for new in [*news, Extent.of(base)]):
        raise ValueError("merging has lost something")
    return merged, pycrdt.get_state(merged), whole.deleting(), True


def export(state: bytes) -> bytes:
    """What is in a document, as JSON."""
    return msgspec.json.encode(content(document(state)))


def compare(before: bytes, after: bytes, largest: int) -> bytes | None:
    """A JSON Patch that makes the one document's content into the other's; None where it would be larger."""
    patch = msgspec.json.encode(changes(content(document(before)), content(document(after))))
    return patch if len(patch) <= largest else None


def _whole(doc: pycrdt.Doc[Any]) -> tuple[bytes, bytes, bytes, bool]:
    vector = doc.get_state()
    return doc.get_update(), vector, doc.get_update(vector), False


def _has_all(doc: pycrdt.Doc[Any], extents: list[Extent]) -> bool:
    """Whether it has applied all of this: what waits for something else is not in its vector."""
    clocks = read_vector(doc.get_state())
    return all(
        end <= clocks.get(client, 0)
        for one in extents
        for ranges in (one.structs, one.deletions)
        for client, _, end in ranges
    )


METHODS: Final[dict[str, Callable[..., Any]]] = {
    method.__name__: method for method in (check, extent, difference, compact, export, compare, restore)
}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    while length := requests.read(4):
        method, *arguments = msgspec.msgpack.decode(requests.read(int.from_bytes(length, "big")))
        try:
            answer = (True, METHODS[method](*arguments))
        except BaseException as error:  # a panic of pycrdt's is no Exception
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            answer = (False, f"{type(error).__name__}: {error}")
        encoded = msgspec.msgpack.encode(answer)
        answers.write(len(encoded).to_bytes(4, "big") + encoded)
        answers.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    serve(sys.stdin.buffer, sys.stdout.buffer)
