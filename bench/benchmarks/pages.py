"""Pages: 1,000 people on 100 of them, who set values of components and see each other's edits.

1. 500 edits/s, 5 on each page, of 2, 26 and 200 KB: from writing an edit to its acknowledgement, which means that it is
   durable, and to having it at each of the nine others.
2. One page of 26 KB with 200 people over two notify_servers, 100 edits/s: none may be refused.
3. How long 1,000 people take to come, and the WAL of a patch.

Beside it, in turns, through the same load generator (load/pages.py) with the same edits: ShareDB, which transforms
operations of json0, once with documents in memory, and once in PostgreSQL (peers/node/sharedb.mjs), with fsync as ours;
and hocuspocus, where an edit sets a key of a Y.Map (peers/node/hocuspocus.mjs). Those in memory store nothing. None
knows who may edit. ShareDB in PostgreSQL reads and writes the whole document for each operation; where it cannot keep
up, its line says so.

Everybody is checked after each phase: each of the others' edits once, and an answer to each of one's own.
"""

import os
import signal
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from bench import people, system
from bench.figures.cpu import Meter, limited_by
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load.documents.page_editors import PageEditors, Seat, Seen, page_editors
from bench.load.documents.pages_wire import components, page_content
from bench.peers import node_servers
from bench.peers.node_servers import FOLDER, HOCUSPOCUS, SHAREDB, SHAREDB_POSTGRES
from bench.system import System
from fechatter.progress import say

OURS = "Fechatter"
P50_MILLISECONDS, P99_MILLISECONDS, CROWD_MILLISECONDS = 8, 25, 60
TIMES_THE_SMALLEST, JOIN_SECONDS, WAL_BYTES = 1.2, 10, 1024
EDITS_PER_PAGE = 5


@dataclass(frozen=True, slots=True)
class Effort:
    """`kilobytes`: of a page. `crowd`: people on the one page that has many, with this many edits a second."""

    kilobytes: Sequence[int]
    pages: int
    members: int
    crowd: int
    crowd_per_second: float
    rounds: int
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort((2, 26), 4, 5, 12, 20, 1, 0.4),
    "normal": Effort((2, 26, 200), 100, 10, 200, 100, 3, 5),
    "full": Effort((2, 26, 200), 100, 10, 200, 100, 5, 15),
}


@dataclass(frozen=True, slots=True)
class Phase:
    """`wal`: bytes of WAL for each edit, where PostgreSQL is ours alone."""

    seen: Seen
    shares: Mapping[str, float]
    wal: float


@dataclass(frozen=True, slots=True)
class Server:
    """One of those that are compared, with a page open for each seat. `pids` are for Meter. One that cannot keep up is
    not asked again: `given_up` says why."""

    crew: PageEditors
    pids: Mapping[str, int]
    joined: float
    given_up: list[str] = field(default_factory=list)


async def run(size: Size) -> list[Result]:
    effort, results = EFFORT[size], []
    peers = await node_servers.install()
    async with system.running() as fechatter:
        found: dict[int, dict[str, list[Phase | str]]] = {}
        joined = []
        for kilobytes in effort.kilobytes:
            rounds, seconds = await _sized(fechatter, kilobytes, effort, peers=peers)
            found[kilobytes] = rounds
            joined.append(seconds)
        for kilobytes in effort.kilobytes:
            results += _of_size(kilobytes, found)
        results.append(await _crowd(fechatter, effort))
    amount = effort.pages * effort.members
    results.append(
        Result(
            *(f"{amount:,} people have come", max(joined), "s"),
            target=f"≤ {JOIN_SECONDS} s",
            reached=max(joined) <= JOIN_SECONDS,
            note="the slowest of the three sizes; 20 at a time",
        )
    )
    return results if peers else [*results, Result("servers beside it", 0, "", note=node_servers.INSTALL)]


async def _sized(
    fechatter: System, kilobytes: int, effort: Effort, *, peers: bool
) -> tuple[dict[str, list[Phase | str]], float]:
    """All servers in turns, with pages of this size; and how long it took until all had come to ours."""
    content = page_content(kilobytes * 1024)
    named = components(content)
    async with AsyncExitStack() as stack:
        servers = {OURS: await stack.enter_async_context(_ours(fechatter, content, effort))}
        if peers:
            for name in (SHAREDB, SHAREDB_POSTGRES, HOCUSPOCUS):
                servers[name] = await stack.enter_async_context(_peer(fechatter, name, content, effort))
        per_second = effort.pages * EDITS_PER_PAGE
        measures: dict[str, Callable[[], Awaitable[Phase | str]]] = {
            f"{name}, {kilobytes} KB": partial(_phase, fechatter, server, per_second, effort.seconds, named)
            for name, server in servers.items()
        }
        rounds = await take_turns(effort.rounds, measures)
        return {name.rpartition(",")[0]: found for name, found in rounds.items()}, servers[OURS].joined


@asynccontextmanager
async def _ours(fechatter: System, content: str, effort: Effort) -> AsyncIterator[Server]:
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, effort.pages * effort.members)
    groups = [members[at : at + effort.members] for at in range(0, len(members), effort.members)]
    pages = await people.add_pages(fechatter.sql, workspace, groups, content)
    await people.settle(fechatter.sql)
    where = urlsplit(fechatter.notify)
    seats = [
        Seat(where.hostname or "", where.port or 80, str(page), person.token)
        for page, group in zip(pages, groups, strict=True)
        for person in group
    ]
    async with page_editors("pages") as crew:
        say(f"{len(seats)} people come: {OURS}")
        joined = await crew.open(seats)
        pids = {"server": fechatter.notify_pid, "postgres": fechatter.postgres_pid, "generator": crew.pid}
        yield Server(crew, pids, joined)


@asynccontextmanager
async def _peer(fechatter: System, name: str, content: str, effort: Effort) -> AsyncIterator[Server]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(content)
        file.flush()
        arguments = [file.name] if name == HOCUSPOCUS else [str(effort.pages), file.name]
        if name == SHAREDB_POSTGRES:
            arguments.append(await _database(fechatter))
        async with (
            node_servers.running(name, *arguments) as peer,
            page_editors("ymap" if name == HOCUSPOCUS else "sharedb") as crew,
        ):
            seats = [
                Seat(peer.host, peer.port, str(number // effort.members))
                for number in range(effort.pages * effort.members)
            ]
            say(f"{len(seats)} people come: {name}")
            joined = await crew.open(seats)
            yield Server(crew, {"server": peer.pid, "generator": crew.pid}, joined)


async def _database(fechatter: System) -> str:
    """A new database with the tables of sharedb-postgres, in the same PostgreSQL; its URL for npm's pg."""
    await fechatter.sql.execute("DROP DATABASE IF EXISTS sharedb WITH (FORCE)")
    await fechatter.sql.execute("CREATE DATABASE sharedb")
    connection = await fechatter.connect(database="sharedb")
    await connection.execute((FOLDER / "node_modules" / "sharedb-postgres" / "structure.sql").read_text())
    await connection.close()
    url = urlsplit(fechatter.url(database="sharedb"))
    return f"socket://{url.username}@{url.query.partition('host=')[2].replace('%2F', '/')}?db=sharedb"


async def _phase(
    fechatter: System, server: Server, per_second: float, seconds: float, named: Sequence[int]
) -> Phase | str:
    """Why there is none, for a server that cannot keep up."""
    if server.given_up:
        return server.given_up[0]
    before = await fechatter.sql.fetchval("SELECT pg_current_wal_insert_lsn()")
    meter = Meter(**server.pids)
    try:
        seen = await server.crew.edit(per_second, seconds, named)
    except BenchError as error:
        if "postgres" in server.pids:
            raise
        server.given_up.append(str(error))
        os.kill(server.pids["server"], signal.SIGKILL)  # it would go on working beside the others
        return str(error)
    shares = meter.stop()
    wal = await fechatter.sql.fetchval("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", before)
    return Phase(seen, shares, float(wal) / seen.kept.amount)


async def _crowd(fechatter: System, effort: Effort) -> Result:
    """Half of the people on one notify_server, half on another, on one page."""
    content = page_content(26 * 1024)
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, effort.crowd)
    [page] = await people.add_pages(fechatter.sql, workspace, [members], content)
    await people.settle(fechatter.sql)
    async with system.notify_server(fechatter) as (url, _), page_editors("pages") as crew:
        nodes = [urlsplit(fechatter.notify), urlsplit(url)]
        seats = [
            Seat(node.hostname or "", node.port or 80, str(page), person.token)
            for number, person in enumerate(members)
            for node in [nodes[number % 2]]
        ]
        say(f"{len(seats)} people come to one page on two servers")
        await crew.open(seats)
        found = [
            await crew.edit(effort.crowd_per_second, effort.seconds, components(content)) for _ in range(effort.rounds)
        ]
    p99 = statistics.median(seen.relayed.p99 for seen in found)
    p50 = statistics.median(seen.relayed.p50 for seen in found)
    return Result(
        *(f"an edit at the others, {effort.crowd} on one page over two servers, p99", p99, "ms"),
        target=f"≤ {CROWD_MILLISECONDS} ms",
        reached=p99 <= CROWD_MILLISECONDS,
        note=f"p50 {p50:.2f} ms; none was refused",
    )


def _of_size(kilobytes: int, found: Mapping[int, Mapping[str, Sequence[Phase | str]]]) -> list[Result]:
    rounds, smallest = found[kilobytes], min(found)
    ours = _phases(rounds[OURS])
    results = []
    for what, which in (("durable", "kept"), ("at the others", "relayed")):
        p50, p99 = _median(ours, which, "p50"), _median(ours, which, "p99")
        durable = _phases(rounds.get(SHAREDB_POSTGRES, ()))
        theirs = _median(durable, which, "p99") if durable else None
        bound = P99_MILLISECONDS if theirs is None else min(P99_MILLISECONDS, theirs)
        target = f"≤ {P99_MILLISECONDS} ms, ≤ the durable peer's, p50 ≤ {P50_MILLISECONDS} ms"
        reached = p99 <= bound and p50 <= P50_MILLISECONDS
        if kilobytes != smallest:
            times = p99 / _median(_phases(found[smallest][OURS]), which, "p99")
            target += f", ≤ {TIMES_THE_SMALLEST} × of {smallest} KB"
            reached = reached and times <= TIMES_THE_SMALLEST
        results.append(
            Result(
                *(f"{kilobytes} KB, an edit {what}, p99", p99, "ms"),
                *(SHAREDB_POSTGRES if durable else "", theirs),
                target=target,
                reached=reached,
                note=_note(which, rounds),
            )
        )
    wal = statistics.median(phase.wal for phase in ours)
    results.append(
        Result(
            *(f"{kilobytes} KB, WAL of an edit", wal, "bytes"),
            target=f"≤ {WAL_BYTES}",
            reached=wal <= WAL_BYTES,
        )
    )
    return results


def _note(which: str, rounds: Mapping[str, Sequence[Phase | str]]) -> str:
    parts = []
    for name, of_one in rounds.items():
        if phases := _phases(of_one):
            p50, p99 = _median(phases, which, "p50"), _median(phases, which, "p99")
            parts.append(f"{name}: p50 {p50:.2f}, p99 {p99:.1f} ms; {limited_by(phases[-1].shares)}")
        else:
            parts.append(f"{name}: {of_one[-1]}")
    return ". ".join(parts)


def _phases(rounds: Sequence[Phase | str]) -> list[Phase]:
    return [phase for phase in rounds if isinstance(phase, Phase)]


def _median(phases: Sequence[Phase], which: str, percentile: str) -> float:
    return statistics.median(float(getattr(getattr(phase.seen, which), percentile)) for phase in phases)
