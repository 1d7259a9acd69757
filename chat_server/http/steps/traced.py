"""The span of each traced request. Only where tracing is on; see chat_core/tracing."""

from chat_core.tracing import current
from chat_core.tracing.spans import Spans, traceparent_of
from chat_server.http.steps.observe import Application, Event, Receive, Send

LONGEST = 512


def traced(app: Application, spans: Spans) -> Application:
    async def answered(scope: Event, receive: Receive, send: Send) -> None:
        given = next((value for name, value in scope.get("headers", ()) if name == b"traceparent"), None)
        parent = None if given is None else given[:LONGEST].decode("latin-1")
        span = spans.request(parent) if scope["type"] == "http" else None
        if span is None:
            await app(scope, receive, send)
            return
        status = 500

        async def noting(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
            await send(event)

        token = current.set(traceparent_of(span))
        try:
            await app(scope, receive, noting)
        finally:
            current.reset(token)
            # Litestar stores the route once it has found one. Paths have tokens and ids.
            spans.answered(span, scope["method"], scope.get("path_template") or "unknown", status)

    return answered
