"""The SSE load generator: what a stream got is what it counts, however the bytes arrive; what is wrong is noticed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from bench.figures.result import BenchError
from bench.load.streams.listeners import Expected, Report, listeners
from bench.load.streams.sse import Stream, Target, has
from bench.load.streams.tape import Faults, Frame, Tape, content, delays, faults
from bench.messages import payload
from tests.support.postgres import Database

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
READY = b'retry: 1000\nid: e.10\nevent: ready\ndata: {"cursor":"e.10"}\n\n'
TARGET = Target("127.0.0.1", 1, "/", True)


def frame(number: int) -> bytes:
    return b"id: e.%d\nevent: NewMessage\ndata: %b\n\n" % (number + 10, payload(number, number))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def feed(stream: Stream, data: bytes, size: int) -> None:
    """As the event loop does: into the stream's buffer, so many bytes at a time."""
    for start in range(0, len(data), size):
        piece = data[start : start + size]
        stream.get_buffer(-1)[: len(piece)] = piece
        stream.buffer_updated(len(piece))


def opened(tape: Tape, data: bytes, size: int = 1 << 16) -> Stream:
    """A stream that has got this."""
    stream = Stream(TARGET, "", 0, tape)
    stream.begin()
    feed(stream, data, size)
    return stream


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 1000, 1 << 16])
async def test_bytes_may_arrive_in_any_pieces(size: int) -> None:
    frames = [frame(number) for number in range(1, 30)]
    alone = HEAD + b"".join(map(chunk, [READY, b":\n\n", *frames]))
    together = HEAD + chunk(READY + frames[0]) + chunk(b"".join(frames[1:])) + chunk(b":\n\n")
    tape = Tape()
    streams = [opened(tape, alone, size), opened(tape, together, size), opened(tape, alone, size)]
    for stream in streams:
        assert stream.status == 200
        assert stream.tape.messages() == 29
        assert faults(stream.tape.frames(stream.offset), 1, 29) == Faults()


async def test_those_who_got_the_same_share_a_tape_and_who_differs_has_its_own() -> None:
    tape = Tape()
    whole = HEAD + chunk(READY) + b"".join(chunk(frame(number)) for number in (1, 2, 3))
    doubled = HEAD + chunk(READY) + b"".join(chunk(frame(number)) for number in (1, 2, 2, 3))
    gap = HEAD + chunk(READY) + b"".join(chunk(frame(number)) for number in (1, 3))
    early = HEAD + chunk(READY) + b"".join(chunk(frame(number)) for number in (1, 3, 2))
    first, second, *others = [opened(tape, data) for data in (whole, whole, doubled, gap, early)]
    assert first.tape is second.tape
    assert all(other.tape is not tape for other in others)
    found = [faults(stream.tape.frames(stream.offset), 1, 3) for stream in (first, second, *others)]
    assert found == [
        Faults(),
        Faults(),
        Faults(doubled=1, disordered=1),
        Faults(lost=1),
        Faults(disordered=1),
    ]


async def test_who_has_only_a_part_of_the_tape_has_lost_the_rest() -> None:
    tape = Tape()
    opened(tape, HEAD + chunk(READY) + b"".join(chunk(frame(number)) for number in (1, 2, 3)))
    behind = opened(tape, HEAD + chunk(READY) + chunk(frame(1)) + chunk(frame(2)[:-1]))
    assert behind.tape is tape
    assert faults(tape.frames(behind.offset), 1, 3) == Faults(lost=2)
    assert behind.resume() == (len(frame(1)), "e.11")


async def test_who_has_all_messages_need_not_have_what_others_got_after_them() -> None:
    tape = Tape()
    presence = b"event: PresenceChanged\ndata: {}\n\n"
    opened(tape, HEAD + chunk(READY) + chunk(frame(1)) + chunk(frame(2)) + chunk(presence))
    behind = opened(tape, HEAD + chunk(READY) + chunk(frame(1)) + chunk(frame(2)[:-1]))
    assert behind.tape is tape
    assert not has(behind, 2)
    feed(behind, chunk(b"\n"), 1)
    assert has(behind, 2)


async def test_it_comes_back_after_the_last_whole_event_or_after_ready() -> None:
    stream = opened(Tape(), HEAD + chunk(READY))
    assert stream.resume() == (0, "e.10")
    feed(stream, chunk(frame(1)) + chunk(frame(2)[:20]), 1000)
    assert stream.resume() == (len(frame(1)), "e.11")


def test_messages_of_others_are_foreign() -> None:
    frames = Tape(frame(1) + frame(7)).frames()
    assert faults(frames, 1, 1) == Faults(foreign=1)


def test_numbers_and_ids_have_to_increase_both() -> None:
    def received(*pairs: tuple[int, int]) -> list[Frame]:
        return [Frame(0, (id_,), number, 0.0) for number, id_ in pairs]

    assert faults(received((1, 11), (2, 12)), 1, 2) == Faults()
    assert faults(received((1, 11), (2, 11)), 1, 2) == Faults(disordered=1)
    assert faults(received((2, 11), (1, 12)), 1, 2) == Faults(disordered=1)


def test_a_delay_ends_where_the_whole_frame_is_there() -> None:
    tape = Tape(frame(1) + frame(2))
    size = len(frame(1))
    found = delays(tape.frames(), [10.0, 11.0, 12.0], [size - 1, size, 2 * size])
    assert [(one.number, one.sent, at) for one, at in found] == [(1, 1.0, 11.0), (2, 2.0, 12.0)]


async def test_peers_publish_what_our_trigger_makes(database: Database) -> None:
    async with database.connect() as sql:
        made = await sql.fetchval(
            "SELECT message_json(m)::text FROM jsonb_populate_record(NULL::messages, $1) m",
            payload(7, 1.5).decode(),
        )
    assert made == payload(7, 1.5).decode()
    assert len(content(7, 1.5)) == 80


@asynccontextmanager
async def scripted(*scripts: Sequence[bytes]) -> AsyncIterator[str]:
    """A server whose nth connection gets the nth script, and stays open."""
    todo = iter(scripts)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"".join(next(todo)))  # in one piece, so that none of it comes after the report
        with suppress(ConnectionResetError):  # how the generator leaves
            await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def received(*scripts: Sequence[bytes], amount: int) -> Report:
    async with scripted(*scripts) as url, listeners() as listening:
        await listening.open(url, [("", 0)] * len(scripts), at_once=1)
        expected = [Expected(0, 1, amount)]
        try:
            await listening.received(expected, 2)
        except BenchError:
            return await listening.report(expected)
        return await listening.report(expected)


def script(*numbers: int) -> list[bytes]:
    return [HEAD, chunk(READY), *(chunk(frame(number)) for number in numbers)]


async def test_the_report_of_good_streams() -> None:
    report = await received(script(1, 2, 3), script(1, 2, 3), amount=3)
    report.check()
    assert (report.streams, report.messages) == (2, 6)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [((1, 2, 2, 3), "doubled 1"), ((1, 3), "lost 1"), ((1, 3, 2), "out of order 1"), ((1, 2, 3, 4), "of others 1")],
)
async def test_one_bad_stream_among_good_ones_fails_the_benchmark(numbers: tuple[int, ...], said: str) -> None:
    report = await received(script(1, 2, 3), script(*numbers), script(1, 2, 3), amount=3)
    with pytest.raises(BenchError, match=f"of 3 streams 1 did not get everything.*{said}"):
        report.check()


async def test_a_refused_stream_is_told_with_its_status() -> None:
    async with scripted([b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"]) as url, listeners() as some:
        with pytest.raises(BenchError, match=r"0 of 1 streams opened, by status: .*429"):
            await some.open(url, [("", 0)])
