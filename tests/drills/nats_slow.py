"""NATS answers, but late: what goes over its links takes longer, for all servers or for one of them, by less and by
more than servers have patience for. People are at work meanwhile, and one of them measures how late events come."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from tests.drills.drill import Drill, Exercise
from tests.end_to_end import oracle
from tests.end_to_end.oracle import Session
from tests.support.services.nats import SlowNats, nats_server

# On the way to NATS, and again on the way back.
DELAYS = (0.0, 0.1, 0.5, 1.5, 4.0)
SLOW_SECONDS = 8.0
PAUSE_SECONDS = 0.2


class Slow:
    """`ways` are those of all servers but one, and of that one. `came` has how long events took to all of them, in
    seconds, by the fault."""

    def __init__(self, session: Session, ways: tuple[SlowNats, SlowNats]) -> None:
        self._session, self._ways = session, ways
        self.came: dict[str, list[float]] = {}

    def faults(self) -> dict[str, Callable[[], Awaitable[None]]]:
        def fault(seconds: float, *ways: SlowNats) -> tuple[str, Callable[[], Awaitable[None]]]:
            name = f"{seconds:g} s" + (" for one server" if len(ways) == 1 else "")
            return name, lambda: self._slow(name, seconds, ways)

        return dict([*(fault(seconds, *self._ways) for seconds in DELAYS), fault(DELAYS[-1], self._ways[1])])

    async def _slow(self, name: str, seconds: float, ways: tuple[SlowNats, ...]) -> None:
        for way in ways:
            way.seconds = seconds
        try:
            self.came.setdefault(name, []).extend(await self._delays())
        finally:
            for way in ways:
                way.seconds = 0.0

    async def _delays(self) -> list[float]:
        """How long each of some changes in psql takes until the last server has told somebody whom nobody else
        changes."""
        system = self._session.system
        came: list[float] = []
        zoe = await system.sign_up("Zoe")
        async with AsyncExitStack() as stack:
            sql = await stack.enter_async_context(system.sql())
            all_heard = []
            for node in (system.notify, *self._session.nodes):
                zoe.notify_url = node.url
                all_heard.append(await stack.enter_async_context(zoe.listen()))
            ends = time.monotonic() + SLOW_SECONDS
            while time.monotonic() < ends:
                began = time.monotonic()
                await sql.execute("UPDATE users SET fullname = $1 WHERE id = $2", f"Zoe {len(came)}", zoe.id)
                await asyncio.gather(*(heard.until_kind("UserUpdated", len(came) + 1) for heard in all_heard))
                came.append(time.monotonic() - began)
                await asyncio.sleep(PAUSE_SECONDS)
        return came


async def run(exercise: Exercise) -> str:
    stack = exercise.stack
    nats = await stack.enter_async_context(nats_server())
    most, one = [await stack.enter_async_context(SlowNats(nats)) for _ in range(2)]
    async with oracle.session(exercise.keys, exercise.seed, nodes=1, nats__servers=most.url) as session:
        node = session.system.notify.twin({"FECHATTER_NATS__SERVERS": one.url})
        stack.push_async_callback(node.stop)
        await node.start()
        session.nodes.append(node)
        slow = Slow(session, (most, one))
        session.faults = slow.faults()
        outcome = await session.run(exercise.seconds, len(session.faults), exercise.report)
        exercise.report(str(outcome))
        assert outcome.clean(), outcome
    came = "; ".join(f"{name}: {statistics.median(took):.2f}, {max(took):.2f}" for name, took in slow.came.items())
    return f"{outcome.short()}; seconds until an event was at all three servers (median, longest), by delay: {came}"


DRILL = Drill(
    fault="NATS merely slow: its links take 0.1 to 4 s each way, for all servers or for one of three",
    expected="what takes longer than a second comes from Postgres; 0 lost, doubled, leaked, out of order, no reset",
    run=run,
)
