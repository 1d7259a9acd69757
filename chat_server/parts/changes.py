"""Connections for changes: a change that waits for a locked row does not make others wait.

All changes together have half of the pool, and those of one place (a chat, a board, an account) a fifth. Changes that
wait for one row therefore leave connections to changes elsewhere and to requests that only read. Posting messages has
its own protection (`writer.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

from chat_core.database.pool import Connection, Pool
from chat_core.problems import row_locked
from chat_core.turns import Turns

# How long a statement waits for a row, and a change for its turn.
LOCK_SECONDS = 2.5
MOST_WAITING = 2000


class Changes:
    def __init__(self, pool: Pool) -> None:
        most = pool.get_max_size()
        self._pool = pool
        self._turns = Turns("changes", max(1, most // 2), each=max(1, most // 5), waiting_all=MOST_WAITING)

    @asynccontextmanager
    async def connection(self, place: Hashable) -> AsyncIterator[Connection]:
        """A connection for a change of `place`. Raises Problem 503 if earlier changes do not end in time, or too
        many are waiting. Do not call it while holding one."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(LOCK_SECONDS):
                    await stack.enter_async_context(self._turns.turn(place))
            except TimeoutError:
                raise row_locked() from None
            yield cast("Connection", await stack.enter_async_context(self._pool.acquire()))
