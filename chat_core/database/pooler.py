"""Detects a pooler, such as PgBouncer, that gives each transaction of a connection another session.

Both servers need sessions: LISTEN, prepared statements, settings and locks belong to one. Behind such a pooler LISTEN
succeeds but no notification ever arrives, so the servers refuse to start there (docs/operations/pgbouncer.md).
"""

from chat_core.database.connecting import Connection, connect

REFUSAL = (
    "a pooler such as PgBouncer gives each transaction another session, but LISTEN needs a permanent one: "
    "connect directly, or in session mode; see docs/operations/pgbouncer.md"
)


async def shares_sessions(url: str, timeout: float) -> bool:
    """Opens a connection, and a second one if there is a pooler at all. Raises what asyncpg.connect does.

    A pooler gives its clients process ids of its own, so the id in the start-up packet differs from that of the
    responding backend. If the same backend also serves our second connection while the first is open, sessions are
    shared.
    """
    ours = await _connect(url, timeout)
    try:
        answering = await _pid(ours)
        if answering == ours.get_server_pid():
            return False
        other = await _connect(url, timeout)
        try:
            async with other.transaction():  # it keeps its session meanwhile, so we get another one
                return answering == await _pid(other) or answering != await _pid(ours)
        finally:
            other.terminate()
    finally:
        ours.terminate()


async def _connect(url: str, timeout: float) -> Connection:
    # In a shared session, a named statement could belong to another client.
    return await connect(url, timeout=timeout, command_timeout=timeout, statement_cache_size=0)


async def _pid(connection: "Connection") -> int:
    if connection.is_in_transaction():
        return int(await connection.fetchval("SELECT pg_backend_pid()"))
    async with connection.transaction():
        return int(await connection.fetchval("SELECT pg_backend_pid()"))
