"""Cells: a workspace moves from one cell to another while people write in it, in others there, and in the other cell.

Two cells are two Fechatters, each with its own Postgres, and ids of their own; the directory, the edge and the move
are a simulation (bench/cells/). Everybody has a stream of all cells that they are in. At the end everything is compared
with the tables, and the workspace moves back, after which each of its rows has to be what it was. Two of its members
are away while it moves, and come back with the cursors that they left with.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from bench import people, system
from bench.cells import copying
from bench.cells.directory import Directory, connected
from bench.cells.edge import Edge
from bench.cells.move import Moved, admit, move
from bench.cells.people import Reader, Writer
from bench.code import OURS
from bench.figures.result import BenchError, Result, Size
from bench.load.streams.listeners import Percentiles, percentiles
from bench.people import Person
from bench.system import System
from chat_core.database.pool import Connection
from fechatter.progress import say

SOURCE, TARGET = 1, 2
IDS_OF_A_CELL = 1 << 40  # JavaScript counts exactly up to 2^53: 8,192 cells of 10^12 ids
SEQUENCES = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, $1::bigint * $2::bigint + 1, false) FROM pg_sequences
WHERE schemaname = 'public' AND data_type = 'bigint'::regtype
  AND sequencename NOT IN ('events_position_seq', 'log_pending_place_seq', 'relay_terms', 'push_claims')
"""
DIGEST = "SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM ({}) AS t"
CHATS = 4
MOST_FREEZE_SECONDS = 5.0
CATCH_UP_SECONDS = 60


@dataclass(frozen=True)
class Effort:
    """`members` of a workspace; `history` of messages in each chat of the one that moves; posts a second and writer."""

    members: int
    history: int
    rate: float
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(4, 200, 5, 1),
    "normal": Effort(12, 2_500, 5, 5),
    "full": Effort(50, 50_000, 5, 20),
}


@dataclass
class World:
    """Three workspaces: that which moves, another one in its cell, and one in the cell to which it moves."""

    cells: dict[int, System]
    directory: Directory
    effort: Effort
    homes: dict[int, int] = field(default_factory=dict)  # workspaces by chat
    members: dict[int, list[Person]] = field(default_factory=dict)  # by workspace
    moving: int = 0
    staying: int = 0
    other: int = 0

    async def fill(self) -> None:
        source, target = self.cells[SOURCE], self.cells[TARGET]
        for number, cell in self.cells.items():
            await cell.sql.execute(SEQUENCES, number, IDS_OF_A_CELL)
        self.moving = await self._workspace(SOURCE, [])
        self.staying = await self._workspace(SOURCE, [])
        # A quarter of those whose workspace moves is in the other cell already.
        guests = self.members[self.moving][: max(1, self.effort.members // 4)]
        await _admitted(source.sql, target.sql, guests)
        self.other = await self._workspace(TARGET, guests)
        moving = [chat for chat, workspace in self.homes.items() if workspace == self.moving]
        await people.add_messages(source.sql, moving, self.effort.history)
        await people.add_threads(source.sql, moving, 10, max(10, self.effort.history // 10))
        await people.add_reactions(source.sql, moving, 10)
        for cell in self.cells.values():
            await people.settle(cell.sql)

    async def _workspace(self, number: int, guests: list[Person]) -> int:
        cell = self.cells[number]
        workspace = await people.add_workspace(cell.sql)
        members = await people.add_people(cell.sql, self.cells[SOURCE].signer, workspace, self.effort.members)
        async with cell.sql.transaction():
            await cell.sql.execute(copying.QUIETLY)
            # Names are unique in a cell; between cells a directory would see to that.
            await cell.sql.execute("UPDATE users SET username = 'p' || id, email = 'p' || id || '@example.com'")
            await cell.sql.execute(
                "INSERT INTO workspace_members (workspace_id, user_id, role)"
                " SELECT $1::bigint, unnest($2::bigint[]), 'member'",
                *(workspace, [guest.id for guest in guests]),
            )
        for chat in await people.add_chats(cell.sql, workspace, CHATS, members + guests):
            self.homes[chat] = workspace
        self.members[workspace] = members + guests
        await self.directory.add(workspace, number)
        return workspace

    async def last(self, moved_to: int) -> dict[int, int]:
        """The number of each chat's newest message."""
        cells = {self.moving: moved_to, self.staying: SOURCE, self.other: TARGET}
        found: dict[int, int] = {}
        for workspace, number in cells.items():
            rows = await self.cells[number].sql.fetch(
                "SELECT id, last_seq FROM chats WHERE workspace_id = $1", workspace
            )
            found |= {row["id"]: row["last_seq"] for row in rows}
        return found


@dataclass
class Traffic:
    world: World
    edge: Edge
    readers: list[Reader] = field(default_factory=list)
    writers: list[Writer] = field(default_factory=list)
    away: list[Reader] = field(default_factory=list)  # while it moved

    async def begin(self, stack: AsyncExitStack) -> None:
        first, persons = await self.world.last(SOURCE), dict[Person, list[int]]()
        for workspace, members in self.world.members.items():
            for person in members:
                persons.setdefault(person, []).append(workspace)
        for person, workspaces in persons.items():
            homes = {chat: home for chat, home in self.world.homes.items() if home in workspaces}
            self.readers.append(Reader(self.edge, person, homes, first))
        for reader in self.readers:
            await reader.begin(stack)
        for workspace, members in self.world.members.items():
            chats = [chat for chat, home in self.world.homes.items() if home == workspace]
            pause = 1 / self.world.effort.rate
            self.writers += [Writer(self.edge, person, chats, workspace, pause) for person in members[:3]]

    def both_kinds(self) -> list[Reader]:
        """Somebody of the workspace that moves who is in both cells, and somebody who is in one."""
        members = [reader for reader in self.readers if self.world.moving in reader.chats.values()]
        return [next(r for r in members if (self.world.other in r.chats.values()) is both) for both in (True, False)]

    async def until_all_is_there(self, moved_to: int) -> dict[int, int]:
        last = await self.world.last(moved_to)
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while any(reader.lost(last) for reader in self.readers) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return last

    def delays(self, workspaces: set[int], since: float, until: float) -> Percentiles:
        found = [late for r in self.readers for w, at, late in r.delays if w in workspaces and since <= at <= until]
        return percentiles(found)


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(_world(effort))
        say("both cells run")
        await world.fill()
        say("they are filled")
        addresses = {number: (cell.chat, cell.notify) for number, cell in world.cells.items()}
        edge = Edge("edge", world.directory, addresses, world.homes)
        await stack.enter_async_context(edge.running())
        traffic = Traffic(world, edge)
        await traffic.begin(stack)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for writer in traffic.writers:
                group.create_task(writer.write(stop))
            say("people write")
            began = time.monotonic()
            await asyncio.sleep(effort.seconds)
            say("two people leave, and the workspace moves")
            traffic.away = traffic.both_kinds()
            cursors = [await reader.leave() for reader in traffic.away]
            moving = time.monotonic()
            source, target = [await _superuser(stack, world.cells[number]) for number in (SOURCE, TARGET)]
            moved = await move(world.directory, source, target, world.moving, TARGET)
            after = time.monotonic()
            await asyncio.sleep(effort.seconds / 2)
            for reader, cursor in zip(traffic.away, cursors, strict=True):
                await reader.begin(stack, cursor)
            await asyncio.sleep(effort.seconds / 2)
            stop.set()
        last = await traffic.until_all_is_there(TARGET)
        await _check(traffic, last)
        others = {world.staying, world.other}
        before, during = (
            traffic.delays(others, began, moving),
            traffic.delays(others, moving, after + effort.seconds / 2),
        )
        results = _results(traffic, moved, before, during)
        say("it moves back, and is compared")
        await _moves_back(world, source, target)
    return results


@asynccontextmanager
async def _world(effort: Effort) -> AsyncIterator[World]:
    """Both cells know the same keys, so a token is valid in both where its session is."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(system.running(OURS, FECHATTER_NOTIFY__DRAIN_SECONDS="1"))
        keys = {
            "FECHATTER_AUTH__PRIVATE_KEY": str(first.private_key),
            "FECHATTER_AUTH__PUBLIC_KEY": str(first.private_key.with_name("public.pem")),
        }
        second = await stack.enter_async_context(system.running(**keys))
        sql = await connected(first.url())
        stack.push_async_callback(sql.close)
        directory = Directory(sql)
        cells = {SOURCE: first, TARGET: second}
        await directory.begin({number: (cell.chat, cell.notify) for number, cell in cells.items()})
        yield World(cells, directory, effort)


async def _superuser(stack: AsyncExitStack, cell: System) -> Connection:
    connection = await cell.connect()
    stack.push_async_callback(connection.close)
    return connection


async def _admitted(source: Connection, target: Connection, guests: list[Person]) -> None:
    async with target.transaction():
        await target.execute(copying.QUIETLY)
        await admit(source, target, [guest.id for guest in guests])


async def _check(traffic: Traffic, last: dict[int, int]) -> None:
    """BenchError unless everybody has everything once, and nobody else was touched."""
    world, readers = traffic.world, traffic.readers
    lost = sum(reader.lost(last) for reader in readers)
    doubled, disordered = sum(reader.doubled() for reader in readers), sum(reader.disordered for reader in readers)
    foreign = sum(reader.foreign for reader in readers)
    if lost or doubled or disordered or foreign:
        raise BenchError(f"{lost} messages were lost, {doubled} doubled, {disordered} disordered, {foreign} foreign")
    for reader in readers:
        assert reader.stream is not None
        expected = {world.moving: 1} if world.moving in reader.chats.values() else {}
        if reader.moves != expected or reader.stream.resets or max(reader.stream.opened.values()) > 1:
            raise BenchError(f"{reader.moves} moves and {reader.stream.resets} resets were told to {reader.person.id}")
        # Who was away comes back to the new cell alone.
        told = Counter() if reader in traffic.away else expected
        if reader.stream.left != told or reader.stream.late:
            raise BenchError(f"the old cell told {reader.person.id} of {reader.stream.left}, {reader.stream.late} late")
    kept = set()
    for cell in world.cells.values():
        kept |= {row["id"] for row in await cell.sql.fetch("SELECT id FROM messages")}
    acknowledged = {message for writer in traffic.writers for message in writer.acknowledged}
    if unkept := acknowledged - kept:
        raise BenchError(f"{len(unkept)} acknowledged messages are nowhere")
    if refused := sum(writer.refused.total() for writer in traffic.writers):
        raise BenchError(f"{refused} posts were refused")


async def _moves_back(world: World, source: Connection, target: Connection) -> None:
    before = await _digests(target, world.moving)
    await move(world.directory, target, source, world.moving, SOURCE)
    if (after := await _digests(source, world.moving)) != before:
        raise BenchError(f"rows are not what they were: {before.items() ^ after.items()}")
    if any(await _digests(target, world.moving)):
        raise BenchError("something of it has stayed where it was")


async def _digests(sql: Connection, workspace: int) -> dict[str, tuple[int, str]]:
    """How many rows each table has of it, and a digest of them."""
    found = {}
    looks = await copying.Looks.begun(sql, await copying.tables(sql), workspace)
    for table in await looks.tables():
        [(amount, digest)] = await sql.fetch(DIGEST.format(table.query(workspace)))
        found[table.name] = (amount, digest)
    return found


def _results(traffic: Traffic, moved: Moved, before: Percentiles, during: Percentiles) -> list[Result]:
    longest = max(traffic.edge.waits) * 1000
    posted = sum(len(writer.acknowledged) for writer in traffic.writers)
    of_it = sum(reader.moves.total() for reader in traffic.readers)
    others = sum(1 for reader in traffic.readers if not reader.moves)
    return [
        Result(
            *("nobody writes in the workspace for", moved.frozen * 1000, "ms"),
            target=f"≤ {MOST_FREEZE_SECONDS:.0f} s",
            reached=moved.frozen <= MOST_FREEZE_SECONDS,
            note=f"edges held after {moved.held * 1000:.0f} ms; {moved.late_rows:,} rows copied, streams told; the "
            f"longest wait of a request {longest:.0f} ms; asked again: {traffic.edge.asked_again}",
        ),
        Result(
            *("rows copied while people wrote", moved.rows, ""),
            note=f"in {moved.copied:.2f} s; what was left behind was deleted in {moved.deleted:.2f} s",
        ),
        Result(
            *("messages lost, doubled or out of order", 0, "", "posted", posted),
            target="0",
            reached=True,
            note=f"compared with the tables, for {len(traffic.readers)} people in three workspaces; moved back, each "
            "row was what it had been; two members were away, and came back with the cursors of before",
        ),
        Result(
            *("people whose state of another workspace was reset", 0, "", "told WorkspaceMoved", of_it),
            target="0",
            reached=True,
            note=f"{others} people are not in it, and had one connection all the time",
        ),
        Result(
            *("due to received in other workspaces, p99", during.p99, "ms", "before the move", before.p99),
            note=f"the slowest {during.highest:.0f} ms, before {before.highest:.0f} ms",
        ),
    ]
