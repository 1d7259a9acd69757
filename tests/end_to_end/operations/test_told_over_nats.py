"""Presence and typing over NATS, between two notify_servers: who may see them, and what becomes of them where NATS is
killed or cut, or a server dies. What psql says is right all the time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from tests.end_to_end.operations.relayed import PATIENCE_SECONDS, Relayed, Whole, relayed_servers
from tests.end_to_end.system import Person
from tests.support.clients.listener import Listener
from tests.support.postgres import Database
from tests.support.servers import free_port
from tests.support.services.nats import NatsServer, nats_server
from tests.support.services.nats_users import User, of_compose
from tests.support.services.proxy import Proxy

HEARS = "SELECT count(*) FILTER (WHERE hears) FROM notify_nodes WHERE expires_at > now()"
TOLD = "SELECT told FROM ops.presence WHERE user_id = $1"
ONLINE = "SELECT count(*) FROM ops.online WHERE user_id = $1"
AGAIN_SECONDS = 0.3


@dataclass
class Heard:
    """What NOTIFY has told meanwhile of presence and typing."""

    texts: list[str] = field(default_factory=list)

    def hear(self, _connection: object, _pid: int, _channel: str, text: object) -> None:
        self.texts.append(str(text))


@dataclass
class Team:
    """Ada types; Grace listens at each node, and Eve, who is not in the chat."""

    relayed: Relayed
    sql: "asyncpg.Connection[asyncpg.Record]"
    notified: Heard
    ada: Person
    grace: list[Listener]
    eve: Listener
    chat: int

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await true():  # noqa: ASYNC110 - the database says it
                await asyncio.sleep(0.05)

    async def until_heard_by(self, nodes: int) -> None:
        """Until so many hear NATS, as the database knows."""
        await self.until(lambda: self._is(HEARS, nodes))

    async def _is(self, sql: str, value: object, *arguments: object) -> bool:
        return bool(await self.sql.fetchval(sql, *arguments) == value)

    async def types(self) -> None:
        """Until Grace sees it at each node; what is lost on the way is told again, as clients do."""
        before = [len(to.events("Typing")) for to in self.grace]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                await self.ada.chats.tell_typing(self.chat)
                await asyncio.sleep(AGAIN_SECONDS)
                if all(len(to.events("Typing")) > had for to, had in zip(self.grace, before, strict=True)):
                    break
        await self.ada.chats.tell_typing(self.chat, typing=False)
        for to in self.grace:
            await to.until(lambda found: found.events("Typing")[-1].data["user_ids"] == [])

    async def comes_and_goes(self, node: int) -> None:
        """A colleague, at this node: Grace sees it at each, and psql does at once."""
        [mary] = await self.relayed.system.team("Mary")
        await self.relayed.system.invite(self.ada, mary)
        mary = await self.relayed.at(mary, self.relayed.nodes[node])
        async with mary.listen():
            await self.see(mary, "online")
            assert await self._is(TOLD, "online", mary.id)
            assert await self._is(ONLINE, 1, mary.id)
        await self.see(mary, "offline")
        assert await self._is(TOLD, "offline", mary.id)
        assert await self._is(ONLINE, 0, mary.id)

    async def see(self, person: Person, presence: str) -> None:
        def is_seen(found: Listener) -> bool:
            told = [user for event in found.events("PresenceChanged") for user in event.data["users"]]
            return [user["presence"] for user in told if user["user_id"] == person.id][-1:] == [presence]

        for to in self.grace:
            await to.until(is_seen)


@pytest.fixture
async def team(database: Database, keys: Path) -> AsyncIterator[Team]:
    async with _team(database, keys) as team:
        yield team


@asynccontextmanager
async def _team(
    database: Database, keys: Path, cluster: Sequence[NatsServer] = (), users: Sequence[User] = ()
) -> AsyncIterator[Team]:
    """Two nodes that hear each other, presence that ends soon, and a dead node that is soon known to be. `users`: of
    NATS, of the nodes and of chat_server."""
    settings = {"FECHATTER_NOTIFY__PRESENCE_GRACE_SECONDS": "0", "FECHATTER_NOTIFY__NODE_TIMEOUT_SECONDS": "3"}
    nodes, chat_server = users or (None, None)
    settings |= nodes.environment if nodes else {}
    relaying = relayed_servers(
        database, keys, 2, Whole, settings, cluster, chat_server.environment if chat_server else None
    )
    async with relaying as relayed, AsyncExitStack() as stack:
        system = relayed.system
        ada, grace, eve = await system.team("Ada", "Grace", "Eve")
        chat = await system.group(ada, grace)
        await relayed.until_led()
        people = [await relayed.at(grace, node) for node in relayed.nodes]
        to_grace = [await stack.enter_async_context(person.follow()) for person in people]
        to_eve = await stack.enter_async_context((await relayed.at(eve, relayed.nodes[1])).follow())
        sql = await stack.enter_async_context(system.sql())
        notified = Heard()
        await sql.add_listener("fechatter_ephemeral", notified.hear)
        team = Team(relayed, sql, notified, ada, to_grace, to_eve, chat)
        await team.until_heard_by(2)
        yield team
        assert not team.eve.events("Typing"), "who is not in the chat has heard nothing"


async def test_nothing_of_it_goes_by_notify_where_all_hear_nats(team: Team) -> None:
    await team.types()  # from here on chat_server has heard the leader, too
    await team.comes_and_goes(0)
    team.notified.texts.clear()
    await team.types()
    await team.comes_and_goes(0)
    await team.comes_and_goes(1)
    await team.sql.execute("SELECT 1")
    assert team.notified.texts == []


async def test_it_goes_by_notify_while_nats_is_away(team: Team) -> None:
    await team.types()
    await team.relayed.nats.kill()
    await team.comes_and_goes(1)
    await team.types()
    assert team.notified.texts
    await team.until_heard_by(0)
    await team.types()
    await team.comes_and_goes(0)
    await team.relayed.nats.start()
    await team.until_heard_by(2)
    await team.types()
    team.notified.texts.clear()
    await team.comes_and_goes(1)
    await team.types()
    await team.sql.execute("SELECT 1")
    assert team.notified.texts == []


async def test_a_chat_server_needs_no_more_of_nats_than_its_own_user_may_do(
    database: Database, keys: Path, tmp_path: Path
) -> None:
    users, config = of_compose(tmp_path)
    async with nats_server(arguments=["-c", str(config)]) as nats, _team(database, keys, [nats], users) as team:
        await team.types()  # from here on chat_server has heard the leader, too
        team.notified.texts.clear()
        await team.types()
        await team.comes_and_goes(0)
        await team.sql.execute("SELECT 1")
        assert not team.notified.texts, "all of it has gone over NATS"


async def test_who_is_cut_off_from_nats_hears_it_from_the_database(team: Team) -> None:
    leader = await team.relayed.until_led()
    cut = next(way for way, node in zip(team.relayed.ways, team.relayed.nodes, strict=True) if node is not leader)
    assert isinstance(cut, Whole)
    cut.part()
    await team.comes_and_goes(0)
    await team.comes_and_goes(1)
    await team.types()
    await team.until_heard_by(1)
    cut.join()
    await team.until_heard_by(2)
    await team.types()


async def test_nats_in_two_halves_with_a_node_at_each(database: Database, keys: Path) -> None:
    """Each node takes the other one's leader for dead, again and again."""
    async with AsyncExitStack() as stack:
        route = free_port()
        to_first = await stack.enter_async_context(Proxy(route))
        named = ["--cluster_name", "halves", "--no_advertise", "--cluster"]
        first = NatsServer(arguments=[*named, f"nats://127.0.0.1:{route}"])
        other = NatsServer(
            arguments=[*named, f"nats://127.0.0.1:{free_port()}", "--routes", f"nats://127.0.0.1:{to_first.port}"]
        )
        for server in (first, other):
            stack.push_async_callback(server.kill)
            await server.start()
        async with _team(database, keys, [first, other]) as team:
            await team.types()
            to_first.silence()
            await team.comes_and_goes(0)
            await team.types()
            await team.comes_and_goes(1)
            to_first.heal()
            await team.relayed.until_led()
            await team.until_heard_by(2)
            await team.types()
            await team.comes_and_goes(1)


@pytest.mark.parametrize("leads", [True, False])
async def test_nobody_stays_online_or_typing_at_a_server_that_was_killed(team: Team, leads: bool) -> None:
    leader = await team.relayed.until_led()
    dying = next(node for node in team.relayed.nodes if (node is leader) is leads)
    place = team.relayed.nodes.index(dying)
    [mary] = await team.relayed.system.team("Mary")
    await team.relayed.system.invite(team.ada, mary)
    mary = await team.relayed.at(mary, dying)
    async with mary.follow():
        await team.see(mary, "online")
        await team.ada.chats.tell_typing(team.chat)
        team.grace.pop(place)
        await dying.kill()
        await team.see(mary, "offline")
        await team.until(lambda: team._is(ONLINE, 0, mary.id))
        assert await team._is(TOLD, "offline", mary.id)
    for to in team.grace:
        await to.until(lambda found: not found.events("Typing") or found.events("Typing")[-1].data["user_ids"] == [])
    await team.types()
