"""Kills in the middle of uploads and previews: what was acknowledged is there, and nothing else is left."""

import asyncio
import os
import random
from pathlib import Path

from tests.end_to_end.files import kills
from tests.end_to_end.system import System
from tests.support.postgres import Database
from tests.support.servers import ServerProcess

KILLS = int(os.environ.get("KILLS", "2"))


async def test_kills_lose_no_acknowledged_byte_and_leave_nothing(
    database: Database, keys: Path, tmp_path: Path
) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    environment = {
        "FECHATTER_STORAGE__DIRECTORY": str(tmp_path),
        "FECHATTER_STORAGE__USER_BYTES": "0",
        "FECHATTER_STORAGE__WORKSPACE_BYTES": "0",
        "FECHATTER_AUTH__ACCESS_TOKEN_SECONDS": "86400",
    }
    chat = ServerProcess("chat-server", database.chat_url, keys, environment)
    system = System(database.url, chat, chat)
    await chat.start()
    try:
        people = [await system.sign_up(name) for name in ("Ada", "Grace", "Mary")]
        world = kills.World(system, tmp_path, people, random.Random(seed))
        async with asyncio.timeout(120 + 15 * KILLS):
            outcome = await kills.run(world, KILLS, report=print)
    finally:
        await system.forget_people()
        await chat.stop()
        print(*chat.log[-40:], sep="\n")
    print(outcome)
    assert outcome.clean(), outcome
    assert outcome.acknowledged > KILLS
