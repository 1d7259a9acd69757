"""For load balancers and Prometheus; outside /api, and open to everybody who reaches the port."""

import asyncio

from litestar import Response, get

from chat_core.metrics import CONTENT_TYPE_LATEST
from chat_core.problems import DATABASE_ERRORS, unavailable
from chat_server.api_request import ApiRequest

READY_SECONDS = 2


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready", include_in_schema=False)
async def ready(request: ApiRequest) -> dict[str, str]:
    """The database answers too, within two seconds."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await request.pool.execute("SELECT 1")
    except DATABASE_ERRORS:
        raise unavailable() from None
    return {"status": "ok"}


@get("/metrics", include_in_schema=False)
async def metrics(request: ApiRequest) -> Response[bytes]:
    return Response(request.parts.metrics.exposition(), media_type=CONTENT_TYPE_LATEST.partition("; charset")[0])


HANDLERS = [live, ready, metrics]
