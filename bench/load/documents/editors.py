"""The client of yjs.py: it commands users on boards in a separate process, and asks what they received."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.figures.result import BenchError
from bench.load.generator import Generator, Json, generator
from bench.load.streams.listeners import Percentiles, percentiles

AT_ONCE = 20
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where boards are: `protocol` is one of yjs_wire.WIRES, `path` what it has in its URLs."""

    host: str
    port: int
    protocol: str
    path: str


@dataclass(frozen=True, slots=True)
class Seen:
    """`relayed`: from writing an edit to having it at each of the others. `kept`: to the server's answer that it is
    kept, where the protocol has one."""

    relayed: Percentiles
    kept: Percentiles | None

    @property
    def deliveries(self) -> int:
        return self.relayed.amount


@dataclass(frozen=True, slots=True)
class Visit:
    """How long a board took to open, in seconds, and how many bytes it was. `content` is busy_board's hash of it, and
    `applying` how long it took to make a document of what came."""

    seconds: float
    bytes: int
    applying: float
    content: str


class Editors:
    """People who have boards open."""

    def __init__(self, generator: Generator, place: Place) -> None:
        self._generator, self._place = generator, place

    @property
    def pid(self) -> int:
        return self._generator.pid

    async def open(self, people: Sequence[tuple[str, str]]) -> None:
        """A client joins for each (board, token), makes a note and stays. Raises BenchError if one cannot."""
        answer = await self._generator.do("open", **_where(self._place), people=people, at_once=AT_ONCE)
        if answer.get("open") != len(people):
            raise BenchError(f"boards did not open: {answer.get('refused')}")

    async def leave(self) -> None:
        """All of them."""
        await self._generator.do("leave")

    async def edit(self, per_second: float, presence_per_second: float, seconds: float) -> None:
        """Returns once everybody has all edits of the others, and the answers to their own. BenchError if that takes
        too long."""
        await self._generator.do(
            "edit", per_second=per_second, presence_per_second=presence_per_second, seconds=seconds
        )
        statuses = self._place.protocol == "hocuspocus"
        answer = await self._generator.do("received", seconds=PATIENCE_SECONDS, statuses=statuses)
        if answer["missing"]:
            raise BenchError(f"{answer['missing']} deliveries did not come within {PATIENCE_SECONDS} s")

    async def seen(self) -> Seen:
        """Of the last `edit`. BenchError unless everybody got each of the others' edits once, and nothing else."""
        report = await self._generator.do("report")
        if report["faults"]:
            raise BenchError(f"people on boards did not see what they should: {report['faults']}")
        return Seen(percentiles(report["relayed"]), percentiles(report["kept"]) if report["kept"] else None)

    async def visit(self, board: str, token: str, bringing: bytes | None = None) -> Visit:
        """A client opens a board, loads all of it, and leaves; it may add something."""
        brought = None if bringing is None else base64.b64encode(bringing).decode()
        return Visit(
            **await self._generator.do("visit", **_where(self._place), board=board, token=token, bringing=brought)
        )


def _where(place: Place) -> Json:
    return {"host": place.host, "port": place.port, "protocol": place.protocol, "path": place.path}


@asynccontextmanager
async def editors(place: Place) -> AsyncIterator[Editors]:
    """A load generator without anybody yet."""
    async with generator("bench.load.documents.yjs") as made:
        yield Editors(made, place)
