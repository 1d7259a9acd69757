"""The relay on real processes: three notify_servers, one of which reads the log, and a real nats-server that loses each
tenth frame and doubles another."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.end_to_end.operations.relayed import LEADS, LED, PATIENCE_SECONDS, Relayed, relayed_servers
from tests.end_to_end.system import contents
from tests.support.postgres import Database
from tests.support.services.nats import LossyNats, SlowNats

NODES = 3
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fechatter relay'"


@pytest.fixture
async def relayed(database: Database, keys: Path) -> AsyncIterator[Relayed]:
    async with relayed_servers(database, keys, NODES, LossyNats) as running:
        yield running


async def test_whatever_dies_between_the_nodes_each_gets_everything_once_and_in_order(relayed: Relayed) -> None:
    """The leader is killed, the next one frozen, and comes back as a second one; NATS is frozen, killed, and comes
    back. Meanwhile somebody posts."""
    ada, grace, mary = await relayed.system.team("Ada", "Grace", "Mary")
    chat = await relayed.system.group(ada, grace, mary)
    posted: list[str] = []
    stop = asyncio.Event()

    async def post() -> None:
        while not stop.is_set():
            text = f"message {len(posted)}"
            await ada.messages.post(chat, text)
            posted.append(text)
            await asyncio.sleep(0.05)

    async with AsyncExitStack() as stack:
        people = [await relayed.at(grace, node) for node in relayed.nodes]
        heard = [await stack.enter_async_context(person.follow()) for person in people]
        posting = asyncio.create_task(post())
        leader = await relayed.until_led()
        async with relayed.system.sql() as sql:
            assert await sql.fetchval(LISTENING) == 1
        # Who is typing comes the same way, and is not told again if its frame is lost.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not all(listener.events("Typing") for listener in heard):
                await mary.chats.tell_typing(chat)
                await asyncio.sleep(0.3)

        await leader.kill()
        others = [node for node in relayed.nodes if node is not leader]
        second = await relayed.until_led(others)
        await leader.start()
        await relayed.until_led()

        second.signal(signal.SIGSTOP)
        began = time.monotonic()
        others = [node for node in relayed.nodes if node is not second]
        try:
            third = await relayed.until_led(others)
            assert third is not second
            print(f"after {time.monotonic() - began:.1f} s another one leads than the frozen one")
        finally:
            second.signal(signal.SIGCONT)
        assert await relayed.until_led() is third

        relayed.nats.freeze()
        await relayed.until(lambda nodes: not any(found[LED] for found in nodes))
        amount = len(posted)
        for listener in heard:
            await listener.until(lambda found: len(contents(found)) > amount)
        await relayed.nats.kill()
        await relayed.nats.start()
        await relayed.until_led()
        after = [await relayed.figures(node) for node in relayed.nodes]

        stop.set()
        await posting
        for listener in heard:
            await listener.until(lambda found: len(contents(found)) >= len(posted))
            assert contents(listener) == posted
    assert sum(way.dropped for way in relayed.ways) > 0
    assert sum(way.doubled for way in relayed.ways) > 0
    assert all(found["fechatter_relay_events_total"] > 0 for found in after), "events came over NATS"
    assert any(found["fechatter_relay_gaps_total"] > 0 for found in after), "what was lost was read"


async def test_a_server_that_nats_answers_late_neither_follows_nor_leads(database: Database, keys: Path) -> None:
    async with relayed_servers(database, keys, 2, SlowNats) as relayed:
        ada, grace = await relayed.system.team("Ada", "Grace")
        chat = await relayed.system.group(ada, grace)
        leader = await relayed.until_led()
        ways = dict(zip(relayed.nodes, relayed.ways, strict=True))
        slow = ways[leader]
        assert isinstance(slow, SlowNats)
        people = [await relayed.at(grace, node) for node in relayed.nodes]
        async with people[0].listen() as first, people[1].listen() as second:
            slow.seconds = 1.2  # its connection holds, and heartbeats come one a second
            [other] = [node for node in relayed.nodes if node is not leader]
            await relayed.until(lambda nodes: not nodes[0][LED] and not nodes[0][LEADS], [leader])
            await relayed.until(lambda nodes: bool(nodes[0][LED] and nodes[0][LEADS]), [other])
            await ada.messages.post(chat, "slow")
            slow.seconds = 0.0
            await relayed.until_led()
            await ada.messages.post(chat, "fast")
            for heard in (first, second):
                await heard.until(lambda found: contents(found) == ["slow", "fast"])
