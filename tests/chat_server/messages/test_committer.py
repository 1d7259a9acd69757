"""Several workers post, and one of them commits; and each by itself, when that one is not there."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest
import uvloop

from chat_core.batching import BatchCut, Batcher
from chat_core.database.pool import Pool, open_pool
from chat_core.problems import PoolExhausted, Problem
from chat_core.settings import Database as DatabaseSettings
from chat_server.access import acts
from chat_server.parts import committer
from chat_server.parts.act import Act
from chat_server.parts.batch import Item, Written
from chat_server.parts.changes import Changes
from chat_server.parts.post import Post, Posted
from chat_server.parts.writer import Writer
from tests.chat_server.people import ChatServer
from tests.support.postgres import Database

AMOUNT = 40


class Worker(Writer):
    """`batches` are the numbers of posts that it has committed together."""

    def __init__(self, pool: Pool) -> None:
        self.batches: list[int] = []
        sizes = SimpleNamespace(observe=self.batches.append)
        super().__init__(
            *(pool, Changes(pool), acts.require, sizes),  # type: ignore[arg-type]
            most_scouts=1,
            statement_seconds=5,
            longest_seconds=10,
        )

    @property
    def passage(self) -> committer.Passage:
        assert self._passage is not None
        return self._passage


async def connected(worker: Worker) -> None:
    async with asyncio.timeout(60):
        await worker.passage.opened.wait()


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    pool = await open_pool(DatabaseSettings.model_validate({"url": database.chat_url}), "test")
    yield pool
    await pool.close()


@pytest.fixture
async def chat(chat_server: ChatServer) -> tuple[int, int]:
    """A chat and its member."""
    [ada] = await chat_server.team("Ada")
    return await ada.chat(), ada.id


@asynccontextmanager
async def workers(pool: Pool, folder: Path) -> AsyncIterator[tuple[Worker, Worker, AsyncExitStack]]:
    """The one that commits, another one that is connected to it, and a stack whose closing ends the first."""
    first, second = Worker(pool), Worker(pool)
    async with AsyncExitStack() as life, second.with_other_workers(folder, commits=False):
        await life.enter_async_context(first.with_other_workers(folder, commits=True))
        await connected(second)
        yield first, second, life
    await first.close(5)
    await second.close(5)


def posts(chat: tuple[int, int], amount: int = AMOUNT) -> list[Post]:
    return [Post(chat[1], chat[0], f"number {number}", None, None) for number in range(amount)]


async def post_all(worker: Worker, wanted: Sequence[Post]) -> list[Posted | BaseException]:
    return await asyncio.gather(*(worker.post(post) for post in wanted), return_exceptions=True)


async def test_posts_of_all_workers_are_committed_together_by_one(
    pool: Pool, chat: tuple[int, int], tmp_path: Path
) -> None:
    async with workers(pool, tmp_path) as (first, second, _):
        wanted = [*posts(chat), Post(chat[1], 10**9, "nowhere", None, None), Post(chat[1], chat[0], "kéy", None, "k")]
        mine, others = await asyncio.gather(post_all(first, wanted), post_all(second, wanted))
        assert [one.outcome for one in mine[:-1] if isinstance(one, Posted)] == ["created"] * AMOUNT + ["not_found"]
        assert [one.outcome for one in others[:-1] if isinstance(one, Posted)] == ["created"] * AMOUNT + ["not_found"]
        assert isinstance(mine[-1], Posted)
        assert isinstance(others[-1], Posted)
        assert {mine[-1].outcome, others[-1].outcome} == {"created", "repeated"}
        assert mine[-1].message == others[-1].message
        assert second.batches == []
        assert sum(first.batches) == 2 * len(wanted)
        assert len(first.batches) < 10


async def test_errors_of_the_database_are_the_same_on_both_ways(
    pool: Pool, chat: tuple[int, int], database: Database, tmp_path: Path
) -> None:
    async with database.connect() as sql:
        await sql.execute("ALTER TABLE messages ADD CONSTRAINT no_seven CHECK (content <> 'number 7')")
    async with workers(pool, tmp_path) as (first, second, _):
        mine, others = await post_all(first, posts(chat)), await post_all(second, posts(chat))
        for found in (mine, others):
            assert [number for number, one in enumerate(found) if not isinstance(one, Posted)] == [7]
            error = found[7]
            assert isinstance(error, asyncpg.CheckViolationError)
            assert error.constraint_name == "no_seven"
            assert "violates check constraint" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.LockNotAvailableError("locked"),
        PoolExhausted("none free"),
        TimeoutError("slow"),
        ConnectionResetError("gone"),
        BatchCut("cut"),
        ValueError("our own fault"),
    ],
)
def test_an_error_is_of_the_same_kind_on_the_other_side(error: Exception) -> None:
    told = committer.error_of(committer.failure_of(error))
    kinds = {ConnectionResetError: ConnectionError, ValueError: RuntimeError}
    assert type(told) is kinds.get(type(error), type(error))
    assert str(error) in str(told)


async def test_when_the_committer_ends_no_post_fails(pool: Pool, chat: tuple[int, int], tmp_path: Path) -> None:
    async with workers(pool, tmp_path) as (first, second, life):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(post_all(second, posts(chat, 10))) for _ in range(10)]
            await asyncio.sleep(0)
            group.create_task(life.aclose())
        assert all(isinstance(one, Posted) for task in tasks for one in task.result())
        assert not second.passage.opened.is_set()
        assert all(isinstance(one, Posted) for one in await post_all(second, posts(chat)))
        assert sum(second.batches) >= AMOUNT
        assert sum(first.batches) + sum(second.batches) == 100 + AMOUNT


async def test_when_the_committer_dies_only_posts_on_their_way_fail(
    pool: Pool, chat: tuple[int, int], tmp_path: Path
) -> None:
    async with workers(pool, tmp_path) as (_, second, _life):
        posting = asyncio.create_task(post_all(second, posts(chat)))
        await asyncio.sleep(0)  # they are on their way
        second.passage.abort()
        assert {type(one) for one in await posting} == {ConnectionError}
        assert all(isinstance(one, Posted) for one in await post_all(second, posts(chat)))
        assert sum(second.batches) == AMOUNT
        await connected(second)
        assert all(isinstance(one, Posted) for one in await post_all(second, posts(chat)))
        assert sum(second.batches) == AMOUNT, "it passes them on again"


async def test_acts_are_passed_on_too_with_their_refusals_and_errors(
    pool: Pool, chat: tuple[int, int], tmp_path: Path
) -> None:
    async with workers(pool, tmp_path) as (first, second, _):
        [posted] = await post_all(first, posts(chat, 1))
        assert isinstance(posted, Posted)
        message = json.loads(posted.message)["id"]
        wanted = [
            Act("add_reaction", chat[0], message, chat[1], None, "192.0.2.1", '{"emoji": "👍"}'),
            Act("add_reaction", chat[0], message, chat[1], None, "192.0.2.1", '{"emoji": "nonsense"}'),
            Act("add_reaction", chat[0], 10**9, chat[1], None, "192.0.2.1", '{"emoji": "👍"}'),
        ]
        before = sum(first.batches)
        for worker in (first, second):
            [done, error, problem] = await asyncio.gather(*map(worker.act, wanted), return_exceptions=True)
            assert isinstance(done, str)
            assert json.loads(done)["reactions"][0]["count"] == 1
            assert getattr(error, "constraint_name", None) == "reaction_is_emoji"
            assert isinstance(problem, Problem)
            assert (problem.status, problem.code) == (404, "not_found")
        assert (sum(first.batches) - before, second.batches) == (6, [])


async def never(_: list[Item]) -> list[Written | Exception]:
    """It may have stored them, and never comes back."""
    await asyncio.Event().wait()
    raise AssertionError("not reached")


async def test_a_post_that_may_be_stored_is_not_posted_again(tmp_path: Path) -> None:
    taken = asyncio.Event()

    async def stuck(_: list[Item]) -> list[Written | Exception]:
        taken.set()
        return await never(_)

    batcher: Batcher[Item, Written] = Batcher(stuck, batch=10, queue=10)
    passage = committer.Passage(tmp_path, most=10)
    async with committer.listening(tmp_path, batcher):
        connecting = asyncio.create_task(passage.keep_open())
        async with asyncio.timeout(60):
            await passage.opened.wait()
        posting = asyncio.create_task(passage.submit(Post(1, 1, "x", None, None)))
        async with asyncio.timeout(60):
            await taken.wait()
        await batcher.close(0)
        with pytest.raises(BatchCut):  # NoCommitter would have it posted by the other worker too
            await posting
        connecting.cancel()
        await asyncio.wait([connecting])


async def come_while_it_ends(folder: Path) -> bool:
    """Whether a worker is still connected. Of several, some come in the very turn in which the committer ends."""
    opened = []
    for turns in range(16):
        home = folder / str(turns)
        home.mkdir()
        passage = committer.Passage(home, most=10)
        async with committer.listening(home, Batcher(never, batch=10, queue=10)):
            connecting = asyncio.create_task(passage.keep_open())
            for _ in range(turns % 8):
                await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        opened.append(passage.opened.is_set())
        connecting.cancel()
        await asyncio.wait([connecting])
    return any(opened)


async def test_a_worker_that_comes_when_the_committer_ends_is_sent_away(tmp_path: Path) -> None:
    # On the server's event loop: asyncio's own forgets a connection that it accepts in that turn.
    assert not await asyncio.to_thread(uvloop.run, come_while_it_ends(tmp_path))


async def test_without_a_socket_each_commits_its_own(pool: Pool, chat: tuple[int, int], tmp_path: Path) -> None:
    too_long = tmp_path / ("x" * 120)
    too_long.mkdir()
    first, second = Worker(pool), Worker(pool)
    async with first.with_other_workers(too_long, commits=True), second.with_other_workers(too_long, commits=False):
        assert all(isinstance(one, Posted) for one in await post_all(second, posts(chat)))
        assert sum(second.batches) == AMOUNT
    await second.close(5)
