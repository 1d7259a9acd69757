"""Posting to a database without a message, whose statistics say so: plans made then must not make later posts dearer.

64 connections post as fast as they are answered, until 30,000 messages are there. What counts is the CPU of all
processes for a post, of the last half second and of the dearest, beside that around the 1,000th post. What the first
half second costs is mostly that the server is new; and autovacuum, whose statistics end such plans, may come at any
time: hence the dearest.

The code before does the same, half second by half second in turns.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import people, system
from bench.benchmarks.growth import CHATS, MEMBERS, Spot
from bench.code import OURS, beside_before, code_before, codes
from bench.figures.result import Result, Size
from bench.figures.table import number
from bench.load import http
from bench.system import System
from fechatter.progress import say

CONNECTIONS = 64
MOST_TIMES = 1.2
SLICE_SECONDS = 0.5
POSTS: dict[Size, int] = {"tiny": 100, "normal": 30_000, "full": 100_000}


@dataclass(slots=True)
class Posting:
    """Somebody who posts to one Fechatter. `slices` are how many posts there were after each, and the CPU of one in
    it, in microseconds."""

    spot: Spot
    pids: dict[str, int]
    posted: int = 0
    slices: list[tuple[int, float]] = field(default_factory=list)

    async def go_on(self) -> None:
        connections = [self.spot.requests("send")] * CONNECTIONS
        load = await http.drive(self.spot.url, connections, SLICE_SECONDS, self.pids, warm_seconds=0.01)
        self.posted += sum(load.found.answers.values())
        self.slices.append((self.posted, load.servers_cpu_us))

    def is_through(self, posts: int) -> bool:
        return len(self.slices) >= 2 and self.posted >= posts


async def run(size: Size) -> list[Result]:
    async with AsyncExitStack() as stack:
        posting = {code.name: await _start(await stack.enter_async_context(system.running(code))) for code in codes()}
        while going := {name: each for name, each in posting.items() if not each.is_through(POSTS[size])}:
            for name, each in going.items():
                say(f"{name}, from empty: {each.posted:,} of {POSTS[size]:,} posts")
                await each.go_on()
    slices = {name: each.slices for name, each in posting.items()}
    results = _results(slices[OURS.name], MOST_TIMES)
    if other := code_before():
        results += _results(slices[other.name], None, f"{other.name}: ")
    lasts = {name: [of_one[-1]] for name, of_one in slices.items()}
    return results + beside_before(f"the {POSTS[size]:,}th post", "µs CPU", lasts, lambda last: last[1])


async def _start(fechatter: System) -> Posting:
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, MEMBERS)
    chats = await people.add_chats(fechatter.sql, workspace, CHATS, members)
    await people.settle(fechatter.sql)
    spot = Spot(0, fechatter.chat, fechatter.chat_pid, members[0], chats)
    servers = {"chat-server": fechatter.chat_pid, "notify-server": fechatter.notify_pid}
    return Posting(spot, servers | {"postgres": fechatter.postgres_pid})


def _results(slices: Sequence[tuple[int, float]], most: float | None, whose: str = "") -> list[Result]:
    early, first = slices[1]
    posted, last = slices[-1]
    dearest = max(cpu for _, cpu in slices[1:])
    course = ", ".join(f"{number(cpu)} at {at:,}" for at, cpu in slices[:: max(1, len(slices) // 8)])
    return [
        Result(
            *(whose + name, cpu, "µs CPU", f"the {early:,}th post", first),
            target=f"≤ {most} ×" if most else "",
            reached=cpu <= most * first if most else None,
            note=note,
        )
        for name, cpu, note in (
            (f"the {posted:,}th post", last, ""),
            (f"the dearest of {posted:,} posts", dearest, f"CPU, µs: {course}"),
        )
    ]
