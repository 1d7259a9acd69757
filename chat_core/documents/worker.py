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

from chat_core.documents.updates import EMPTY, Extent, Range, read_vector

# A small update can describe a large document. This is far above what a board of the largest size takes.
MEMORY_BYTES: Final = 4 << 30


def check(update: bytes) -> tuple[dict[int, list[Range]], dict[int, list[Range]]]:
    """The extent of an update; raises where it is none."""
    extent = Extent.of(update)
    pycrdt.get_state(update)
    return extent.structs.clients, extent.deletions.clients


def difference(updates: list[bytes], vector: bytes) -> bytes:
    """What a document with this state vector lacks of these updates, as one."""
    return pycrdt.get_update(pycrdt.merge_updates(EMPTY, *updates), vector)


def compact(base: bytes, pending: bool, updates: list[bytes]) -> tuple[bytes, bytes, bytes, bool]:
    """One state made of a former one and the updates since; its vector, its deletions, and whether some of it waits for
    what has not come yet. A document's own encoding is short of that: then the updates are merged, and not applied."""
    news = [Extent.of(update) for update in updates] + [Extent.of(base)] * pending
    doc = _document([base, *updates])
    if _has_all(doc, news):
        return _whole(doc)
    # In an odd order yrs may be left with updates that it could apply: merged they come in a better one.
    merged = pycrdt.merge_updates(EMPTY, base, *updates)
    doc = _document([merged])
    if _has_all(doc, news):
        return _whole(doc)
    extent = Extent.of(merged)
    if not all(extent.covers(new) for new in [*news, Extent.of(base)]):
        raise ValueError("merging has lost something")
    return merged, pycrdt.get_state(merged), extent.deleting(), True


def _document(updates: list[bytes]) -> pycrdt.Doc[Any]:
    doc = pycrdt.Doc[Any]()
    for update in updates:
        doc.apply_update(update)
    return doc


def _whole(doc: pycrdt.Doc[Any]) -> tuple[bytes, bytes, bytes, bool]:
    vector = doc.get_state()
    return doc.get_update(), vector, doc.get_update(vector), False


def _has_all(doc: pycrdt.Doc[Any], extents: list[Extent]) -> bool:
    """Whether it has applied all of this: what waits for something else is not in its vector."""
    clocks = read_vector(doc.get_state())
    return all(
        end <= clocks.get(client, 0)
        for extent in extents
        for ranges in (extent.structs, extent.deletions)
        for client, _, end in ranges
    )


METHODS: Final[dict[str, Callable[..., Any]]] = {"check": check, "difference": difference, "compact": compact}


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
