"""For load balancers and Prometheus; outside /api, without authentication."""

from litestar import Response, get

from chat_core.process.metrics import CONTENT_TYPE_LATEST
from chat_server.http.api_request import ApiRequest


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """The process responds."""
    return {"status": "ok"}


@get("/health/ready", include_in_schema=False)
async def ready(request: ApiRequest) -> dict[str, str]:
    """The database responds too, within two seconds, and accepts writes."""
    if problem := await request.parts.readiness.problem():
        raise problem
    return {"status": "ok"}


@get("/metrics", include_in_schema=False)
async def metrics(request: ApiRequest) -> Response[bytes]:
    return Response(request.parts.metrics.exposition(), media_type=CONTENT_TYPE_LATEST.partition("; charset")[0])


HANDLERS = [live, ready, metrics]
