"""Kills in the middle of edits: what was acknowledged is there, and everybody knows what became of each patch."""

import asyncio
import os
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.end_to_end.pages.recovery import kills
from tests.end_to_end.pages.recovery.nodes import Nodes
from tests.end_to_end.parts import parts
from tests.end_to_end.system import Person

KILLS = int(os.environ.get("KILLS", "0"))


async def _world(nodes: Nodes) -> kills.World:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    people: list[Person] = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(*people)
    return kills.World(nodes, page, [nodes.editor(person, page) for person in people * 2], random.Random(seed))


async def test_kills_of_nodes_lose_no_acknowledged_patch(nodes: Nodes) -> None:
    outcome = await kills.run(await _world(nodes), 2)
    print(outcome)
    assert outcome.clean(), outcome


@pytest.mark.skipif(not KILLS, reason="make kills-pages KILLS=50 kills nodes and Postgres in mid-edit")
async def test_kills_of_nodes_and_postgres_lose_no_acknowledged_patch(keys: Path) -> None:
    async with asyncio.timeout(120 + 15 * KILLS), AsyncExitStack() as stack:
        postgres, system = await stack.enter_async_context(parts(keys, notify__retry_milliseconds=20))
        there = system.notify.twin()
        stack.push_async_callback(there.stop)
        await there.start()
        world = await _world(Nodes(system, system.notify, there))
        world.postgres = postgres
        outcome = await kills.run(world, KILLS, report=print)
    print(outcome)
    assert outcome.clean(), outcome
    assert outcome.acknowledged > KILLS * 20
