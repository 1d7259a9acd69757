"""Work that needs a document, done by separate processes: see worker.py."""

import asyncio
from dataclasses import dataclass
from typing import Final, TypeAlias

from chat_core.documents.ranges import Packed, Ranges
from chat_core.documents.updates import Extent, NotTaken
from chat_core.process.calls import CalledProcess, CalledProcesses

# A turn that takes longer is abandoned, and its process killed.
LONGEST_SECONDS: Final = 20.0
# Number of processes of a server: with several, one slow document does not hold up everyone else.
PROCESSES: Final = 2
WAITING_EACH: Final = 64
WAITING_ALL: Final = 1000
# Extents are merged this many clients at a time.
_CLIENTS_AT_ONCE: Final = 5000

_Failing: TypeAlias = list[tuple[int, str]]


class DocumentFailed(Exception):
    """The work failed; the text says why."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """`pending`: some of the state waits for missing updates. `failing` maps the index of an update on which Yjs
    fails to the reason; it is not in the state."""

    state: bytes
    vector: bytes
    deletions: bytes
    pending: bool
    failing: dict[int, str]


class DocumentProcess(CalledProcess):
    """One of the processes. Every method raises DocumentFailed."""

    module = "chat_core.documents.worker"
    failed = DocumentFailed

    async def check(self, update: bytes) -> Extent:
        """Raises DocumentFailed if it is not an update, NotTaken if no board accepts it."""
        packed = await self.call("check", update)
        if isinstance(packed, str):
            raise NotTaken(packed)
        return await _extent(packed)

    async def extent(self, vector: bytes, updates: list[bytes]) -> Extent:
        """Of a state of which there is the vector alone, and these updates."""
        return await _extent(await self.call("extent", vector, updates))

    async def difference(self, updates: list[bytes], vector: bytes) -> bytes:
        """What a document with this state vector lacks, as one update."""
        return bytes(await self.call("difference", updates, vector, kind=memoryview))

    async def compact(self, base: bytes, updates: list[bytes]) -> Compacted:
        """One state of a former one and the updates since."""
        kind = tuple[memoryview, bytes, bytes, bool, _Failing]
        state, vector, deletions, pending, failing = await self.call("compact", base, updates, kind=kind)
        return Compacted(bytes(state), vector, deletions, pending, dict(failing))

    async def export(self, base: bytes, updates: list[bytes]) -> tuple[bytes, dict[int, str]]:
        """The content of a former state and the updates since, as JSON; and `failing` as in Compacted."""
        content, failing = await self.call("export", base, updates, kind=tuple[memoryview, _Failing])
        return bytes(content), dict(failing)

    async def compare(
        self, before: bytes, base: bytes, updates: list[bytes], largest: int
    ) -> tuple[bytes | None, dict[int, str]]:
        """The JSON Patch from one document's content to that of a former state and the updates since; None if it
        would have more than `largest` bytes. And `failing` as in Compacted."""
        patch, failing = await self.call("compare", before, base, updates, largest)
        return patch, dict(failing)

    async def restore(self, former: bytes, present: bytes) -> bytes:
        """The update that gives the present a former content; EMPTY where it has that already."""
        return bytes(await self.call("restore", former, present, kind=memoryview))

    async def same(self, one: bytes, other: bytes) -> bool:
        """Whether two documents have the same visible content."""
        return bool(await self.call("same", one, other))


class Documents(CalledProcesses[DocumentProcess]):
    def __init__(
        self,
        longest_seconds: float = LONGEST_SECONDS,
        *,
        processes: int = PROCESSES,
        waiting_each: int = WAITING_EACH,
        waiting_all: int = WAITING_ALL,
    ) -> None:
        super().__init__(
            "documents",
            DocumentProcess,
            longest_seconds=longest_seconds,
            processes=processes,
            waiting_each=waiting_each,
            waiting_all=waiting_all,
        )


async def _extent(packed: tuple[Packed, Packed]) -> Extent:
    extent = Extent()
    for ranges, part in zip((extent.structs, extent.deletions), packed, strict=True):
        await _unpack(ranges, part)
    return extent


async def _unpack(ranges: Ranges, packed: Packed) -> None:
    for _ in ranges.unpack(packed, _CLIENTS_AT_ONCE):
        await asyncio.sleep(0)
