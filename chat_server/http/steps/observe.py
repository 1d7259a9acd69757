"""Wraps every request, whatever its outcome: an id, one log line, metrics, and the headers of every response.

The log has the path without its query string, and no header, so it cannot contain a secret. A HEAD is a GET whose
response body uvicorn omits, so every GET route accepts it.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import structlog

from chat_core.http.cycle import Cycle
from chat_core.problems import MEDIA_TYPE, Problem
from chat_core.process.logs import log_request, path_without_secrets
from chat_server.http.pages import HTML_HEADERS
from chat_server.parts.metrics import Metrics

# Beyond this a request is refused immediately: it would only wait, and time out.
MOST_IN_FLIGHT = 1000

# ASGI's types, as loose as in the specification: Litestar's omit the lifespan.
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]
# Status, headers, body.
Answer: TypeAlias = tuple[int, Headers, bytes]
Answering: TypeAlias = Callable[[Event, Receive, Send], Awaitable[Answer]]


def observe(
    app: Application, metrics: Metrics, plain: Callable[[Event], Answering | None] = lambda _: None
) -> Application:
    """`plain` finds what answers a request without `app`. Such a response is written as a whole, without events."""
    in_flight = 0

    async def observed_plain(answering: Answering, cycle: Cycle, scope: Event, receive: Receive, send: Send) -> None:
        nonlocal in_flight
        request_id, status, started = secrets.token_hex(8), 500, time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=request_id)  # in the request's own task
        in_flight += 1
        metrics.in_flight = in_flight
        try:
            status, headers, body = await answering(scope, receive, send)
            headers += (*_headers(headers, scope["path"], request_id), *scope.get("rate_limit", ()))
            if not cycle.answer(status, headers, body):
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": body})
        finally:
            seconds = time.perf_counter() - started
            in_flight -= 1
            metrics.in_flight = in_flight
            _note(metrics, scope["method"], scope["path"], scope["path_template"], request_id, status, seconds)

    async def observed(scope: Event, receive: Receive, send: Send) -> None:
        nonlocal in_flight
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        cycle = Cycle.of(send) if in_flight < MOST_IN_FLIGHT else None
        if cycle is not None and (answering := plain(scope)) is not None:
            await observed_plain(answering, cycle, scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        inner = {**scope, "method": "GET", "headed": True} if method == "HEAD" else scope
        request_id = secrets.token_hex(8)
        status = 500
        counted = not scope.get("transfer")  # an upload, which has limits of its own: see chat_core/http/transfers.py

        def leave() -> None:
            nonlocal in_flight, counted
            if counted:
                in_flight, counted = in_flight - 1, False
                metrics.in_flight = in_flight

        async def send_with_headers(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
                # `limits.charge` stores the caller's state here.
                limits = inner.get("rate_limit", ())
                if status == 405:
                    event["headers"] = [_with_head(header) for header in event["headers"]]
                event["headers"] = [*event["headers"], *_headers(event["headers"], path, request_id), *limits]
            elif event.get("more_body"):  # from here on it takes as long as the client reads
                leave()
            await send(event)

        started = time.perf_counter()
        if counted:
            in_flight += 1
            metrics.in_flight = in_flight
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if counted and in_flight > MOST_IN_FLIGHT:
                    await _refuse(send_with_headers)
                else:
                    await app(inner, receive, send_with_headers)
            finally:
                seconds = time.perf_counter() - started
                leave()
                # Litestar stores the route once it has found one; paths without a route share a label.
                route = inner.get("path_template") or "unknown"
                _note(metrics, method, path, route, request_id, status, seconds)

    return observed


def _note(metrics: Metrics, method: str, path: str, route: str, request_id: str, status: int, seconds: float) -> None:
    metrics.answered(route, method, status, seconds)
    # The token of an invite is a secret, whatever path it comes by.
    shown = route if "{token" in route else path_without_secrets(path)
    log_request(request_id, method, shown, status, round(seconds * 1000, 2))


def _headers(answer: Headers, path: str, request_id: str) -> Headers:
    headers = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
    if path.startswith("/api"):
        for name, _ in answer:
            if name == b"cache-control":
                break
        else:
            headers.append((b"cache-control", b"no-store"))
    elif any(name == b"content-type" and value.startswith(b"text/html") for name, value in answer):
        given = {name for name, _ in answer}
        headers += [header for header in HTML_HEADERS if header[0] not in given]
    return headers


def _with_head(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """The Allow header of a path that supports GET and therefore HEAD."""
    name, value = header
    methods = [method.strip() for method in value.split(b",")]
    if name != b"allow" or b"GET" not in methods or b"HEAD" in methods:
        return header
    return name, value + b", HEAD"


async def _refuse(send: Send) -> None:
    problem = Problem(
        503, "overloaded", "Too many requests at the same time; try again shortly.", headers={"Retry-After": "1"}
    )
    headers = {"Content-Type": MEDIA_TYPE, **problem.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": raw})
    await send({"type": "http.response.body", "body": problem.body()})
