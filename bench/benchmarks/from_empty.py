"""Posting to a database without a message, whose statistics say so: plans made then must not make later posts dearer.

64 connections post as fast as they are answered, until 30,000 messages are there. What counts is the CPU of chat_server
and PostgreSQL for a post, of the last half second and of the dearest, beside that around the 1,000th post. What the
first half second costs is mostly that the server is new; and autovacuum, whose statistics end such plans, may come at
any time: hence the dearest.
"""

from contextlib import AsyncExitStack

from bench import system
from bench.benchmarks.growth import make_template, with_messages
from bench.figures.result import Result, Size
from bench.figures.table import number
from bench.load import http
from fechatter.progress import say

CONNECTIONS = 64
MOST_TIMES = 1.2
SLICE_SECONDS = 0.5
POSTS: dict[Size, int] = {"tiny": 100, "normal": 30_000, "full": 100_000}


async def run(size: Size) -> list[Result]:
    async with system.running() as fechatter, AsyncExitStack() as stack:
        await make_template(fechatter)
        spot = await with_messages(fechatter, stack, 0)
        pids = {"chat-server": spot.pid, "postgres": fechatter.postgres_pid}
        connections = [spot.requests("send")] * CONNECTIONS
        posted, slices = 0, list[tuple[int, float]]()
        while len(slices) < 2 or posted < POSTS[size]:
            say(f"posting to an empty database: {posted:,} of {POSTS[size]:,}")
            load = await http.drive(spot.url, connections, SLICE_SECONDS, pids, warm_seconds=0.01)
            posted += sum(load.found.answers.values())
            slices.append((posted, load.servers_cpu_us))
    return _results(slices)


def _results(slices: list[tuple[int, float]]) -> list[Result]:
    early, first = slices[1]
    posted, last = slices[-1]
    dearest = max(cpu for _, cpu in slices[1:])
    course = ", ".join(f"{number(cpu)} at {at:,}" for at, cpu in slices[:: max(1, len(slices) // 8)])
    return [
        Result(
            *(name, cpu, "µs CPU", f"the {early:,}th post", first),
            target=f"≤ {MOST_TIMES} ×",
            reached=cpu <= MOST_TIMES * first,
            note=note,
        )
        for name, cpu, note in (
            (f"the {posted:,}th post", last, ""),
            (f"the dearest of {posted:,} posts", dearest, f"CPU, µs: {course}"),
        )
    ]
