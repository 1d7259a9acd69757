"""Random faults of all kinds, one after the other, on two chat_servers, three notify_servers, a relay, three NATS
servers, each of which loses and doubles frames, and Postgres."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from tests.drills.drill import Drill, Exercise
from tests.end_to_end import oracle
from tests.end_to_end.oracle import Session
from tests.end_to_end.parts import kill_postgres
from tests.support.servers import ServerProcess, free_port
from tests.support.services.nats import LossyNats, NatsServer

NATS_SERVERS = 3
FROZEN_SECONDS = 4.0
# As long as a fault and the way back take, on a machine that is busy.
SECONDS_OF_A_FAULT = 15
LEADERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fechatter relay'"


class Everything:
    def __init__(self, session: Session, chats: list[ServerProcess], nats: list[NatsServer]) -> None:
        self._session, self._nats = session, nats
        self._chats, self._nodes = chats, [session.system.notify, *session.nodes]

    def faults(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "a chat_server killed": lambda: self._killed(self._chats),
            "a chat_server frozen": lambda: self._frozen(self._chats),
            "a notify_server killed": lambda: self._killed(self._nodes),
            "a notify_server frozen": lambda: self._frozen(self._nodes),
            "two notify_servers killed": self._two_killed,
            "the relay's leader ended": self._leader_ended,
            "a NATS server killed": self._nats_killed,
            "a NATS server frozen": self._nats_frozen,
            "all NATS servers killed": self._all_nats_killed,
            "Postgres killed": lambda: kill_postgres(self._session.postgres),
            "everything killed": self._everything_killed,
        }

    async def _killed(self, among: list[ServerProcess]) -> None:
        await self._again(self._session.rng.choice(among))

    async def _again(self, *servers: ServerProcess) -> None:
        async with self._session.reviving:
            await asyncio.gather(*(server.kill() for server in servers))
            await asyncio.gather(*(server.start() for server in servers))

    async def _frozen(self, among: list[ServerProcess]) -> None:
        server = self._session.rng.choice(among)
        server.signal(signal.SIGSTOP)
        await asyncio.sleep(FROZEN_SECONDS)
        server.signal(signal.SIGCONT)

    async def _two_killed(self) -> None:
        await self._again(*self._session.rng.sample(self._nodes, 2))

    async def _leader_ended(self) -> None:
        async with self._session.system.sql() as sql:
            await sql.execute(LEADERS)

    async def _nats_killed(self) -> None:
        server = self._session.rng.choice(self._nats)
        await server.kill()
        await server.start()

    async def _nats_frozen(self) -> None:
        server = self._session.rng.choice(self._nats)
        server.freeze()
        await asyncio.sleep(FROZEN_SECONDS)
        server.thaw()

    async def _all_nats_killed(self) -> None:
        await asyncio.gather(*(server.kill() for server in self._nats))
        await asyncio.gather(*(server.start() for server in self._nats))

    async def _everything_killed(self) -> None:
        servers = [*self._chats, *self._nodes]
        async with self._session.reviving:
            await asyncio.gather(*(server.kill() for server in servers))
            await kill_postgres(self._session.postgres)
            await asyncio.gather(*(server.start() for server in servers))


def _cluster() -> list[NatsServer]:
    routes = [free_port() for _ in range(NATS_SERVERS)]
    named = ",".join(f"nats://127.0.0.1:{port}" for port in routes)
    return [
        NatsServer(arguments=["--cluster_name", "drill", "--cluster", f"nats://127.0.0.1:{port}", "--routes", named])
        for port in routes
    ]


async def run(exercise: Exercise) -> str:
    stack = exercise.stack
    nats = _cluster()
    for server in nats:
        stack.push_async_callback(server.kill)
        await server.start()
    lossy = [await stack.enter_async_context(LossyNats(server)) for server in nats]
    addresses = ",".join(proxy.url for proxy in lossy)
    async with oracle.session(exercise.keys, exercise.seed, nodes=2, chats=2, nats__servers=addresses) as session:
        everything = Everything(session, session.chats, nats)
        session.faults = everything.faults()
        kills = max(3, int(exercise.seconds / SECONDS_OF_A_FAULT))
        outcome = await session.run(exercise.seconds, kills, exercise.report)
    exercise.report(f"{outcome}; {dict(session.statuses)}")
    assert outcome.clean(), outcome
    lost, doubled = sum(proxy.dropped for proxy in lossy), sum(proxy.doubled for proxy in lossy)
    return f"{outcome.short()}; of NATS' frames {lost} were lost and {doubled} doubled"


DRILL = Drill(
    fault="random faults of all kinds on 2 chat_servers, 3 notify_servers, the relay, 3 NATS servers, Postgres",
    expected="0 lost, doubled, leaked, out of order; 0 acknowledged lost, 0 resets",
    run=run,
    minutes=3,
)
