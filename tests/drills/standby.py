"""Servers that read from standbys, which stop replaying, stand still and are killed, and run ahead of the primary."""

import asyncio
import random
import re
from collections import Counter

import asyncpg

from tests.drills.drill import Drill, Exercise, program
from tests.drills.over_patroni import DATABASE, Failing, fechatter, judged, team
from tests.end_to_end.system import System
from tests.support.clients.plain_http import plain_http
from tests.support.services.patroni import Node, installed

BEHIND = "standbys do not replay"
FROZEN = "the synchronous standby is frozen, the other one runs ahead"
KILLED = "a standby is killed"
FAULTS = (BEHIND, FROZEN, KILLED)
SECONDS = 3.0
READS = re.compile(r'_standby_reads_total\{.*outcome="(\w+)".*\} (\S+)$', re.MULTILINE)


class Reading(Failing):
    def _round(self, number: int) -> tuple[str, ...]:
        return (FAULTS[number % len(FAULTS)],)

    async def kill(self, part: str) -> None:
        await self.patroni.settled()
        standbys = self.patroni.standbys()
        if part == BEHIND:
            await asyncio.gather(*(self._paused(node) for node in standbys))
        elif part == FROZEN:
            postmaster = standbys[0].postmaster()
            frozen = [postmaster, *postmaster.children(recursive=True)]
            for process in frozen:
                process.suspend()
            await asyncio.sleep(SECONDS)
            for process in frozen:
                process.resume()
        else:
            self.rng.choice(standbys).postmaster().kill()  # Patroni starts it again
        self.kills[part] += 1

    async def _paused(self, node: Node) -> None:
        sql = await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{node.port}/{DATABASE}")
        await sql.execute("SELECT pg_wal_replay_pause()")
        await asyncio.sleep(SECONDS)
        await sql.execute("SELECT pg_wal_replay_resume()")
        await sql.close()


async def run(exercise: Exercise) -> str:
    async with fechatter(exercise, synchronous=True, reads=True) as (patroni, system):
        people = await team(system)
        session = Reading(patroni, BEHIND, None, system, random.Random(exercise.seed), people)
        outcome = await judged(exercise, session, len(FAULTS))
        read = await _reads(system)
    assert len(session.epochs) == 1, session.epochs
    assert read["standby"], f"nothing was read from a standby: {read}"
    told = ", ".join(f"{amount} {outcome}" for outcome, amount in read.most_common())
    return f"{outcome.short()}; reads by outcome: {told}"


async def _reads(system: System) -> Counter[str]:
    """Of both servers, by what came of them."""
    found: Counter[str] = Counter()
    async with plain_http() as http:
        for server in (system.chat, system.notify):
            for outcome, value in READS.findall((await http.get(f"{server.url}/metrics")).text):
                found[outcome] += int(float(value))
    return found


DRILL = Drill(
    fault="servers read from standbys that stop replaying, are killed, or run ahead of the primary (Patroni)",
    expected="the primary is read meanwhile: 0 lost, doubled, leaked, out of order, no reset",
    run=run,
    needs=(program("etcd", "etcd-server"), installed),
)
