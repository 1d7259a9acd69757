"""A random session, with kills, against the oracle: nothing is lost, doubled, leaked, or out of order."""

import asyncio
import os
import time
from pathlib import Path

from tests.end_to_end import oracle

SECONDS = float(os.environ.get("ORACLE_SECONDS", "1"))
KILLS = max(2, int(SECONDS / 10))


async def test_a_random_session_with_kills_is_what_the_tables_say(keys: Path) -> None:
    seed = os.environ.get("ORACLE_SEED") or str(time.time_ns())
    print(f"ORACLE_SEED={seed}")
    async with asyncio.timeout(180 + SECONDS * 3), oracle.session(keys, seed) as session:
        outcome = await session.run(SECONDS, KILLS, report=print)
    print(outcome)
    assert outcome.clean(), outcome
    assert len(outcome.connections) == 5, "each transport was used"
