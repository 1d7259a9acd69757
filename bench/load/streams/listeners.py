"""The client of sse.py: it commands the load generator's process, and asks what it received."""

import statistics
import urllib.parse
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.figures.result import BenchError
from bench.load.generator import Generator, Json, generator

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Expected:
    """What one group of streams is to get: the messages numbered `first`, `first` + 1, … of their chat."""

    group: int
    first: int
    amount: int


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In milliseconds."""

    p50: float
    p99: float
    highest: float
    amount: int


def percentiles(seconds: Sequence[float]) -> Percentiles:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return Percentiles(cuts[49] * 1000, cuts[98] * 1000, max(seconds) * 1000, len(seconds))


@dataclass(frozen=True, slots=True)
class Report:
    """What the streams got since the mark. `arrivals` are (number, sent, received) of the timed ones, in seconds."""

    streams: int
    messages: int
    lost: int
    doubled: int
    disordered: int
    foreign: int
    faulty: int
    ended: int
    reset: int
    caught_up: float
    arrivals: list[tuple[int, float, float]]

    def delays(self, since: Mapping[int, float] | None = None) -> Percentiles:
        """From sending to receiving; or from another moment that is known by the message's number."""
        return percentiles([at - (sent if since is None else since[number]) for number, sent, at in self.arrivals])

    def check(self) -> None:
        """BenchError unless every stream got each message once, in order, and nothing else."""
        if self.faulty or self.ended or self.reset:
            raise BenchError(
                f"of {self.streams} streams {self.faulty} did not get everything once and in order "
                f"(messages lost {self.lost}, doubled {self.doubled}, out of order {self.disordered}, "
                f"of others {self.foreign}), {self.ended} ended, {self.reset} were reset"
            )


class Listeners:
    """Streams in a process of their own. Times are in seconds since 1970."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def pid(self) -> int:
        return self._generator.pid

    async def open(
        self, url: str, people: Sequence[tuple[str, int]], *, ready: bool = True, at_once: int = AT_ONCE
    ) -> float:
        """Opens a stream for each (token, group); how long that took, in seconds. BenchError if one is refused."""
        where = urllib.parse.urlsplit(url)
        answer = await self._generator.do(
            "open", host=where.hostname, port=where.port, path=where.path, ready=ready, people=people, at_once=at_once
        )
        return _all_open(answer, len(people))

    async def cut(self) -> float:
        """Resets all connections; when."""
        return float((await self._generator.do("cut"))["at"])

    async def back(self, amount: int, *, at_once: int | None = None) -> float:
        """All streams reconnect, each from its cursor, at the same time or so many at a time; returns the seconds until
        each had a response."""
        return _all_open(await self._generator.do("back", at_once=at_once or amount), amount)

    async def mark(self, timed: int = 0) -> None:
        """Starts counting again. Every `timed`-th stream records when it gets what."""
        await self._generator.do("mark", timed=timed)

    async def rewind(self) -> None:
        """Streams that are cut forget what they got since the mark; `back` asks for all of it again."""
        await self._generator.do("rewind")

    async def received(self, expected: Sequence[Expected], seconds: float) -> float:
        """Waits until every stream has all; when the last one had. BenchError if that takes longer."""
        amounts = [(group.group, group.amount) for group in expected]
        answer = await self._generator.do("received", amounts=amounts, seconds=seconds)
        if answer["missing"]:
            report = await self.report(expected)
            report.check()
            raise BenchError(f"{answer['missing']} streams did not get everything within {seconds:g} s")
        return float(answer["at"])

    async def report(self, expected: Sequence[Expected]) -> Report:
        answer = await self._generator.do(
            "report", expected=[(group.group, group.first, group.amount) for group in expected]
        )
        names = ("messages", "lost", "doubled", "disordered", "foreign", "faulty", "ended", "reset")
        counts = {name: answer.get(name, 0) for name in names}
        return Report(answer["streams"], **counts, caught_up=answer["caught_up"], arrivals=answer["arrivals"])

    async def close(self) -> None:
        """All streams leave."""
        await self._generator.do("close")


def _all_open(answer: Json, amount: int) -> float:
    if answer["open"] != amount:
        raise BenchError(f"{answer['open']} of {amount} streams opened, by status: {answer['refused']}")
    return float(answer["seconds"])


@asynccontextmanager
async def listeners() -> AsyncIterator[Listeners]:
    """A load generator without streams yet."""
    async with generator("bench.load.streams.sse") as made:
        yield Listeners(made)
