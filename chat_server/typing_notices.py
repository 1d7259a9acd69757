"""That somebody is typing: told to all servers by NOTIFY, and kept nowhere.

What comes within a tenth of a second is one transaction, however much it is: whoever notifies holds Postgres' lock for
that over its commit, for which messages wait too. Who may know of it is decided there: tell_typing() in
sql/functions/presence.sql.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from chat_core.batching import Batcher
from chat_core.pool import Pool
from chat_core.queries import query

APART_SECONDS = 0.1
# In one transaction, and that wait for the next ones; more than that are refused.
LARGEST_BATCH = 500
MOST_WAITING = 1000

TYPING_TELL = query("typing_tell", "users", "chats", "started")

Outcome = Literal["told", "forbidden", "not_found"]


class _Notice(NamedTuple):
    user_id: int
    chat_id: int
    started: bool


class TypingNotices:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batcher: Batcher[_Notice, Outcome] = Batcher(
            self._tell, batch=LARGEST_BATCH, queue=MOST_WAITING, apart_seconds=APART_SECONDS
        )

    async def tell(self, user_id: int, chat_id: int, started: bool) -> Outcome:
        """Raises BatcherFull, and what the database raises."""
        return await self._batcher.submit(_Notice(user_id, chat_id, started))

    async def close(self) -> None:
        await self._batcher.close(APART_SECONDS)

    async def _tell(self, notices: list[_Notice]) -> Sequence[Outcome]:
        users, chats, started = map(list, zip(*notices, strict=True))
        rows = await TYPING_TELL.rows(self._pool, users=users, chats=chats, started=started)
        return [row["outcome"] for row in rows]
