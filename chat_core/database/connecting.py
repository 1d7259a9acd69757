"""Opening connections, to whichever host of the URL accepts writes, and giving up statements that take too long."""

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import database_url

if TYPE_CHECKING:  # asyncpg's classes take no parameters at run time
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


class Dropping(Connection):
    """Drops the connection instead of cancelling a statement.

    A COMMIT that waits for a synchronous standby would be made visible by a cancel, without being replicated. A
    connection that is dropped leaves it waiting: nobody sees it before the standby has it. What became of it is unknown
    until the request is repeated. Another statement ends when Postgres notices (client_connection_check_interval).
    """

    def _cancel_current_command(self, *_: Any) -> None:
        # Not within asyncpg's own callback, and not terminate(): the pool does that when the connection is released. It
        # would refuse the release of one that it has back already, instead of the CancelledError.
        asyncio.get_running_loop().call_soon(self._protocol.abort)  # type: ignore[attr-defined]


async def connect(dsn: str, *, timeout: float, **options: Any) -> Connection:
    """As asyncpg.connect, with each host in turn for its part of the time: one that is frozen or cut off does not keep
    us from the next one. Raises what the last one raises."""
    urls = database_url.each_host(dsn)
    options.setdefault("connection_class", Dropping)
    for url in urls[:-1]:
        try:
            return await asyncpg.connect(url, timeout=timeout / len(urls), **options)
        except DATABASE_ERRORS:
            continue
    return await asyncpg.connect(urls[-1], timeout=timeout / len(urls), **options)
