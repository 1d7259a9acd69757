"""The process that has documents, for one server: `python -m notify_server.boards.document_worker`.

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

from notify_server.boards.updates import EMPTY, Extent, Range, Ranges, read_vector

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
    doc = pycrdt.Doc[Any]()
    for update in (base, *updates):
        doc.apply_update(update)
    vector = doc.get_state()
    waits = pending and not _is_within(Extent.of(base), vector)
    waits = waits or any(not _is_within(Extent.of(update), vector) for update in updates)
    state = pycrdt.merge_updates(EMPTY, base, *updates) if waits else doc.get_update()
    if waits:
        made = Extent.of(state)
        if not all(made.covers(Extent.of(update)) for update in (base, *updates)):
            raise ValueError("merging has lost something")
        vector = pycrdt.get_state(state)
    deletions = pycrdt.get_update(state, vector) if not waits else _only_deletions(made.deletions)
    return state, vector, deletions, waits


def _is_within(extent: Extent, vector: bytes) -> bool:
    clocks = read_vector(vector)
    return all(
        end <= clocks.get(client, 0) for ranges in (extent.structs, extent.deletions) for client, _, end in ranges
    )


def _only_deletions(deletions: Ranges) -> bytes:
    extent = Extent()
    extent.deletions = deletions
    return extent.deleting()


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
