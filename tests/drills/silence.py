"""The last frame before a silence is lost on its way to a notify_server: the next heartbeat must show it."""

import asyncio
import re
import statistics
import time

from tests.drills.drill import Drill, Exercise
from tests.end_to_end.parts import parts
from tests.end_to_end.system import Person, System
from tests.support.clients.plain_http import plain_http
from tests.support.servers import ServerProcess
from tests.support.services.nats import LossyNats, nats_server

LONGEST_SECONDS = 2.0
PATIENCE_SECONDS = 60
# A frame with an event; heartbeats are shorter.
EVENT_BYTES = 500


class Tail(LossyNats):
    """Loses nothing but the next frame with an event, once it is told to."""

    losing = False
    lost = 0

    def copies(self, message: bytes) -> int:
        if self.losing and len(message) > EVENT_BYTES:
            self.losing = False
            self.lost += 1
            return 0
        return 1


async def run(exercise: Exercise) -> str:
    stack = exercise.stack
    nats = await stack.enter_async_context(nats_server())
    tail = Tail(nats)
    await stack.enter_async_context(tail)
    _, system = await stack.enter_async_context(parts(exercise.keys, nats__servers=nats.url, notify__poll_seconds=300))
    node = system.notify.twin({"FECHATTER_NATS__SERVERS": tail.url})
    stack.push_async_callback(node.stop)
    await node.start()
    await _until_led(system.notify)
    ada, grace = await system.team("Ada", "Grace")
    lunch = await system.group(ada, grace)
    await _until_only_one_leads(system, node, ada, grace, lunch)
    grace.notify_url = node.url
    delays: list[float] = []
    async with grace.listen() as heard:
        rounds = max(5, int(exercise.seconds / 6))
        for number in range(rounds):
            await _until_led(node)
            await asyncio.sleep(1.3)  # what was read because of the last round is over, and a heartbeat has come
            tail.losing = True
            await ada.messages.post(lunch, f"after this, silence {number}")
            began = time.monotonic()
            await heard.until_kind("NewMessage", number + 1)
            delays.append(time.monotonic() - began)
            exercise.report(f"there after {delays[-1]:.2f} s")
    assert tail.lost >= rounds - 1, f"only {tail.lost} frames were lost"
    assert max(delays) <= LONGEST_SECONDS, delays
    middle = statistics.median(delays)
    return f"{tail.lost} last frames lost: there after {middle:.2f} s (median), {max(delays):.2f} s (longest)"


async def _figure(node: ServerProcess, name: str) -> float:
    async with plain_http() as http:
        text = (await http.get(f"{node.url}/metrics")).text
    return float((re.findall(rf"^{name} (.*)$", text, re.MULTILINE) or ["0"])[0])


async def _until_led(node: ServerProcess) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await _figure(node, "fechatter_relay_led"):  # noqa: ASYNC110 - a figure of its metrics
            await asyncio.sleep(0.1)


async def _until_only_one_leads(system: System, node: ServerProcess, ada: Person, grace: Person, chat: int) -> None:
    """The first one leads, since it was there first, and the other one gets its frames through the proxy."""
    await _until_led(node)
    assert await _figure(system.notify, "fechatter_relay_leads"), "the first one leads"
    grace.notify_url = node.url
    async with grace.listen() as heard:
        await ada.messages.post(chat, "plans and caches")
        await heard.until_kind("NewMessage")


DRILL = Drill(
    fault="the relay's last frame before a silence lost",
    expected="the heartbeat shows where the leader is; filled from Postgres in 2 s",
    run=run,
)
