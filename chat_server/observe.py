"""Around every request, whatever becomes of it: an id, one log line, metrics, and the headers that every answer has.

The log has the path without its query string, and no header: nothing that could be a secret.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import structlog

from chat_core.problems import MEDIA_TYPE, Problem
from chat_server.metrics import Metrics

# Past this a request is refused at once: it would only wait, and time out.
MOST_IN_FLIGHT = 1000

# ASGI's own words, as loose as the specification has them: Litestar's types leave the lifespan out.
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

_log = structlog.get_logger()


def observe(app: Application, metrics: Metrics) -> Application:
    in_flight = 0

    async def observed(scope: Event, receive: Receive, send: Send) -> None:
        nonlocal in_flight
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        request_id = secrets.token_hex(8)
        status = 500

        async def send_with_headers(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
                # `limits.charge` notes where the caller stands.
                limits = scope.get("rate_limit", ())
                event["headers"] = [*event["headers"], *_headers(event["headers"], path, request_id), *limits]
            await send(event)

        started = time.perf_counter()
        in_flight += 1
        metrics.in_flight.set(in_flight)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if in_flight > MOST_IN_FLIGHT:
                    await _refuse(send_with_headers)
                else:
                    await app(scope, receive, send_with_headers)
            finally:
                seconds = time.perf_counter() - started
                in_flight -= 1
                metrics.in_flight.set(in_flight)
                # Litestar notes the route once it has found one; paths that have none share a label.
                route = scope.get("path_template") or "unknown"
                metrics.answered(route, method, status, seconds)
                # The token of an invite is a secret.
                shown = route if "{token" in route else path
                _log.info("request", method=method, path=shown, status=status, ms=round(seconds * 1000, 2))

    return observed


def _headers(answer: Headers, path: str, request_id: str) -> Headers:
    headers = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
    if path.startswith("/api") and not any(name == b"cache-control" for name, _ in answer):
        headers.append((b"cache-control", b"no-store"))
    return headers


async def _refuse(send: Send) -> None:
    problem = Problem(503, "overloaded", "Too many requests at once; try again shortly.", headers={"Retry-After": "1"})
    headers = {"Content-Type": MEDIA_TYPE, **problem.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": raw})
    await send({"type": "http.response.body", "body": problem.body()})
