"""Kills in the middle of editing: what was acknowledged is durable, and what was made is with everybody in the end."""

import asyncio
import os
from pathlib import Path

from tests.end_to_end.boards.recovery import recovery
from tests.support.clients.node import NodeClients

KILLS = int(os.environ.get("KILLS", "3"))


async def test_random_kills_lose_no_acknowledged_edit(keys: Path, clients: NodeClients) -> None:
    async with asyncio.timeout(120 + KILLS * 15), recovery.world(keys, clients) as world:
        outcome = await recovery.run(world, KILLS, report=print)
    print(outcome)
    assert outcome.clean(), outcome
    assert outcome.acknowledged > KILLS * 20
