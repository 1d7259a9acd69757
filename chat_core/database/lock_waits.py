"""Changes of tables that others use: tried again and again for a moment each, and given up in the end.

Who waits for a table's lock keeps all others waiting who come after. So each wait is short, and between two of them
everybody else goes on. What holds the lock is named: by its process, its application and its age.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection
from itertools import count
from pathlib import Path

import asyncpg

from chat_core.database import queries
from chat_core.database.pool import Connection
from chat_core.database.scripts import MigrationError, Report

# How long to try. First each wait is so short that PostgreSQL looks for no deadlock (deadlock_timeout, 1 s), which
# might end a server's transaction and not this one; later long enough for an autovacuum to give way, which it does
# after that time.
PATIENCE = 60.0
_SHORT, _LONG = "800ms", "1500ms"
_SHORT_ATTEMPTS = 5

_FILE = Path(__file__).with_name("lock_waits.sql")
_HOLDERS = queries.parse(_FILE.read_text(), _FILE.name)["holders"]
_IN_USE = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


async def until_free(
    connection: Connection,
    report: Report,
    change: Callable[[str], Awaitable[None]],
    tables: Collection[str] | None = None,
) -> None:
    """Calls `change` with a lock_timeout until the tables are free for it. It is a transaction of its own, which leaves
    nothing when it fails. After PATIENCE MigrationError, with who has locks of `tables` (of any of ours without it)."""
    deadline = time.monotonic() + PATIENCE
    for attempt in count():
        try:
            await change(_SHORT if attempt < _SHORT_ATTEMPTS else _LONG)
        except _IN_USE:
            named = await holders(connection, tables)
        else:
            return
        if time.monotonic() > deadline:
            raise MigrationError(f"the tables are in use: {named}; end that and run it again")
        if attempt == 0:
            report(f"waiting for the tables, which are in use: {named}")
        await asyncio.sleep(random.uniform(0.1, 0.5))


async def holders(connection: Connection, tables: Collection[str] | None) -> str:
    rows = await _HOLDERS.rows(connection, tables=None if tables is None else list(tables))
    told = [
        f"pid {row['pid']} ({row['application'] or 'no name'}, {row['state'] or 'its state is hidden'}, for "
        f"{row['seconds'] or 0:g} s)"
        for row in rows
    ]
    return ", ".join(told) or "by transactions that have ended meanwhile"
