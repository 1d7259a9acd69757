"""The client of pages.py: it commands people on pages in a separate process, and asks what they received."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.figures.result import BenchError
from bench.load.generator import Generator, generator
from bench.load.streams.listeners import Percentiles, percentiles

AT_ONCE = 20
PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody edits a page."""

    host: str
    port: int
    page: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """`relayed`: from writing an edit to having it at each of the others. `kept`: to its acknowledgement."""

    relayed: Percentiles
    kept: Percentiles


class PageEditors:
    """People who have pages open, on servers of one protocol: a name in pages_wire.WIRES."""

    def __init__(self, generator: Generator, wire: str) -> None:
        self._generator, self._wire = generator, wire

    @property
    def pid(self) -> int:
        return self._generator.pid

    async def open(self, seats: Sequence[Seat]) -> float:
        """Returns how long it took, in seconds. BenchError if somebody cannot."""
        people = [(seat.host, seat.port, seat.page, seat.token) for seat in seats]
        answer = await self._generator.do("open", wire=self._wire, people=people, at_once=AT_ONCE)
        if answer.get("open") != len(seats):
            raise BenchError(f"pages did not open: {answer.get('refused')}")
        return float(answer["seconds"])

    async def leave(self) -> None:
        """All of them."""
        await self._generator.do("leave")

    async def edit(self, per_second: float, seconds: float, components: Sequence[int]) -> Seen:
        """BenchError unless everybody got each of the others' edits once, and an answer to each of their own."""
        await self._generator.do("edit", per_second=per_second, seconds=seconds, components=list(components))
        answer = await self._generator.do("received", seconds=PATIENCE_SECONDS)
        report = await self._generator.do("report")
        if report["faults"] or answer["missing"]:
            raise BenchError(
                f"people on pages did not see what they should: {answer['missing']} are missing, {report['faults']}"
            )
        return Seen(percentiles(report["relayed"]), percentiles(report["kept"]))


@asynccontextmanager
async def page_editors(wire: str) -> AsyncIterator[PageEditors]:
    """A load generator without anybody yet."""
    async with generator("bench.load.documents.pages") as made:
        yield PageEditors(made, wire)
