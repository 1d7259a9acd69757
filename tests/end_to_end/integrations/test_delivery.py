"""delivery_server, the receiver and Postgres are killed in the middle of their work: the receiver has what the log has,
each event by its key, and in its order. `make kills-delivery KILLS=50` kills as often as one likes."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.outgoing.signing import SigningKey
from tests.end_to_end.parts import kill_postgres
from tests.support.postgres import TEMPLATE, copied
from tests.support.servers import ServerProcess, free_port
from tests.support.services.receiver import Receiver, receiver

KILLS = int(os.environ.get("KILLS", "3"))
SEEN = """
    SELECT state.epoch || '-' || e.position FROM events e, log_state state
    WHERE e.kind = 'NewMessage' AND e.chat_id = 1 ORDER BY e.position
"""
BEGIN = """
    SELECT create_user('Ada', 'ada@example.com', 'x', 'Acme');
    INSERT INTO features (name, enabled) VALUES ('enable_bot_messages', true)
        ON CONFLICT (name) DO UPDATE SET enabled = true;
    SELECT create_chat(1, 1, 'PublicChannel', 'general', '', '{}');
    SELECT create_bot(1, 1, 'builds', 'Builds');
    INSERT INTO chat_members (chat_id, user_id) SELECT 1, user_id FROM bots;
"""
SUBSCRIBE = """
    INSERT INTO subscriptions (bot_id, name, address, kinds) SELECT user_id, 'ci', $1, '{NewMessage}' FROM bots
    RETURNING id
"""


@dataclass
class Writer:
    """Posts in psql's way, one message after the other, over any number of connections."""

    postgres: EmbeddedPostgres
    tried: int = 0

    async def run(self) -> None:
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                sql = await asyncpg.connect(self.postgres.dsn(TEMPLATE))
                try:
                    while True:
                        self.tried += 1
                        await sql.execute("SELECT ops.post_message(1, '1', $1)", f"message {self.tried}")
                        await asyncio.sleep(0.02)
                finally:
                    sql.terminate()
            await asyncio.sleep(0.05)


@pytest.fixture
async def own_postgres() -> AsyncIterator[EmbeddedPostgres]:
    async with copied(None) as postgres:
        yield postgres


async def test_what_the_receiver_has_is_what_the_log_has(own_postgres: EmbeddedPostgres, keys: Path) -> None:
    async with AsyncExitStack() as stack:
        port = free_port()
        listening = receiver(port)
        peer: Receiver = await listening.__aenter__()
        sql = await asyncpg.connect(own_postgres.dsn(TEMPLATE))
        await sql.execute(BEGIN)
        key = SigningKey.new("v1")
        subscription = await sql.fetchval(SUBSCRIBE, peer.url)
        await sql.execute("SELECT add_secret($1, 'v1', $2)", subscription, key.secret)
        await sql.close()
        environment = {
            "FECHATTER_INTEGRATIONS__ALLOW_HOSTS": peer.authority,
            "FECHATTER_DELIVERY__LEASE_SECONDS": "1",
            "FECHATTER_DELIVERY__RETRY_SECONDS": "[" + ",".join(["0.1"] * 50) + "]",
        }
        url = own_postgres.dsn(TEMPLATE, "fechatter_delivery")
        server = ServerProcess("delivery-server", url, keys, environment)
        await server.start()
        stack.push_async_callback(server.stop)
        writer = Writer(own_postgres)
        writing = asyncio.create_task(writer.run())
        accepted = peer.accepted
        try:
            for kill in range(KILLS):
                so_far = len(accepted)
                await peer.until(lambda so_far=so_far: len(accepted) > so_far + 3)  # type: ignore[misc]
                match kill % 3:
                    case 0:
                        await server.kill()
                        await server.start()
                    case 1:
                        await listening.__aexit__(None, None, None)
                        listening = receiver(port)
                        peer = await listening.__aenter__()
                        peer.accepted = accepted  # what it had stored outlives it
                    case 2:
                        await kill_postgres(own_postgres)
                if KILLS > 5:
                    print(f"kill {kill + 1}: {len(accepted)} requests accepted")
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        sql = await asyncpg.connect(own_postgres.dsn(TEMPLATE))
        expected = [row[0] for row in await sql.fetch(SEEN)]
        await sql.close()
        assert len(expected) > 3 * KILLS
        await peer.until(lambda: {received.key for received in accepted} >= set(expected))
        assert list(dict.fromkeys(received.key for received in accepted)) == expected
        print(f"{len(expected)} events, {len(accepted) - len(expected)} of them twice, {writer.tried} posts tried")
        await listening.__aexit__(None, None, None)
