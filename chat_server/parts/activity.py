"""Sessions whose users are idle, reported to the database at most a few times a second."""

from collections.abc import Sequence
from typing import NamedTuple

from chat_core.batching import Batcher
from chat_core.database.pool import Pool
from chat_core.database.queries import query

APART_SECONDS = 0.1
LARGEST_BATCH = 500
MOST_WAITING = 1000

IDLE_REPORT = query("idle_report", "users", "sessions", "idle", "grace_seconds")


class _Report(NamedTuple):
    user_id: int
    session_id: int
    idle: bool


class Activity:
    def __init__(self, pool: Pool, grace_seconds: float) -> None:
        self._pool, self._grace_seconds = pool, grace_seconds
        self._batcher: Batcher[_Report, None] = Batcher(
            self._write, batch=LARGEST_BATCH, queue=MOST_WAITING, apart_seconds=APART_SECONDS
        )

    async def report(self, user_id: int, session_id: int, idle: bool) -> None:
        """Raises BatcherFull, and what the database raises."""
        await self._batcher.submit(_Report(user_id, session_id, idle))

    async def close(self) -> None:
        await self._batcher.close(APART_SECONDS)

    async def _write(self, reports: list[_Report]) -> Sequence[None]:
        newest = {report.session_id: report for report in reports}
        users, sessions, idle = map(list, zip(*newest.values(), strict=True))
        await IDLE_REPORT.row(self._pool, users=users, sessions=sessions, idle=idle, grace_seconds=self._grace_seconds)
        return [None] * len(reports)
