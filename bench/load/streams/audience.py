"""The client of audience_generator.py: it commands the listeners of a room, and asks what they received.

They speak what a dialogue says, so that servers with different protocols are measured by the same generator at the same
price. Where it is Fechatter alone, listeners.py has one that holds more streams.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec

from bench.figures.result import BenchError
from bench.load.dialogue import Dialogue
from bench.load.generator import Generator, generator
from bench.load.streams.listeners import Percentiles, percentiles


class Audience:
    """Each is to get the messages that tape.content makes, all of them, once, in order."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def pid(self) -> int:
        return self._generator.pid

    async def open(self, host: str, port: int, members: Sequence[Dialogue], *, at_once: int = 20) -> None:
        """Connects a listener for each, so many at a time. BenchError unless each is through its opening."""
        dialogues = msgspec.to_builtins(members)
        answer = await self._generator.do("open", host=host, port=port, members=dialogues, at_once=at_once)
        if answer["open"] != len(members):
            raise BenchError(f"{answer['open']} of {len(members)} listeners came through their opening")

    async def mark(self) -> None:
        """What was received is forgotten."""
        await self._generator.do("mark")

    async def received(self, amount: int, seconds: float) -> None:
        """Returns once everybody has so many messages. BenchError if that takes longer."""
        missing = (await self._generator.do("received", amount=amount, seconds=seconds))["missing"]
        if missing:
            raise BenchError(f"{missing} listeners did not get {amount} messages within {seconds:g} s")

    async def delays(self, first: int, amount: int) -> Percentiles:
        """From sent to received, of the messages `first`, `first` + 1, …. BenchError unless everybody has exactly
        them, in order."""
        answer = await self._generator.do("report", first=first, amount=amount)
        if answer["faulty"]:
            raise BenchError(f"{answer['faulty']} listeners did not get everything once and in order")
        return percentiles(answer["delays"])

    async def close(self) -> None:
        """All leave, without a word."""
        await self._generator.do("close")


@asynccontextmanager
async def audience() -> AsyncIterator[Audience]:
    """A load generator with nobody yet."""
    async with generator("bench.load.streams.audience_generator") as made:
        yield Audience(made)
