"""The room on the disk of uploads, for /metrics: by itself, so that it is known while the database is what has none."""

import asyncio

import structlog

from chat_core.storage import Staging, StoreUnavailable
from chat_server.parts.metrics import Metrics

PERIOD_SECONDS = 15

_log = structlog.get_logger()


async def keep_room_measured(staging: Staging, metrics: Metrics) -> None:
    """Runs until cancelled. A disk that does not answer is logged."""
    while True:
        try:
            free, reserve = await staging.room()
        except StoreUnavailable as error:
            _log.warning("the disk of uploads is not measured", error=str(error))
        else:
            metrics.disk_free.set(free)
            metrics.disk_reserve.set(reserve)
        await asyncio.sleep(PERIOD_SECONDS)
