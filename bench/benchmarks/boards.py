"""Boards: 1,000 people on 100 of them, who see each other's edits and cursors.

1. 500 edits/s, 5 on each board: from writing an edit to having it at each of the nine others.
2. The same, with 950 cursor moves a second beside it.
3. One board with 200 people, 5 edits/s.
4. Opening a board with 100,000 edits (board_opening.py).

Beside it, in turns, through the same load generator (load/yjs.py) with the same edits: y-websocket's server and
hocuspocus' (peers/node_servers.py), each in its own protocol, which Fechatter speaks both. Theirs is one process of
node that stores nothing and asks nobody who they are; Fechatter's edits are in PostgreSQL, with fsync, by the time they
are acknowledged, which is measured too: hocuspocus' protocol has an answer to each. That server gives it before it has
stored anything, y-websocket's gives none.

Everybody is checked after each phase: each of the others' edits once.
"""

import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from urllib.parse import urlsplit

from bench import people, system
from bench.benchmarks import board_opening
from bench.benchmarks.memory import resident
from bench.figures.cpu import Meter, limited_by
from bench.figures.result import Result, Size
from bench.figures.turns import take_turns
from bench.load.documents.editors import Editors, Place, Seen, editors
from bench.peers import node_servers
from bench.peers.node_servers import HOCUSPOCUS, Y_WEBSOCKET
from fechatter.progress import say

RELAY_MILLISECONDS, KEPT_MILLISECONDS = 20, 15
EDITS_PER_BOARD = 5
PRESENCE_PER_SECOND = 950
WARM_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Effort:
    """`crowd`: people on the one board that has many. `presence`: cursor moves a second. `edits`: those of the board
    that is opened."""

    boards: int
    members: int
    crowd: int
    presence: int
    edits: int
    rounds: int
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(4, 5, 20, 40, 500, 1, 0.3),
    "normal": Effort(100, 10, 200, PRESENCE_PER_SECOND, 100_000, 3, 6),
    "full": Effort(100, 10, 200, PRESENCE_PER_SECOND, 100_000, 5, 15),
}

# What stands beside whom: the protocol, and so the peer.
OURS = {Y_WEBSOCKET: "Fechatter, y-websocket's protocol", HOCUSPOCUS: "Fechatter, hocuspocus' protocol"}


@dataclass(frozen=True, slots=True)
class Server:
    """One of those that are compared. `many`: (board, token) of whom on many boards; `crowd`, on one. `pids` are for
    Meter: `server`, and `postgres` where it has one."""

    place: Place
    pids: Mapping[str, int]
    many: Sequence[tuple[str, str]]
    crowd: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Phase:
    """`cpu`: seconds for 1,000 deliveries, by process; `shares` as Meter gives them."""

    seen: Seen
    cpu: Mapping[str, float]
    shares: Mapping[str, float]


Rounds: TypeAlias = Mapping[str, Sequence[Phase]]


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    peers = await node_servers.install()
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(_fechatter(effort))
        if peers:
            for name in (Y_WEBSOCKET, HOCUSPOCUS):
                servers[name] = await stack.enter_async_context(_peer(name, effort))
        crews = {name: await stack.enter_async_context(editors(server.place)) for name, server in servers.items()}
        memory, quiet, beside = await _many(servers, crews, effort)
        crowd = await _crowd(servers, crews, effort)
    opened = await board_opening.measure(effort.edits, effort.rounds, peers=peers)
    results = [
        *_relayed("an edit at the others", quiet, beat=True),
        *_relayed(f"an edit at the others, beside {effort.presence} cursor moves/s", beside),
        *_relayed(f"an edit at the others, {effort.crowd} on one board", crowd),
        *_kept(quiet),
        *_cpu(quiet),
        *_memory(memory, len(servers[OURS[Y_WEBSOCKET]].many)),
        *opened,
    ]
    return results if peers else [*results, Result("servers beside it", 0, "", note=node_servers.INSTALL)]


# -- who is compared


@asynccontextmanager
async def _fechatter(effort: Effort) -> AsyncIterator[dict[str, Server]]:
    async with system.running() as fechatter:
        workspace = await people.add_workspace(fechatter.sql)
        amount = max(effort.boards * effort.members, effort.crowd)
        members = await people.add_people(fechatter.sql, fechatter.signer, workspace, amount)
        where = urlsplit(fechatter.notify)
        pids = {"server": fechatter.notify_pid, "postgres": fechatter.postgres_pid}
        groups = [
            members[first : first + effort.members]
            for first in range(0, effort.boards * effort.members, effort.members)
        ]
        groups.append(members[: effort.crowd])
        servers = {}
        for name, protocol, path in (
            (OURS[Y_WEBSOCKET], "y-websocket", "/api/boards/yjs"),
            (OURS[HOCUSPOCUS], "hocuspocus", "/api/boards/hocuspocus"),
        ):
            boards = await people.add_boards(fechatter.sql, workspace, groups)
            *many, crowd = [
                [(str(board), person.token) for person in group] for board, group in zip(boards, groups, strict=True)
            ]
            place = Place(where.hostname or "", where.port or 80, protocol, path)
            servers[name] = Server(place, pids, [one for group in many for one in group], crowd)
        await people.settle(fechatter.sql)
        yield servers


@asynccontextmanager
async def _peer(name: str, effort: Effort) -> AsyncIterator[Server]:
    async with node_servers.running(name) as peer:
        place = Place(peer.host, peer.port, "y-websocket" if name == Y_WEBSOCKET else "hocuspocus", "")
        many = [(f"board-{number // effort.members}", "") for number in range(effort.boards * effort.members)]
        yield Server(place, {"server": peer.pid}, many, [("crowd", "")] * effort.crowd)


# -- what is measured


async def _many(
    servers: Mapping[str, Server], crews: Mapping[str, Editors], effort: Effort
) -> tuple[dict[str, int], Rounds, Rounds]:
    """On many boards: the servers' memory with all people there, edits, and edits beside presence."""
    memory, per_second = {}, effort.boards * EDITS_PER_BOARD
    for name, server in servers.items():
        say(f"{len(server.many)} people come: {name}")
        await crews[name].open(server.many)
        await crews[name].edit(per_second, 0, min(WARM_SECONDS, effort.seconds))
        memory[name] = resident(server.pids["server"])
    quiet, beside = [await _turns(servers, crews, effort, per_second, presence) for presence in (0, effort.presence)]
    for crew in crews.values():
        await crew.leave()
    return memory, quiet, beside


async def _crowd(servers: Mapping[str, Server], crews: Mapping[str, Editors], effort: Effort) -> Rounds:
    for name, server in servers.items():
        await crews[name].open(server.crowd)
        await crews[name].edit(EDITS_PER_BOARD, 0, min(WARM_SECONDS, effort.seconds))
    return await _turns(servers, crews, effort, EDITS_PER_BOARD, 0)


async def _turns(
    servers: Mapping[str, Server], crews: Mapping[str, Editors], effort: Effort, per_second: float, presence: float
) -> Rounds:
    measures = {
        name: partial(_phase, server, crews[name], per_second, presence, effort.seconds)
        for name, server in servers.items()
    }
    return await take_turns(effort.rounds, measures)


async def _phase(server: Server, crew: Editors, per_second: float, presence: float, seconds: float) -> Phase:
    meter, started = Meter(**server.pids, generator=crew.pid), time.monotonic()
    await crew.edit(per_second, presence, seconds)
    elapsed, shares = time.monotonic() - started, meter.stop()
    seen = await crew.seen()
    cpu = {name: shares[name] * elapsed / seen.deliveries * 1000 for name in server.pids}
    return Phase(seen, cpu, shares)


# -- what came of it


def _relayed(what: str, rounds: Rounds, *, beat: bool = False) -> list[Result]:
    """`beat`: the p99 must be no more than the better peer's."""
    theirs = [_median(rounds[name], "p99") for name in OURS if name in rounds]
    results = []
    for peer, name in OURS.items():
        ours = _median(rounds[name], "p99")
        bound = min(RELAY_MILLISECONDS, *theirs) if beat and theirs else RELAY_MILLISECONDS
        note = (
            f"p50 {_median(rounds[name], 'p50'):.2f} ms, highest {_highest(rounds[name]):.1f}; {_limit(rounds[name])}"
        )
        if peer in rounds:
            note += f". {peer}: p50 {_median(rounds[peer], 'p50'):.2f} ms, highest {_highest(rounds[peer]):.1f}; "
            note += _limit(rounds[peer])
        results.append(
            Result(
                *(f"{what}, p99", ours, "ms", peer, _median(rounds[peer], "p99") if peer in rounds else None),
                target=f"≤ the better's, ≤ {RELAY_MILLISECONDS} ms" if beat else f"≤ {RELAY_MILLISECONDS} ms",
                reached=ours <= bound,
                note=note,
            )
        )
    return results


def _kept(rounds: Rounds) -> list[Result]:
    def median(name: str, which: str) -> float:
        return statistics.median(float(getattr(phase.seen.kept, which)) for phase in rounds[name] if phase.seen.kept)

    ours = median(OURS[HOCUSPOCUS], "p99")
    note = f"hocuspocus' protocol; p50 {median(OURS[HOCUSPOCUS], 'p50'):.2f} ms; {_limit(rounds[OURS[HOCUSPOCUS]])}"
    if HOCUSPOCUS in rounds:
        note += f". {HOCUSPOCUS} says the same after {median(HOCUSPOCUS, 'p99'):.2f} ms (p99), with nothing stored."
    return [
        Result(
            *("an edit acknowledged as durable, p99", ours, "ms"),
            target=f"≤ {KEPT_MILLISECONDS} ms",
            reached=ours <= KEPT_MILLISECONDS,
            note=note,
        )
    ]


def _cpu(rounds: Rounds) -> list[Result]:
    def median(name: str, process: str) -> float:
        return statistics.median(phase.cpu.get(process, 0.0) for phase in rounds[name])

    return [
        Result(
            *("CPU of 1,000 deliveries", median(name, "server"), "s"),
            *(peer, median(peer, "server") if peer in rounds else None),
            note=f"notify_server's; PostgreSQL, which stores them, took {median(name, 'postgres'):.3f} s besides.",
        )
        for peer, name in OURS.items()
    ]


def _memory(memory: Mapping[str, int], connections: int) -> list[Result]:
    """What is shared among processes is counted once."""
    ours = memory[OURS[Y_WEBSOCKET]] / 2**20
    return [
        Result(
            *(f"memory with {connections:,} people", ours, "MiB"),
            *(peer, memory[peer] / 2**20 if peer in memory else None),
            note="notify_server's, with its worker for documents, without PostgreSQL." if peer == Y_WEBSOCKET else "",
        )
        for peer in OURS
    ]


def _median(phases: Sequence[Phase], percentile: str) -> float:
    return statistics.median(float(getattr(phase.seen.relayed, percentile)) for phase in phases)


def _highest(phases: Sequence[Phase]) -> float:
    return max(phase.seen.relayed.highest for phase in phases)


def _limit(phases: Sequence[Phase]) -> str:
    """Of the last round."""
    return limited_by(phases[-1].shares)
