"""Whether the snapshots of pages keep up: opening a page applies all patches that came after its snapshot."""

from typing import Final

from chat_core.database.pool import Connection
from chat_core.settings import Settings
from fechatter.commands.doctor.finding import SQL, Finding

# Far more than pages.snapshot_patches and pages.snapshot_seconds allow while the servers run.
MOST_PATCHES: Final = 2000
LONGEST_SECONDS: Final = 24 * 3600


async def snapshots_keep_up(connection: Connection, _: Settings) -> Finding:
    behind = await SQL["pages_behind"].rows(connection, patches=MOST_PATCHES, seconds=LONGEST_SECONDS)
    problem = None
    if behind:
        more = f" (and {len(behind) - 1} more pages)" if len(behind) > 1 else ""
        problem = (
            f"page {behind[0]['id']} has {behind[0]['patches']} patches that are in no snapshot{more}: chat_server "
            "makes one within a minute while it runs; if it does, its log says why it could not (page not kept)"
        )
    return Finding("snapshots", "those of all pages have their patches of the last day", problem)
