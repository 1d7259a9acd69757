"""Typing beside messages: how long messages take (see bench/rooms.py) while others flood the server with typing.

64 people begin and end to type eight times a second each, in the chats that the messages go to: every request is a
change, which the other members of the chat are told of. People repeat it every three seconds: it is as if 1,500 typed.
Beside it, in turns and on the same streams, the same messages without the flood. What is allowed is a share of the
processors that both use; a message that waited for what the flood has to say would show as tens of milliseconds, since
that is written five times a second.

Every stream is checked: each message once and in order.
"""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures.cpu import limited_by
from bench.figures.result import Result, Size
from bench.figures.turns import take_turns
from bench.load import http
from bench.rooms import MEMBERS, Effort, Rooms, Round, open_rooms

TYPISTS = 64
INTERVAL_SECONDS = 0.125
MOST_TIMES = 1.5
WARM_SECONDS = 0.5

EFFORT: dict[Size, Effort] = {
    "tiny": Effort(5, 20, 1, 1),
    "normal": Effort(100, 100, 5, 5),
    "full": Effort(100, 100, 9, 15),
}


@dataclass(frozen=True, slots=True)
class Flooded:
    """Messages, and how many requests about typing were answered in a second meanwhile."""

    messages: Round
    per_second: float = 0.0


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with open_rooms(effort.chats) as rooms:
        beside = _Beside(rooms, effort)
        await beside.quiet()  # plans, caches, connections
        found = await take_turns(effort.rounds, {"messages alone": beside.quiet, "typing": beside.flooded})
    return _results(found["messages alone"], found["typing"])


def _results(quiet: Sequence[Flooded], flooded: Sequence[Flooded]) -> list[Result]:
    rate = statistics.median(each.per_second for each in flooded)
    alone, beside = _median(quiet, "p99"), _median(flooded, "p99")
    return [
        Result(
            *("due to received, p99, while others type", beside, "ms", "nobody types", alone),
            target=f"≤ {MOST_TIMES:g} ×",
            reached=beside <= MOST_TIMES * alone,
            note=f"{rate:,.0f} requests/s about typing; {limited_by(flooded[-1].messages.shares)}",
        ),
        Result(
            *("due to received, p50, while others type", _median(flooded, "p50"), "ms"),
            *("nobody types", _median(quiet, "p50")),
            note=f"highest {max(each.messages.receipt.highest for each in flooded):.1f} ms; while nobody types "
            f"{max(each.messages.receipt.highest for each in quiet):.1f} ms",
        ),
    ]


def _median(rounds: Sequence[Flooded], percentile: str) -> float:
    return statistics.median(float(getattr(each.messages.receipt, percentile)) for each in rounds)


@dataclass(frozen=True, slots=True)
class _Beside:
    rooms: Rooms
    effort: Effort

    async def quiet(self) -> Flooded:
        return Flooded(await self._messages())

    async def flooded(self) -> Flooded:
        seconds = self.effort.seconds + WARM_SECONDS
        fechatter = self.rooms.fechatter
        pids = {"chat": fechatter.chat_pid}
        flood = asyncio.create_task(
            http.drive(fechatter.chat, self._typing(), seconds, pids, WARM_SECONDS, INTERVAL_SECONDS)
        )
        await asyncio.sleep(WARM_SECONDS)
        messages, load = await asyncio.gather(self._messages(), flood)
        return Flooded(messages, load.per_second)

    async def _messages(self) -> Round:
        return await self.rooms.measure(self.effort.per_second, self.effort.seconds)

    def _typing(self) -> list[list[bytes]]:
        """For each connection: a user of one chat starts and stops typing; not the one who posts there."""
        rooms, members, requests = self.rooms.rooms, self.rooms.members, []
        for number in range(TYPISTS):
            room = number % len(rooms)
            person = members[room * MEMBERS + 1 + number // len(rooms) % (MEMBERS - 1)]
            url = f"{self.rooms.fechatter.chat}/api/chats/{rooms[room].chat.id}/typing"
            requests.append([http.request("POST", url, person, {"typing": typing}) for typing in (True, False)])
        return requests
