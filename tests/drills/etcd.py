"""What Patroni keeps its leader's lock in is away for longer than that lock lasts."""

import random
import time

from tests.drills.drill import Drill, Exercise, program
from tests.drills.over_patroni import NO_ETCD, Failing, fechatter, judged, team
from tests.support.services.patroni import TTL_SECONDS, installed

AWAY_SECONDS = TTL_SECONDS + 15


class WithoutEtcd(Failing):
    """`written`: the events of that time."""

    written = 0

    async def kill(self, part: str) -> None:
        await self.patroni.settled()
        began, before = time.monotonic(), await self._head()
        await self.patroni.without_etcd(AWAY_SECONDS)
        self.written = await self._head() - before
        self.seconds.append(time.monotonic() - began)
        await self.patroni.settled()
        self.kills[part] += 1

    async def _head(self) -> int:
        async with self.system.sql() as sql:
            return int(await sql.fetchval("SELECT log_head()"))


async def run(exercise: Exercise) -> str:
    async with fechatter(exercise, synchronous=True) as (patroni, system):
        people = await team(system)
        session = WithoutEtcd(patroni, NO_ETCD, None, system, random.Random(exercise.seed), people)
        outcome = await judged(exercise, session, 1)
    assert len(session.epochs) == 1, f"the primary was given up: {session.epochs}"
    assert session.written, "nothing was written without etcd"
    return f"{outcome.short()}; away for {session.seconds[0]:.0f} s, in which {session.written} events were written"


DRILL = Drill(
    fault="etcd gone for longer than the ttl (Patroni with `failsafe_mode`)",
    expected="the primary stays one; 0 lost, doubled, leaked, out of order, no reset",
    run=run,
    needs=(program("etcd", "etcd-server"), installed),
)
