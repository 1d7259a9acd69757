"""ClamAV's daemon, which scans files, by its command INSTREAM: https://docs.clamav.net/manual/Usage/Scanning.html#clamd,
and the page clamd(8).

A connection takes one command. Chunks are their length in 4 bytes, big-endian, and their bytes; an empty one ends them.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

# Of one file, or of one question.
LONGEST_SECONDS: Final = 120.0
_LARGEST_ANSWER: Final = 4096


class ScannerUnavailable(Exception):
    """clamd does not answer, or not as it should. Trying again later may work."""


class TooLargeToScan(Exception):
    """clamd takes no file of this size (StreamMaxLength in clamd.conf)."""


class Clamd:
    def __init__(self, address: str, longest_seconds: float = LONGEST_SECONDS) -> None:
        """`address` is the path of its socket, or host:port."""
        self.address, self._longest_seconds = address, longest_seconds

    async def version(self) -> str:
        """Of the daemon and its signatures. Raises ScannerUnavailable."""
        async with self._answered(b"zVERSION\0") as (answer, _):
            return await answer

    async def scan(self, read: Callable[[], Awaitable[AsyncIterator[bytes]]]) -> str | None:
        """What was found in the bytes that `read` begins to read, by the name of its signature; None if nothing was.
        Raises ScannerUnavailable and TooLargeToScan, and what reading does."""
        async with self._answered(b"zINSTREAM\0") as (answer, writer):
            pieces = await read()
            try:
                async for piece in pieces:
                    if answer.done():  # it wants no more
                        break
                    writer.write(len(piece).to_bytes(4, "big") + piece)
                    await writer.drain()
                writer.write(bytes(4))
                await writer.drain()
            except ConnectionError:
                pass  # it has closed the connection, and its answer may say why
            finally:
                if isinstance(pieces, AsyncGenerator):
                    await pieces.aclose()
            said = await answer
        if said == "stream: OK":
            return None
        if said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        if "size limit exceeded" in said:
            raise TooLargeToScan("it is larger than clamd takes: raise StreamMaxLength in clamd.conf")
        raise ScannerUnavailable(f"clamd answers {said!r}")

    @asynccontextmanager
    async def _answered(self, command: bytes) -> AsyncIterator[tuple["asyncio.Task[str]", asyncio.StreamWriter]]:
        """A connection on which the command has been sent, and its answer."""
        try:
            async with asyncio.timeout(self._longest_seconds):
                reader, writer = await self._connect()
                answer = asyncio.create_task(_read(reader))
                try:
                    writer.write(command)
                    yield answer, writer
                finally:
                    answer.cancel()
                    writer.transport.abort()
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            raise ScannerUnavailable(f"clamd at {self.address}: {error or 'no answer'}") from error

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.address.startswith("/"):
            return await asyncio.open_unix_connection(self.address, limit=_LARGEST_ANSWER)
        host, _, port = self.address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port), limit=_LARGEST_ANSWER)


async def _read(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\0"))[:-1].decode(errors="replace")
