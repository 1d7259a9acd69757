"""ClamAV's daemon, which scans files, by its command INSTREAM: https://docs.clamav.net/manual/Usage/Scanning.html#clamd,
and the page clamd(8).

A connection takes one command. Chunks are their length in 4 bytes, big-endian, and their bytes; an empty one ends them.

It may answer before it has read everything, and close the connection. asyncio's streams lose what they have not read
yet once a write fails, so this uses the socket itself.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

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
        async with self._answered(b"zINSTREAM\0") as (answer, send):
            pieces = await read()
            try:
                async for piece in pieces:
                    if answer.done():  # it wants no more
                        break
                    await send(len(piece).to_bytes(4, "big") + piece)
                await send(bytes(4))
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
    async def _answered(
        self, command: bytes
    ) -> AsyncIterator[tuple["asyncio.Task[str]", Callable[[bytes], Awaitable[None]]]]:
        """The answer to a command, which has been sent; and what sends more."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._longest_seconds):
                with await self._connected() as connection:
                    answer = asyncio.create_task(_read(connection))
                    try:
                        await loop.sock_sendall(connection, command)
                        yield answer, lambda data: loop.sock_sendall(connection, data)
                    finally:
                        answer.cancel()
                        await asyncio.gather(answer, return_exceptions=True)
        except (OSError, EOFError) as error:
            raise ScannerUnavailable(f"clamd at {self.address}: {str(error) or 'no answer'}") from error

    async def _connected(self) -> socket.socket:
        if self.address.startswith("/"):
            return await _connected(socket.AF_UNIX, self.address)
        host, _, port = self.address.rpartition(":")
        found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        failure = OSError("it has no address")
        for family, _, _, _, address in found:
            try:
                return await _connected(family, address)
            except OSError as error:
                failure = error
        raise failure


async def _connected(family: int, address: tuple[Any, ...] | str) -> socket.socket:
    connection = socket.socket(family)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


async def _read(connection: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0"):
        if len(said) > _LARGEST_ANSWER:
            raise OSError("it says too much")
        if not (piece := await asyncio.get_running_loop().sock_recv(connection, _LARGEST_ANSWER)):
            raise EOFError
        said += piece
    return said[:-1].decode(errors="replace")
