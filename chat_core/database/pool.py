"""Connections to Postgres, all with the same settings."""

from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from chat_core.database import pooler
from chat_core.database.connecting import Connection as Connection
from chat_core.database.connecting import Dropping, connect
from chat_core.problems import PoolExhausted
from chat_core.settings import Database, database_url

if TYPE_CHECKING:  # asyncpg's classes take no parameters at run time
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Pool = asyncpg.Pool
# What a read is sent to.
Source: TypeAlias = Connection | Pool


def connection_options(database: Database, application: str, lock_seconds: float = 0) -> dict[str, Any]:
    """Arguments for connect and create_pool. `application` is the name in pg_stat_activity. A statement
    waits `lock_seconds` for a lock; 0 means no limit of its own."""
    if database.url is None:
        raise ValueError("database.url is not set")
    return {
        "dsn": database.url.get_secret_value(),
        "timeout": database.connect_timeout_seconds,
        # Slightly longer than the server's own limit: it is for a server that does not respond at all.
        "command_timeout": database.statement_timeout_seconds + 5,
        "server_settings": {
            "application_name": application,
            "timezone": "UTC",
            "default_transaction_isolation": "read committed",  # members cannot be changed in another (log_lock)
            "statement_timeout": str(max(1, int(database.statement_timeout_seconds * 1000))),
            "idle_in_transaction_session_timeout": "30000",
            # Whoever gives a statement up drops its connection (connecting.py).
            "client_connection_check_interval": "2000",
            "jit": "off",  # compiling a large snapshot's query would take longer than running it
            **({"lock_timeout": str(int(lock_seconds * 1000))} if lock_seconds else {}),
        },
    }


class _BoundedPool(Pool):
    """asyncpg's pool waits for a free connection without limit unless given a time-out; this one always has one.

    A connection that is free is taken without a timer, and one with nothing to put in order is given back without a
    task: whoever asks one question waits for neither.
    """

    def __init__(self, acquire_seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._acquire_seconds = acquire_seconds

    def acquire(self, *, timeout: float | None = None) -> Any:
        return super().acquire(timeout=timeout or self._acquire_seconds)

    async def _acquire(self, timeout: float | None) -> Any:
        if not (self.is_closing() or self._queue.empty()):  # type: ignore[attr-defined]
            holder = self._queue.get_nowait()  # type: ignore[attr-defined]
            if holder.is_connected() and holder._generation == self._generation:  # type: ignore[attr-defined]
                holder._timeout = timeout
                return await holder.acquire()
            self._queue.put_nowait(holder)  # type: ignore[attr-defined]
        try:
            return await super()._acquire(timeout)  # type: ignore[misc]
        except TimeoutError as error:
            if self.get_idle_size() == 0 and self.get_size() == self.get_max_size():
                raise PoolExhausted("no connection of the pool became free in time") from error
            raise

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:
        held = connection._con
        if held is None or held.is_closed() or held.is_in_transaction() or held._protocol._is_cancelling():
            await super().release(connection, timeout=timeout)
        else:
            held._on_release()
            await connection._holder.release(None)


async def _keep_session(connection: Connection) -> None:
    """Instead of the reset that asyncpg sends at every release: nothing here changes a session's state."""


async def open_pool(database: Database, application: str, *, lock_seconds: float = 0) -> Pool:
    """A pool that has connected once. Raises ConnectionError if that fails, with a text that says where and why.

    Waiting for a free connection raises PoolExhausted after database.connect_timeout_seconds.
    """
    pool = _pool(database, application, lock_seconds, database.pool_min)
    url = database.url.get_secret_value() if database.url else ""
    try:
        shared = await pooler.shares_sessions(url, database.connect_timeout_seconds)
        if not shared:
            await pool
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConnectionError(
            f"the database at {database_url.place(url)} cannot be used ({reason}): "
            "is it running, and is database.url right?"
        ) from error
    if shared:
        raise ConnectionError(f"the database at {database_url.place(url)} cannot be used: {pooler.REFUSAL}")
    return pool


async def lazy_pool(database: Database, application: str) -> Pool:
    """A pool that connects when it is first used."""
    pool = _pool(database, application, 0, 0)
    await pool
    return pool


def _pool(database: Database, application: str, lock_seconds: float, least: int) -> _BoundedPool:
    return _BoundedPool(
        database.connect_timeout_seconds,
        **connection_options(database, application, lock_seconds),
        min_size=least,
        max_size=database.pool_max,
        max_queries=50_000,
        max_inactive_connection_lifetime=60,
        reset=_keep_session,
        loop=None,
        connect=connect,
        connection_class=Dropping,
        record_class=asyncpg.Record,
    )
