"""Snapshots: a board's updates merged into one state, so that opening it does not read them all.

They are made in the background, a board at a time, by a document in a separate process. Stored updates stay as they are
and are deleted when their history has expired. Any server may do it: a lock in the database makes sure that only one
does.
"""

import asyncio
from dataclasses import replace
from typing import Final, cast

import structlog

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.documents.process import Compacted, DocumentFailed, Documents
from chat_core.documents.stored import board_content
from chat_core.documents.updates import EMPTY, NOTHING
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Boards as Settings
from notify_server.documents.snapshotting import Snapshotting
from notify_server.documents.yjs import metrics
from notify_server.documents.yjs.room import Room

BOARD_COMPACTION_LOCK = query("board_compaction_lock", "board_id")
BOARD_QUARANTINE_UPDATES = query("board_quarantine_updates", "board_id", "seqs", "reasons")
BOARD_KEEP_SNAPSHOT = query("board_keep_snapshot", "board_id", "seq", "state", "vector", "deletions", "pending")
# A board without clients gets a snapshot after this part of the usual number of updates.
LEAVING: Final = 4
# This many bytes of updates count like the number of updates in the settings.
MOST_TAIL_BYTES: Final = 1 << 20

# In the background; nobody waits for it.
LONGEST_SECONDS: Final = 60.0
# If that is not enough, or the process ends, the update that causes it is searched for, with this time for each part.
PART_SECONDS: Final = 10.0

log = structlog.get_logger()


class Compaction(Snapshotting[Room]):
    """One per server."""

    outcomes = metrics.compactions

    def __init__(self, settings: Settings, pool: Pool) -> None:
        super().__init__()
        self._settings, self._pool = settings, pool
        self._documents = Documents(LONGEST_SECONDS, processes=1)

    def is_due(self, room: Room, *, leaving: bool) -> bool:
        tail_bytes = room.bytes - len(room.base)
        enough = (self._settings.compact_updates << room.failed_snapshots) // (LEAVING if leaving else 1)
        large = tail_bytes > max(MOST_TAIL_BYTES, len(room.base) // 4) << room.failed_snapshots
        return len(room.tail) >= max(2, enough) or large

    async def keep(self, room: Room) -> str:
        try:
            return await self._compact(room)
        except (DocumentFailed, *DATABASE_ERRORS) as error:
            log.error("board not compacted", board=room.document_id, error=f"{type(error).__name__}: {error}")
            return "failed"

    async def close(self) -> None:
        await super().close()
        await self._documents.close()

    async def _compact(self, room: Room) -> str:
        async with self._pool.acquire() as acquired, acquired.transaction():
            connection = cast("Connection", acquired)
            if not await BOARD_COMPACTION_LOCK.value(connection, board_id=room.document_id):
                return "elsewhere"
            former, tail = await board_content(connection, room.document_id)
            state, vector = (former.state, former.vector) if former else (EMPTY, NOTHING)
            seq, pending = (former.seq, former.pending) if former else (0, False)
            if tail:
                made, amount = await self._gather(room, state, [update.data for update in tail])
                seq, state, vector, pending = tail[amount - 1].seq, made.state, made.vector, made.pending
                if made.failing:
                    await self._quarantine(connection, room, {tail[at].seq: why for at, why in made.failing.items()})
                await BOARD_KEEP_SNAPSHOT.value(
                    connection,
                    board_id=room.document_id,
                    seq=seq,
                    state=state,
                    vector=vector,
                    deletions=made.deletions,
                    pending=pending,
                )
        room.rebase(seq, state, vector, pending=pending)
        return "pending" if pending else "done"

    async def _gather(self, room: Room, state: bytes, updates: list[bytes]) -> tuple[Compacted, int]:
        """A state with as many of the updates as possible. If that is not all of them, the last one takes too long,
        or too much memory, and is not included. Raises DocumentFailed if the former state does."""
        try:
            async with self._documents.turn(room.document_id) as documents:
                return await documents.compact(state, updates), len(updates)
        except DocumentFailed as error:
            log.warning("board update looked for", board=room.document_id, error=str(error))
        made = await self._compact_part(room, state, [])
        low, high, failing = 0, len(updates), dict[int, str]()
        while low < high - 1:  # the first `low` are included, the first `high` are too much
            middle = (low + high) // 2
            try:
                made = await self._compact_part(room, made.state, updates[low:middle])
            except DocumentFailed:
                high = middle
            else:
                failing |= {low + at: why for at, why in made.failing.items()}
                low = middle
        failing[low] = "it takes too long, or too much memory"
        return replace(made, failing=failing), high

    async def _compact_part(self, room: Room, state: bytes, updates: list[bytes]) -> Compacted:
        async with self._documents.turn(room.document_id) as documents:
            documents.give_up_at = asyncio.get_running_loop().time() + PART_SECONDS
            return await documents.compact(state, updates)

    async def _quarantine(self, connection: Connection, room: Room, failing: dict[int, str]) -> None:
        log.error("board updates quarantined", board=room.document_id, updates=failing)
        metrics.quarantined.inc(len(failing))
        await BOARD_QUARANTINE_UPDATES.value(
            connection, board_id=room.document_id, seqs=list(failing), reasons=list(failing.values())
        )
