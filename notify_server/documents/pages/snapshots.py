"""Snapshots: the whole content of a page at a version, so that opening it does not apply all of its patches.

They are made in the background, a page at a time, after some patches or some time. Stored patches stay as they are, and
are deleted when their history has expired. With the snapshot goes what this server has found out about patches from
psql.
"""

import time

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Pages as Settings
from notify_server.documents.pages import metrics
from notify_server.documents.pages.room import PageRoom
from notify_server.documents.snapshotting import Snapshotting

PAGE_KEEP_SNAPSHOT = query("page_keep_snapshot", "page", "version", "content", "versions", "inverses", "effects")

log = structlog.get_logger()


class Snapshots(Snapshotting[PageRoom]):
    """One per server."""

    outcomes = metrics.snapshots

    def __init__(self, settings: Settings, pool: Pool) -> None:
        super().__init__()
        self._settings, self._pool = settings, pool

    def is_due(self, room: PageRoom, *, leaving: bool) -> bool:
        patches = room.content.version - room.snapshot_version
        late = time.monotonic() - room.dirty_since >= self._settings.snapshot_seconds * 2**room.failed_snapshots
        enough = patches >= self._settings.snapshot_patches << room.failed_snapshots
        return patches > 0 and (enough or late or (leaving and not room.failed_snapshots))

    async def keep(self, room: PageRoom) -> str:
        try:
            return await self._keep(room)
        except DATABASE_ERRORS as error:
            log.warning("page not kept", page=room.page_id, error=type(error).__name__)
            return "failed"

    async def _keep(self, room: PageRoom) -> str:
        content = room.content
        await room.rested()
        text, _ = content.text()
        version, found = content.version, content.found
        content.found = []
        try:
            is_kept = await PAGE_KEEP_SNAPSHOT.value(
                self._pool,
                page=room.page_id,
                version=version,
                content=text.decode(),
                versions=[each.version for each in found],
                inverses=[each.inverse for each in found],
                effects=[each.effects for each in found],
            )
        except BaseException:
            content.found = found + content.found
            raise
        room.snapshot_version = max(room.snapshot_version, version)
        room.dirty_since = time.monotonic()
        return "kept" if is_kept else "older"
