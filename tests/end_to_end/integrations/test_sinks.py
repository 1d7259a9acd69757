"""delivery_server, the broker and Postgres are killed in the middle of their work: the stream has what the log has,
each event by its key, and each chat in the log's order. `make kills-sinks KILLS=50` kills as often as one likes, and
does it for Kafka, too, whose broker keeps all in memory and is therefore spared."""

import asyncio
import json
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.end_to_end.parts import kill_postgres
from tests.sql.world import until
from tests.support.postgres import TEMPLATE, copied
from tests.support.servers import ServerProcess
from tests.support.services import brokers
from tests.support.services.brokers import Stored

KILLS = int(os.environ.get("KILLS", "3"))
CHATS = 4
PATIENCE_SECONDS = 90
BEGIN = """
    SELECT log_check_epoch();
    SELECT create_user('Ada', 'ada@example.com', 'x', 'Acme');
    SELECT create_chat(1, 1, 'PublicChannel', name, '', '{}') FROM unnest('{a,b,c,d}'::text[]) AS name;
"""
IN_THE_LOG = """
    SELECT e.chat_id, state.epoch || '.' || e.position FROM events e, log_state state
    WHERE e.kind = 'NewMessage' ORDER BY e.position
"""


@dataclass
class Writer:
    """Posts in psql's way into one chat after the other, over any number of connections."""

    postgres: EmbeddedPostgres
    tried: int = 0

    async def run(self) -> None:
        while True:
            with suppress(Exception):  # whatever asyncpg says of a server that is killed at any moment
                sql = await asyncpg.connect(self.postgres.dsn(TEMPLATE))
                try:
                    while True:
                        self.tried += 1
                        chat = 1 + self.tried % CHATS
                        await sql.execute("SELECT ops.post_message($1, '1', $2)", chat, f"message {self.tried}")
                        await asyncio.sleep(0.01)
                finally:
                    sql.terminate()
            await asyncio.sleep(0.05)


@pytest.mark.skipif("KILLS" not in os.environ, reason="make kills-sinks")
async def test_what_the_stream_has_is_what_the_log_has(keys: Path, tmp_path: Path) -> None:
    async with copied(None) as postgres, brokers.nats_server(tmp_path) as nats:

        async def restart() -> None:
            await nats.kill()
            await nats.start()

        await _kill(postgres, keys, nats, [restart])
        async with nats.reading() as stream:
            await compare(postgres, await stream.take(await nats.amount()))


@pytest.mark.skipif("KILLS" not in os.environ, reason="make kills-sinks")
async def test_what_the_topic_has_is_what_the_log_has(keys: Path) -> None:
    async with copied(None) as postgres:
        with brokers.tansu() as kafka:
            await _kill(postgres, keys, kafka, [])
            with kafka.reading() as topic:
                stored = await topic.take(await kafka.amount())
                # Tansu says that a partition ends before what it has stored and gives to readers.
                while await _missing(postgres, stored):
                    stored += await topic.take()
            await compare(postgres, stored)


async def _missing(postgres: EmbeddedPostgres, stored: list[Stored]) -> set[str]:
    sql = await asyncpg.connect(postgres.dsn(TEMPLATE))
    expected = {key for _, key in await sql.fetch(IN_THE_LOG)}
    await sql.close()
    return expected - {each.id for each in stored}


async def _kill(
    postgres: EmbeddedPostgres,
    keys: Path,
    broker: brokers.Nats | brokers.Kafka,
    restarts: list[Callable[[], Awaitable[None]]],
) -> None:
    """Until as many kills are done, and the sink is at the log's end."""
    sql = await asyncpg.connect(postgres.dsn(TEMPLATE))
    await sql.execute(BEGIN)
    await sql.close()
    environment = {
        "FECHATTER_DELIVERY__LEASE_SECONDS": "1",
        "FECHATTER_DELIVERY__ANSWER_SECONDS": "2",
        "FECHATTER_DELIVERY__SINKS": json.dumps({"bus": {**broker.sink, "kinds": ["NewMessage"]}}),
    }
    server = ServerProcess("delivery-server", postgres.dsn(TEMPLATE, "fechatter_delivery"), keys, environment)
    await server.start()

    async def another_server() -> None:
        await server.kill()
        await server.start()

    kills = [another_server, lambda: kill_postgres(postgres), *restarts]
    writer = Writer(postgres)
    writing = asyncio.create_task(writer.run())
    try:
        for kill in range(KILLS):
            so_far = await broker.amount()
            await _until(lambda so_far=so_far: _has_more(broker, so_far + 3), server)  # type: ignore[misc]
            await kills[kill % len(kills)]()
            if KILLS > 5:
                print(f"kill {kill + 1}: {await broker.amount()} events stored")
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        sql = await asyncpg.connect(postgres.dsn(TEMPLATE))
        last = "SELECT max(position) FROM events WHERE kind = 'NewMessage'"
        await _until(lambda: sql.fetchval(f"SELECT position >= ({last}) FROM sinks"), server)
        sent = await sql.fetchval("SELECT sent FROM sinks")
        await sql.close()
        print(f"{writer.tried} posts tried, {sent} events recorded as sent, {await broker.amount()} stored")
    finally:
        writing.cancel()
        await server.stop()


async def _has_more(broker: brokers.Nats | brokers.Kafka, than: int) -> bool:
    await asyncio.sleep(0.05)
    return await broker.amount() > than


async def _until(condition: Callable[[], Any], server: ServerProcess) -> None:
    try:
        await until(condition, "the sink goes on", PATIENCE_SECONDS)
    except AssertionError:
        print(*server.log[-20:], sep="\n")
        raise


async def compare(postgres: EmbeddedPostgres, stored: list[Stored]) -> None:
    sql = await asyncpg.connect(postgres.dsn(TEMPLATE))
    in_the_log: dict[str, list[str]] = defaultdict(list)
    for chat, key in await sql.fetch(IN_THE_LOG):
        in_the_log[f"chats/{chat}"].append(key)
    await sql.close()
    assert sum(map(len, in_the_log.values())) > 3 * KILLS
    found: dict[str, list[str]] = defaultdict(list)
    for event in (json.loads(each.body) for each in stored):
        found[event["subject"]].append(event["id"])
    first = {subject: list(dict.fromkeys(ids)) for subject, ids in found.items()}
    for subject, expected in in_the_log.items():
        came = first.get(subject, [])
        assert set(expected) - set(came) == set(), f"{subject} has a hole"
        assert set(came) - set(expected) == set(), f"{subject} has what the log has not"
        wrong = [(one, other) for one, other in zip(came, expected, strict=True) if one != other]
        assert not wrong, f"{subject} is not in order: {wrong[:3]}, as stored: {found[subject]}"
    print(f"{len(stored)} stored, {len(stored) - sum(map(len, first.values()))} of them twice")
