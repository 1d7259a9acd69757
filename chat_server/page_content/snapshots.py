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
from chat_core.settings import Pages
from chat_server.page_content.contents import Head, head

PAGE_KEEP_SNAPSHOT = query("page_keep_snapshot", "page", "version", "content", "versions", "inverses", "effects")
PAGE_SNAPSHOT_DUE = query("page_snapshot_due", "page", "patches", "seconds")
PAGES_WITHOUT_SNAPSHOT = query("pages_without_snapshot", "after", "seconds", "limit")

PERIOD_SECONDS: Final = 30
BATCH: Final = 1000

_log = structlog.get_logger()


async def keep_snapshot(connection: Connection | Pool, page_id: int, page: Head, settings: Pages) -> None:
    """Once one is due. The patch is stored anyway."""
    due = {"patches": settings.snapshot_patches, "seconds": settings.snapshot_seconds}
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


async def keep_snapshots(pool: Pool, settings: Pages) -> None:
    """Runs until cancelled. A failure, such as an unavailable database, is logged and retried."""
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        try:
            await keep_overdue(pool, settings)
        except Exception as error:
            _log.warning("snapshots of pages failed", error=f"{type(error).__name__}: {error}")


async def keep_overdue(pool: Pool, settings: Pages) -> None:
    """Of pages that nobody has open. One that cannot be read, or is deleted meanwhile, is passed over."""
    after, seconds = 0, settings.snapshot_seconds
    while overdue := await PAGES_WITHOUT_SNAPSHOT.rows(pool, after=after, seconds=seconds, limit=BATCH):
        for page_id in (row["page_id"] for row in overdue):
            try:
                await keep_snapshot(pool, page_id, await head(pool, page_id), settings)
            except Exception as error:
                _log.warning("page not kept", page=page_id, error=f"{type(error).__name__}: {error}")
        after = overdue[-1]["page_id"]
