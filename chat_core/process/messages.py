"""Messages between a server and its processes (calls.py): MessagePack, each with its length in 4 bytes before it. A
document may have hundreds of megabytes, so the server writes and reads a message in parts, and a whole one never holds
its event loop."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import msgspec

# Bytes that are written, or read, in one step of the event loop.
PART: Final = 1 << 17
_LENGTH_BYTES: Final = 4
LARGEST: Final = (1 << 8 * _LENGTH_BYTES) - 1

Part: TypeAlias = bytes | bytearray | memoryview


async def send(stream: asyncio.StreamWriter, message: tuple[Any, ...]) -> None:
    """Large bytes in the message are not copied as a whole. OSError if the process has ended."""
    size = sum(map(len, _encoded(message)))
    gathered = bytearray(size.to_bytes(_LENGTH_BYTES, "big"))
    for piece in _encoded(message):
        for at in range(0, len(piece), PART):
            part = piece[at : at + PART]
            if len(gathered) + len(part) > PART:
                await _write(stream, gathered)
                gathered = bytearray()
            gathered += part
    await _write(stream, gathered)


async def receive(stream: asyncio.StreamReader, largest: int = LARGEST) -> bytearray:
    """The encoded message. EOFError if the process has ended, ValueError if it says more than `largest` bytes."""
    size = int.from_bytes(await stream.readexactly(_LENGTH_BYTES), "big")
    if size > largest:
        raise ValueError(f"it says {size} bytes, and at most {largest} are expected")
    message = bytearray()  # it grows part by part, so that its pages too are touched part by part
    while len(message) < size:
        part = await stream.read(min(PART, size - len(message)))
        if not part:
            raise EOFError("it ends in the middle of a message")
        message += part
    return message


async def _write(stream: asyncio.StreamWriter, part: bytearray) -> None:
    stream.write(part)
    await stream.drain()


def _encoded(value: object) -> Iterator[Part]:
    """The message in pieces, of which the large ones are what it was given."""
    if isinstance(value, list | tuple):
        yield b"\xdd" + len(value).to_bytes(4, "big")  # array 32
        for one in value:
            yield from _encoded(one)
    elif isinstance(value, bytes | bytearray | memoryview):
        yield b"\xc6" + len(value).to_bytes(4, "big")  # bin 32
        yield memoryview(value)
    else:
        yield msgspec.msgpack.encode(value)
