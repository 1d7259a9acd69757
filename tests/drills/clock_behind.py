"""chat_server and a second notify_server whose clocks are an hour behind, and which are killed and started again."""

from datetime import UTC, datetime

from tests.drills.drill import Drill, Exercise, faketime, faketime_library
from tests.end_to_end import oracle
from tests.support.servers import ServerProcess

HOUR_SECONDS = 3600
BEHIND = {"FAKETIME": "-1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


async def run(exercise: Exercise) -> str:
    library = faketime_library(threads=True)
    assert library is not None
    async with oracle.session(exercise.keys, exercise.seed, nodes=1) as session:

        async def behind(server: ServerProcess) -> None:
            server.preload(library, **BEHIND)
            await server.kill()
            await server.start()

        session.faults = {
            "chat_server an hour behind": lambda: behind(session.system.chat),
            "a notify_server an hour behind": lambda: behind(session.nodes[0]),
        }
        outcome = await session.run(exercise.seconds, max(2, int(exercise.seconds / 15)), exercise.report)
        exercise.report(str(outcome))
        said = datetime.fromisoformat(str(session.nodes[0].events("listening")[-1]["timestamp"]))
    assert (datetime.now(UTC) - said).total_seconds() > HOUR_SECONDS, "its clock was an hour behind"
    assert outcome.clean(), outcome
    return outcome.short()


DRILL = Drill(
    fault="the clocks of chat_server and of one notify_server of two an hour behind",
    expected="nothing depends on them: 0 lost, doubled, leaked, out of order, no resets, no refused tokens",
    run=run,
    needs=[faketime],
)
