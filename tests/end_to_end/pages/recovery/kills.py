"""Edits of a page under random kills, and the count of those that were acknowledged and are lost.

`test_kills.py` runs it for a few kills of two nodes, `make kills-pages KILLS=50` for as many as one likes, of Postgres
too, with fsync on. What had been acknowledged when a part is killed has to be in the table before any client has come
back. Every other kill meets a page that cannot be committed to, so that whatever is acknowledged then is acknowledged
too early. In the end everybody has to be at the newest version and to have been told the truth about each patch.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from chat_core.database.embedded import EmbeddedPostgres
from tests.end_to_end.pages.recovery import truth
from tests.end_to_end.pages.recovery.editors import PageEditor
from tests.end_to_end.pages.recovery.nodes import Nodes, put, rename
from tests.end_to_end.parts import kill_postgres

# Patches of one editor that may wait for their answers.
MOST_WAITING = 8


@dataclass
class Outcome:
    """`lost` are patches that had been acknowledged and were not in the table after a kill; `faults` what does not hold
    in the end."""

    kills: dict[str, int]
    made: int
    acknowledged: int
    refused: int
    lost: list[str]
    faults: list[str]
    connections: int
    seconds: float

    def clean(self) -> bool:
        return not (self.lost or self.faults)

    def __str__(self) -> str:
        kills = ", ".join(f"{amount} × {part}" for part, amount in self.kills.items())
        return (
            f"{sum(self.kills.values())} kills ({kills}) in {self.seconds:.0f} s: {self.made} patches made, "
            f"{self.acknowledged} acknowledged and {self.refused} refused over {self.connections} connections; "
            f"{len(self.lost)} lost, faults: {self.faults or 'none'}"
        )


@dataclass
class World:
    """`postgres` is None where it is not to be killed."""

    nodes: Nodes
    page: int
    editors: list[PageEditor]
    chance: random.Random
    postgres: EmbeddedPostgres | None = None
    lost: list[str] = field(default_factory=list)
    may_come: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        for editor in self.editors[1:]:  # all are told what is new with any of them
            editor.news = self.editors[0].news

    @property
    def parts(self) -> list[str]:
        return ["here", "there"] if self.postgres is None else ["here", "there", "postgres"]

    async def edit_on(self, editor: PageEditor, stop: asyncio.Event) -> None:
        """Connected or not, until told to stop; one patch in five overlaps with others'."""
        while not stop.is_set():
            await editor.until(lambda: len(editor.pending) < MOST_WAITING or stop.is_set())
            if editor.version:
                overlapping = self.chance.random() < 0.2
                number = len(editor.made)
                await editor.edit(rename(f"{editor.name} {number}") if overlapping else put(f"{editor.name}", number))
            await asyncio.sleep(self.chance.uniform(0, 0.03))

    async def kill(self, part: str, *, stalled: bool) -> None:
        """Kills one part, looks for what had been acknowledged, and starts it again."""
        async with AsyncExitStack() as stack:
            if stalled:
                await stack.enter_async_context(self.nodes.locked(self.page))
                waiting = len(self.waiting())
                enough = min(waiting + 3, MOST_WAITING * len(self.editors))
                assert await self.editors[0].until(lambda: len(self.waiting()) >= enough)
            self.may_come.clear()
            if part == "postgres" and self.postgres is not None:
                await kill_postgres(self.postgres)
            else:
                await getattr(self.nodes, part).kill()
            acknowledged = self.acknowledged()
            async with self.nodes.system.sql() as sql:
                there = set(await sql.fetchval("SELECT array_agg(op_id) FROM page_ops WHERE page_id = $1", self.page))
            self.lost += sorted(acknowledged - there)
        if part != "postgres":
            await getattr(self.nodes, part).start()
        self.may_come.set()

    def acknowledged(self) -> set[str]:
        return {op for editor in self.editors for op in editor.told.acknowledged}

    def waiting(self) -> set[str]:
        return {op for editor in self.editors for op in editor.pending}

    async def grows(self, amount: int) -> None:
        """Until so many more patches are acknowledged: every kill meets traffic."""
        enough = len(self.acknowledged()) + amount
        assert await self.editors[0].until(lambda: len(self.acknowledged()) >= enough)


async def run(world: World, kills: int, report: Callable[[str], None] = lambda _: None) -> Outcome:
    started, stop, counts = time.monotonic(), asyncio.Event(), Counter[str]()
    servers = [world.nodes.here, world.nodes.there]
    staying = [
        asyncio.create_task(editor.stay(servers[number % 2 :] + servers[: number % 2], world.may_come))
        for number, editor in enumerate(world.editors)
    ]
    editing = [asyncio.create_task(world.edit_on(editor, stop)) for editor in world.editors]
    world.may_come.set()
    parts: list[str] = []
    try:
        for number in range(kills):
            await world.grows(world.chance.randint(20, 40))
            parts = parts or world.chance.sample(world.parts, len(world.parts))
            part = parts.pop()
            await world.kill(part, stalled=number % 2 == 0)
            counts[part] += 1
            if number % 10 == 9:
                report(f"{number + 1} of {kills} kills, {len(world.acknowledged())} patches acknowledged")
        stop.set()
        await asyncio.gather(*editing)
        for editor in world.editors:
            await editor.settled()
        newest = await world.nodes.version(world.page)
        for editor in world.editors:
            await editor.until(lambda e=editor: e.version >= newest)  # type: ignore[misc]
        async with world.nodes.system.sql() as sql:
            faults = truth.faults(await truth.stored(sql, world.page), world.editors)
    finally:
        for task in (*editing, *staying):
            task.cancel()
        await asyncio.gather(*editing, *staying, return_exceptions=True)
    return Outcome(
        kills=dict(counts),
        made=sum(len(editor.made) for editor in world.editors),
        acknowledged=len(world.acknowledged()),
        refused=sum(len(editor.told.refused) for editor in world.editors),
        lost=world.lost,
        faults=faults,
        connections=sum(editor.connections for editor in world.editors),
        seconds=time.monotonic() - started,
    )
