"""Listeners and speakers of any protocol report what really came, and that something is missing, doubled or refused."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bench.figures.result import BenchError
from bench.load.dialogue import Dialogue
from bench.load.speaker import Speaker, speak
from bench.load.streams.audience import audience
from bench.load.streams.tape import content

MEMBERS = 3
MEMBER = Dialogue(((b"hello\n", b"welcome\n"),))
SPEAKER = Dialogue(((b"hello\n", b"welcome\n"),), answer=b"ok\n", refusal=b"no\n")


async def test_everybody_is_to_get_everything_once_and_in_order() -> None:
    writers: list[asyncio.StreamWriter] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readline() == b"hello\n"
        await _in_pieces(writer, b"wel", b"come\n")
        writers.append(writer)

    async def tell(numbers: list[int], to: list[asyncio.StreamWriter]) -> None:
        for number in numbers:
            said = f"<{content(number, time.time() - 1)}>".encode()
            for writer in to:
                await _in_pieces(writer, said[:9], said[9:])

    async with _server(greet) as (host, port), audience() as listening:
        await listening.open(host, port, [MEMBER] * MEMBERS)
        await tell([1, 2], writers)
        await listening.received(2, 10)
        found = await listening.delays(1, 2)
        assert found.amount == 2 * MEMBERS
        assert 1000 <= found.p50 < 60_000  # milliseconds: sent a second ago
        for wrong in ([3, 5], [4, 3], [3, 3]):
            await listening.mark()
            await tell([3, 4], writers[1:])
            await tell(wrong, writers[:1])
            await listening.received(2, 10)
            with pytest.raises(BenchError, match="1 listeners did not get everything once and in order"):
                await listening.delays(3, 2)
        await listening.mark()
        await tell([6], writers[1:])
        with pytest.raises(BenchError, match="1 listeners did not get 1 messages"):
            await listening.received(1, 0.1)


async def test_a_speaker_asks_in_time_and_one_after_the_other() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await _in_pieces(writer, b"wel", b"come\n")
        while line := await reader.readline():
            asked.append(line)
            await _in_pieces(writer, *((b"n", b"o\n") if line == b"what 9\n" else (b"o", b"k\n")))

    async with _server(answer) as address:
        speaker = Speaker(address, SPEAKER)
        await asyncio.to_thread(speaker.connect)
        started = time.time()
        dues: list[float] = []

        def request(turn: int, due: float) -> bytes:
            dues.append(due)
            return b"what %d\n" % turn

        await asyncio.to_thread(speak, [speaker], 100, 0.05, request)
        assert asked == [b"what %d\n" % turn for turn in range(5)]
        assert time.time() - started >= 0.04  # the last one is due after four hundredths
        assert [round(due - dues[0], 6) for due in dues] == [0, 0.01, 0.02, 0.03, 0.04]
        speaker.ask(b"what 9\n")
        with pytest.raises(BenchError, match="refused a speaker: no"):
            await asyncio.to_thread(speaker.answered)
        speaker.close()


async def _in_pieces(writer: asyncio.StreamWriter, *pieces: bytes) -> None:
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)


@asynccontextmanager
async def _server(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[tuple[str, int]]:
    """Its connections are closed at the end, all of them."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await serve(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        try:
            yield host, port
        finally:
            for writer in writers:
                writer.close()
            await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
