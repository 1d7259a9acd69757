"""Work that takes a document, done by a process beside the server: see worker.py."""

import asyncio
import signal
import sys
from contextlib import suppress
from typing import Any, Final

import msgspec

from chat_core.children import die_with_parent
from chat_core.documents.updates import Extent, Range, Ranges

# What takes longer is given up, and the process with it.
LONGEST_SECONDS: Final = 60.0


class DocumentFailed(Exception):
    """It could not be done; the text says why."""


class Documents:
    """One process, which is started when it is first needed, and again where it has died. It does one thing at a time,
    in the order in which it was asked."""

    def __init__(self, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._longest_seconds = longest_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def check(self, update: bytes) -> Extent:
        """DocumentFailed where it is no update."""
        structs, deletions = await self._call("check", update)
        extent = Extent()
        extent.structs, extent.deletions = _ranges(structs), _ranges(deletions)
        return extent

    async def difference(self, updates: list[bytes], vector: bytes) -> bytes:
        """What a document with this state vector lacks, as one update."""
        return bytes(await self._call("difference", updates, vector))

    async def compact(self, base: bytes, pending: bool, updates: list[bytes]) -> tuple[bytes, bytes, bytes, bool]:
        """State, vector, deletions, pending."""
        state, vector, deletions, waits = await self._call("compact", base, pending, updates)
        return state, vector, deletions, waits

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

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _call(self, method: str, *arguments: object) -> Any:
        async with self._turn:
            process = self._process = self._process or await self._start()
            request = msgspec.msgpack.encode((method, *arguments))
            try:
                async with asyncio.timeout(self._longest_seconds):
                    answer = await _ask(process, request)
            except (OSError, EOFError, TimeoutError) as error:
                await self.close()
                raise DocumentFailed(f"{method}: the process has ended or was too slow") from error
            except asyncio.CancelledError:
                await self.close()  # its answer would be taken for the next one's
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
    process.stdin.write(len(request).to_bytes(4, "big") + request)
    await process.stdin.drain()
    return await process.stdout.readexactly(int.from_bytes(await process.stdout.readexactly(4), "big"))


def _ranges(clients: dict[int, list[Range]]) -> Ranges:
    ranges = Ranges()
    ranges.clients = {client: [(start, end) for start, end in of_one] for client, of_one in clients.items()}
    return ranges
