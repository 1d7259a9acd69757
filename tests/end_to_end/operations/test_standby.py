"""Both servers with a real standby: missed events are read there, and no cursor is taken for one of the future."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from chat_core.database.pool import Connection
from tests.end_to_end.raw import figures
from tests.end_to_end.system import Person, System, contents
from tests.sql.log.test_lineage import clusters, connected
from tests.sql.world import until
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import TEMPLATE
from tests.support.servers import ServerProcess

READS, OUTCOME = "fechatter_standby_reads_total{", 'outcome="%s"'


@asynccontextmanager
async def served(keys: Path) -> AsyncIterator[tuple[System, Connection, Connection]]:
    """With connections to the primary and to the standby. Nothing is kept in memory for streams that resume."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(clusters())
        first, second = await made.add(), await made.add()
        primary = await stack.enter_async_context(connected(first))
        standby = await stack.enter_async_context(connected(second))
        servers: list[ServerProcess] = []
        for command, role in (("chat-server", "fechatter_chat"), ("notify-server", "fechatter_notify")):
            environment = {
                "FECHATTER_DATABASE__READ_URL": second.dsn(TEMPLATE, role),
                "FECHATTER_DATABASE__READ_WAIT_SECONDS": "0.2",
                "FECHATTER_NOTIFY__RING_BYTES": "0",
            }
            server = ServerProcess(command, first.dsn(TEMPLATE, role), keys, environment)
            stack.push_async_callback(server.stop)
            await server.start()
            servers.append(server)
        system = System(first.dsn(TEMPLATE), servers[0], servers[1])
        stack.push_async_callback(system.forget_people)
        yield system, primary, standby


async def resumes(system: System, person: Person, cursor: str | None, outcome: str, *expected: str) -> None:
    """Each stream from the cursor gets what is expected and no reset, until one is read from there."""

    async def reads() -> float:
        told = (await figures(system)).items()
        return sum(value for name, value in told if name.startswith(READS) and OUTCOME % outcome in name)

    async def does() -> bool:
        before = await reads()
        async with person.listen(cursor) as stream:
            await stream.until(lambda s: len(contents(s)) == len(expected))
            assert contents(stream) == list(expected)
            assert "reset" not in stream.kinds()
        return await reads() > before

    await until(does, f"a replay comes from {outcome}")


async def test_missed_events_and_snapshots_come_from_the_standby_and_none_is_of_the_future(keys: Path) -> None:
    async with served(keys) as (system, primary, standby):
        ada, grace = await system.team("Ada", "Grace")
        chat = await system.group(ada, grace)
        async with grace.listen() as stream:
            cursor = stream.cursor
        await ada.messages.post(chat, "1")
        await resumes(system, grace, cursor, "standby", "1")

        await standby.execute("SELECT pg_wal_replay_pause()")
        await until(lambda: standby.fetchval("SELECT pg_get_wal_replay_pause_state() = 'paused'"), "replay is paused")
        await ada.messages.post(chat, "2")
        await resumes(system, grace, cursor, "behind", "1", "2")
        await standby.execute("SELECT pg_wal_replay_resume()")
        await resumes(system, grace, cursor, "standby", "1", "2")

        # The standby is ahead of the primary, which waits for another one.
        for statement in ("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"):
            await primary.execute(statement)
        posting = asyncio.create_task(ada.messages.post(chat, "3"))
        there = "SELECT log_head() > $1"
        head = await primary.fetchval("SELECT log_head()")
        await until(lambda: standby.fetchval(there, head), "the standby is ahead")
        async with plain_http() as http:
            authorized = {"Authorization": f"Bearer {grace.token}"}
            snapshot = await http.get(f"{system.chat.url}/api/sync", headers=authorized)
        assert snapshot.json()["cursor"].partition(".")[2] == str(head)
        async with grace.listen(snapshot.json()["cursor"]) as stream:
            assert "reset" not in stream.kinds()
            for statement in ("ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()"):
                await primary.execute(statement)
            await posting
            await stream.until(lambda s: contents(s) == ["3"])
            assert "reset" not in stream.kinds()
        await resumes(system, grace, cursor, "standby", "1", "2", "3")
