"""The broker of a sink is away for long, while people write."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg

from tests.drills.drill import Drill, Exercise
from tests.end_to_end.integrations.test_sinks import BEGIN, Writer, compare
from tests.support.postgres import TEMPLATE, copied
from tests.support.servers import ServerProcess
from tests.support.services import brokers

PATIENCE_SECONDS = 300
POSITION = "SELECT coalesce((SELECT position FROM sinks), 0)"
LAST = "SELECT max(position) FROM events WHERE kind = 'NewMessage'"


# Within it the broker takes nothing; then it does again.
Fault = Callable[[brokers.Nats], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _away(nats: brokers.Nats) -> AsyncIterator[None]:
    await nats.kill()
    yield
    await nats.start()


async def run(exercise: Exercise) -> str:
    folder = exercise.folder / "jetstream"
    folder.mkdir()
    return await meanwhile(exercise, folder, _away)


async def meanwhile(exercise: Exercise, folder: Path, fault: Fault) -> str:
    """People write while a broker with its data in a folder has that fault."""
    async with copied(None) as postgres, brokers.nats_server(folder) as nats:
        sql = await asyncpg.connect(postgres.dsn(TEMPLATE))
        exercise.stack.push_async_callback(sql.close)
        await sql.execute(BEGIN)
        sinks = {"FECHATTER_DELIVERY__SINKS": json.dumps({"bus": {**nats.sink, "kinds": ["NewMessage"]}})}
        server = ServerProcess("delivery-server", postgres.dsn(TEMPLATE, "fechatter_delivery"), exercise.keys, sinks)
        await server.start()
        writer = Writer(postgres)
        writing = asyncio.create_task(writer.run())
        try:
            await _until_at(sql, await _later(sql))
            exercise.report("the broker takes nothing")
            async with fault(nats):
                await asyncio.sleep(exercise.seconds)
                stood, head = await sql.fetchval(POSITION), await sql.fetchval(LAST)
            began = time.monotonic()
            exercise.report(f"it is back, {head - stood} positions later")
            await _until_at(sql, head)
            took = time.monotonic() - began
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await _until_at(sql, await sql.fetchval(LAST))
        finally:
            writing.cancel()
            await server.stop()
        async with nats.reading() as stream:
            await compare(postgres, await stream.take(await nats.amount()))
    assert head - stood > exercise.seconds, "people wrote meanwhile"
    return (
        f"for {exercise.seconds:.0f} s: the cursor stood {head - stood} positions back, and was there {took:.1f} "
        "s after its return; no hole, each chat in order"
    )


async def _later(sql: "asyncpg.Connection[asyncpg.Record]") -> int:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await sql.fetchval(LAST)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return int(found)


async def _until_at(sql: "asyncpg.Connection[asyncpg.Record]", position: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await sql.fetchval(POSITION) < position:  # noqa: ASYNC110 - the cursor is a row
            await asyncio.sleep(0.1)


DRILL = Drill(
    fault="a sink's broker away for long",
    expected="the cursor waits in the log and goes on; each event at least once, each chat in order",
    run=run,
)
