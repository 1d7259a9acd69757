"""What is not in the log, between two workers of notify_server that hear each other over NATS: Postgres' CPU for
cursors that move on boards, and for people who type (ADR 103).

In turns with it the same by the database, as it is while one notify_server does not hear: that is a row in
`notify_nodes`. The relay carries the log in both turns.
"""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from bench import people, system
from bench.figures.cpu import Meter
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load import http
from bench.load.documents.editors import Editors, Place, editors
from bench.peers import nats
from bench.system import System

MEMBERS = 10
TYPISTS = 64
INTERVAL_SECONDS = 0.125
MOST_TIMES = 0.5
PATIENCE_SECONDS = 30
DEAF = "INSERT INTO notify_nodes (node, expires_at) VALUES ('deaf', now() + interval '1 hour')"
HEARING = "DELETE FROM notify_nodes WHERE node = 'deaf'"
WORKERS = "SELECT count(*) FILTER (WHERE hears) FROM notify_nodes"


@dataclass(frozen=True, slots=True)
class Effort:
    """`moves`: of cursors in a second."""

    boards: int
    moves: int
    rounds: int
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(2, 40, 1, 0.5),
    "normal": Effort(30, 300, 3, 5),
    "full": Effort(100, 950, 5, 10),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Postgres' CPU in µs, for each move and for each request about typing."""

    move: float
    typing: float
    moves: float
    requests: float


@dataclass(frozen=True, slots=True)
class Load:
    fechatter: System
    crew: Editors
    typing: Sequence[Sequence[bytes]]
    effort: Effort

    async def measure(self, over_nats: bool) -> Found:
        await self.fechatter.sql.execute(HEARING if over_nats else DEAF)
        try:
            await self.crew.edit(0, self.effort.moves, 0.5)  # who sends learns which way is taken
            meter = Meter(postgres=self.fechatter.postgres_pid)
            await self.crew.edit(0, self.effort.moves, self.effort.seconds)
            used = meter.stop()["postgres"] * meter.seconds
            pids = {"postgres": self.fechatter.postgres_pid}
            typed = await http.drive(
                self.fechatter.chat, self.typing, self.effort.seconds, pids, interval_seconds=INTERVAL_SECONDS
            )
        finally:
            await self.fechatter.sql.execute(HEARING)
        moves = self.effort.moves * self.effort.seconds
        return Found(
            used / moves * 1e6, typed.shares["postgres"] / typed.per_second * 1e6, self.effort.moves, typed.per_second
        )


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    if not nats.installed():
        raise BenchError(f"nats-server is {nats.INSTALL}")
    settings = {"FECHATTER_NOTIFY__WORKERS": "2"}
    async with nats.running() as bus, system.running(FECHATTER_NATS__SERVERS=bus.url, **settings) as fechatter:
        workspace = await people.add_workspace(fechatter.sql)
        members = await people.add_people(fechatter.sql, fechatter.signer, workspace, effort.boards * MEMBERS)
        groups = [members[first : first + MEMBERS] for first in range(0, len(members), MEMBERS)]
        boards = await people.add_boards(fechatter.sql, workspace, groups)
        chats = await people.add_chats(fechatter.sql, workspace, effort.boards, members[:MEMBERS])
        await people.settle(fechatter.sql)
        where = urlsplit(fechatter.notify)
        place = Place(where.hostname or "", where.port or 80, "y-websocket", "/api/boards/yjs")
        typing = [
            [
                http.request("POST", f"{fechatter.chat}/api/chats/{chats[number % len(chats)]}/typing", person, told)
                for told in ({"typing": True}, {"typing": False})
            ]
            for number, person in enumerate(members[:MEMBERS] * (TYPISTS // MEMBERS))
        ]
        async with editors(place) as crew:
            await crew.open([(str(one), who.token) for one, some in zip(boards, groups, strict=True) for who in some])
            await _both_hear(fechatter)
            load = Load(fechatter, crew, typing, effort)
            found = await take_turns(
                effort.rounds, {"over NATS": partial(load.measure, True), "by Postgres": partial(load.measure, False)}
            )
    return _results(found["over NATS"], found["by Postgres"])


async def _both_hear(fechatter: System) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await fechatter.sql.fetchval(WORKERS) != 2:  # noqa: ASYNC110 - the database says it
            await asyncio.sleep(0.1)


def _results(over_nats: Sequence[Found], by_postgres: Sequence[Found]) -> list[Result]:
    moving, moving_before = _median(over_nats, "move"), _median(by_postgres, "move")
    typing, typing_before = _median(over_nats, "typing"), _median(by_postgres, "typing")
    return [
        Result(
            *("Postgres' CPU a move of a cursor, over NATS", moving, "µs", "by Postgres", moving_before),
            target=f"≤ {MOST_TIMES:g} ×",
            reached=moving <= MOST_TIMES * moving_before,
            note=f"{over_nats[-1].moves:,.0f} moves/s on boards that are open at both workers",
        ),
        Result(
            *("Postgres' CPU a request about typing, over NATS", typing, "µs", "by Postgres", typing_before),
            note=f"{_median(over_nats, 'requests'):,.0f} requests/s, each judged in Postgres in both turns",
        ),
    ]


def _median(rounds: Sequence[Found], figure: str) -> float:
    return statistics.median(float(getattr(one, figure)) for one in rounds)
