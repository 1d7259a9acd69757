"""What the drills of failovers share: both servers on three Postgres that Patroni leads."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import asyncpg

from chat_core.database import migrations
from chat_core.database.connecting import Connection, connect
from chat_core.problems import DATABASE_ERRORS
from tests.drills.drill import Exercise
from tests.end_to_end.oracle import Busy, Outcome, Session
from tests.end_to_end.system import Person, System
from tests.support.postgres import apply_roles
from tests.support.servers import ServerProcess
from tests.support.services.patroni import Patroni

DATABASE = "fechatter"
SWITCHOVER = "switchover"
KILL = "the primary is killed"
FREEZE = "the primary is frozen"
NO_ETCD = "etcd is gone"
ROUNDS = 2


class Clustered(System):
    """Whose psql gives up a host that stands still."""

    @asynccontextmanager
    async def sql(self) -> AsyncIterator[Connection]:
        connection = await connect(self.owner_url, timeout=15, command_timeout=20)
        try:
            yield connection
        finally:
            connection.terminate()


@asynccontextmanager
async def fechatter(
    exercise: Exercise, *, synchronous: bool, reads: bool = False
) -> AsyncIterator[tuple[Patroni, System]]:
    """`reads`: from standbys, too, and streams that resume find nothing in memory."""
    async with AsyncExitStack() as stack:
        patroni = await stack.enter_async_context(Patroni(exercise.folder, synchronous=synchronous))
        exercise.report("three Postgres are up")
        owner = await asyncpg.connect(patroni.url("postgres"))
        await owner.execute(f"CREATE DATABASE {DATABASE}")
        await owner.close()
        owner = await asyncpg.connect(patroni.url(DATABASE))
        await migrations.up(owner, lambda _: None)
        await apply_roles(owner)
        await owner.close()
        environment = {
            "FECHATTER_AUTH__ACCESS_TOKEN_SECONDS": "86400",
            "FECHATTER_NOTIFY__RETRY_MILLISECONDS": "20",
            "FECHATTER_DATABASE__CONNECT_TIMEOUT_SECONDS": "6",
        }
        made = []
        for name, role in (("chat-server", "fechatter_chat"), ("notify-server", "fechatter_notify")):
            url, own = patroni.url(DATABASE, role), dict(environment)
            if reads:
                own["FECHATTER_DATABASE__READ_URL"] = url.replace("read-write", "standby")
                own["FECHATTER_NOTIFY__RING_BYTES"] = "0"
            made.append(ServerProcess(name, url, exercise.keys, own))
        chat, notify = made
        for server in (chat, notify):
            stack.push_async_callback(server.stop)
            await server.start()
        system = Clustered(patroni.url(DATABASE), chat, notify)
        stack.push_async_callback(system.forget_people)
        yield patroni, system


async def writable(system: System) -> None:
    """Returns when one accepts writes, which is a moment after it has been promoted."""
    while True:
        with suppress(*DATABASE_ERRORS):
            async with asyncio.timeout(10), system.sql():
                return
        await asyncio.sleep(0.1)


class Failing(Session):
    """A session whose fault is one of Patroni's."""

    def __init__(self, patroni: Patroni, fault: str, *about: Any) -> None:
        super().__init__(*about)
        self.patroni, self.fault = patroni, fault
        self.seconds: list[float] = []

    def _round(self, number: int) -> tuple[str, ...]:
        return (self.fault,)

    async def kill(self, part: str) -> None:
        await self.patroni.settled()
        async with self.system.sql() as sql:
            epoch = await sql.fetchval("SELECT epoch FROM log_state")
        began = time.monotonic()
        writes = asyncio.create_task(self._written_again(epoch))
        if part == SWITCHOVER:
            await self.patroni.switch_over()
        elif part == FREEZE:
            zombie = await self.patroni.freeze_primary()
            await writes
            self.patroni.thaw(zombie)
        else:
            dead = await self.patroni.kill_primary()
            await self.patroni.start(dead)
        await writes
        self.seconds.append(time.monotonic() - began)
        self.kills[part] += 1

    async def _do(self, busy: Busy) -> None:
        """A database that is away for seconds is away for requests, too."""
        try:
            await super()._do(busy)
        except AssertionError as error:
            if '"status":503' not in str(error):
                raise

    def resets(self) -> list[str]:
        return [connected.reset for connected in self.connections if connected.reset]

    async def _written_again(self, epoch: str) -> None:
        """Until something was appended in another epoch."""
        while True:
            with suppress(*DATABASE_ERRORS):
                async with asyncio.timeout(10), self.system.sql() as sql:
                    if await sql.fetchval("SELECT epoch FROM log_state") != epoch:
                        return
            await asyncio.sleep(0.1)


async def faulty(exercise: Exercise, fault: str) -> str:
    async with fechatter(exercise, synchronous=True) as (patroni, system):
        people = await team(system)
        session = Failing(patroni, fault, None, system, random.Random(exercise.seed), people)
        outcome = await judged(exercise, session, ROUNDS)
    assert len(session.epochs) == ROUNDS + 1, session.epochs
    gaps = ", ".join(f"{seconds:.1f}" for seconds in session.seconds)
    return f"{outcome.short()}; another epoch after {gaps} s"


async def team(system: System) -> list[Person]:
    people = await system.team("Ada", "Grace", "Mary", "Joan")
    people.append(await system.sign_up("Eve"))
    await system.group(*people[:4])
    return people


async def judged(exercise: Exercise, session: "Failing", rounds: int) -> Outcome:
    """What the history checker says of a session, which must be nothing."""
    patroni, system = session.patroni, session.system
    try:
        outcome = await session.run(exercise.seconds, rounds, exercise.report)
    except BaseException:
        exercise.report(f"refused: {session.refused}; epochs: {session.epochs}; lost: {session.resets()}")
        for server in (system.chat, system.notify):
            exercise.report("\n".join(line[:300] for line in server.log[-4:]))
        exercise.report(f"{patroni.members()}\n{patroni.words()}")
        raise
    exercise.report(str(outcome))
    assert outcome.clean(), f"{outcome}\n{outcome.resets[:5]}"
    return outcome
