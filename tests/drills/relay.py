"""Random sessions on two workers whose log comes over NATS. Servers, workers, Postgres and NATS are killed or frozen;
NATS loses each tenth frame and doubles another."""

import re

from tests.drills.drill import Drill, Exercise
from tests.end_to_end import oracle
from tests.support.clients.plain_http import plain_http


async def run(exercise: Exercise) -> str:
    kills = max(2, int(exercise.seconds / 10))
    async with oracle.session(exercise.keys, exercise.seed, relayed=True) as session:
        outcome = await session.run(exercise.seconds, kills, exercise.report)
        async with plain_http() as http:
            figures = (await http.get(f"{session.system.notify.url}/metrics")).text
    exercise.report(str(outcome))
    assert outcome.clean(), outcome
    over_nats = re.findall(r"^fechatter_relay_events_total (.*)$", figures, re.MULTILINE)
    assert over_nats, "the relay was in use"
    return f"{outcome.short()}; {float(over_nats[0]):.0f} events came over NATS after the last kill"


DRILL = Drill(
    fault="relay's leader killed or frozen, two leaders; NATS killed, frozen, each tenth frame dropped or doubled",
    expected="events come from Postgres meanwhile; 0 lost, doubled, leaked, out of order",
    run=run,
)
