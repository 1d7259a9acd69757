"""Snapshots in the background: one that fails holds up no other."""

import asyncio
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry, Counter

from notify_server.documents.snapshotting import MOST_FAILURES, Snapshotting


class Keeping(Snapshotting[Any]):
    outcomes = Counter("snapshots", "", ["outcome"], registry=CollectorRegistry())

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[int] = []

    def is_due(self, room: Any, *, leaving: bool) -> bool:
        return True

    async def keep(self, room: Any) -> str:
        if room.document_id == 1:
            raise ValueError("a document that nobody foresaw")
        self.kept.append(room.document_id)
        return "kept"


async def test_others_are_kept_though_one_fails_unexpectedly() -> None:
    keeping = Keeping()
    rooms = [SimpleNamespace(document_id=number, snapshotting=False, failed_snapshots=0) for number in (1, 2)]
    for times in range(1, MOST_FAILURES + 3):
        assert all(keeping.want(room) for room in rooms)
        worker = keeping._worker
        assert worker is not None
        await asyncio.wait_for(worker, 10)
        assert keeping.kept == [2] * times
        assert [room.failed_snapshots for room in rooms] == [min(times, MOST_FAILURES), 0]
        assert not any(room.snapshotting for room in rooms)
