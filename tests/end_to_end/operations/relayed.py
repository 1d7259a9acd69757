"""Several notify_servers with NATS between them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.system import Person, System
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database
from tests.support.servers import ServerProcess
from tests.support.services.nats import LossyNats, NatsServer, nats_server

PATIENCE_SECONDS = 40
LED, LEADS = "fechatter_relay_led", "fechatter_relay_leads"


class Whole(LossyNats):
    """Loses nothing, until it is cut: then it takes no connection either."""

    whole = True

    def copies(self, message: bytes) -> int:
        return 1

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if not self.whole:
            raise ConnectionRefusedError
        return await super().connect()

    def part(self) -> None:
        self.whole = False
        self.cut()

    def join(self) -> None:
        self.whole = True


@dataclass
class Relayed:
    """Each node has its own way to NATS, the one of `ways` at its place; chat_server goes there directly, if the ways
    lose nothing."""

    system: System
    nodes: list[ServerProcess]
    nats: NatsServer
    ways: list[LossyNats]

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

    async def at(self, person: Person, node: ServerProcess) -> Person:
        """The same person, whose streams are at another node."""
        again = await self.system.sign_in(person)
        again.notify_url = node.url
        return again


@asynccontextmanager
async def relayed_servers(
    database: Database,
    keys: Path,
    nodes: int,
    way: type[LossyNats],
    settings: Mapping[str, str] | None = None,
    cluster: Sequence[NatsServer] = (),
    chat_settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Relayed]:
    """`cluster`: NATS servers that are there already, of which nodes use one after the other, and chat_server the
    first. `chat_settings`: those of chat_server that are others."""
    async with AsyncExitStack() as stack:
        servers_of_nats = cluster or [await stack.enter_async_context(nats_server())]
        nats = servers_of_nats[0]
        ways = [
            await stack.enter_async_context(way(servers_of_nats[number % len(servers_of_nats)]))
            for number in range(nodes)
        ]
        environment = {"FECHATTER_NOTIFY__DRAIN_SECONDS": "0.2", "FECHATTER_AUTH__SIGNUPS_PER_ADDRESS": "1000"}
        environment |= {"FECHATTER_NOTIFY__RETRY_MILLISECONDS": "20", "FECHATTER_NATS__SERVERS": nats.url}
        environment |= settings or {}
        first, *others = [{"FECHATTER_NATS__SERVERS": way.url} for way in ways]
        chat = ServerProcess("chat-server", database.chat_url, keys, environment | dict(chat_settings or {}))
        node = ServerProcess("notify-server", database.notify_url, keys, environment | first)
        servers = [node, *(node.twin(other) for other in others)]
        for server in (chat, *servers):
            stack.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in (chat, *servers)))
        system = System(database.url, chat, node)
        try:
            yield Relayed(system, servers, nats, ways)
        finally:
            await system.forget_people()
            print(*(line for server in (chat, *servers) for line in server.log[-40:]), sep="\n")
