"""`workers: 2` for both servers: two processes on one port each are, to everybody outside, one server."""

import asyncio
import itertools
import os
import re
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest
from fechatter_client import Unreachable

from tests.end_to_end.system import Person, System, contents, of_workers
from tests.support.clients.listener import Listener
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database
from tests.support.servers import ServerProcess

# A test that ends processes has a system to itself.
of_its_own_workers = pytest.mark.system(server__workers=2, notify__workers=2)

POSTS = 30


def workers(server: ServerProcess) -> dict[int, psutil.Process]:
    """The worker processes by their numbers (tests/support/forks.py)."""
    named = {child.name(): child for child in psutil.Process(server.pid).children()}
    return {number: named[name] for number in (1, 2) if (name := f"worker {number}") in named}


def metrics_folder(worker: psutil.Process) -> Path:
    """Where a worker that listens keeps its figures, beside those of the others."""
    (folder,) = {Path(file.path).parent for file in worker.memory_maps() if "/fechatter-metrics-" in file.path}
    return folder


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if done():
                return
            await asyncio.sleep(0.02)


def starts(server: ServerProcess, worker: int) -> int:
    """How often that worker has said that it listens."""
    return [entry["worker"] for entry in server.events("listening")].count(worker)


async def until_both_listen(server: ServerProcess) -> None:
    await until(lambda: bool(starts(server, 1) and starts(server, 2)))


@asynccontextmanager
async def streams_on_both(system: System, person: Person) -> AsyncIterator[list[Listener]]:
    """Clients that come back; as many as it takes until both workers have some."""
    await until_both_listen(system.notify)
    async with AsyncExitStack() as stack, system.sql() as sql, asyncio.timeout(60):
        streams: list[Listener] = []
        while True:
            streams.append(await stack.enter_async_context(person.follow()))
            while True:  # reported once a second
                rows = await sql.fetch("SELECT streams FROM ops.nodes")
                if sum(row["streams"] for row in rows) == len(streams):
                    break
                await asyncio.sleep(0.05)
            if len(streams) >= 4 and len(rows) == 2 and all(row["streams"] for row in rows):
                break
        yield streams


async def post(person: Person, chat: int, content: str) -> None:
    """Over a connection of its own, and again, under the same key, until it is acknowledged."""
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Connection": "close"}
    while True:
        try:
            answer = await person.request("POST", f"/chats/{chat}/messages", json={"content": content}, headers=headers)
        except Unreachable:
            await asyncio.sleep(0.02)  # the writer's own backoff
            continue
        if answer.status_code < 500:
            assert answer.is_success, answer.text
            return


async def post_all(person: Person, chat: int, name: str) -> None:
    for number in range(POSTS):
        await post(person, chat, f"{name} {number}")


async def check(streams: list[Listener], amount: int) -> None:
    """Each has every message once, in the order of the log, whichever worker it came from."""
    for stream in streams:
        await stream.until(lambda s: len(contents(s)) >= amount)
        assert [event.data["seq"] for event in stream.events("NewMessage")] == list(range(1, amount + 1))
        assert all(earlier < later for earlier, later in itertools.pairwise(e.position for e in stream.events()))
        assert stream.events("reset") == []
    assert len({tuple(contents(stream)) for stream in streams}) == 1


@of_workers
async def test_every_stream_gets_every_message_once_and_in_order(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with streams_on_both(system, grace) as streams:
        await until_both_listen(system.chat)
        async with asyncio.TaskGroup() as group:
            for name in ("a", "b"):
                group.create_task(post_all(ada, chat, name))
        await check(streams, 2 * POSTS)
    route = f"/api/chats/{chat}/messages"
    served = {entry["worker"] for entry in system.chat.events("request") if entry["path"] == route}
    assert served == {1, 2}


@of_its_own_workers
async def test_a_killed_worker_comes_back_and_nothing_is_lost(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with streams_on_both(system, grace) as streams:
        await until_both_listen(system.chat)
        before = {server: workers(server) for server in (system.chat, system.notify)}
        async with asyncio.TaskGroup() as group:
            posts = [group.create_task(post_all(ada, chat, name)) for name in ("a", "b")]
            await streams[0].until(lambda s: len(contents(s)) >= 5)
            for server in before:
                before[server][1].kill()
        assert all(task.done() for task in posts)
        await check(streams, 2 * POSTS)
        assert {stream.opens for stream in streams} == {1, 2}, "the streams of one worker, and no others, were cut"
        for server, old in before.items():
            await until(lambda server=server: starts(server, 1) == 2)  # type: ignore[misc]
            (death,) = server.events("a server died; restarting it")
            assert (death["worker"], death["death"]) == (1, "killed by SIGKILL")
            now = workers(server)
            assert now[1].pid != old[1].pid
            assert now[2].pid == old[2].pid
        await post(ada, chat, "afterwards")
        await check(streams, 2 * POSTS + 1)


@of_workers
async def test_an_operator_drops_streams_of_either_worker(system: System) -> None:
    (ada,) = await system.team("Ada")
    async with streams_on_both(system, ada) as streams, system.sql() as sql:
        for row in await sql.fetch("SELECT DISTINCT ON (node) node, stream FROM ops.online ORDER BY node, stream"):
            await sql.execute("SELECT ops.drop_stream($1, $2)", row["node"], row["stream"])
        await until(lambda: sorted(stream.opens for stream in streams)[-2:] == [2, 2])
        assert sum(stream.opens for stream in streams) == len(streams) + 2


async def figure(server: ServerProcess, name: str) -> float:
    """From a worker that chance chooses, over a connection of its own."""
    async with plain_http() as http:
        text = (await http.get(f"{server.url}/metrics")).text
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if re.match(rf"{name}[ {{]", line))


async def until_figure(server: ServerProcess, name: str, wanted: float) -> None:
    """Each worker writes its gauges down once a second. Eight answers in a row, so that both have given some."""
    right = 0
    async with asyncio.timeout(20):
        while right < 8:
            right = right + 1 if await figure(server, name) == wanted else 0


@of_its_own_workers
async def test_any_worker_gives_the_figures_of_all(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with streams_on_both(system, grace) as streams:
        await until_figure(system.notify, "fechatter_streams_open", len(streams))
        await post_all(ada, chat, "a")
        await check(streams, POSTS)
        delivered = await figure(system.notify, "fechatter_deliveries_total")
        assert delivered >= len(streams) * POSTS
        answered = await figure(system.chat, "chat_requests_total")
        assert answered >= POSTS
        # What the dead has counted still counts, but what it had open does not: its file goes.
        for server in (system.chat, system.notify):
            worker = workers(server)[2]
            folder = metrics_folder(worker)
            with (folder / "gauge_livesum_2.db").open() as file:
                worker.kill()
                await until(lambda server=server: starts(server, 2) == 2)  # type: ignore[misc]
                assert os.fstat(file.fileno()).st_nlink == 0
        await streams[0].until(lambda _: len(streams) < sum(stream.opens for stream in streams))
        await until_figure(system.notify, "fechatter_streams_open", len(streams))
        assert await figure(system.notify, "fechatter_deliveries_total") >= delivered
        assert await figure(system.chat, "chat_requests_total") >= answered


@of_its_own_workers
async def test_sigterm_drains_all_and_leaves_nothing(system: System) -> None:
    for server in (system.chat, system.notify):
        await until_both_listen(server)
        processes = list(workers(server).values())
        (folder,) = {metrics_folder(process) for process in processes}
        assert list(Path(folder).iterdir())
        server.signal(signal.SIGTERM)
        assert await server.wait() == 0
        assert not any(process.is_running() for process in processes)
        assert sorted(str(entry.get("worker")) for entry in server.events("stopped")) == ["1", "2", "None"]
        assert not Path(folder).exists()


@of_its_own_workers
async def test_after_kill_9_of_the_parent_no_worker_runs(system: System) -> None:
    for server in (system.chat, system.notify):
        await until_both_listen(server)
        processes = list(workers(server).values())
        folder = metrics_folder(processes[0])
        await server.kill()
        gone, alive = await asyncio.to_thread(psutil.wait_procs, processes, 20)
        for process in alive:
            process.kill()
        assert (len(gone), alive) == (2, [])
        assert folder.parent == Path(tempfile.gettempdir())
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


@of_workers
@pytest.mark.parametrize("amount", ["1", "2"])
async def test_the_port_of_a_running_server_is_taken(
    amount: str, system: System, database: Database, keys: Path
) -> None:
    """For another server of the same user, too, which could share the port."""
    await until_both_listen(system.chat)
    other = ServerProcess("chat-server", database.chat_url, keys, {"FECHATTER_SERVER__WORKERS": amount})
    other.port = system.chat.port
    with suppress(AssertionError):  # of a server that has ended, but not always so soon
        await other.start()
    assert await other.wait() == 1
    (said,) = other.log
    assert re.match(r"fechatter: .*(is in use by another program|[Aa]ddress already in use)", said), said
    assert "Traceback" not in said
    assert len(workers(system.chat)) == 2
    os.kill(system.chat.pid, 0)
