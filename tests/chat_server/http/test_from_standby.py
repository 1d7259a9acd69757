"""Reads from a real standby: never less than the primary shows, and never more, whatever the standby does."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from prometheus_client.parser import text_string_to_metric_families

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.sql.log.test_lineage import clusters, connected
from tests.sql.world import until
from tests.support.postgres import TEMPLATE

PAUSED = "SELECT pg_get_wal_replay_pause_state() = 'paused'"


@dataclass
class Pair:
    """A chat_server that reads from a standby."""

    server: ChatServer
    primary: Connection
    second: EmbeddedPostgres
    standby: Connection
    others: list[EmbeddedPostgres]

    async def outcomes(self) -> Counter[str]:
        """The reads so far."""
        found: Counter[str] = Counter()
        for (outcome, _), amount in (await self.reads()).items():
            found[outcome] += amount
        return found

    async def reads(self) -> Counter[tuple[str, str]]:
        """Those so far, by their outcome and the host that was asked."""
        text = (await self.server.anybody.get("/metrics")).text
        samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
        told = (one for one in samples if one.name == "chat_standby_reads_total")
        return Counter({(one.labels["outcome"], one.labels["host"]): int(one.value) for one in told})

    async def answers(self, outcome: str, person: Person, path: str) -> AsyncIterator[Any]:
        """What reads say until one comes from there, which on a busy machine may take a while."""
        while True:
            before = await self.outcomes()
            yield ok(await person.api.get(path))
            if outcome in await self.outcomes() - before:
                return

    async def shows(self, outcome: str, person: Person, chat: int, *expected: str) -> None:
        """Each read of the chat says what is expected, until one comes from there."""
        async for found in self.answers(outcome, person, f"/api/chats/{chat}/messages"):
            assert [message["content"] for message in found] == list(expected)

    async def from_each(self, person: Person, chat: int, hosts: set[str], *expected: str) -> None:
        """Each read of the chat says what is expected, until one has come from each of these hosts and, once that is
        so, none from another one."""
        seen: set[str] = set()
        while not hosts <= seen:
            before = await self.reads()
            found = ok(await person.api.get(f"/api/chats/{chat}/messages"))
            assert [message["content"] for message in found] == list(expected)
            came = {host for outcome, host in await self.reads() - before if outcome == "standby"}
            seen = seen | came if came <= hosts else set()

    async def removes(self, admin: Person, member: Person, chat: int) -> None:
        """Of which the member's next request knows."""
        ok(await admin.api.delete(f"/api/chats/{chat}/members/{member.id}"), 204)
        problem(await member.api.get(f"/api/chats/{chat}/messages"), 404, "not_found")

    async def pause(self) -> None:
        await paused(self.standby)


async def paused(standby: Connection) -> None:
    await standby.execute("SELECT pg_wal_replay_pause()")
    await until(lambda: standby.fetchval(PAUSED), "replay is paused")


@asynccontextmanager
async def pair(keys: Path, more: int = 0, **database: object) -> AsyncIterator[Pair]:
    """`more`: other standbys, which it reads from too. Its URL then names the primary, too."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(clusters())
        first, second = await made.add(), await made.add()
        others = [await made.add() for _ in range(more)]
        primary = await stack.enter_async_context(connected(first))
        standby = await stack.enter_async_context(connected(second))
        await primary.fetchval("SELECT log_check_epoch()")
        read_url = made.url("fechatter_chat") if others else second.dsn(TEMPLATE, "fechatter_chat")
        urls = {"read_url": read_url, "read_wait_seconds": 5, **database}
        configured = settings(first.dsn(TEMPLATE, "fechatter_chat"), keys, database=urls)
        server = await stack.enter_async_context(chat_server_on(configured))
        yield Pair(server, primary, second, standby, others)


async def test_the_standby_answers_with_all_that_was_written_before(keys: Path) -> None:
    async with pair(keys) as reads:
        ada, grace = await reads.server.team("Ada", "Grace")
        chat = await ada.chat(grace)
        said: list[str] = []
        await reads.shows("standby", grace, chat)
        for number in range(20):
            await ada.say(chat, f"{number}")
            said.insert(0, f"{number}")
            await reads.shows("standby", grace, chat, *said)
        await reads.removes(ada, grace, chat)


async def test_all_that_is_only_read_can_be_read_there(keys: Path) -> None:
    async with pair(keys) as reads:
        ada, grace = await reads.server.team("Ada", "Grace")
        chat = await ada.chat(grace)
        page, board = await ada.page(grace, name="plans"), await ada.board(grace, name="plans")
        first = (await ada.say(chat, "first"))["id"]
        message = (await ada.say(chat, "@Grace plans for @everyone"))["id"]
        ok(await ada.api.put(f"/api/chats/{chat}/messages/{message}/pin"))
        ok(await ada.api.patch(f"/api/chats/{chat}/messages/{message}", json={"content": "new plans"}))
        body = {"content": "a reply", "reply_to": message}
        ok(await grace.api.post(f"/api/chats/{chat}/messages", json=body), 201)
        own = f"/api/chats/{chat}/messages/{message}"
        expected = {
            f"/api/chats/{chat}/messages?around_id={message}": "new plans",
            f"/api/chats/{chat}/messages?after_id={first}": "new plans",
            own: "new plans",
            f"/api/messages/{message}": "new plans",
            f"{own}/edits": "for @everyone",
            f"{own}/thread": "a reply",
            "/api/threads": "new plans",
            "/api/mentions": "[]",
            f"/api/chats/{chat}/pins": "new plans",
            "/api/search?q=plans": "new plans",
            "/api/search?q=plans&sort=relevance": "new plans",
            "/api/search?q=planz": "[]",
            "/api/search/chats?q=lunch": "lunch",
            "/api/search/boards?q=plans": f'"id":{board}',
            "/api/search/pages?q=plans": f'"id":{page}',
            "/api/search/files?q=plans": "[]",
            "/api/search/people?q=Ada": "Ada",
            "/api/sync": "new plans",
            "/api/sync?shape=lean": "a reply",
        }
        for path, text in expected.items():
            async for found in reads.answers("standby", grace, path):
                assert text in json.dumps(found, separators=(",", ":")), path
        assert (await reads.outcomes()).keys() <= {"standby", "away", "behind"}


async def test_while_the_standby_does_not_replay_the_primary_answers(keys: Path) -> None:
    async with pair(keys, read_wait_seconds=0.1) as reads:
        ada, grace = await reads.server.team("Ada", "Grace")
        chat = await ada.chat(grace)
        await reads.shows("standby", grace, chat)
        await reads.pause()
        await ada.say(chat, "unseen there")
        await reads.shows("behind", grace, chat, "unseen there")
        await reads.removes(ada, grace, chat)
        await reads.standby.execute("SELECT pg_wal_replay_resume()")
        await reads.shows("standby", ada, chat, "unseen there")


async def test_what_waits_for_another_standby_is_not_shown_before_the_primary_shows_it(keys: Path) -> None:
    async with pair(keys) as reads:
        ada, grace = await reads.server.team("Ada", "Grace")
        chat = await ada.chat(grace)
        await ada.say(chat, "committed")
        await reads.shows("standby", grace, chat, "committed")
        for statement in ("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"):
            await reads.primary.execute(statement)
        posting = asyncio.create_task(ada.say(chat, "waiting"))
        there = "SELECT count(*) = 2 FROM messages WHERE chat_id = $1"
        await until(lambda: reads.standby.fetchval(there, chat), "the standby is ahead")
        await reads.shows("ahead", grace, chat, "committed")
        for statement in ("ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()"):
            await reads.primary.execute(statement)
        await posting
        await reads.shows("standby", grace, chat, "waiting", "committed")


async def test_a_standby_that_is_frozen_killed_or_promoted_costs_no_answer(keys: Path) -> None:
    async with pair(keys) as reads:
        ada, grace = await reads.server.team("Ada", "Grace")
        chat = await ada.chat(grace)
        await reads.shows("standby", grace, chat)
        postmaster = psutil.Process(int((reads.second.cluster / "postmaster.pid").read_text().split()[0]))
        await ada.say(chat, "1")
        frozen = [postmaster, *postmaster.children(recursive=True)]
        for process in frozen:
            process.suspend()
        await reads.shows("away", grace, chat, "1")  # the first read may be under way when that is noticed
        for process in frozen:
            process.resume()
        await reads.shows("standby", grace, chat, "1")

        postmaster.kill()
        await ada.say(chat, "2")
        await reads.shows("away", grace, chat, "2", "1")
        await reads.second.stop()
        await reads.second.start()
        await reads.shows("standby", grace, chat, "2", "1")

        async with connected(reads.second) as sql:
            assert await sql.fetchval("SELECT pg_promote()")
            # Another history begins there.
            await sql.execute("UPDATE messages SET content = 'forged' WHERE chat_id = $1", chat)
            await reads.shows("away", grace, chat, "2", "1")


async def test_of_several_standbys_each_is_read_that_is_there_and_not_behind(keys: Path) -> None:
    async with pair(keys, more=1, read_wait_seconds=0.5) as reads:
        ada, grace = await reads.server.team("Ada", "Grace")
        chat = await ada.chat(grace)
        third = reads.others[0]
        there, other = (os.path.realpath(one.cluster.parent / "socket") for one in (reads.second, third))
        await ada.say(chat, "1")
        await reads.from_each(grace, chat, {there, other}, "1")

        await reads.pause()
        await ada.say(chat, "2")
        await reads.from_each(grace, chat, {other}, "2", "1")
        await reads.removes(ada, grace, chat)
        await reads.standby.execute("SELECT pg_wal_replay_resume()")
        await reads.from_each(ada, chat, {there, other}, "2", "1")

        psutil.Process(third.pid).kill()
        await third.wait()
        await ada.say(chat, "3")
        await reads.from_each(ada, chat, {there}, "3", "2", "1")
        await third.start()
        await ada.say(chat, "4")
        await reads.from_each(ada, chat, {there, other}, "4", "3", "2", "1")
