"""Three notify_servers, of which one after the other is killed, frozen or runs out of memory; people's followers go to
whichever answers. At the end one dies for good, and others must learn that those on it have gone."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from tests.drills.drill import Drill, Exercise, memory_cgroup, memory_groups
from tests.end_to_end import oracle
from tests.end_to_end.oracle import Session
from tests.support.servers import ServerProcess

FROZEN_SECONDS = 6.0
# What it may grow by, and what makes it grow: unfinished heads of requests.
LITTLE_MEMORY = 256 << 10
HEAD_BYTES, HEADS = 24_000, 400
GONE_SECONDS = 30
STREAMS = "SELECT count(*) FROM ops.online WHERE user_id = $1"
TOLD = "SELECT told FROM ops.presence WHERE user_id = $1"


class Nodes:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._turns = 0

    def next(self) -> ServerProcess:
        self._turns += 1
        found = [self._session.system.notify, *self._session.nodes]
        return found[self._turns % len(found)]

    async def killed(self) -> None:
        node = self.next()
        await node.kill()
        await node.start()

    async def frozen(self) -> None:
        node = self.next()
        node.signal(signal.SIGSTOP)
        await asyncio.sleep(FROZEN_SECONDS)
        node.signal(signal.SIGCONT)

    async def out_of_memory(self) -> None:
        """The kernel ends it as soon as it needs a little more than it has, which strangers see to."""
        node, groups = self.next(), memory_groups()
        assert groups is not None
        group = groups / f"fechatter-drill-{os.getpid()}"
        group.mkdir()
        growing = asyncio.create_task(asyncio.sleep(0))
        try:
            limit = next(name for name in ("memory.limit_in_bytes", "memory.max") if (group / name).exists())
            (group / limit).write_text(f"{LITTLE_MEMORY}")
            (group / "cgroup.procs").write_text(f"{node.pid}")
            growing = asyncio.create_task(_grow(node))
            assert await node.wait() == -signal.SIGKILL, "the kernel has ended it"
        finally:
            growing.cancel()
            await _removed(group)
        await node.start()


async def _grow(node: ServerProcess) -> None:
    writers: list[asyncio.StreamWriter] = []
    with suppress(OSError):
        for number in range(HEADS):
            _, writer = await asyncio.open_connection("127.0.0.1", node.port)
            writers.append(writer)
            writer.write(b"GET /%d HTTP/1.1\r\nHost: drill\r\nX-Long: %s" % (number, b"x" * HEAD_BYTES))
            await asyncio.sleep(0.005)
    await asyncio.sleep(30)
    for writer in writers:
        writer.close()


async def _removed(group: Path) -> None:
    """Once nobody is in it any more."""
    for _ in range(100):
        try:
            group.rmdir()
            return
        except OSError:
            await asyncio.sleep(0.1)


async def run(exercise: Exercise) -> str:
    async with oracle.session(exercise.keys, exercise.seed, nodes=2) as session:
        nodes = Nodes(session)
        session.faults = {"killed": nodes.killed, "frozen": nodes.frozen, "out of memory": nodes.out_of_memory}
        outcome = await session.run(exercise.seconds, max(3, int(exercise.seconds / 12)), exercise.report)
        exercise.report(str(outcome))
        assert outcome.clean(), outcome
        gone = await _gone_after(session)
    return f"{outcome.short()}; whoever was on a dead one was offline after {gone:.1f} s"


async def _gone_after(session: Session) -> float:
    """How long it takes until others see that somebody has gone whose server has died for good."""
    person, node = await session.system.sign_up("Zoe"), session.nodes[-1]
    person.notify_url = node.url
    async with session.system.sql() as sql, asyncio.timeout(2 * GONE_SECONDS):
        async with person.listen():
            while await sql.fetchval(TOLD, person.id) != "online":  # noqa: ASYNC110 - psql's way to know
                await asyncio.sleep(0.1)
            assert await sql.fetchval(STREAMS, person.id) == 1, "the one on that server"
            await node.kill()
            began = time.monotonic()
        while await sql.fetchval(TOLD, person.id) != "offline":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return time.monotonic() - began


DRILL = Drill(
    fault="a notify_server of three killed, frozen for 6 s, or out of memory",
    expected="streams go on at another one, 0 lost, doubled, leaked, out of order; presence right in 20 s, or after "
    "`notify.node_timeout_seconds` and the grace",
    run=run,
    needs=[memory_cgroup],
)
