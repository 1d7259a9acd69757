"""Snapshots of pages, for those who read them; each one's event tells of the edits before it (docs/events.md).

A notify_server keeps those of the pages that it has open. Here are those of patches that came over REST, and of what
nobody has open.
"""

import asyncio
from typing import Final

import msgspec
import structlog

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.page_content.contents import Head, head

PAGE_KEEP_SNAPSHOT = query("page_keep_snapshot", "page", "version", "content", "versions", "inverses", "effects")
PAGE_SNAPSHOT_DUE = query("page_snapshot_due", "page", "patches", "seconds")
PAGES_WITHOUT_SNAPSHOT = query("pages_without_snapshot", "after", "seconds", "limit")

# One is due after so many patches, or so long.
SNAPSHOT_PATCHES: Final = 50
SNAPSHOT_SECONDS: Final = 30.0
BATCH: Final = 1000

_log = structlog.get_logger()


async def keep_snapshot(connection: Connection | Pool, page_id: int, page: Head) -> None:
    """Once one is due. The patch is stored anyway."""
    due = {"patches": SNAPSHOT_PATCHES, "seconds": SNAPSHOT_SECONDS}
    if await PAGE_SNAPSHOT_DUE.value(connection, page=page_id, **due):
        new = [made for made in page.tail if made.is_new]
        await PAGE_KEEP_SNAPSHOT.value(
            connection,
            page=page_id,
            version=page.version,
            content=page.text(),
            versions=[made.version for made in new],
            inverses=[msgspec.json.encode(made.inverse).decode() for made in new],
            effects=[msgspec.json.encode(made.effects).decode() for made in new],
        )


async def keep_snapshots(pool: Pool) -> None:
    """Runs until cancelled. A failure, such as an unavailable database, is logged and retried."""
    while True:
        await asyncio.sleep(SNAPSHOT_SECONDS)
        try:
            await keep_overdue(pool)
        except Exception as error:
            _log.warning("snapshots of pages failed", error=f"{type(error).__name__}: {error}")


async def keep_overdue(pool: Pool) -> None:
    """Of pages that nobody has open. A page that is deleted meanwhile is passed over."""
    after = 0
    while overdue := await PAGES_WITHOUT_SNAPSHOT.rows(pool, after=after, seconds=SNAPSHOT_SECONDS, limit=BATCH):
        for after in (row["page_id"] for row in overdue):
            try:
                await keep_snapshot(pool, after, await head(pool, after))
            except Problem:
                continue
