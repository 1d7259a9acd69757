"""Opening a board with 100,000 edits, a part of the benchmark `boards`: from connecting to having all of it.

The edits (load/busy_board.py) are rows of board_updates like those that clients have sent, and the snapshot is the one
that notify_server has made of them when the board was left; the newest hundred came after it. `cold`: the board is not
in the server's memory, and comes from PostgreSQL; `warm`: somebody has had it open a moment ago. Beside it
y-websocket's server, which has it in memory all the time. What came is held against what the edits make of a document.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from bench import people, system
from bench.benchmarks.memory import metric
from bench.figures.result import BenchError, Result
from bench.load.documents import busy_board
from bench.load.documents.editors import Editors, Place, Visit, editors
from bench.peers import node_servers
from bench.peers.node_servers import Y_WEBSOCKET
from bench.system import System
from fechatter.progress import say

MOST_MILLISECONDS = 150
# Updates since the last snapshot: fewer than make a new one when the board is left.
TAIL = 100
SETTLE_SECONDS = 120
PROTOCOL = "y-websocket"
# A board that nobody has open leaves the memory soon.
SETTINGS = {"FECHATTER_BOARDS__IDLE_SECONDS": "1"}

_KEEP = "UPDATE documents SET last_seq = $2 WHERE id = $1"
_COLUMNS = ("board_id", "seq", "user_id", "origin", "data")


async def measure(edits: int, rounds: int, *, peers: bool) -> list[Result]:
    say(f"{edits} edits are made")
    updates = busy_board.updates(edits)
    content = busy_board.content(updates)
    async with AsyncExitStack() as stack:
        fechatter = await stack.enter_async_context(system.running(**SETTINGS))
        board, person = await _board(fechatter)
        where = urlsplit(fechatter.notify)
        place = Place(where.hostname or "", where.port or 80, PROTOCOL, "/api/boards/yjs")
        visitors = await stack.enter_async_context(editors(place))
        await _store(fechatter, board, person, updates[:-TAIL], 0)
        first = await visitors.visit(str(board), person.token)
        await _settled(fechatter, compacted=board)
        await _store(fechatter, board, person, updates[-TAIL:], edits - TAIL)
        await people.settle(fechatter.sql)
        peer = await stack.enter_async_context(_peer(updates)) if peers else None
        cold, warm, theirs = [], [], []
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}: {edits} edits opened")
            await _settled(fechatter)
            cold.append(await visitors.visit(str(board), person.token))
            warm.append(await visitors.visit(str(board), person.token))
            if peer is not None:
                theirs.append(await peer.visit("board", ""))
    for visit in (*cold, *warm, *theirs):
        if visit.content != content:
            raise BenchError("the board that came is not the one that was stored")
    return _results(edits, cold, warm, theirs, first)


async def _board(fechatter: System) -> tuple[int, people.Person]:
    workspace = await people.add_workspace(fechatter.sql)
    [person] = await people.add_people(fechatter.sql, fechatter.signer, workspace, 1)
    [board] = await people.add_boards(fechatter.sql, workspace, [[person]])
    return board, person


async def _store(fechatter: System, board: int, person: people.Person, updates: Sequence[bytes], after: int) -> None:
    rows = [(board, seq, person.id, "bench", update) for seq, update in enumerate(updates, after + 1)]
    await fechatter.sql.copy_records_to_table("board_updates", records=rows, columns=_COLUMNS)
    await fechatter.sql.execute(_KEEP, board, after + len(rows))


async def _settled(fechatter: System, *, compacted: int | None = None) -> None:
    """No board is in memory any more, and the one that is to be `compacted` has got its snapshot."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while await metric(fechatter, "fechatter_board_rooms") or (
        compacted is not None
        and not await fechatter.sql.fetchval(
            "SELECT EXISTS (SELECT FROM board_snapshots WHERE board_id = $1)", compacted
        )
    ):
        if time.monotonic() > deadline:
            raise BenchError(f"a board that nobody has open was still in memory after {SETTLE_SECONDS} s")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _peer(updates: Sequence[bytes]) -> AsyncIterator[Editors]:
    """y-websocket's server, with the board loaded into it."""
    async with (
        node_servers.running(Y_WEBSOCKET) as server,
        editors(Place(server.host, server.port, PROTOCOL, "")) as visitors,
    ):
        await visitors.visit("board", "", busy_board.merged(updates))
        yield visitors


def _results(
    edits: int, cold: Sequence[Visit], warm: Sequence[Visit], theirs: Sequence[Visit], first: Visit
) -> list[Result]:
    peer = _milliseconds(theirs) if theirs else None
    size = (
        f"{cold[-1].bytes / 2**20:.1f} MiB; a document takes another {_applying(cold):.0f} ms to be made of it (pycrdt)"
    )
    never = f"{first.seconds * 1000:,.0f} ms without any snapshot, as no board is left"
    return [
        Result(
            *(f"a board with {edits:,} edits opened, {name}", _milliseconds(visits), "ms", Y_WEBSOCKET, peer),
            target=f"≤ {MOST_MILLISECONDS} ms",
            reached=_milliseconds(visits) <= MOST_MILLISECONDS,
            note=note,
        )
        for name, visits, note in (("cold", cold, f"{size}; {never}."), ("warm", warm, "Both have it in memory."))
    ]


def _milliseconds(visits: Sequence[Visit]) -> float:
    return statistics.median(visit.seconds for visit in visits) * 1000


def _applying(visits: Sequence[Visit]) -> float:
    return statistics.median(visit.applying for visit in visits) * 1000
