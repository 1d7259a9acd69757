"""The system that gets a bot's webhooks answers nothing but 503 for long, while people write."""

import asyncio
import time

import asyncpg

from chat_core.outgoing.signing import SigningKey
from tests.drills.drill import Drill, Exercise
from tests.end_to_end.integrations.test_delivery import BEGIN, SEEN, SUBSCRIBE, Writer
from tests.support.postgres import TEMPLATE, copied
from tests.support.servers import ServerProcess
from tests.support.services.receiver import Receiver, receiver

PATIENCE_SECONDS = 300
WAITS = "[" + ",".join(["1"] * 50) + "]"  # between attempts, of which none is the last here


async def run(exercise: Exercise) -> str:
    async with copied(None) as postgres, receiver() as peer:
        sql = await asyncpg.connect(postgres.dsn(TEMPLATE))
        exercise.stack.push_async_callback(sql.close)
        await sql.execute(BEGIN)
        subscription = await sql.fetchval(SUBSCRIBE, peer.url)
        await sql.execute("SELECT add_secret($1, 'v1', $2)", subscription, SigningKey.new("v1").secret)
        settings = {"FECHATTER_INTEGRATIONS__ALLOW_HOSTS": peer.authority, "FECHATTER_DELIVERY__RETRY_SECONDS": WAITS}
        server = ServerProcess("delivery-server", postgres.dsn(TEMPLATE, "fechatter_delivery"), exercise.keys, settings)
        await server.start()
        writing = asyncio.create_task(Writer(postgres).run())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await peer.until(lambda: len(peer.accepted) > 3)
            asked, stood = await _away(peer, exercise)
            began = time.monotonic()
            behind = [row[0] for row in await sql.fetch(SEEN)]
            async with asyncio.timeout(PATIENCE_SECONDS):
                await peer.until(lambda: len(peer.accepted) >= len(behind))
            took = time.monotonic() - began
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            expected = [row[0] for row in await sql.fetch(SEEN)]
            async with asyncio.timeout(PATIENCE_SECONDS):
                await peer.until(lambda: {received.key for received in peer.accepted} >= {*expected})
        finally:
            writing.cancel()
            await server.stop()
    got = list(dict.fromkeys(received.key for received in peer.accepted))
    assert got == expected, f"{len({*expected} - {*got})} are missing, or not in order"
    assert len(behind) - stood > exercise.seconds, "people wrote meanwhile"
    return (
        f"away for {exercise.seconds:.0f} s: {asked} requests refused, {len(behind) - stood} events waited and "
        f"were there {took:.1f} s after its return; no hole, in order"
    )


async def _away(peer: Receiver, exercise: Exercise) -> tuple[int, int]:
    """How many requests were refused meanwhile, and how many had been accepted before."""
    accepts, before, stood = peer.answer, len(peer.requests), len(peer.accepted)
    peer.answer = lambda _: (503, [])
    exercise.report("the receiver refuses everything")
    await asyncio.sleep(exercise.seconds)
    peer.answer = accepts
    return len(peer.requests) - before, stood


DRILL = Drill(
    fault="a webhook's receiver away for long",
    expected="its events wait in the log, tried again at intervals, and come in order, each at least once",
    run=run,
)
