"""Snapshots of documents are made in the background, a room at a time. After a failure a room waits for longer."""

import asyncio
from collections import deque
from typing import Any, Final, Generic, TypeVar

import structlog
from prometheus_client import Counter

from notify_server.documents.room import DocumentRoom

# Each failure doubles what a room waits for: the most doublings.
MOST_FAILURES: Final = 10

log = structlog.get_logger()

RoomT = TypeVar("RoomT", bound=DocumentRoom[Any])


class Snapshotting(Generic[RoomT]):
    """One per server and kind, whose subclass says when a snapshot is due and how it is made. `outcomes` counts them
    by their outcomes."""

    outcomes: Counter

    def __init__(self) -> None:
        self._queue: deque[RoomT] = deque()
        self._worker: asyncio.Task[None] | None = None

    def is_due(self, room: RoomT, *, leaving: bool) -> bool:
        """`leaving`: its last client has left."""
        raise NotImplementedError

    async def keep(self, room: RoomT) -> str:
        """Makes the snapshot, and returns the outcome: `failed` if it is to be tried again."""
        raise NotImplementedError

    def want(self, room: RoomT, *, leaving: bool = False) -> bool:
        """Whether the room needs a snapshot, which is then in progress."""
        if room.snapshotting:
            return True
        if not self.is_due(room, leaving=leaving):
            return False
        room.snapshotting = True
        self._queue.append(room)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return True

    async def close(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        try:
            while self._queue:
                room = self._queue.popleft()
                try:
                    outcome = await self.keep(room)
                except Exception as error:  # the others in the queue have their turn all the same
                    log.error("no snapshot", document=room.document_id, exc_info=error)
                    outcome = "failed"
                finally:
                    room.snapshotting = False
                failures = room.failed_snapshots + 1 if outcome == "failed" else 0
                room.failed_snapshots = min(failures, MOST_FAILURES)
                self.outcomes.labels(outcome).inc()
        finally:
            self._worker = None
