"""What has to be done now and then: the event log's days, and rows whose time is over.

Several servers may do it at once: the log has a lock, and a row that one is deleting is skipped by the others.
"""

import asyncio

import structlog

from chat_core.pool import Pool
from chat_core.queries import query

PERIOD_SECONDS = 60
BATCH = 1000

LOG_MAINTAIN = query("log_maintain", "retention_days")
EXPIRIES = {
    "tickets": query("tickets_expire"),
    "sessions": query("sessions_expire"),
    "idempotency_keys": query("idempotency_keys_expire"),
    "rate_limits": query("rate_limits_expire"),
    "custom statuses": query("statuses_expire"),
}

_log = structlog.get_logger()


async def maintain(pool: Pool, retention_days: int) -> None:
    """Until it is cancelled. Whatever fails, such as the database being away, is logged and tried again."""
    while True:
        try:
            await maintain_once(pool, retention_days)
        except Exception as error:
            _log.warning("maintenance failed", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(PERIOD_SECONDS)


async def maintain_once(pool: Pool, retention_days: int) -> None:
    for dropped in await LOG_MAINTAIN.rows(pool, retention_days=retention_days):
        _log.info("event log: day dropped", partition=dropped[0])
    for table, expire in EXPIRIES.items():
        total = 0
        while deleted := len(await expire.rows(pool)):
            total += deleted
            if deleted < BATCH:
                break
        if total:
            _log.info("expired", table=table, rows=total)
