"""The load generator of http.py: a process that gets a Plan on stdin and prints what it Found on stdout.

It imports next to nothing of the project: a benchmark starts one for each load, and importing would take most of its
life.
"""

import asyncio
import contextlib
import gc
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec
import uvloop

from bench.load.dialogue import BY_LENGTH, Script

# Enough of what came last to find a mark in it that came in two pieces.
_LONGEST_MARK = 100


class Plan(msgspec.Struct):
    """Each connection sends a request as soon as the one before is answered, or `interval_seconds` after that one was
    sent, where that is later. All begin at once, when the last opening is through; or spread over that interval."""

    host: str
    port: int
    connections: list[Script]
    warm_seconds: float
    seconds: float
    interval_seconds: float


class Found(msgspec.Struct):
    """What the generator counts. `answers` are all of them by status, the warm-up's too; the rest is of `seconds`."""

    answers: dict[int, int]
    measured: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_share: float


class _Connection(asyncio.Protocol):
    """Speaks HTTP."""

    def __init__(self, generator: "_Generator", script: Script) -> None:
        self._generator = generator
        self._requests = script.requests
        self._next = 0
        self._sent_at = 0.0
        self._done = False
        self._head = b""  # as much of an answer's as has come
        self._status = 0
        self._missing = 0  # bytes of its body

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self._send()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._status = int(self._head[9:12])
            length = 0 if self._status == 204 else _content_length(self._head[:end])
            self._missing = length - (len(self._head) - end - 4)
            self._head = b""
        if not self._missing:
            self._answered()

    def _answered(self) -> None:
        if self._generator.answered(self._status, self._sent_at):
            self._send_in_time()
        else:
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        self._generator.closed(by_us=self._done)

    def _end(self) -> None:
        self._done = True
        self._transport.close()

    def _send_in_time(self) -> None:
        wait = self._sent_at + self._generator.interval_seconds - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._send)
        else:
            self._send()

    def _send(self) -> None:
        if self._generator.ending:
            self._end()
            return
        self._transport.write(self._requests[self._next])
        self._next = (self._next + 1) % len(self._requests)
        self._sent_at = time.perf_counter()


class _Speaking(_Connection):
    """Speaks as its dialogue says."""

    def __init__(self, generator: "_Generator", script: Script) -> None:
        super().__init__(generator, script)
        self._dialogue = script.dialogue
        self._steps = iter(script.dialogue.opening)
        self._until = b""  # what the opening waits for, while it lasts

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._go_on()

    def _go_on(self) -> None:
        """The next step of the opening, or the first request."""
        self._head = b""
        say, self._until = next(self._steps, (b"", b""))
        if self._until:
            self._transport.write(say)
        else:
            self._status = 200  # whatever is not refused
            self._generator.opened(self._send)

    def data_received(self, data: bytes) -> None:
        come = self._head + data
        self._head = come[-_LONGEST_MARK:]
        if self._until:
            if self._until in come:
                self._go_on()
        elif self._dialogue.answer in come:
            self._head = b""
            self._answered()
        elif self._dialogue.refusal and self._dialogue.refusal in come:
            raise ValueError(f"a request was refused: {come.decode()}")


def _connection(generator: "_Generator", script: Script) -> _Connection:
    return (_Connection if script.dialogue.answer == BY_LENGTH else _Speaking)(generator, script)


def _content_length(head: bytes) -> int:
    start = head.lower().find(b"\r\ncontent-length:")
    if start < 0:
        raise ValueError("an answer has no Content-Length, and this generator reads no other kind")
    return int(head[start + 17 :].partition(b"\r\n")[0])


def _percentile(times: Sequence[float], share: float) -> float:
    """Of sorted seconds, in milliseconds: the smallest that so great a share of them does not exceed."""
    return times[max(0, math.ceil(share * len(times)) - 1)] * 1000


class _Generator:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.interval_seconds = plan.interval_seconds
        self._answers: Counter[int] = Counter()
        self._times: list[float] = []
        self._measuring = self.ending = False
        self._open = len(plan.connections)
        self._opening = sum(script.dialogue.answer != BY_LENGTH for script in plan.connections)
        self._to_begin: list[Callable[[], None]] = []
        self._all_opened, self._all_closed = asyncio.Event(), asyncio.Event()
        self._lost = False

    def opened(self, begin: Callable[[], None]) -> None:
        self._to_begin.append(begin)
        if len(self._to_begin) == self._opening:
            self._all_opened.set()

    def answered(self, status: int, sent_at: float) -> bool:
        """Whether to send the next one."""
        self._answers[status] += 1
        if self._measuring:
            self._times.append(time.perf_counter() - sent_at)
        return not self.ending

    def closed(self, by_us: bool) -> None:
        self._lost = self._lost or not by_us
        self._open -= 1
        if self._open == 0 or self._lost:
            self._all_closed.set()
            self._all_opened.set()

    def _broken(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An answer could not be read: once is enough."""
        if not self._lost:
            loop.default_exception_handler(context)
        self._lost = True
        self._all_closed.set()
        self._all_opened.set()

    async def run(self) -> Found:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._broken)
        for script in self._plan.connections:
            await loop.create_connection(
                lambda script=script: _connection(self, script),  # type: ignore[misc]
                self._plan.host,
                self._plan.port,
            )
            await asyncio.sleep(self.interval_seconds / len(self._plan.connections))
        if self._opening:
            await self._all_opened.wait()
        for begin in self._to_begin:
            begin()
        await self._work_for(self._plan.warm_seconds)
        print("measuring", flush=True)
        cpu, started, self._measuring = time.process_time(), time.perf_counter(), True
        await self._work_for(self._plan.seconds)
        while not self._times:  # slower than that: until there is one, as far as `drive` has patience
            await self._work_for(0.01)
        self._measuring, seconds, cpu = False, time.perf_counter() - started, time.process_time() - cpu
        print("measured", flush=True)
        self.ending = True  # unfinished requests are still awaited, so that every request sent is counted
        await self._all_closed.wait()
        self._check()
        times = sorted(self._times)
        return Found(
            dict(self._answers),
            len(self._times),
            seconds,
            _percentile(times, 0.5),
            _percentile(times, 0.99),
            cpu / seconds,
        )

    async def _work_for(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_closed.wait(), seconds)
        self._check()

    def _check(self) -> None:
        if self._lost:
            raise SystemExit("load generator: a connection was lost, or its answer could not be read")


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    gc.disable()  # it lives for seconds and makes no cycles to speak of
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_Generator(plan).run())
    print(msgspec.json.encode(found).decode(), flush=True)


if __name__ == "__main__":
    main()
