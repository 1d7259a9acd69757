"""Posting messages, and acts in chats. Concurrent ones are written together: one transaction, one COMMIT, one
notification.

A transaction that appends to the log holds its lock over COMMIT, so a disk completes no more of them in a second than
it syncs. What arrives during one COMMIT therefore goes into the next. Each message and each act is answered after its
COMMIT, with its own outcome, and fails alone (docs/adr/0005-batching-writer.md,
docs/adr/0092-every-write-of-a-chat-is-batched.md).

Messages that a workspace's rules judge are written in batches of their own, beside the others and within a short time,
so that nobody else waits for what these rules take (docs/adr/0077-rules-about-what-may-be-said.md).
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import asyncpg
import msgspec
from prometheus_client import Histogram

from chat_core.batching import BatchCut, Batcher, BatcherClosed, BatcherFull
from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import Problem, from_database, row_locked
from chat_core.tracing import current
from chat_server.parts import changes
from chat_server.parts.act import Act, Apart, Done
from chat_server.parts.batch import Batch, Item, Require, Written, post_messages
from chat_server.parts.changes import Changes
from chat_server.parts.committer import NoCommitter, Passage, listening
from chat_server.parts.post import Post, Posted

if TYPE_CHECKING:
    from chat_server.parts.message_traces import MessageTraces

LARGEST_BATCH = 100
# Of one transaction. Each is a subtransaction, and with more than 64 of them PostgreSQL's snapshots no longer hold all.
MOST_ACTS = 60
MOST_WAITING = 500
# How long a batch waits for a row that is locked elsewhere. After that it releases everything, and one message of each
# chat is tried separately.
PATIENCE_MS = 250
# How long the rules of workspaces may take to judge a batch, and then each of its messages.
JUDGING_MS = 1000
ATTEMPTS = 5
BACKOFF_SECONDS = 0.02
APART = "apart"  # the outcome of what rules would judge, in a batch that does not judge

STATEMENT_TIMEOUT_SET = query("statement_timeout_set", "timeout")

Found = TypeVar("Found")
Result = TypeVar("Result")
AnItem = TypeVar("AnItem", Item, Post)


class Writer:
    """Up to `most_scouts` locked chats may each have a connection that waits for their lock, for almost
    `statement_seconds`; a message is refused after `longest_seconds`, an act after LOCK_SECONDS. `require` says who may
    do an act. `sizes` observes the batch sizes. Of each of the `workers` that it may commit for, MOST_WAITING items may
    wait."""

    def __init__(
        self,
        pool: Pool,
        shares: Changes,
        require: Require,
        sizes: Histogram,
        *,
        workers: int = 1,
        most_scouts: int,
        statement_seconds: float,
        longest_seconds: float,
        traces: "MessageTraces | None" = None,
    ) -> None:
        self._pool, self._changes, self._require, self._sizes = pool, shares, require, sizes
        self._traces = traces
        self._batcher: Batcher[Item, Written] = Batcher(self._write, batch=LARGEST_BATCH, queue=MOST_WAITING * workers)
        self._judged: Batcher[Post, Posted] = Batcher(self._write_judged, batch=LARGEST_BATCH, queue=MOST_WAITING)
        self._longest_seconds = longest_seconds
        # Less than a statement may take, so that the lock's time-out ends it, which names the cause.
        self._scout_ms = max(PATIENCE_MS, int(statement_seconds * 950))
        self._passage: Passage | None = None
        self._scouting = asyncio.Semaphore(most_scouts)
        self._scouts: dict[int, asyncio.Event] = {}  # by chat; set when the scout is back

    @property
    def waiting(self) -> int:
        """Number of messages and acts that are in no batch yet."""
        return self._batcher.waiting + self._judged.waiting

    async def post(self, post: Post) -> Posted:
        """Raises Problem 503 if too many are waiting, and what the database raises for this message."""
        if (traceparent := current.get()) is not None:
            post = msgspec.structs.replace(post, traceparent=traceparent)
        if post.chat_id not in self._scouts:
            try:
                return await self._submit_post(post)
            except asyncpg.LockNotAvailableError:
                pass
        try:
            async with asyncio.timeout(self._longest_seconds):
                while True:
                    if scout := self._scouts.get(post.chat_id):
                        await scout.wait()
                        with contextlib.suppress(asyncpg.LockNotAvailableError):
                            return await self._submit_post(post)
                    else:
                        async with self._as_scout(post.chat_id), self._scouting:
                            alone = partial(self._post_together, patience_ms=self._scout_ms, judging=True)
                            [posted] = await self._noted([post], alone)
                            return posted
        except TimeoutError:
            raise row_locked() from None

    async def act(self, act: Act) -> str | None:
        """The act's result. Raises Problem if its user may not do it, Problem 503 if too many are waiting, and what the
        database raises for this act."""
        try:
            if not act.locks_chat or act.chat_id not in self._scouts:
                try:
                    return cast("Done", await self._submit(act)).result
                except asyncpg.LockNotAvailableError:
                    if not act.locks_chat:
                        raise Apart from None
            return await self._act_past_scouts(act)
        except Apart:
            return await self._act_alone(act)

    async def _act_past_scouts(self, act: Act) -> str | None:
        until = asyncio.get_running_loop().time() + changes.LOCK_SECONDS
        while scout := self._scouts.get(act.chat_id):
            try:
                async with asyncio.timeout_at(until):
                    await scout.wait()
            except TimeoutError:
                raise row_locked() from None
            with contextlib.suppress(asyncpg.LockNotAvailableError):
                return cast("Done", await self._submit(act)).result
        async with self._as_scout(act.chat_id):
            return await self._act_alone(act)

    async def _act_alone(self, act: Act) -> str | None:
        """On a connection of its chat's share, for as long as a change may wait for a row."""
        batch = Batch([act], int(changes.LOCK_SECONDS * 1000), alone=True)
        async with self._changes.connection(("chat_id", act.chat_id)) as connection:
            return await _again(lambda: self._write_alone(batch, connection))

    async def _write_alone(self, batch: Batch, connection: Connection) -> str | None:
        async with connection.transaction():
            [done] = await batch.write(connection, self._require)
            if isinstance(done, Exception):
                raise done
        return cast("Done", done).result

    @contextlib.asynccontextmanager
    async def with_other_workers(self, folder: Path, *, commits: bool) -> AsyncIterator[None]:
        """Within this the workers that share `folder` commit together: all pass theirs to the one that `commits`."""
        if commits:
            async with listening(folder, self._batcher):
                yield
            return
        self._passage = Passage(folder, MOST_WAITING)
        keeping = asyncio.create_task(self._passage.keep_open())
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])

    async def close(self, seconds: float) -> None:
        """Writes what is waiting, for up to `seconds`."""
        await asyncio.gather(self._batcher.close(seconds), self._judged.close(seconds))

    async def _write(self, items: list[Item]) -> Sequence[Written | Exception]:
        self._sizes.observe(len(items))
        if len(items) <= MOST_ACTS or sum(isinstance(item, Act) for item in items) <= MOST_ACTS:
            return await _together_or_each(items, self._write_noted)
        first: Sequence[Written | Exception] = await _together_or_each(items[:MOST_ACTS], self._write_noted)
        try:
            rest: Sequence[Written | Exception] = await _together_or_each(items[MOST_ACTS:], self._write_noted)
        except Exception as error:  # the first are committed
            rest = [error] * (len(items) - MOST_ACTS)
        return [*first, *rest]

    async def _write_judged(self, posts: list[Post]) -> Sequence[Posted | Exception]:
        """As `_write`. What takes the rules too long fails, and with it what else this batch has for its chat."""
        in_time = partial(self._noted, write=self._post_in_time)
        return await _together_or_each(posts, in_time, asyncpg.QueryCanceledError)

    async def _post_in_time(self, posts: list[Post]) -> list[Posted]:
        """Within JUDGING_MS, except for waiting for the log's lock at COMMIT."""
        async with self._pool.acquire() as acquired, acquired.transaction():
            connection = cast("Connection", acquired)
            usual = await STATEMENT_TIMEOUT_SET.value(connection, timeout=str(JUDGING_MS))
            posted = await post_messages(connection, posts, PATIENCE_MS, judging=True)
            await STATEMENT_TIMEOUT_SET.value(connection, timeout=usual)
        return posted

    async def _write_noted(self, items: list[Item]) -> Sequence[Written | Exception]:
        return await self._noted(items, self._write_together)

    async def _noted(
        self, items: list[AnItem], write: Callable[[list[AnItem]], Awaitable[Sequence[Result]]]
    ) -> Sequence[Result]:
        """`write`, with the COMMIT's spans for what is traced."""
        began_ns = time.time_ns()
        written = await write(items)
        if self._traces is not None:
            self._traces.committed(items, written, began_ns)
        return written

    async def _write_together(self, items: list[Item]) -> Sequence[Written | Exception]:
        posts = [item for item in items if isinstance(item, Post)]
        if len(posts) == len(items):
            return await self._post_together(posts, PATIENCE_MS)
        return await _again(lambda: self._write_batch(Batch(items, PATIENCE_MS)))

    async def _write_batch(self, batch: Batch) -> list[Written | Exception]:
        async with self._pool.acquire() as connection, connection.transaction():
            return await batch.write(cast("Connection", connection), self._require)

    async def _post_together(self, posts: list[Post], patience_ms: int, *, judging: bool = False) -> list[Posted]:
        """In a transaction of one statement."""
        return await _again(lambda: post_messages(self._pool, posts, patience_ms, judging=judging, whole=True))

    async def _submit_post(self, post: Post) -> Posted:
        posted = cast("Posted", await self._submit(post))
        if posted.outcome != APART:
            return posted
        try:
            return await self._judged.put(post)
        except (BatcherFull, BatcherClosed) as error:
            raise _overload(error) from None

    async def _submit(self, item: Item) -> Written:
        try:
            if self._passage is not None:
                with contextlib.suppress(NoCommitter):
                    return await self._passage.submit(item)
            return await self._batcher.put(item)
        except (BatcherFull, BatcherClosed) as error:
            raise _overload(error) from None

    @contextlib.asynccontextmanager
    async def _as_scout(self, chat_id: int) -> AsyncIterator[None]:
        """Others for the same chat stay out of batches meanwhile."""
        back = self._scouts[chat_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._scouts[chat_id]
            back.set()


def _overload(error: BatcherFull | BatcherClosed) -> Exception:
    """What a batcher raises, as callers of the writer know it."""
    if isinstance(error, BatchCut):  # as when the database is lost in the middle: whether it is stored is unknown
        return ConnectionError("the server stopped while this was being stored")
    return Problem(
        503,
        "overloaded",
        "Too many messages at the same time; try again shortly.",
        headers={"Retry-After": "1"},
    )


async def _again(write: Callable[[], Awaitable[Found]]) -> Found:
    """Once more if it was ended so that others could go on."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await write()
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(BACKOFF_SECONDS * attempt * random.uniform(0.5, 1.5))
    raise AssertionError("not reached")


async def _together_or_each(
    items: list[AnItem],
    write: Callable[[list[AnItem]], Awaitable[Sequence[Result | Exception]]],
    *of_its_chat: type[Exception],
) -> Sequence[Result | Exception]:
    """All at once; or, if one item fails the batch, each separately, so that it fails alone. With an error
    `of_its_chat` what else there is for the chat fails, too, and is not tried."""
    try:
        return await write(items)
    except Exception as error:
        if len(items) == 1 or (_is_of_all(error) and not isinstance(error, of_its_chat)):
            raise
    results: list[Result | Exception] = []
    failed: dict[int, Exception] = {}  # by chat
    for item in items:
        try:
            results += [failed[item.chat_id]] if item.chat_id in failed else await write([item])
        except of_its_chat as error:
            failed[item.chat_id] = error
            results.append(error)
        except Exception as error:
            if _is_of_all(error) and not isinstance(error, asyncpg.LockNotAvailableError):
                return results + [error] * (len(items) - len(results))
            results.append(error)
    return results


def _is_of_all(error: Exception) -> bool:
    """Whether the database is at fault, rather than an item."""
    problem = from_database(error)
    return problem is not None and problem.status == 503
