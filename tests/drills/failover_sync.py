"""The primary is killed again and again, with Patroni and a synchronous standby."""

from tests.drills.drill import Drill, Exercise, program
from tests.drills.over_patroni import KILL, faulty
from tests.support.services.patroni import installed


async def run(exercise: Exercise) -> str:
    return await faulty(exercise, KILL)


DRILL = Drill(
    fault="primary killed, with a synchronous standby (Patroni)",
    expected="no reset; 0 lost, doubled, leaked, out of order",
    run=run,
    needs=(program("etcd", "etcd-server"), installed),
)
