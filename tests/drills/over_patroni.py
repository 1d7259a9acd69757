"""What the drills of failovers share: both servers on three Postgres that Patroni leads."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import asyncpg

from chat_core.database import migrations
from chat_core.problems import DATABASE_ERRORS
from tests.drills.drill import Exercise
from tests.end_to_end.oracle import Busy, Session
from tests.end_to_end.system import System
from tests.support.patroni import Patroni
from tests.support.postgres import apply_roles
from tests.support.servers import ServerProcess

DATABASE = "fechatter"
SWITCHOVER = "switchover"
KILL = "the primary is killed"
ROUNDS = 2


@asynccontextmanager
async def fechatter(exercise: Exercise, *, synchronous: bool) -> AsyncIterator[tuple[Patroni, System]]:
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
        chat = ServerProcess("chat-server", patroni.url(DATABASE, "fechatter_chat"), exercise.keys, environment)
        notify = ServerProcess("notify-server", patroni.url(DATABASE, "fechatter_notify"), exercise.keys, environment)
        for server in (chat, notify):
            stack.push_async_callback(server.stop)
            await server.start()
        system = System(patroni.url(DATABASE), chat, notify)
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
        began = time.monotonic()
        writes = asyncio.create_task(self._written_again())
        if part == SWITCHOVER:
            await self.patroni.switch_over()
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

    async def _written_again(self) -> None:
        """Until something was appended in an epoch that is not the one of now."""
        epoch = None
        while True:
            with suppress(*DATABASE_ERRORS):
                async with asyncio.timeout(10), self.system.sql() as sql:
                    found = await sql.fetchval("SELECT epoch FROM log_state")
                    epoch = epoch or found
                    if found != epoch:
                        return
            await asyncio.sleep(0.1)


async def faulty(exercise: Exercise, fault: str) -> str:
    async with fechatter(exercise, synchronous=True) as (patroni, system):
        people = await system.team("Ada", "Grace", "Mary", "Joan")
        people.append(await system.sign_up("Eve"))
        await system.group(*people[:4])
        session = Failing(patroni, fault, None, system, random.Random(exercise.seed), people)
        try:
            outcome = await session.run(exercise.seconds, ROUNDS, exercise.report)
        except BaseException:
            exercise.report(f"refused: {session.refused}; epochs: {session.epochs}; lost: {session.resets()}")
            for server in (system.chat, system.notify):
                exercise.report("\n".join(line[:300] for line in server.log[-4:]))
            exercise.report(f"{patroni.members()}\n{patroni.words()}")
            raise
    exercise.report(str(outcome))
    assert outcome.clean(), f"{outcome}\n{outcome.resets[:5]}"
    assert len(session.epochs) == ROUNDS + 1, session.epochs
    gaps = ", ".join(f"{seconds:.1f}" for seconds in session.seconds)
    return f"{outcome.short()}; another epoch after {gaps} s"
