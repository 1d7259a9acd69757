"""Patroni hands the primary's part to a standby, again and again, under traffic."""

from tests.drills.drill import Drill, Exercise, program
from tests.drills.over_patroni import SWITCHOVER, faulty
from tests.support.services.patroni import installed


async def run(exercise: Exercise) -> str:
    return await faulty(exercise, SWITCHOVER)


DRILL = Drill(
    fault="switchover of Postgres (Patroni)",
    expected="no reset; 0 lost, doubled, leaked, out of order",
    run=run,
    needs=(program("etcd", "etcd-server"), installed),
)
