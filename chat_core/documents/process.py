"""Work that needs a document, done by separate processes: see worker.py."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from chat_core.documents.ranges import Packed, Ranges
from chat_core.documents.updates import Extent, NotTaken
from chat_core.process.children import die_with_parent
from chat_core.turns import Turns

# A turn that takes longer is abandoned, and its process killed.
LONGEST_SECONDS: Final = 20.0
# Number of processes of a server: with several, one slow document does not hold up everyone else.
PROCESSES: Final = 2
WAITING_EACH: Final = 64
WAITING_ALL: Final = 1000
# Data goes through a pipe in parts of this size, and its result is merged this many clients at a time.
_PART: Final = 1 << 18
_CLIENTS_AT_ONCE: Final = 5000


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


class Documents:
    """A few processes, started when first needed, and restarted after one has died. A turn has a process to itself;
    Turns decides whose turn is next."""

    def __init__(
        self,
        longest_seconds: float = LONGEST_SECONDS,
        *,
        processes: int = PROCESSES,
        waiting_each: int = WAITING_EACH,
        waiting_all: int = WAITING_ALL,
    ) -> None:
        self._longest_seconds = longest_seconds
        self._turns = Turns("documents", processes, waiting_each=waiting_each, waiting_all=waiting_all)
        self._idle = [DocumentProcess() for _ in range(processes)]
        self._all = list(self._idle)

    @property
    def waiting(self) -> int:
        return self._turns.waiting

    @asynccontextmanager
    async def turn(self, name: Hashable) -> AsyncIterator["DocumentProcess"]:
        """Raises Problem 429 and 503 as Turns; DocumentFailed if the work fails or takes too long altogether."""
        async with self._turns.turn(name):
            process = self._idle.pop()  # the most recently used one: the others need not be started yet
            process.give_up_at = asyncio.get_running_loop().time() + self._longest_seconds
            try:
                yield process
            finally:
                self._idle.append(process)

    async def close(self) -> None:
        for process in self._all:
            process.closed = True
            await process.close()


class DocumentProcess:
    """One of the processes, for the duration of a turn, which ends at `give_up_at` (the loop's time). Every method
    raises DocumentFailed."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self.give_up_at = 0.0
        self.closed = False

    async def check(self, update: bytes) -> Extent:
        """Raises DocumentFailed if it is not an update, NotTaken if no board accepts it."""
        packed = await self._call("check", update)
        if isinstance(packed, str):
            raise NotTaken(packed)
        return await _extent(packed)

    async def extent(self, vector: bytes, updates: list[bytes]) -> Extent:
        """Of a state of which there is the vector alone, and these updates."""
        return await _extent(await self._call("extent", vector, updates))

    async def difference(self, updates: list[bytes], vector: bytes) -> bytes:
        """What a document with this state vector lacks, as one update."""
        return bytes(await self._call("difference", updates, vector))

    async def compact(self, base: bytes, updates: list[bytes]) -> Compacted:
        """One state of a former one and the updates since."""
        state, vector, deletions, pending, failing = await self._call("compact", base, updates)
        return Compacted(state, vector, deletions, pending, dict(failing))

    async def export(self, state: bytes) -> bytes:
        """What is in a document, as JSON."""
        return bytes(await self._call("export", state))

    async def compare(self, before: bytes, after: bytes, largest: int) -> bytes | None:
        """The JSON Patch from one document's content to another's; None where it would have more bytes than that."""
        patch: bytes | None = await self._call("compare", before, after, largest)
        return patch

    async def restore(self, former: bytes, present: bytes) -> bytes:
        """The update that gives the present a former content; EMPTY where it has that already."""
        return bytes(await self._call("restore", former, present))

    async def same(self, one: bytes, other: bytes) -> bool:
        """Whether two documents have the same visible content."""
        return bool(await self._call("same", one, other))

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            # asyncio considers the process ended only once its output has been read completely.
            assert process.stdout is not None  # noqa: S101 - a pipe
            with suppress(RuntimeError):  # the caller waiting for the response reads it
                await process.stdout.read()
            await process.wait()

    async def _call(self, method: str, *arguments: object) -> Any:
        if self.closed:
            raise DocumentFailed(f"{method}: the server stops")
        process = self._process = self._process or await self._start()
        request = msgspec.msgpack.encode((method, *arguments))
        try:
            async with asyncio.timeout_at(self.give_up_at):
                answer = await _ask(process, request)
        except (OSError, EOFError, TimeoutError) as error:
            await self.close()
            raise DocumentFailed(f"{method}: the process has ended or was too slow") from error
        except asyncio.CancelledError:
            await self.close()  # its response would be taken for the next one's
            raise
        good, result = msgspec.msgpack.decode(answer)
        if not good:
            raise DocumentFailed(f"{method}: {result}")
        return result

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "chat_core.documents.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a terminal's Ctrl-C is for the server, which ends this one
            preexec_fn=die_with_parent(signal.SIGKILL),
        )


async def _ask(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(len(request).to_bytes(4, "big"))
    for at in range(0, len(request), _PART):
        process.stdin.write(request[at : at + _PART])
        await process.stdin.drain()
    return await process.stdout.readexactly(int.from_bytes(await process.stdout.readexactly(4), "big"))


async def _extent(packed: tuple[Packed, Packed]) -> Extent:
    extent = Extent()
    for ranges, part in zip((extent.structs, extent.deletions), packed, strict=True):
        await _unpack(ranges, part)
    return extent


async def _unpack(ranges: Ranges, packed: Packed) -> None:
    for _ in ranges.unpack(packed, _CLIENTS_AT_ONCE):
        await asyncio.sleep(0)
