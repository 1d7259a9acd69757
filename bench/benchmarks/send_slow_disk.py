"""`send` on a slow disk: every commit takes 2 ms more (commit_delay), as a flush to a cloud's network disk does.

The delay comes where the flush comes, so commits that wait for each other (those of NOTIFY do) add up, and commits
that are shared do not. What stands for a disk is `commit_delay = 2000, commit_siblings = 0`: PostgreSQL waits so many
microseconds before each flush of its log, even if nobody else commits. See send.py for the rest.
"""

import statistics
import time

from bench import system
from bench.benchmarks.send import EFFORT, beside_plain, median, sending
from bench.code import OURS
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.system import System

DELAY_MICROSECONDS = 2000
COMMITS = 20
LEAST_OF_PLAIN = 5


async def run(size: Size) -> list[Result]:
    async with system.running() as fechatter:
        await _slow_down(fechatter)
        milliseconds = await _commit_milliseconds(fechatter)
        if milliseconds < DELAY_MICROSECONDS / 1000:
            raise BenchError(f"commit_delay had no effect: a commit took {milliseconds:.2f} ms")
        effort = EFFORT[size]
        async with sending(fechatter, effort) as ours:
            found = await take_turns(
                effort.rounds,
                {
                    OURS.name: lambda: ours.messages(effort.seconds),
                    "a commit each": lambda: ours.plain(effort.seconds),
                },
            )
    return [
        Result("one commit, alone", milliseconds, "ms", note="of one row on an idle server; what slow stands for"),
        beside_plain({name: median(loads) for name, loads in found.items()}, ours.pool, LEAST_OF_PLAIN),
    ]


async def _slow_down(fechatter: System) -> None:
    for setting in (f"commit_delay = {DELAY_MICROSECONDS}", "commit_siblings = 0"):
        await fechatter.sql.execute(f"ALTER SYSTEM SET {setting}")
    await fechatter.sql.execute("SELECT pg_reload_conf()")


async def _commit_milliseconds(fechatter: System) -> float:
    await fechatter.sql.execute("CREATE TABLE bench_commits (number integer)")
    times = []
    for number in range(COMMITS):
        started = time.perf_counter()
        await fechatter.sql.execute("INSERT INTO bench_commits VALUES ($1)", number)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
