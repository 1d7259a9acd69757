"""One connection that asks at moments of its own, over a blocking socket: for a thread that keeps to an even rate, as a
blocking sleep is exact to some 0.1 ms, an event loop's timer to 1 ms."""

import socket
import time
from collections.abc import Callable, Sequence

from bench.figures.result import BenchError
from bench.load.dialogue import Dialogue

PATIENCE_SECONDS = 30
# Of an HTTP server: what creates something is answered by this, what is refused by a problem.
HTTP = Dialogue(answer=b"HTTP/1.1 201 ", refusal=b"application/problem+json")
_LONGEST_MARK = 100


class Speaker:
    """One question at a time. BenchError if it is refused, or the connection is lost."""

    def __init__(self, address: tuple[str, int], dialogue: Dialogue = HTTP) -> None:
        self._address, self._dialogue = address, dialogue
        self._socket = socket.socket()
        self._unanswered = False

    def connect(self) -> None:
        """Anew, with nothing left of the connection before."""
        self.close()
        self._socket = socket.create_connection(self._address, timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for say, until in self._dialogue.opening:
            self._socket.sendall(say)
            self._read(until)

    def ask(self, request: bytes) -> None:
        """Returns once it is sent; the one before is answered by then."""
        self.answered()
        self._socket.sendall(request)
        self._unanswered = True

    def answered(self) -> None:
        """Reads the answer that is due: it has arrived long ago, or is waited for."""
        if self._unanswered:
            self._read(self._dialogue.answer)
            self._unanswered = False

    def close(self) -> None:
        self._socket.close()
        self._unanswered = False

    def _read(self, until: bytes) -> None:
        come = b""
        while until not in come:
            if not (part := self._socket.recv(65536)):
                raise BenchError("the server closed a speaker's connection")
            come = come[-_LONGEST_MARK:] + part
            if self._dialogue.refusal and self._dialogue.refusal in come:
                raise BenchError(f"the server refused a speaker: {come[:400].decode()}")


def speak(
    speakers: Sequence[Speaker], per_second: float, seconds: float, request: Callable[[int, float], bytes]
) -> None:
    """The speakers ask in turn at an even rate, `request` being given the turn's number and when it is due."""
    started = time.time()
    for turn in range(round(per_second * seconds)):
        due = started + turn / per_second
        time.sleep(max(0.0, due - time.time()))
        speakers[turn % len(speakers)].ask(request(turn, due))
    for speaker in speakers:
        speaker.answered()
