"""Boards' documents, for what REST does with them: one at a time, in a process beside the server that is started when
it is first needed. Few may wait for it, and who waits has not read a board yet.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from chat_core.documents.process import DocumentFailed, Documents
from chat_core.documents.updates import EMPTY
from chat_core.pool import Pool
from chat_core.problems import Problem
from chat_core.queries import query

BOARD_LOAD = query("board_load", "board_id")
BOARD_VERSION_STATE = query("board_version_state", "board", "version")

MOST_WAITING: Final = 20
LONGEST_SECONDS: Final = 20.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class State:
    """All that was on a board when it had `seq` updates, as one update; `name` is that of a version."""

    seq: int
    data: bytes
    name: str = ""


class BoardDocuments:
    """One per server."""

    def __init__(self) -> None:
        self._documents = Documents(LONGEST_SECONDS)
        self._turn = asyncio.Lock()
        self.waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Documents]:
        """Problem 503 where too many wait already, and 409 for a document with which it cannot be done."""
        if self.waiting >= MOST_WAITING:
            raise Problem(
                503, "overloaded", "Too many work with boards at once; try again shortly.", headers={"Retry-After": "2"}
            )
        self.waiting += 1
        try:
            async with self._turn:
                yield self._documents
        except DocumentFailed as error:
            log.warning("board document", error=str(error))
            raise Problem(
                409, "document_failed", "It cannot be done with what is on this board: too much, or nested too deep."
            ) from error
        finally:
            self.waiting -= 1

    async def close(self) -> None:
        await self._documents.close()


async def present(documents: Documents, pool: Pool, board_id: int) -> State:
    """What is on a board, of one snapshot of the database."""
    rows = await BOARD_LOAD.rows(pool, board_id=board_id)
    former = rows.pop(0) if rows and rows[0]["vector"] is not None else None
    base = State(former["seq"], former["data"]) if former else State(0, EMPTY)
    if not rows:
        return base
    pending = former is not None and former["pending"]
    state, *_ = await documents.compact(base.data, pending, [row["data"] for row in rows])
    return State(rows[-1]["seq"], state)


async def version_state(pool: Pool, board_id: int, version_id: int) -> State:
    """What a version has. Problem 404 where there is none."""
    row = await BOARD_VERSION_STATE.row(pool, board=board_id, version=version_id)
    if row is None:
        raise no_version()
    return State(row["seq"], row["state"], row["name"])


def no_version() -> Problem:
    return Problem(404, "not_found", "There is no such version.")
