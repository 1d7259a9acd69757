"""Edits under random kills, and the count of those that were acknowledged and are lost.

`test_recovery.py` runs it for a few kills, `make recovery-boards KILLS=50` for as many as one likes.

Everything is real: Postgres with fsync on, two notify_servers as processes, and people who edit one board over both.
Those of editors.py know which edit each acknowledgement is about; beside them npm's clients edit, and come back by
themselves.

One part after the other is killed with SIGKILL. What had been acknowledged by then has to be in the database before any
client has come back: clients have it too, and would mend what was lost. Every other kill meets a board that cannot be
committed to, so that whatever is acknowledged then is acknowledged too early. In the end everybody goes to the other
server, and others come who were not there before: all have to have every edit that was ever made, once, and in the same
place.
"""

import asyncio
import itertools
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from pycrdt import Doc, Text

from chat_core.database.embedded import EmbeddedPostgres
from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.boards.recovery.editors import PATIENCE_SECONDS, Editor, HocuspocusEditor, JsonEditor
from tests.end_to_end.parts import kill_postgres, parts
from tests.end_to_end.system import Person, System
from tests.support.clients.node import NodeClients
from tests.support.servers import ServerProcess

# npm's clients that edit beside ours.
NPM = ("yjs", "hocuspocus")
PARTS = ("here", "there", "postgres")
EDIT = re.compile("<[^>]+>")
_numbers = itertools.count()


def edits_of(text: str) -> list[str]:
    return EDIT.findall(text)


@dataclass
class Outcome:
    """Amounts of edits. `lost`: acknowledged, and not in the database after a kill, or not with some client in the end.
    `missing`: made, acknowledged or not, and not with some client or the database in the end."""

    kills: dict[str, int]
    made: int
    acknowledged: int
    lost: int
    missing: int
    doubled: int
    connections: int
    converged: bool
    seconds: float

    def clean(self) -> bool:
        return self.converged and not (self.lost or self.missing or self.doubled)

    def __str__(self) -> str:
        kills = ", ".join(f"{amount} × {part}" for part, amount in self.kills.items())
        return (
            f"{sum(self.kills.values())} kills ({kills}) in {self.seconds:.0f} s: {self.made} edits made, "
            f"{self.acknowledged} acknowledged over {self.connections} connections; {self.lost} lost, "
            f"{self.missing} missing, {self.doubled} doubled; {'one' if self.converged else 'MORE THAN ONE'} document"
        )


@dataclass
class World:
    """Two servers, `here` and `there`; `others` are npm's clients by name, with the edits of each."""

    postgres: EmbeddedPostgres
    system: System
    servers: dict[str, ServerProcess]
    tools: BoardTools
    people: list[Person]
    board: int
    editors: list[Editor] = field(default_factory=list)
    others: dict[str, list[str]] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    may_come: asyncio.Event = field(default_factory=asyncio.Event)
    lost: set[str] = field(default_factory=set)

    def editor(self, kind: type[Editor], person: Person) -> Editor:
        path = kind.path + ("" if kind is HocuspocusEditor else f"/{self.board}")
        return kind(f"{next(_numbers)}", person, self.board, lambda server: self.tools.url(path, server))

    async def edit_with(self, name: str, stop: asyncio.Event) -> None:
        """A client of npm's, which may be offline, until told to stop."""
        made = self.others[name]
        while not stop.is_set():
            made.append(f"<{name}.{len(made)}>")
            await self.tools.clients("insert", name, text=made[-1])
            await asyncio.sleep(random.uniform(0, 0.1))

    async def come_to_rest(self, editors: list[Editor]) -> list[str]:
        """All change servers. The texts that they and the database have in the end."""
        for name, server in zip(self.others, reversed(self.servers.values()), strict=True):
            await self.tools.clients("move", name, url=self.tools.url(name, server))
            await self.tools.clients("cut", name)
        for editor in editors:
            await editor.leave()
        length = sum(map(len, self.made()))
        for editor in editors:
            await editor.until(lambda e=editor: len(e.text) == length and not e.waiting)  # type: ignore[misc]
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(await self.stored()) < length:
                    pass
        stored = await self.stored()
        for name in self.others:
            with suppress(AssertionError):  # what is missing is counted
                await self.tools.clients("shows", name, text=stored)
        return [
            stored,
            *(editor.text for editor in editors),
            *[await self.tools.clients("text", name) for name in self.others],
        ]

    def made(self) -> set[str]:
        """Edits ever made."""
        return {edit for made in (*(e.made for e in self.editors), *self.others.values()) for edit in made}

    def acknowledged(self) -> set[str]:
        return {edit for editor in self.editors for edit in editor.acknowledged}

    async def stored(self) -> str:
        """The text that whoever opens the board now is given."""
        doc = Doc[Any]()
        # As of one moment: a compaction replaces updates by a snapshot meanwhile.
        async with self.system.sql() as sql, sql.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await sql.fetchrow("SELECT seq, state FROM board_snapshots WHERE board_id = $1", self.board)
            if snapshot is not None:
                doc.apply_update(snapshot["state"])
            after = snapshot["seq"] if snapshot is not None else 0
            for row in await sql.fetch(
                "SELECT data FROM board_updates WHERE board_id = $1 AND seq > $2 ORDER BY seq", self.board, after
            ):
                doc.apply_update(row["data"])
        return str(doc.get("text", type=Text))

    async def kill(self, part: str, *, stalled: bool) -> None:
        """Kills one part, looks for what had been acknowledged, and starts it again. `stalled`: while nothing can be
        committed to the board."""
        async with AsyncExitStack() as stack:
            if stalled:
                await stack.enter_async_context(self._stalled())
                await self.grows(self.made, 10)
            self.may_come.clear()
            if part == "postgres":
                await kill_postgres(self.postgres)
            else:
                await self.servers[part].kill()
            self.lost |= self.acknowledged() - set(edits_of(await self.stored()))
        self.may_come.set()
        if part != "postgres":
            await self.servers[part].start()

    async def grows(self, edits: Callable[[], set[str]], amount: int) -> None:
        enough = len(edits()) + amount
        while len(edits()) < enough:
            failed = [task for task in self.tasks if task.done()]
            if failed:
                await failed[0]
            await asyncio.sleep(0.005)

    @asynccontextmanager
    async def _stalled(self) -> AsyncIterator[None]:
        """Its row is locked, until the connection that did it is killed with Postgres at the latest."""
        connection = await asyncpg.connect(self.system.owner_url)
        try:
            await connection.execute("BEGIN")
            await connection.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", self.board)
            yield
        finally:
            connection.terminate()


@asynccontextmanager
async def world(keys: Path, clients: NodeClients) -> AsyncIterator[World]:
    """A board with four editors, who come over both servers by turns, and npm's clients, each at a server."""
    async with parts(keys, boards__compact_updates=100, notify__retry_milliseconds=20) as (postgres, system):
        there = system.notify.twin()
        try:
            await there.start()
            servers = {"here": system.notify, "there": there}
            people = await system.team("Ada", "Grace")
            tools = BoardTools(system, clients)
            board = await tools.make(*people)
            made = World(postgres, system, servers, tools, people, board)
            made.editors = [made.editor(kind, person) for kind in (JsonEditor, HocuspocusEditor) for person in people]
            for kind, server, person in zip(NPM, servers.values(), people, strict=True):
                await tools.open(kind, board, person, kind=kind, server=server)
                made.others[kind] = []
            yield made
        finally:
            await there.stop()


async def run(world: World, kills: int, report: Callable[[str], None] = lambda _: None) -> Outcome:
    """`kills` kills in traffic; then all move and come to rest, and it is counted."""
    started = time.monotonic()
    counts: Counter[str] = Counter()
    stop = asyncio.Event()
    servers = list(world.servers.values())
    staying = [
        asyncio.create_task(editor.stay(servers[number % 2 :] + servers[: number % 2], world.may_come))
        for number, editor in enumerate(world.editors)
    ]
    editing = [
        *(asyncio.create_task(editor.edit_on(stop)) for editor in world.editors),
        *(asyncio.create_task(world.edit_with(name, stop)) for name in world.others),
    ]
    world.tasks = [*staying, *editing]
    world.may_come.set()
    parts: list[str] = []
    for number in range(kills):
        await world.grows(world.acknowledged, random.randint(20, 40))  # so that every kill meets traffic
        parts = parts or random.sample(PARTS, len(PARTS))
        part = parts.pop()
        await world.kill(part, stalled=number % 2 == 0)
        counts[part] += 1
        if number % 10 == 9:
            report(f"{number + 1} of {kills} kills, {len(world.acknowledged())} edits acknowledged")
    stop.set()
    for editor in world.editors:
        await editor.tell()
    await asyncio.gather(*editing)
    try:
        late = [world.editor(kind, world.people[0]) for kind in (JsonEditor, HocuspocusEditor) for _ in servers]
        for number, editor in enumerate(late):
            staying.append(asyncio.create_task(editor.stay([servers[number % 2]], world.may_come)))
        texts = await world.come_to_rest([*world.editors, *late])
    finally:
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
    made, acknowledged = world.made(), world.acknowledged()
    found = [edits_of(text) for text in texts]
    return Outcome(
        kills=dict(counts),
        made=len(made),
        acknowledged=len(acknowledged),
        lost=len(world.lost.union(*(acknowledged.difference(edits) for edits in found))),
        missing=len(set[str]().union(*(made.difference(edits) for edits in found))),
        doubled=sum(len(edits) - len(set(edits)) for edits in found),
        connections=sum(editor.connections for editor in world.editors),
        converged=len(set(texts)) == 1,
        seconds=time.monotonic() - started,
    )
