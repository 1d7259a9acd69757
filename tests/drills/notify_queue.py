"""A session that LISTENs and sits in a transaction holds up Postgres' queue of notifications, which fills."""

import asyncio
import re
import time

import asyncpg

from tests.drills.drill import Drill, Exercise
from tests.end_to_end import oracle
from tests.end_to_end.oracle import Session
from tests.end_to_end.parts import Cluster
from tests.support.clients.plain_http import plain_http

PAGES = 1024  # of 8 KiB; Postgres' own default is 1,048,576
HELD_SECONDS = 10.0
FILL = "SELECT pg_notify('drill', repeat('x', 7900) || n) FROM generate_series(1, 20) n"
USAGE = "SELECT pg_notification_queue_usage()"


class Held:
    """`told` is what notify_server's metric said, `highest` how full the queue became."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.told = self.highest = 0.0

    async def hold(self) -> None:
        sleeper = await asyncpg.connect(self._session.system.owner_url)
        async with self._session.system.sql() as sql:
            await sleeper.execute("LISTEN drill")
            await sleeper.execute("BEGIN; SELECT 1")
            until = time.monotonic() + HELD_SECONDS
            while await sql.fetchval(USAGE) < 0.1:
                await sql.execute(FILL)
            while time.monotonic() < until or self.told < 0.1:
                self.highest = max(self.highest, await sql.fetchval(USAGE))
                self.told = max(self.told, await self._metric())
                await asyncio.sleep(0.2)
            await sleeper.execute("ROLLBACK")
            await sleeper.close()
            await sql.execute(FILL)  # the queue is tidied when it grows
            async with asyncio.timeout(30):
                while await sql.fetchval(USAGE) > 0.1:
                    await asyncio.sleep(0.1)
                    await sql.execute("SELECT pg_notify('drill', '')")

    async def _metric(self) -> float:
        async with plain_http() as http:
            text = (await http.get(f"{self._session.system.notify.url}/metrics")).text
        found = re.findall(r"^fechatter_notify_queue_usage_ratio(?:\{[^}]*\})? (.*)$", text, re.MULTILINE)
        return max(map(float, found), default=0.0)


async def run(exercise: Exercise) -> str:
    cluster = Cluster(settings={"max_notify_queue_pages": str(PAGES)})
    async with oracle.session(exercise.keys, exercise.seed, nodes=1, cluster=cluster) as session:
        held = Held(session)
        session.faults = {"long transaction": held.hold}
        outcome = await session.run(exercise.seconds, max(2, int(exercise.seconds / 20)), exercise.report)
        exercise.report(str(outcome))
    assert outcome.clean(), outcome
    assert held.told >= 0.1, "the metric says so"
    return f"{outcome.short()}; queue up to {held.highest:.0%} full, metric {held.told:.0%}"


DRILL = Drill(
    fault="a long transaction that LISTENs: the queue of notifications over 10 % full",
    expected="`fechatter_notify_queue_usage_ratio` says so, events go on by position alone; 0 lost, doubled, "
    "out of order",
    run=run,
)
