"""Posting messages. Concurrent ones are written together: one transaction, one COMMIT, one notification.

A transaction that appends to the log holds its lock over COMMIT, so a disk completes no more of them in a second than
it syncs. Messages that arrive during one COMMIT therefore go into the next. Each message is answered after its COMMIT,
with its own outcome, and fails alone (docs/adr/0005-batching-writer.md).

Messages that a workspace's rules judge are written in batches of their own, beside the others and within a short time,
so that nobody else waits for what these rules take (docs/adr/0077-rules-about-what-may-be-said.md).
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import cast

import asyncpg
from prometheus_client import Histogram

from chat_core.batching import BatchCut, Batcher, BatcherClosed, BatcherFull
from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import Problem, from_database, row_locked
from chat_server.parts.committer import NoCommitter, Passage, listening
from chat_server.parts.post import Post, Posted

LARGEST_BATCH = 100
MOST_WAITING = 500
# How long a batch waits for a row that is locked elsewhere. After that it releases everything, and one message of each
# chat is tried separately.
PATIENCE_MS = 250
# How long the rules of workspaces may take to judge a batch, and then each of its messages.
JUDGING_MS = 1000
ATTEMPTS = 5
BACKOFF_SECONDS = 0.02
APART = "apart"  # the outcome of what rules would judge, in a batch that does not judge

MESSAGES_POST = query(
    "messages_post", "sender_ids", "chat_ids", "contents", "extras", "idempotency_keys", "patience_ms", "judging"
)
STATEMENT_TIMEOUT_SET = query("statement_timeout_set", "timeout")


class Writer:
    """Up to `most_scouts` locked chats may each have a connection that waits for their lock, for almost
    `statement_seconds`; a message is refused after `longest_seconds`. `sizes` observes the batch sizes. Of each of
    the `workers` that it may commit for, MOST_WAITING posts may wait."""

    def __init__(
        self,
        pool: Pool,
        sizes: Histogram,
        *,
        workers: int = 1,
        most_scouts: int,
        statement_seconds: float,
        longest_seconds: float,
    ) -> None:
        self._pool, self._sizes = pool, sizes
        self._batcher: Batcher[Post, Posted] = Batcher(self._write, batch=LARGEST_BATCH, queue=MOST_WAITING * workers)
        self._judged: Batcher[Post, Posted] = Batcher(self._write_judged, batch=LARGEST_BATCH, queue=MOST_WAITING)
        self._longest_seconds = longest_seconds
        # Less than a statement may take, so that the lock's time-out ends it, which names the cause.
        self._scout_ms = max(PATIENCE_MS, int(statement_seconds * 950))
        self._passage: Passage | None = None
        self._scouting = asyncio.Semaphore(most_scouts)
        self._scouts: dict[int, asyncio.Event] = {}  # by chat; set when the scout is back

    @property
    def waiting(self) -> int:
        """Number of messages that are in no batch yet."""
        return self._batcher.waiting + self._judged.waiting

    async def post(self, post: Post) -> Posted:
        """Raises Problem 503 if too many are waiting, and what the database raises for this message."""
        if post.chat_id not in self._scouts:
            try:
                return await self._submit(post)
            except asyncpg.LockNotAvailableError:
                pass
        try:
            async with asyncio.timeout(self._longest_seconds):
                while True:
                    if scout := self._scouts.get(post.chat_id):
                        await scout.wait()
                        with contextlib.suppress(asyncpg.LockNotAvailableError):
                            return await self._submit(post)
                    else:
                        return await self._scout(post)
        except TimeoutError:
            raise row_locked() from None

    @contextlib.asynccontextmanager
    async def with_other_workers(self, folder: Path, *, commits: bool) -> AsyncIterator[None]:
        """Within this the workers that share `folder` commit together: all pass their posts to the one that
        `commits`."""
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

    async def _write(self, posts: list[Post]) -> Sequence[Posted | Exception]:
        self._sizes.observe(len(posts))
        try:
            return await self._write_together(posts, PATIENCE_MS)
        except Exception as error:
            if len(posts) == 1 or _is_of_all(error):
                raise
        # One message has failed the batch: tried separately, it fails alone.
        results: list[Posted | Exception] = []
        for post in posts:
            try:
                results += await self._write_together([post], PATIENCE_MS)
            except Exception as error:
                if _is_of_all(error) and not isinstance(error, asyncpg.LockNotAvailableError):
                    return results + [error] * (len(posts) - len(results))
                results.append(error)
        return results

    async def _write_judged(self, posts: list[Post]) -> Sequence[Posted | Exception]:
        """As `_write`. What takes the rules too long fails, and with it what else this batch has for its chat."""
        try:
            return await self._write_in_time(posts)
        except Exception as error:
            if len(posts) == 1 or (_is_of_all(error) and not isinstance(error, asyncpg.QueryCanceledError)):
                raise
        results: list[Posted | Exception] = []
        slow: dict[int, Exception] = {}  # by chat
        for post in posts:
            try:
                results += [slow[post.chat_id]] if post.chat_id in slow else await self._write_in_time([post])
            except asyncpg.QueryCanceledError as error:
                slow[post.chat_id] = error
                results.append(error)
            except Exception as error:
                if _is_of_all(error) and not isinstance(error, asyncpg.LockNotAvailableError):
                    return results + [error] * (len(posts) - len(results))
                results.append(error)
        return results

    async def _write_in_time(self, posts: list[Post]) -> list[Posted]:
        """Within JUDGING_MS, except for waiting for the log's lock at COMMIT."""
        async with self._pool.acquire() as acquired, acquired.transaction():
            connection = cast("Connection", acquired)
            usual = await STATEMENT_TIMEOUT_SET.value(connection, timeout=str(JUDGING_MS))
            written = await self._post(connection, posts, PATIENCE_MS, judging=True)
            await STATEMENT_TIMEOUT_SET.value(connection, timeout=usual)
        return written

    async def _write_together(self, posts: list[Post], patience_ms: int, *, judging: bool = False) -> list[Posted]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._post(self._pool, posts, patience_ms, judging=judging)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(BACKOFF_SECONDS * attempt * random.uniform(0.5, 1.5))
        raise AssertionError("not reached")

    async def _post(
        self, connection: Connection | Pool, posts: list[Post], patience_ms: int, *, judging: bool
    ) -> list[Posted]:
        rows = await MESSAGES_POST.rows(
            connection,
            sender_ids=[post.sender_id for post in posts],
            chat_ids=[post.chat_id for post in posts],
            contents=[post.content for post in posts],
            extras=[post.extra for post in posts],
            idempotency_keys=[post.idempotency_key for post in posts],
            patience_ms=patience_ms,
            judging=judging,
        )
        return [Posted(row["outcome"], row["message"] or "") for row in rows]

    async def _submit(self, post: Post) -> Posted:
        try:
            posted = await self._submit_first(post)
            return await self._judged.submit(post) if posted.outcome == APART else posted
        except BatchCut:  # as when the database is lost in the middle: whether it is stored is unknown
            raise ConnectionError("the server stopped while the message was being stored") from None
        except (BatcherFull, BatcherClosed):
            raise Problem(
                503,
                "overloaded",
                "Too many messages at the same time; try again shortly.",
                headers={"Retry-After": "1"},
            ) from None

    async def _submit_first(self, post: Post) -> Posted:
        if self._passage is not None:
            with contextlib.suppress(NoCommitter):
                return await self._passage.submit(post)
        return await self._batcher.submit(post)

    async def _scout(self, post: Post) -> Posted:
        """Writes it separately, for as long as a statement may take; others for the same chat stay out of batches
        meanwhile."""
        back = self._scouts[post.chat_id] = asyncio.Event()
        try:
            async with self._scouting:
                [posted] = await self._write_together([post], self._scout_ms, judging=True)
                return posted
        finally:
            del self._scouts[post.chat_id]
            back.set()


def _is_of_all(error: Exception) -> bool:
    """Whether the database is at fault, rather than a message."""
    problem = from_database(error)
    return problem is not None and problem.status == 503
