"""The relay on real processes: three notify_servers, one of which reads the log, and a real nats-server that loses each
tenth frame and doubles another."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.end_to_end.system import Person, System, contents
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database
from tests.support.servers import ServerProcess
from tests.support.services.nats import LossyNats, NatsServer, nats_server

NODES = 3
PATIENCE_SECONDS = 40
LED, LEADS = "fechatter_relay_led", "fechatter_relay_leads"
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fechatter relay'"


@dataclass
class Relayed:
    system: System
    nodes: list[ServerProcess]
    nats: NatsServer
    lossy: LossyNats
    _http: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def figures(self, node: ServerProcess) -> dict[str, float]:
        async with plain_http() as http:
            text = (await http.get(f"{node.url}/metrics")).text
        return {name: float(value) for name, value in re.findall(r"^(fechatter_\w+) ([\d.e+-]+)$", text, re.MULTILINE)}

    async def until(
        self, done: Callable[[list[dict[str, float]]], bool], among: list[ServerProcess] | None = None
    ) -> list[dict[str, float]]:
        """Until that is so of these nodes' figures."""
        figures: list[dict[str, float]] = []
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    figures = await asyncio.gather(*map(self.figures, among or self.nodes))
                    if done(figures):
                        return figures
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"not in {PATIENCE_SECONDS} s: {figures}") from None

    async def until_led(self, among: list[ServerProcess] | None = None) -> ServerProcess:
        """Until one leads, and each gets the log over NATS. Returns the leader."""
        among = among or self.nodes
        figures = await self.until(
            lambda nodes: all(found[LED] for found in nodes) and sum(found[LEADS] for found in nodes) == 1, among
        )
        return next(node for node, found in zip(among, figures, strict=True) if found[LEADS])


@asynccontextmanager
async def _relayed(database: Database, keys: Path) -> AsyncIterator[Relayed]:
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(nats_server())
        lossy = await stack.enter_async_context(LossyNats(nats))
        environment = {"FECHATTER_NOTIFY__DRAIN_SECONDS": "0.2", "FECHATTER_AUTH__SIGNUPS_PER_ADDRESS": "1000"}
        environment |= {"FECHATTER_NOTIFY__RETRY_MILLISECONDS": "20", "FECHATTER_NATS__SERVERS": lossy.url}
        chat = ServerProcess("chat-server", database.chat_url, keys, environment)
        first = ServerProcess("notify-server", database.notify_url, keys, environment)
        nodes = [first, *(first.twin() for _ in range(NODES - 1))]
        for server in (chat, *nodes):
            stack.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in (chat, *nodes)))
        system = System(database.url, chat, first)
        try:
            yield Relayed(system, nodes, nats, lossy)
        finally:
            await system.forget_people()
            print(*(line for node in nodes for line in node.log[-40:]), sep="\n")


@pytest.fixture
async def relayed(database: Database, keys: Path) -> AsyncIterator[Relayed]:
    async with _relayed(database, keys) as running:
        yield running


async def _at(relayed: Relayed, person: Person, node: ServerProcess) -> Person:
    """The same person, whose streams are at another node."""
    again = Person(relayed.system.chat.url, node.url, retries=0, timeout_seconds=30, http=plain_http())
    await relayed.system._people.enter_async_context(again)
    await again.sign_in(person.email, "correct horse battery")
    return again


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
        people = [await _at(relayed, grace, node) for node in relayed.nodes]
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
    assert relayed.lossy.dropped > 0
    assert relayed.lossy.doubled > 0
    assert all(found["fechatter_relay_events_total"] > 0 for found in after), "events came over NATS"
    assert any(found["fechatter_relay_gaps_total"] > 0 for found in after), "what was lost was read"
