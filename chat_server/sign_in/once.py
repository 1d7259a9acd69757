"""What is good once: it is remembered for as long as it could be used again."""

import time
from datetime import UTC, datetime

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.tokens import hash_secret
from chat_server.http.api_request import ApiRequest

USE_ONCE = query("use_once", "hash", "expires_at")


async def first_use(request: ApiRequest, what: str, seconds: int) -> bool:
    """Whether this is used for the first time. It is remembered for `seconds`."""
    async with request.change() as connection:
        return await use(connection, what, seconds)


async def use(connection: Connection, what: str, seconds: int) -> bool:
    """The same, together with what else the transaction does."""
    expires_at = datetime.fromtimestamp(time.time() + seconds + 60, UTC)
    return bool(await USE_ONCE.value(connection, hash=hash_secret(what), expires_at=expires_at))
