"""What becomes of a scan if clamd answers early, or not as it should; test_scanning.py has clamd itself."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from chat_server.files.clamd import Clamd, ScannerUnavailable, TooLargeToScan


@contextmanager
def answering(address: Path | None, said: bytes) -> Iterator[tuple[str, threading.Event]]:
    """What answers one command as soon as it has read that, and closes the connection; where, and when it has."""
    listening = socket.create_server(("127.0.0.1", 0)) if address is None else socket.socket(socket.AF_UNIX)
    if address is not None:
        listening.bind(str(address))
        listening.listen()
    closed = threading.Event()

    def answer() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(len(b"zINSTREAM\0"))
            connection.sendall(said)
        closed.set()

    thread = threading.Thread(target=answer)
    thread.start()
    with closing(listening):
        yield str(address or f"127.0.0.1:{listening.getsockname()[1]}"), closed
        thread.join()


async def scanned(address: str, closed: threading.Event) -> str | None:
    async def late() -> AsyncIterator[bytes]:
        closed.wait()  # in the thread of the event loop, which cannot read the answer meanwhile
        for _ in range(3):
            yield bytes(1000)

    async def read() -> AsyncIterator[bytes]:
        return late()

    return await Clamd(address).scan(read)


@pytest.mark.parametrize("over_tcp", [False, True])
async def test_an_answer_counts_though_the_connection_is_closed_while_more_is_sent(
    tmp_path: Path, over_tcp: bool
) -> None:
    address, said = None if over_tcp else tmp_path / "clamd", b"INSTREAM size limit exceeded. ERROR\0"
    with answering(address, said) as where, pytest.raises(TooLargeToScan, match="StreamMaxLength"):
        await scanned(*where)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "no answer"),
        (b"stream: OK", "no answer"),
        (b"x" * 9000, "says too much"),
        (b"What?\0", "answers 'What\\?'"),
    ],
)
async def test_other_answers_leave_the_file_for_later(tmp_path: Path, said: bytes, why: str) -> None:
    with answering(tmp_path / "clamd", said) as where, pytest.raises(ScannerUnavailable, match=why):
        await scanned(*where)
    with pytest.raises(ScannerUnavailable, match="clamd"):
        await Clamd(str(tmp_path / "clamd")).version()
