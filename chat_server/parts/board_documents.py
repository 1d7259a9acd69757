"""Boards' documents for REST: one at a time for each user, in separate processes. Few requests may wait for one, and
they read the board only when it is their turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.documents.process import DocumentFailed, DocumentProcess, Documents
from chat_core.documents.stored import board_content
from chat_core.documents.updates import EMPTY
from chat_core.problems import Problem
from chat_core.turns import Turns

BOARD_QUARANTINE_UPDATES = query("board_quarantine_updates", "board_id", "seqs", "reasons")

# Of one user, and in total: longer waits outlast a page's patience.
WAITING_EACH: Final = 3
MOST_WAITING: Final = 40

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class State:
    """Everything on a board after its first `seq` updates, as one update."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a board after its first `seq` updates: its snapshot's state and the updates since, each with
    its seq."""

    seq: int
    base: bytes
    updates: list[bytes]
    seqs: list[int]


class BoardDocuments:
    """One per server."""

    def __init__(self) -> None:
        self._documents = Documents(waiting_each=WAITING_EACH, waiting_all=MOST_WAITING)
        self._restores = Turns("restores", MOST_WAITING, waiting_each=WAITING_EACH, waiting_all=MOST_WAITING)

    @property
    def waiting(self) -> int:
        return self._documents.waiting

    @asynccontextmanager
    async def turn(self, user_id: int) -> AsyncIterator[DocumentProcess]:
        """A user's turn, one at a time. Raises Problem 429 if the user has too many waiting, 503 if there are too
        many in total, and 409 if the document cannot be processed."""
        try:
            async with self._documents.turn(user_id) as process:
                yield process
        except DocumentFailed as error:
            log.warning("board document", error=str(error))
            raise Problem(
                409,
                "document_failed",
                "This cannot be done with the content of this board: it takes too long or too much memory, or "
                "Yjs cannot rebuild it.",
            ) from error

    @asynccontextmanager
    async def restoring(self, board_id: int, user_id: int) -> AsyncIterator[DocumentProcess]:
        """A turn during which nobody else restores a version of this board here: the next one starts from its
        result."""
        async with self._restores.turn(board_id), self.turn(user_id) as process:
            yield process

    async def close(self) -> None:
        await self._documents.close()


async def load(pool: Pool, board_id: int) -> Stored:
    """The board's content, from one snapshot of the database."""
    snapshot, updates = await board_content(pool, board_id)
    base, seq = (snapshot.state, snapshot.seq) if snapshot else (EMPTY, 0)
    seqs = [update.seq for update in updates]
    return Stored(seqs[-1] if seqs else seq, base, [update.data for update in updates], seqs)


async def quarantine(pool: Pool, board_id: int, stored: Stored, failing: dict[int, str]) -> None:
    """The updates on which Yjs has failed, as DocumentProcess says, do not belong to the board any more."""
    if failing:
        log.error("board updates quarantined", board=board_id, updates=failing)
        seqs = [stored.seqs[at] for at in failing]
        await BOARD_QUARANTINE_UPDATES.value(pool, board_id=board_id, seqs=seqs, reasons=list(failing.values()))


async def present(documents: DocumentProcess, pool: Pool, board_id: int) -> State:
    """The board's content as one update."""
    stored = await load(pool, board_id)
    if not stored.updates:
        return State(stored.seq, stored.base)
    made = await documents.compact(stored.base, stored.updates)
    await quarantine(pool, board_id, stored, made.failing)
    return State(stored.seq, made.state)
