"""`python -m bench.load.streams.audience_generator`: listeners to one room, each with its dialogue, in any protocol.

Of what comes it reads nothing but the messages' marks (tape.content): which one it is, and when it was sent. A command
is a line of JSON on stdin, its answer one on stdout; see audience.py, which sends them.
"""

import asyncio
import re
import time
from array import array
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import uvloop

from bench.load.commands import obey
from bench.load.dialogue import Dialogue

Json = dict[str, Any]
_MARK = re.compile(rb"#(\d+) @(\d+) ")
_LONGEST_MARK = 100
_POLL_SECONDS = 0.005


class Listener(asyncio.Protocol):
    """`numbers` of the messages that came, and how long each took, in seconds."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._steps = iter(dialogue.opening)
        self._until = b""
        self._tail = b""  # what is not read to its end yet
        self.opened = asyncio.get_running_loop().create_future()
        self.forget()

    def forget(self) -> None:
        self.numbers = array("q")
        self.delays = array("d")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_result(False)

    def _go_on(self) -> None:
        say, self._until = next(self._steps, (b"", b""))
        self.transport.write(say)
        if not self._until:
            self.opened.set_result(True)

    def data_received(self, data: bytes) -> None:
        come = self._tail + data
        end = 0
        now = time.time()
        for found in _MARK.finditer(come):
            end = found.end()
            self.numbers.append(int(found[1]))
            self.delays.append(now - int(found[2]) / 1e6)
        self._tail = come[max(end, len(come) - _LONGEST_MARK) :]
        if self._until and self._until in come:
            self._tail = b""
            self._go_on()


class Generator:
    """All listeners of this process, and the commands."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    async def open(self, host: str, port: int, members: Sequence[Json], at_once: int) -> Json:
        free = asyncio.Semaphore(at_once)

        async def connect(dialogue: Dialogue) -> bool:
            listener = Listener(dialogue)
            async with free:
                try:
                    await asyncio.get_running_loop().create_connection(lambda: listener, host, port)
                except OSError:
                    return False
                self._listeners.append(listener)
                return bool(await listener.opened)

        opened = await asyncio.gather(*(connect(msgspec.convert(member, Dialogue)) for member in members))
        return {"open": sum(opened)}

    async def mark(self) -> Json:
        for listener in self._listeners:
            listener.forget()
        return {}

    async def received(self, amount: int, seconds: float) -> Json:
        deadline = time.monotonic() + seconds
        waiting = self._listeners
        while waiting := [listener for listener in waiting if len(listener.numbers) < amount]:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(_POLL_SECONDS)
        return {"missing": len(waiting)}

    async def report(self, first: int, amount: int) -> Json:
        expected = array("q", range(first, first + amount))
        faulty = sum(listener.numbers != expected for listener in self._listeners)
        delays = [] if faulty else [delay for listener in self._listeners for delay in listener.delays]
        return {"faulty": faulty, "delays": delays}

    async def close(self) -> Json:
        for listener in self._listeners:
            listener.transport.abort()
        self._listeners.clear()
        return {}


async def main() -> None:
    await obey(Generator())


if __name__ == "__main__":
    uvloop.run(main())
