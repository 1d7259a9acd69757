"""The primary stands still until another one has been promoted and written to, and then goes on, again and again."""

from tests.drills.drill import Drill, Exercise, program
from tests.drills.over_patroni import FREEZE, faulty
from tests.support.services.patroni import installed


async def run(exercise: Exercise) -> str:
    return await faulty(exercise, FREEZE)


DRILL = Drill(
    fault="primary frozen, another one promoted, and the first one thaws (Patroni, synchronous)",
    expected="no reset; 0 lost, doubled, leaked, out of order; nothing of what the zombie accepts is acknowledged",
    run=run,
    needs=(program("etcd", "etcd-server"), installed),
)
