"""Lines go out whole, in order and together, and a reader that does not read holds nobody up."""

import asyncio
import os
import select
import threading
from collections.abc import Iterator

import pytest

from chat_core.process import lines
from chat_core.process.lines import LineWriter


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


def waiting(fd: int) -> bytes:
    """What is in the pipe."""
    found = b""
    while select.select([fd], [], [], 0)[0]:
        found += os.read(fd, 1 << 20)
    return found


def no_drops(_: int) -> None:
    raise AssertionError("nothing is dropped here")


async def test_lines_of_one_turn_are_one_write_and_one_that_is_written_now_comes_after_them(
    pipe: tuple[int, int],
) -> None:
    writer = LineWriter(pipe[1], no_drops)
    writer.write_soon("one")
    writer.write_soon("two")
    assert waiting(pipe[0]) == b""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert os.read(pipe[0], 1 << 20) == b"one\ntwo\n"
    writer.write_soon("three")
    writer.write("four")
    assert waiting(pipe[0]) == b"three\nfour\n"


def test_without_a_loop_lines_are_written_at_once(pipe: tuple[int, int]) -> None:
    LineWriter(pipe[1], no_drops).write_soon("one")
    assert waiting(pipe[0]) == b"one\n"


async def test_a_pipe_that_nobody_reads_holds_up_nobody_and_what_found_no_room_is_counted(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_BYTES", 100_000)
    monkeypatch.setattr(lines, "RETRY_SECONDS", 0.001)
    dropped: list[int] = []
    told = asyncio.Event()

    def drop(amount: int) -> None:
        dropped.append(amount)
        told.set()

    writer = LineWriter(pipe[1], drop)
    sent = [f"{number} {'x' * 990}" for number in range(1000)]
    for line in sent:
        writer.write_soon(line)  # would never return if it waited
    assert not dropped
    got = b""
    while not told.is_set():
        got += waiting(pipe[0])
        await asyncio.sleep(0)
    got += waiting(pipe[0])
    arrived = got.decode().splitlines()
    assert arrived == sent[: len(arrived)]
    assert dropped == [len(sent) - len(arrived)]
    assert 100 < len(arrived) < 250  # what the pipe has taken, and the bound


async def test_a_line_longer_than_a_pipe_takes_at_once_arrives_whole(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1], no_drops)
    long = "é" * 200_000
    reader = asyncio.create_task(asyncio.to_thread(read_to, pipe[0], b"end\n"))
    writer.write(long)
    writer.write("end")
    assert (await reader).decode() == f"{long}\nend\n"


def test_the_end_waits_for_a_reader_and_not_for_ever(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LAST_SECONDS", 30)
    writer = LineWriter(pipe[1], no_drops)
    for number in range(300):
        writer.write_soon(f"{number} {'x' * 990}")
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(read_to(pipe[0], b"the last\n")))
    writer.write("the last")
    reader.start()
    writer.close()
    reader.join()
    assert len(found[0].splitlines()) == 301
    monkeypatch.setattr(lines, "LAST_SECONDS", 0.01)
    for number in range(300):
        writer.write_soon(f"{number} {'x' * 990}")
    writer.close()  # nobody reads any more


def test_a_pipe_that_another_process_fills_between_looking_and_writing_holds_up_nobody(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LineWriter(pipe[1], no_drops)
    monkeypatch.setattr(writer, "_poll", AlwaysWritable())
    fill(pipe[1])
    assert os.get_blocking(pipe[1])  # others have it too
    writer.write("later")  # would never return if it waited
    assert set(waiting(pipe[0])) == {ord("x")}
    writer.write("now")
    assert waiting(pipe[0]) == b"later\nnow\n"


def test_a_loop_that_ends_leaves_its_lines_to_the_next_one(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1], no_drops)

    async def a_turn(line: str) -> None:
        writer.write_soon(line)
        await asyncio.sleep(0.001)

    fill(pipe[1])
    asyncio.run(a_turn("to be tried again"))
    waiting(pipe[0])
    asyncio.run(a_turn("of another loop"))
    assert waiting(pipe[0]) == b"to be tried again\nof another loop\n"


def test_the_end_reports_what_found_no_room(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_BYTES", 100)
    dropped: list[int] = []
    writer = LineWriter(pipe[1], dropped.append)
    fill(pipe[1])
    for _ in range(30):
        writer.write("x" * 9)
    assert not dropped
    waiting(pipe[0])
    writer.close()
    assert dropped == [20]


def test_a_reader_that_has_gone_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    writer = LineWriter(write, no_drops)
    writer.write("one")
    writer.close()
    os.close(write)


def read_to(fd: int, end: bytes) -> bytes:
    found = b""
    while not found.endswith(end):
        found += os.read(fd, 1 << 16)
    return found


class AlwaysWritable:
    def poll(self, _: float) -> bool:
        return True


def fill(fd: int) -> None:
    os.set_blocking(fd, False)
    try:
        while True:
            os.write(fd, b"x" * select.PIPE_BUF)
    except BlockingIOError:
        os.set_blocking(fd, True)
