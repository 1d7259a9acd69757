"""The process that indexes: `python -m chat_server.search.indexing.follower`, started by background/search_follower.py.

It is a process of its own so that it takes nothing from requests, and works at low priority. Of all servers' followers
one indexes, which holds a lock; another takes over when its connection ends.
"""

import asyncio
import random
import signal
import sys

import structlog

from chat_core.database.connecting import connect
from chat_core.database.pool import Connection, connection_options
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.process import logs
from chat_core.process.children import lower_priority
from chat_core.settings import Database, Log
from chat_server.search.indexing import indexer

# Searches read what is younger than this from the log: indexing in batches costs less.
EVERY_SECONDS = 1.0
LOCK_SECONDS = 5.0
BACKOFF_SECONDS = (0.5, 10.0)

SEARCH_LOCK = query("search_lock")

_log = structlog.get_logger()


def main() -> None:
    """stdin has a line with the settings `database` and one with `log`, as JSON; its end ends this process."""
    database, log = (sys.stdin.readline() for _ in range(2))
    logs.configure(Log.model_validate_json(log), "search")
    lower_priority()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(follow(Database.model_validate_json(database)))


async def follow(database: Database) -> None:
    """Indexes until cancelled, over any number of connections."""
    wait = BACKOFF_SECONDS[0]
    while True:
        try:
            connection: Connection = await connect(**connection_options(database, "fechatter search"))
            try:
                while not await SEARCH_LOCK.value(connection):  # noqa: ASYNC110 - it ends with its connection
                    await asyncio.sleep(LOCK_SECONDS)
                while True:
                    await indexer.run(connection)
                    wait = BACKOFF_SECONDS[0]
                    await asyncio.sleep(EVERY_SECONDS)
            finally:
                connection.terminate()
        except DATABASE_ERRORS as error:
            _log.warning("search: indexing failed", error=f"{type(error).__name__}: {error}", retry_in=wait)
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 2, BACKOFF_SECONDS[1])


if __name__ == "__main__":
    main()
