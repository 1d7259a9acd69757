"""What an attacker knows: the two addresses and, with an account, what belongs to it."""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec

Tally: TypeAlias = Counter[str]
# Attackers' addresses, so that counts by address do not include the well-behaved users.
ADDRESSES = tuple(f"127.66.0.{number}" for number in range(1, 5))
# How long an attacker waits for a server that says nothing.
PATIENCE_SECONDS = 30.0


class Target(msgspec.Struct, frozen=True):
    """The account of `token` owns `chat`, `board`, which is empty, `large_board` with 4 MiB and a `version`, and
    `huge_board` with 17 MiB; on `viewed_board` it is a viewer."""

    chat_host: str
    chat_port: int
    notify_host: str
    notify_port: int
    token: str = ""
    board: int = 0
    viewed_board: int = 0
    large_board: int = 0
    huge_board: int = 0
    version: int = 0
    chat: int = 0


Attack: TypeAlias = Callable[[Target, Tally], Awaitable[None]]


class Connection:
    """A TCP connection whose every byte the attacker decides."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, host: str, port: int, source: str) -> "Connection":
        """OSError where it is refused."""
        return cls(*await asyncio.open_connection(host, port, local_addr=(source, 0)))

    async def send(self, data: bytes) -> bool:
        """False where the server has closed it, or takes nothing any more."""
        try:
            self.writer.write(data)
            async with asyncio.timeout(PATIENCE_SECONDS):  # Python 3.11's wait_for may swallow a cancellation
                await self.writer.drain()
        except (OSError, TimeoutError):
            return False
        return not self.reader.at_eof()

    async def status(self) -> str:
        """The first line that the server says, or that it closed without a word, or said nothing."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                line = await self.reader.readline()
        except TimeoutError:
            return "no answer"
        except (OSError, ValueError):
            return "reset"
        return line.decode("latin-1").strip().removeprefix("HTTP/1.1 ") or "closed"

    async def until_closed(self) -> None:
        """Reads and forgets all that comes."""
        try:
            while await self.reader.read(65536):
                pass
        except OSError:
            pass

    def cut(self) -> None:
        if (plain := self.writer.get_extra_info("socket")) is not None and plain.fileno() >= 0:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.writer.transport.abort()
