"""Which cell a workspace is in: workspace → slot → cell, in a small database of its own.

A move has a row from its beginning to its end. Edges that hear of it hold what people write in that workspace, and say
so; the workspace's change of slot is the moment at which it has moved.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from chat_core.database.pool import Connection

SLOTS = 480  # of many divisors: cells can be 2, 3, 4, 5, 6, 8, 10, 12 … and have as many each
HOLD_SECONDS = 10
TABLES = f"""
CREATE TABLE cells (number smallint PRIMARY KEY, chat_url text NOT NULL, notify_url text NOT NULL);
CREATE TABLE slots (slot smallint PRIMARY KEY CHECK (slot BETWEEN 0 AND {SLOTS - 1}), cell smallint NOT NULL REFERENCES cells);
CREATE TABLE workspaces (id bigint PRIMARY KEY, slot smallint NOT NULL REFERENCES slots, begins_at text);
CREATE TABLE edges (name text PRIMARY KEY);
CREATE TABLE moves (workspace_id bigint PRIMARY KEY REFERENCES workspaces, to_slot smallint NOT NULL REFERENCES slots);
CREATE TABLE holding (workspace_id bigint REFERENCES moves ON DELETE CASCADE, edge text REFERENCES edges, PRIMARY KEY (workspace_id, edge));
"""  # noqa: E501 - a table a line
WHERE = """
SELECT w.id, s.cell, w.begins_at, m.workspace_id IS NOT NULL AS moving
FROM workspaces w JOIN slots s USING (slot) LEFT JOIN moves m ON m.workspace_id = w.id
"""

ADD = """
INSERT INTO workspaces
SELECT $1::bigint, slot FROM slots WHERE cell = $2 ORDER BY (slot + $1::bigint) % $3::integer LIMIT 1
"""
MISSING = """
SELECT EXISTS (SELECT FROM edges WHERE name NOT IN (SELECT edge FROM holding WHERE workspace_id = $1))
"""


@dataclass(frozen=True)
class Place:
    """`begins_at`: where its cell's streams begin to have it, if it has moved there."""

    cell: int
    begins_at: str | None
    moving: bool


class Directory:
    def __init__(self, sql: Connection) -> None:
        self._sql = sql
        self._turn = asyncio.Lock()  # the connection is that of edge and mover alike
        self.heard = asyncio.Event()

    async def begin(self, cells: dict[int, tuple[str, str]]) -> None:
        """Slots are dealt out to the cells by turns."""
        await self._sql.execute(TABLES)
        numbers = sorted(cells)
        await self._sql.executemany("INSERT INTO cells VALUES ($1, $2, $3)", [(n, *cells[n]) for n in numbers])
        dealt = [(slot, numbers[slot % len(numbers)]) for slot in range(SLOTS)]
        await self._sql.executemany("INSERT INTO slots VALUES ($1, $2)", dealt)
        await self._sql.add_listener("directory", lambda *_: self.heard.set())

    async def add(self, workspace: int, cell: int) -> None:
        """Into one of the cell's slots."""
        async with self._turn:
            await self._sql.execute(ADD, workspace, cell, SLOTS)

    async def places(self) -> dict[int, Place]:
        async with self._turn:
            return {
                row["id"]: Place(row["cell"], row["begins_at"], row["moving"]) for row in await self._sql.fetch(WHERE)
            }

    async def address(self, cell: int) -> str:
        """Where people reach it."""
        return str(await self._ask("SELECT chat_url FROM cells WHERE number = $1", cell))

    async def join(self, edge: str) -> None:
        async with self._turn:
            await self._sql.execute("INSERT INTO edges VALUES ($1)", edge)

    async def hold(self, edge: str, workspace: int) -> None:
        """Says that this edge lets nobody write in the workspace."""
        async with self._turn:
            await self._sql.execute("INSERT INTO holding VALUES ($1, $2) ON CONFLICT DO NOTHING", workspace, edge)

    @asynccontextmanager
    async def move(self, workspace: int, cell: int, begins_at: str) -> AsyncIterator[None]:
        """Within this, no edge lets anybody write there. It has moved when this ends without an error, and else has
        stayed where it is. `begins_at` is a cursor of the new cell."""
        async with self._turn:
            await self._sql.execute(
                "INSERT INTO moves SELECT $1::bigint, min(slot) FROM slots WHERE cell = $2", workspace, cell
            )
            await self._tell()
        try:
            async with asyncio.timeout(HOLD_SECONDS):
                while await self._ask(MISSING, workspace):  # noqa: ASYNC110
                    await asyncio.sleep(0.002)
            yield
        except BaseException:
            async with self._turn:
                await self._sql.execute("DELETE FROM moves WHERE workspace_id = $1", workspace)
                await self._tell()
            raise
        async with self._turn, self._sql.transaction():
            await self._sql.execute(
                "UPDATE workspaces SET slot = to_slot, begins_at = $2 FROM moves WHERE id = workspace_id AND id = $1",
                *(workspace, begins_at),
            )
            await self._sql.execute("DELETE FROM moves WHERE workspace_id = $1", workspace)
            await self._tell()

    async def _ask(self, query: str, *arguments: object) -> object:
        async with self._turn:
            return await self._sql.fetchval(query, *arguments)

    async def _tell(self) -> None:
        await self._sql.execute("NOTIFY directory")


async def connected(url: str) -> Connection:
    """To a new database for the directory, on a server whose `url` leads to any other."""
    server: Connection = await asyncpg.connect(url)
    await server.execute("CREATE DATABASE directory")
    await server.close()
    connection: Connection = await asyncpg.connect(url, database="directory")
    return connection
