"""Receipt: from posting a message over HTTP to having its event, with 1,000 streams in 100 chats of 10 members.

100 posts/s at an even rate, to the chats in turn, each chat's on a connection of its own (bench/rooms.py times them).

Beside it: the round trip of a bare `SELECT 1`, 20 a second on a connection of their own in the same seconds; and, in
turns, the code before.
"""

import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from bench.code import OURS, beside_before, codes
from bench.figures.cpu import limited_by
from bench.figures.result import Result, Size
from bench.figures.turns import take_turns
from bench.rooms import Effort, Round, open_rooms

P50_TIMES, P99_MILLISECONDS = 8, 12
OF_BEFORE = 0.5
CPU, P50 = "CPU of a post and its deliveries", "due to received, p50"

EFFORT: dict[Size, Effort] = {
    "tiny": Effort(5, 20, 1, 1),
    "normal": Effort(100, 100, 3, 8),
    "full": Effort(100, 100, 5, 20),
}


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with AsyncExitStack() as stack:
        measures = {}
        for code in codes():
            rooms = await stack.enter_async_context(open_rooms(effort.chats, code))
            await rooms.measure(effort.per_second, 1)  # plans, caches, connections
            measures[code.name] = partial(rooms.measure, effort.per_second, effort.seconds)
        found = await take_turns(effort.rounds, measures)

    return [
        *_results(found[OURS.name]),
        *beside_before(CPU, "ms", found, lambda each: each.milliseconds, at_most=OF_BEFORE),
        *beside_before(P50, "ms", found, lambda each: each.receipt.p50),
    ]


def _results(rounds: Sequence[Round]) -> list[Result]:
    p50 = statistics.median(found.receipt.p50 for found in rounds)
    p99 = statistics.median(found.receipt.p99 for found in rounds)
    floor = statistics.median(found.floor.p50 for found in rounds)
    highest = max(found.receipt.highest for found in rounds)
    return [
        Result(
            *(CPU, statistics.median(found.milliseconds for found in rounds), "ms"),
            note="User and system time of all processes.",
        ),
        Result(
            *(P50, p50, "ms", "SELECT 1, p50", floor),
            target=f"≤ {P50_TIMES} ×",
            reached=p50 <= P50_TIMES * floor,
            note=limited_by(rounds[-1].shares),
        ),
        Result(
            *("due to received, p99", p99, "ms", "SELECT 1, p50", floor),
            target=f"≤ {P99_MILLISECONDS} ms",
            reached=p99 <= P99_MILLISECONDS,
            note=f"highest {highest:.1f} ms; SELECT 1 itself: p99 "
            f"{statistics.median(found.floor.p99 for found in rounds):.2f} ms",
        ),
    ]
